# SPDX-License-Identifier: AGPL-3.0-only
"""A token's harness for long histories: one request reads all that can be compared.

Wallets are kept in the model's stead here: what everybody has of the collateral
is known to the unit at any time. Time is known as well, without asking.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, fields
from typing import Any

from inverse_index.chain import Contract, Receipt
from inverse_index.deployment.governance import execute, operation, schedule
from inverse_index.deployment.reading import View
from inverse_index.model.compare import Mismatch, mismatches
from inverse_index.model.system import FEE_RECIPIENT
from tests.support.multicall import Reading
from tests.support.system_harness import SystemHarness


@dataclass
class Seen:
    """What the chain said last."""

    report: Any
    idle: int
    in_vault: int


@dataclass
class TokenHarness(SystemHarness):
    """A system with actors in it.

    holders hold shares, others act at the venue; `balances` is what each has of the
    collateral; `clock` the time; `timelock` owns token and oracle, where there is one.
    """

    holders: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    guardian: str = ""
    timelock: Contract | None = None
    balances: dict[str, int] = field(default_factory=dict)
    clock: int = 0
    reading: Reading | None = None
    seen: Seen | None = None
    donated: int = 0  # collateral that somebody gave to the vault for nothing
    announced: int = 0  # operations of the timelock

    @classmethod
    def on(
        cls,
        base: SystemHarness,
        holders: tuple[str, ...],
        others: tuple[str, ...] = (),
        guardian: str = "",
        timelock: Contract | None = None,
    ) -> TokenHarness:
        """Everybody funded and known."""
        for actor in (*holders, *others):
            base.fund(actor)
        own = {each.name: getattr(base, each.name) for each in fields(SystemHarness)}
        harness = cls(
            **own,
            holders=holders,
            others=others,
            guardian=guardian or base.owner,
            timelock=timelock,
            clock=base.chain.now(),
        )
        balance = base.system.collateral.balanceOf
        harness.balances = {who: balance(who) for who in (*holders, *others, base.keeper)}
        harness.reading = Reading(base.chain, harness._views())
        harness.check()
        return harness

    def fork(self) -> TokenHarness:
        """With a model and wallets of its own."""
        made = copy.copy(self)
        made.model = copy.deepcopy(self.model)
        made.prices, made.balances = dict(self.prices), dict(self.balances)
        return made

    @property
    def now(self) -> int:
        return self.clock

    def wait(self, seconds: int) -> None:
        """Let time pass; the next block has the new time."""
        if seconds:
            self.clock += seconds
            self.chain.set_next_timestamp(self.clock)
            self.chain.mine()

    def _later(self, seconds: int) -> None:
        """As `wait`; a transaction has to follow at once."""
        if seconds:
            self.clock += seconds
            self.chain.set_next_timestamp(self.clock)

    # money

    def pays(self, who: str, assets: int) -> None:
        """A holder's collateral becomes less, or more if negative."""
        self.balances[who] -= assets

    def paid(self, who: str, assets: int) -> None:
        self.balances[who] += assets

    # prices

    def post_moved(self, basis_points: list[int], seconds: int) -> None:
        """All sources of each component move; the venue's markets follow."""
        self._later(seconds)
        pairs = zip(self.plan.symbols, basis_points, strict=False)
        self.post({symbol: self.moved(symbol, moved) for symbol, moved in pairs})

    def moved(self, symbol: str, basis_points: int) -> int:
        """A component's price after a move, within a twentyfold of its first one."""
        first = self.plan.prices[symbol]
        price = self.prices[symbol] * (10_000 + basis_points) // 10_000
        return min(max(price, first // 20), first * 20)

    def post_one(self, place: int, answer: int) -> None:
        """One source's answer: the components' primaries come first, then their
        secondaries, the collateral's last."""
        assert self.system.board is not None
        self.system.board.post_one(place, answer, sender=self.owner)
        oracle, k = self.model.oracle, len(self.plan.symbols)
        if place == 2 * k:
            asset, name = oracle.collateral, "primary"
        else:
            asset = oracle.components[place % k]
            name = "primary" if place < k else "secondary"
        setattr(asset, name, getattr(asset, name).at(answer, self.clock))

    # governing

    def govern(self, contract: Contract, function: str, *args: Any) -> Receipt:
        """An owner's call: directly, or through the timelock once its delay is over."""
        if self.timelock is None:
            return contract.method(function)(*args, sender=self.owner)  # type: ignore[no-any-return]
        self.announced += 1
        wanted = operation(contract, function, *args, salt=self.announced.to_bytes(32, "big"))
        schedule(self.timelock, wanted, self.owner)
        self._later(self.timelock.get_minimum_delay())
        return execute(self.timelock, wanted, self.keeper)

    def wind_down(self, sender: str | None = None) -> Receipt:
        by_owner = sender in (None, self.owner)
        if by_owner:
            receipt = self.govern(self.token, "wind_down")
        else:
            receipt = self.token.wind_down(sender=sender)
        self.model.token.wind_down(self.clock, by_owner)
        return receipt

    # comparing

    def _views(self) -> list[View]:
        system, token = self.system, self.system.token
        views: list[View] = [(system.lens, "report", (token,)), (system.vault, "idle", ())]
        views += [(token, "balanceOf", (who,)) for who in (*self.holders, self.owner)]
        wallets = (*self.balances, system.vault.address)
        views += [(system.collateral, "balanceOf", (who,)) for who in wallets]
        return views + self._venue_views()

    def _venue_views(self) -> list[View]:
        return self.system.venue.figure_views(self.system.vault)

    def check(self) -> None:
        """Chain, model and wallets agree in every integer. [invariants 1, 2, 17, 18]"""
        assert self.reading is not None
        row = iter(self.reading.values())
        report, idle = next(row), next(row)
        shares = {who: next(row) for who in self.holders} | {FEE_RECIPIENT: next(row)}
        balances = {who: next(row) for who in self.balances}
        self.seen = Seen(report, idle, next(row))
        figures = self.system.venue.figures_of(self.checked_venue(list(row)))
        found = mismatches(self.model, report, figures, self.clock, shares)
        found += [
            Mismatch(f"collateral of {who}", balances[who], self.balances[who])
            for who in balances
            if balances[who] != self.balances[who]
        ]
        assert found == []
        assert self.differing_events == []
        assert report.timestamp == self.clock
        assert sum(shares.values()) == report.total_supply
        self.check_custody()
        assert self.model.venue.conservation_error() == 0

    def checked_venue(self, values: list[Any]) -> list[Any]:
        """The values of the venue's figures; the rest is compared here."""
        return values

    def check_custody(self) -> None:
        """Nothing is in the vault that it does not count, and the other way round."""
        assert self.seen is not None
        assert self.seen.in_vault == self.seen.idle + self.donated
