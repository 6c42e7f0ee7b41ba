# SPDX-License-Identifier: AGPL-3.0-only
"""An exchange of one market, with people who may be one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from inverse_index.chain import LocalBackend
from inverse_index.model.exchange.markets import MarketConfig
from tests.attacks.keepers import NEVER
from tests.perp import config_tuple, ten
from tests.variants import Change, variant

WAD, UNIT = 10**18, 10**6
ONE_NATIVE = 10**30  # of the ledger
PRICE = 100
# 100,000 units move the price by all of it: 250,000 of collateral on a side at most.
CONFIG = MarketConfig(
    skew_scale=100_000 * WAD,
    max_funding=10**12,
    taker_fee=5 * 10**14,
    initial_margin=10**17,
    maintenance_margin=5 * 10**16,
    max_long=2_500 * WAD,
)


class Floor:
    """Collateral of six decimals; amounts in whole units, sizes in whole units too."""

    def __init__(
        self,
        chain: LocalBackend,
        owner: str,
        people: Sequence[str],
        off: Sequence[Change] = (),
        **config: int,
    ) -> None:
        self.chain, self.owner = chain, owner
        self.asset = chain.deploy("LocalCollateral", "Dollar", "USD", 6, sender=owner)
        self.oracle = chain.deploy("FixedOracle", [PRICE * WAD], sender=owner)
        with variant(*off):
            self.exchange = chain.deploy("PerpExchange", self.asset, self.oracle, sender=owner)
        self.exchange.list_market(config_tuple(replace(CONFIG, **config)), sender=owner)
        for person in people:
            self.asset.mint(person, 10**9 * UNIT, sender=person)
            self.asset.approve(self.exchange, NEVER, sender=person)

    def price(self, per_mille: int) -> None:
        """So many thousandths of the first price."""
        self.oracle.set_prices([PRICE * WAD * per_mille // 1_000], sender=self.owner)

    def margin(self, person: str, whole: int) -> None:
        self.exchange.deposit(whole * UNIT, sender=person)

    def trade(self, person: str, units: int) -> None:
        if units:
            order = (0, units * WAD, NEVER if units > 0 else 0)
            self.exchange.trade([order], sender=person)

    def flat(self, person: str) -> None:
        """Close what there is."""
        size = self.exchange.size(person, 0)
        if size:
            self.exchange.trade([(0, -size, NEVER if size < 0 else 0)], sender=person)

    def add(self, person: str, whole: int) -> None:
        if whole:
            self.exchange.add_liquidity(whole * UNIT, 0, sender=person)

    def remove(self, person: str, percent: int = 100) -> None:
        shares = self.exchange.liquidity(person) * percent // 100
        if shares:
            self.exchange.remove_liquidity(shares, 0, person, sender=person)

    def wait(self, seconds: int) -> None:
        if seconds:
            self.chain.increase_time(seconds)

    def has(self, *people: str) -> int:
        """Collateral and what the accounts are worth, not below 0 each; native.
        Liquidity must be out."""
        total = 0
        for person in people:
            equity = self.exchange.account_value(person, self.prices())[0]
            total += self.asset.balanceOf(person) + max(equity, 0) // ONE_NATIVE
        return int(total)

    def prices(self) -> list[int]:
        return ten(self.oracle.read().mid[:1])

    def pool_and_insurance(self) -> int:
        """Native."""
        return int(self.exchange.pool_equity() + self.exchange.insurance()) // ONE_NATIVE
