# SPDX-License-Identifier: AGPL-3.0-only
"""Tokens of several collaterals on both vaults, each in all of its states, for the
properties that the standards ask for.

The conversions are written here a second time, as exact fractions from the words of
the specification, so that a direction of rounding is compared with an own opinion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import ceil, floor
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st

from inverse_index.chain import LocalBackend, Receipt, Reverted
from inverse_index.deployment import Plan
from tests.support.constants import BPS, DAY
from tests.support.plans import ORACLE, PARAMETERS, make_aave_plan, make_plan
from tests.support.profiles import machine_settings
from tests.support.system_harness import SystemHarness, SystemShortcuts, deploy_harness

STALE = "oracle: stale price"
CAP = "token: above NAV cap"
WIND_DOWN = "token: winding down"
FREE = replace(PARAMETERS, mint_fee_bps=0, redeem_fee_bps=0)
NO_SPREAD = {"oracle": replace(ORACLE, fallback_spread=0), "min_spread": 0}


def plans() -> dict[str, Plan]:
    """The tokens by name. The free ones have neither fees nor spreads: only rounding
    is between a mint and a redemption that net."""
    free: Mapping[str, Any] = {"parameters": FREE, **NO_SPREAD, "fee_rate": 0}
    return {
        "perp-6": make_plan(2, 6),
        "perp-8-free": make_plan(2, 8, **free),
        "perp-18": make_plan(2, 18, multiple=2),
        "aave-6": make_aave_plan(2, 6),
        "aave-18-free": make_aave_plan(2, 18, **free),
    }


def search(examples: int = 25) -> settings:
    """The profile's settings with that many examples in the quick one, as many more
    in the long one as it has."""
    profile = machine_settings()
    if not profile.derandomize:
        examples = max(examples, profile.max_examples)
    return settings(profile, max_examples=examples)


@dataclass(frozen=True)
class Size:
    """An amount that is chosen before the most is known."""

    millionths: int = 0
    units: int = 0  # the smallest ones, of collateral or shares
    below: int = 0  # the most, less that

    def of(self, most: int) -> int:
        """At most `most`; 0 only where that is 0."""
        if self.units:
            return min(self.units, most)
        if self.millionths:
            return min(max(most * self.millionths // 10**6, 1), most)
        return max(most - self.below, min(most, 1))


sizes = st.one_of(
    st.builds(Size, millionths=st.integers(1, 1_000_000)),
    st.builds(Size, millionths=st.integers(1, 4_000)),
    st.builds(Size, millionths=st.integers(1, 4_000)),
    st.builds(Size, units=st.integers(1, 10**6)),
    st.builds(Size, units=st.integers(1, 20)),
    st.builds(Size, below=st.integers(0, 3)),
)


@dataclass(frozen=True)
class State:
    """What a token's state means to a caller.

    no_mint: why mints are refused, None where they are not. exits: whether
    redemptions work. priced: whether the views that need prices answer.
    """

    name: str
    enter: Callable[[SystemHarness], None]
    no_mint: str | None
    exits: bool = True
    priced: bool = True


def _active(base: SystemHarness) -> None:
    """Nothing happens."""


def _paused(base: SystemHarness) -> None:
    base.token.pause_mint(sender=base.owner)


def _capped(base: SystemHarness) -> None:
    base.token.set_nav_cap(base.report().bid, sender=base.owner)


def _one_below(base: SystemHarness) -> None:
    base.token.set_nav_cap(base.report().bid + 1, sender=base.owner)


def _disputed(base: SystemHarness) -> None:
    """The first component's second source is 3% off."""
    k = len(base.plan.symbols)
    answer = base.prices[base.plan.symbols[0]] * 103 // 100
    base.system.board.post_one(k, answer, sender=base.owner)


def _stale(base: SystemHarness) -> None:
    base.chain.increase_time(7 * DAY + 1)


def _winding_down(base: SystemHarness) -> None:
    base.token.wind_down(sender=base.owner)


def _settled(base: SystemHarness) -> None:
    """All positions closed; and no feed answers any more."""
    base.token.wind_down(sender=base.owner)
    for _ in range(50):
        base.chain.increase_time(base.plan.parameters.chunk_delay)
        base.token.rebalance(sender=base.keeper)
        if base.token.state().mode == 8:
            return _stale(base)
    raise AssertionError("not settled after 50 chunks")


STATES = {
    each.name: each
    for each in (
        State("active", _active, None),
        State("paused", _paused, "token: mint is paused"),
        State("capped", _capped, CAP),
        State("one below the cap", _one_below, CAP),
        State("disputed", _disputed, "oracle: sources disagree"),
        State("stale", _stale, STALE, exits=False, priced=False),
        State("winding down", _winding_down, WIND_DOWN),
        State("settled", _settled, WIND_DOWN),
    )
}


def in_states(*names: str) -> pytest.MarkDecorator:
    """A property of these states alone."""
    return pytest.mark.parametrize("harness", names, indirect=True)


@dataclass(frozen=True)
class Terms:
    """Value and supply now, and what the specification makes of them."""

    bid: int
    mid: int
    ask: int
    supply: int  # with the unaccrued fee
    virtual: int  # shares of one unit
    mint_fee: Fraction
    redeem_fee: Fraction

    @property
    def base(self) -> int:
        """Virtual collateral."""
        return max(10**6 // self.virtual, 1)

    def value(self, shares: int | Fraction, n: int) -> Fraction:
        """Of shares at N, collateral."""
        return Fraction(shares) * (n + self.base) / (self.supply + self.virtual * self.base)

    def shares(self, assets: int | Fraction, n: int) -> Fraction:
        """Worth the collateral at N."""
        return Fraction(assets) * (self.supply + self.virtual * self.base) / (n + self.base)

    # what a flow that waits gives and takes, each rounding against its caller

    def deposit(self, assets: int) -> int:
        return floor(self.shares(assets - ceil(assets * self.mint_fee), self.bid))

    def mint(self, shares: int) -> int:
        return ceil(ceil(self.value(shares, self.bid)) / (1 - self.mint_fee))

    def withdraw(self, assets: int) -> int:
        return ceil(self.shares(ceil(assets / (1 - self.redeem_fee)), self.ask))

    def redeem(self, shares: int) -> int:
        size = floor(self.value(shares, self.ask))
        return size - ceil(size * self.redeem_fee)


@dataclass(frozen=True)
class StandardsHarness(SystemShortcuts):
    """A token in one of its states, and those who hold and use it."""

    base: SystemHarness
    state: State
    holder: str
    second_holder: str
    stranger: str  # rich, holds no shares

    @property
    def exact(self) -> bool:
        """Whether the venue quotes its trades to the unit."""
        return bool(self.base.system.venue.kind == "perp")

    @property
    def settled(self) -> bool:
        return self.state.name == "settled"

    @property
    def accounts(self) -> tuple[str, ...]:
        """All who can hold shares; the owner receives the streaming fee."""
        return (self.holder, self.second_holder, self.stranger, self.base.owner)

    def terms(self) -> Terms:
        bid, mid, ask = self.base.system.views.nav(self.token)
        state = self.token.state()
        p = state.parameters
        fees = (0, 0) if self.settled else (p.mint_fee_bps, p.redeem_fee_bps)
        return Terms(
            bid, mid, ask, state.supply, 10**18 // state.unit, *(Fraction(f, BPS) for f in fees)
        )

    def netted(self, kind: int, amount: int) -> bool:
        """Whether a flow would wait (kind as in ITokenPolicy)."""
        return bool(self.base.system.views.preview(self.token, kind, amount).netted)

    def netted_in(self, receipt: Receipt) -> bool:
        """Whether the flow of this receipt waits."""
        return any(each.name == "FlowNetted" for each in self.token.events(receipt))

    def ask(self, name: str, *arguments: tuple[Any, ...], sender: str | None = None) -> list[int]:
        """The token's answers to each arguments, in one request."""
        method, token = self.token.method(name), self.token.address
        calls = [(token, method.encode(*each), sender) for each in arguments]
        return [int.from_bytes(data, "big") for data in self.chain.call_many(calls)]

    def shares(self) -> list[int]:
        """Balances of all accounts and of the contracts that could be given some."""
        others = (self.token.address, self.base.system.vault.address)
        return self.ask("balanceOf", *((who,) for who in (*self.accounts, *others)))

    def money(self, who: str) -> int:
        return int(self.collateral.balanceOf(who))

    def figures(self) -> list[bytes]:
        """What no refused call may change; nothing of it needs a price."""
        return self.chain.call_many(self._figures)

    @cached_property
    def _figures(self) -> list[tuple[str, bytes]]:
        token, system, who = self.token, self.base.system, self.accounts
        calls = [
            (token, "state", ()),
            (token, "totalSupply", ()),
            (system.vault, "idle", ()),
            (system.collateral, "balanceOf", (system.vault,)),
            (token, "balanceOf", (token,)),
            *((token, "nonces", (one,)) for one in who),
            *((each, "balanceOf", (one,)) for one in who for each in (token, system.collateral)),
            *((token, "allowance", (one, two)) for one in who for two in who),
        ]
        return [(part.address, part.method(name).encode(*args)) for part, name, args in calls]

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Back to where the chain was."""
        snapshot = self.chain.snapshot()
        try:
            yield
        finally:
            self.chain.revert(snapshot)

    @contextmanager
    def refuses(self, *reasons: str) -> Iterator[None]:
        """The block reverts with one of the reasons, and nothing changed."""
        before = self.figures()
        try:
            yield
        except Reverted as error:
            assert error.reason in reasons, f"reverted with {error}, expected {reasons}"
            assert self.figures() == before
            return
        raise AssertionError(f"did not revert, expected {reasons}")


def deploy_used(
    chain: LocalBackend,
    owner: str,
    keeper: str,
    holders: tuple[str, str],
    stranger: str,
    plan: Plan,
) -> SystemHarness:
    """In the middle of a period: a rebalance, flows that wait, prices that moved
    since, a streaming fee that is not accrued. The model is not asked: the properties
    judge by themselves."""
    base = deploy_harness(chain, owner, keeper, plan)
    for who in (*holders, stranger):
        base.fund(who)
    unit = base.system.unit
    base.deposit(100_000 * unit, holders[0])
    base.deposit(50_000 * unit + 7, holders[1])
    base.deposit(300 * unit, holders[1])
    base.move(1, DAY)
    base.rebalance()
    base.deposit(200 * unit + 1, holders[0])
    base.redeem(30 * 10**18 + 11, holders[1])
    base.move([2, -3], 3_600)
    chain.increase_time(60)
    return base
