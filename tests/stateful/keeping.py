# SPDX-License-Identifier: AGPL-3.0-only
"""Steps of keepers: resets, the streaming fee, winding down and closing."""

from __future__ import annotations

from dataclasses import asdict

from hypothesis import strategies as st

from inverse_index import reasons
from inverse_index.chain import Receipt
from inverse_index.model.fixed import WAD, ceil_div
from inverse_index.model.oracle.prices import Restriction
from inverse_index.model.policy.triggers import Trigger
from inverse_index.model.token import nav
from inverse_index.model.token.core import Rebalanced
from tests.stateful.machine import step
from tests.stateful.token import TokenMachine, holders
from tests.support.assertions import only_event

NOT_DUE = "token: rebalance not due"


class Keeping(TokenMachine):
    """A reset brings the leverage nearer to L and is due once; rewards stay under
    their caps; what winds down ends, once. [invariants 8, 9, 10, 13]"""

    def is_sound(self) -> bool:
        """Whether the venue can carry a reset of any size."""
        raise NotImplementedError

    @step(when=lambda self: self.usable or self.closing, often=3, elapsed=st.integers(0, 2_000))
    def rebalance(self, elapsed: int) -> None:
        self.reset(elapsed)

    @step(when=lambda self: self.usable or self.closing, elapsed=st.integers(0, 86_400))
    def rebalance_later(self, elapsed: int) -> None:
        self.reset(elapsed)

    def reset(self, elapsed: int) -> None:
        """By a keeper who comes a while after it is due."""
        self.harness.wait(elapsed)
        if not (self.closing or self.harness.model.oracle.usable(self.now)):
            return
        triggers, reward = self.model.due(self.now)
        c = self.model.context(self.now, self.model.closing_prices(self.now))
        assert reward <= self.reward_cap(c.v.mid)
        sound, closing = self.is_sound(), self.closing
        gap = 0 if closing else self.leverage_gap
        done = self.both(self.reset_model, self.reset_chain)
        if done is None:
            doubt = c.prices.restriction
            # During a step a venue may fill at the accepted price, beyond the bound.
            beyond = bool(doubt) and self.refusal == reasons.VAULT_SLIPPAGE
            disputed = bool(doubt & Restriction.SPREAD) or beyond
            assert not triggers or disputed or not sound, f"though due: {self.refusal}"
            return
        assert triggers or self.model.settled
        why = " and ".join(str(each.name).lower() for each in Trigger if each in triggers)
        self.note(why or "nothing left to close")
        if closing:
            self.closed_a_part(c.held.shorts, done[0])
        else:
            self.is_nearer(gap, done[0], sound)

    def reset_model(self) -> tuple[Rebalanced | None]:
        return (self.model.rebalance(self.now),)

    def reset_chain(self) -> Receipt:
        receipt: Receipt = self.token.rebalance(sender=self.harness.keeper)
        self.last_receipt = receipt
        return receipt

    def is_nearer(self, gap: int, done: Rebalanced, sound: bool) -> None:
        """As the event says, to the unit; and not due again in the same state. On
        a venue away from the oracle's prices, within the slippage bound. N before a
        reset has what netted flows left in the reserve."""
        only_event(
            self.last_receipt, self.token, "Rebalanced", keeper=self.harness.keeper, **asdict(done)
        )
        self.harness.paid(self.harness.keeper, done.reward)
        assert done.reward <= self.reward_cap(done.nav_before)
        if done.nav_after > 1_000 * self.unit:
            missed = WAD // 1_000 if sound else self.off_price(done)
            waits = abs(self.model.flows.unhedged)  # beside the rest of a reset
            missed += waits * self.model.multiple * WAD // done.nav_after
            self.note("flows wait beside a rest", waits != 0)
            gap = max(gap, abs(done.leverage_before - self.model.multiple * WAD))
            assert self.leverage_gap <= max(gap, missed)
        rest = self.model.flows.unhedged != 0  # what waits can be a drift of its own
        if done.complete and sound and not rest and done.nav_after > 1_000 * self.granularity():
            self.refused(NOT_DUE, "rebalance", sender=self.harness.keeper)
        elif not done.complete:
            self.note("reset in part")

    def granularity(self) -> int:
        """By how much shorts can miss an exposure: N of little more cannot be brought
        into any band."""
        mid, smallest = self.model.context(self.now).prices.mid, self.model.vault.min_trade()
        return nav.granularity_up(mid, smallest, self.model.virtual)

    def off_price(self, done: Rebalanced) -> int:
        """What trades at other prices than the oracle's may leave of the gap, WAD:
        the bound on losses, and a gain, which has none."""
        bound = 2 * self.model.parameters.slippage_bps * WAD // 10_000
        return (bound + abs(done.cost) * WAD // done.nav_after) * self.model.multiple**2

    def reward_cap(self, n: int) -> int:
        p = self.model.parameters
        return min(ceil_div(n * p.reward_bps, 10_000), p.reward_cap * self.unit)

    def closed_a_part(self, before: tuple[int, ...], done: Rebalanced | None) -> None:
        """No short grows, one becomes smaller, unless nothing was left."""
        self.harness.paid(self.harness.keeper, done.reward if done else 0)
        if self.model.settled:
            self.note("settled")
            return
        after = self.model.context(self.now, self.model.closing_prices(self.now)).held.shorts
        assert sum(after) <= sum(before)
        assert all(new <= old for new, old in zip(after, before, strict=True))

    @step()
    def accrue(self) -> None:
        """The streaming fee, by anybody, in any state."""
        receipt = self.token.accrue_fee(sender=self.harness.keeper)
        self.model.accrue_fee(receipt.timestamp)

    @step(when=lambda self: not self.closing, chance=st.integers(0, 15))
    def wind_down(self, chance: int) -> None:
        """By the owner now and then; by others only a token that is lost."""
        if self.may_ask() and self.model.has_failed(self.now):
            self.harness.wind_down(self.harness.keeper)
            self.note("wound down by anybody")
        elif self.may_ask():
            self.refused(
                "token: only the owner can wind down", "wind_down", sender=self.harness.keeper
            )
        if chance == 0 and not self.closing:
            self.harness.wind_down()
            self.note("wound down by the owner")

    def may_ask(self) -> bool:
        oracle = self.harness.model.oracle
        return oracle.usable(self.now) or oracle.dead(self.now)

    @step(when=lambda self: self.closing, holder=holders)
    def never_again(self, holder: int) -> None:
        """No mint and no second wind-down in a token that winds down. [invariant 13]"""
        who, refused = self.holder(holder), "token: winding down"
        self.refused(refused, "wind_down", sender=self.owning())
        if self.model.settled or self.harness.model.oracle.usable(self.now):
            self.refused(refused, "deposit", self.unit, who, sender=who)
        assert self.token.maxDeposit(who) == 0

    @step(when=lambda self: self.closing and not self.model.settled)
    def close_to_the_end(self) -> None:
        """Keepers go on as long as the venue lets them."""
        for _ in range(8):
            before = self.model.reset
            self.reset(self.model.parameters.chunk_delay)
            self.check()
            if self.model.settled or self.model.reset == before:
                return

    def owning(self) -> str:
        timelock = self.harness.timelock
        return self.harness.owner if timelock is None else timelock.address

    def finish(self) -> None:
        """Every history ends with everybody leaving, dust last: of shares that are worth
        less than the rounding of their trade only the last ones can. [invariant 15]"""
        self.bring_prices_back()
        receipt = self.token.accrue_fee(sender=self.harness.keeper)
        self.model.accrue_fee(receipt.timestamp)
        everybody = (*self.harness.holders, self.harness.owner)
        for who in sorted(everybody, key=self.shares_of, reverse=True):
            self.last_exit(who)
        self.check()
        self.note("everybody left")

    def shares_of(self, who: str) -> int:
        name = "fee_recipient" if who == self.harness.owner else who
        return self.model.balances.get(name, 0)

    def bring_prices_back(self) -> None:
        self.harness.post({self.harness.plan.collateral_symbol: 10**8})
        assert self.harness.model.oracle.usable(self.now)

    def last_exit(self, who: str) -> None:
        """All shares at any price; where the venue is short, after a reset."""
        raise NotImplementedError
