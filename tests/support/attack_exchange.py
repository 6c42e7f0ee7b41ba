# SPDX-License-Identifier: AGPL-3.0-only
"""An exchange of one market, whose actors may belong to one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from inverse_index.chain import LocalBackend
from inverse_index.model.exchange.markets import MarketConfig
from tests.support.constants import MAX_UINT256, WAD
from tests.support.exchange_harness import deploy_exchange, ten
from tests.support.variants import Change, variant

UNIT = 10**6
ONE_NATIVE = 10**30  # of the ledger
PRICE = 100
# 100,000 units move the price by all of it: 250,000 of collateral on a side at most.
CONFIG = MarketConfig(
    skew_scale=100_000 * WAD,
    max_funding=10**12,
    taker_fee=5 * 10**14,
    recovery=10**12,
    initial_margin=10**17,
    maintenance_margin=5 * 10**16,
    max_long=2_500 * WAD,
)


class AttackExchange:
    """Collateral of six decimals; amounts in whole units, sizes in whole units too."""

    def __init__(
        self,
        chain: LocalBackend,
        owner: str,
        actors: Sequence[str],
        off: Sequence[Change] = (),
        markets: int = 1,
        max_borrowing: int = 0,  # what a pool earns by it would hide what an attack does
        **config: int,
    ) -> None:
        self.chain, self.owner = chain, owner
        self.asset = chain.deploy("LocalCollateral", "Dollar", "USD", 6, sender=owner)
        self.oracle = chain.deploy("FixedOracle", [PRICE * WAD] * markets, sender=owner)
        with variant(*off):
            self.exchange, self.pool = deploy_exchange(
                chain,
                self.asset,
                self.oracle,
                owner,
                [replace(CONFIG, **config)] * markets,
                (max_borrowing, WAD),
            )
        for actor in actors:
            self.asset.mint(actor, 10**9 * UNIT, sender=actor)
            for spender in (self.exchange, self.pool):
                self.asset.approve(spender, MAX_UINT256, sender=actor)

    def price(self, per_mille: int) -> None:
        """So many thousandths of the first price."""
        self.oracle.set_prices([PRICE * WAD * per_mille // 1_000], sender=self.owner)

    def margin(self, actor: str, whole: int) -> None:
        self.exchange.deposit(whole * UNIT, sender=actor)

    def trade(self, actor: str, units: int, market: int = 0) -> None:
        if units:
            order = (market, units * WAD, MAX_UINT256 if units > 0 else 0)
            self.exchange.trade([order], sender=actor)

    def flat(self, actor: str, market: int = 0) -> None:
        """Close what there is."""
        size = self.exchange.size(actor, market)
        if size:
            self.exchange.trade([(market, -size, MAX_UINT256 if size < 0 else 0)], sender=actor)

    def ask_in(self, actor: str, whole: int) -> None:
        if whole:
            self.pool.requestDeposit(whole * UNIT, actor, actor, sender=actor)

    def claim_in(self, actor: str) -> None:
        """All that is pending."""
        pending = self.pool.deposit_request(actor).amount
        if pending:
            self.pool.deposit(pending, actor, sender=actor)

    def ask_out(self, actor: str, percent: int = 100) -> None:
        shares = self.pool.balanceOf(actor) * percent // 100
        if shares:
            self.pool.requestRedeem(shares, actor, actor, sender=actor)

    def claim_out(self, actor: str) -> None:
        """All that is in custody."""
        shares = self.pool.redeem_request(actor).amount
        if shares:
            self.pool.redeem(shares, actor, actor, sender=actor)

    def add(self, actor: str, whole: int, wait: int = 0) -> None:
        """Ask, and claim so much later."""
        self.ask_in(actor, whole)
        self.wait(wait)
        self.claim_in(actor)

    def remove(self, actor: str, percent: int = 100, wait: int = 0) -> None:
        """Ask, and claim so much later."""
        self.ask_out(actor, percent)
        self.wait(wait)
        self.claim_out(actor)

    def wait(self, seconds: int) -> None:
        if seconds:
            self.chain.increase_time(seconds)

    def has(self, *actors: str) -> int:
        """Collateral and what the accounts are worth, not below 0 each; native.
        Liquidity must be out."""
        total = 0
        for actor in actors:
            equity = self.exchange.account_value(actor, self.prices())[0]
            total += self.asset.balanceOf(actor) + max(equity, 0) // ONE_NATIVE
        return int(total)

    def prices(self) -> list[int]:
        return ten(self.oracle.read().mid[: self.exchange.market_count()])

    def pool_and_insurance(self) -> int:
        """Native."""
        return int(self.pool.equity() + self.pool.insurance()) // ONE_NATIVE
