# SPDX-License-Identifier: AGPL-3.0-only
"""maxDeposit, maxMint, maxWithdraw, maxRedeem: what they say is possible is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.exchange.records import Order
from inverse_index.model.policy.flow_terms import Kind
from tests.support.constants import MAX_UINT256
from tests.support.plans import PARAMETERS, make_plan
from tests.support.system_harness import SystemHarness, deploy_harness
from tests.support.token_actions import refused, set_nav_cap, set_parameters, transfer

from .conftest import FIRST_SHARES

ALL = ("maxDeposit", "maxMint", "maxWithdraw", "maxRedeem")


def maximum(harness: SystemHarness, kind: Kind, holder: str) -> int:
    """The token's maximum, equal to the model's."""
    name = f"max{kind.name.capitalize()}"
    on_chain = int(harness.token.method(name)(holder))
    assert on_chain == harness.model.token.maximum(kind, holder, harness.now)
    return on_chain


def act(harness: SystemHarness, kind: Kind, amount: int, holder: str) -> None:
    {
        Kind.DEPOSIT: harness.deposit,
        Kind.MINT: harness.mint,
        Kind.WITHDRAW: harness.withdraw,
        Kind.REDEEM: harness.redeem,
    }[kind](amount, holder)
    harness.check()


@pytest.mark.parametrize("kind", [Kind.DEPOSIT, Kind.MINT])
@pytest.mark.parametrize(
    ("k", "decimals", "multiple", "reason"),
    [
        (1, 6, 1, "vault: slippage above bound"),
        (3, 18, 2, "vault: slippage above bound"),
        (10, 8, 3, "exchange: pool reserve too low"),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_the_largest_flow_in_succeeds(
    chain: LocalBackend,
    owner: str,
    keeper: str,
    depositor: str,
    kind: Kind,
    k: int,
    decimals: int,
    multiple: int,
    reason: str,
    first: bool,
) -> None:
    """Bounded by depth or reserve of the venue: 5% more does not pass. [T-MAX-1]"""
    harness = deploy_harness(chain, owner, keeper, make_plan(k, decimals, multiple))
    harness.fund(depositor)
    if not first:
        harness.deposit(50_000 * harness.system.unit, depositor)
        harness.move([i % 3 - 1 for i in range(k)], 3_600)
    largest = maximum(harness, kind, depositor)
    assert largest > 10**5 * harness.system.unit
    enter = harness.token.deposit if kind == Kind.DEPOSIT else harness.token.mint
    with refused(harness, reason):
        enter(largest * 105 // 100, depositor, sender=depositor)
    act(harness, kind, largest, depositor)


@pytest.mark.parametrize("percent", [-7, -3, -1, 1, 4, 9])
def test_the_largest_first_mint(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, percent: int
) -> None:
    """To the wei, at any price: of 18 decimals a rounding of one unit's shorts was too
    much. [T-MAX-1]"""
    harness = deploy_harness(chain, owner, keeper, make_plan(2, 18))
    harness.fund(depositor)
    harness.move([percent, 2 * percent + 1], 3_600)
    act(harness, Kind.MINT, maximum(harness, Kind.MINT, depositor), depositor)


@pytest.mark.parametrize("kind", [Kind.WITHDRAW, Kind.REDEEM])
@pytest.mark.parametrize(("k", "decimals", "multiple"), [(1, 6, 1), (3, 18, 2), (10, 8, 3)])
def test_the_largest_flow_out_succeeds(
    chain: LocalBackend,
    owner: str,
    keeper: str,
    depositor: str,
    kind: Kind,
    k: int,
    decimals: int,
    multiple: int,
) -> None:
    """[T-MAX-2]"""
    harness = deploy_harness(chain, owner, keeper, make_plan(k, decimals, multiple))
    harness.fund(depositor)
    harness.deposit(50_000 * harness.system.unit, depositor)
    harness.move([i % 3 - 1 for i in range(k)], 3_600)
    largest = maximum(harness, kind, depositor)
    shares = harness.token.balanceOf(depositor)
    if kind == Kind.REDEEM:
        assert largest == shares
    else:
        bound = 1 + multiple  # percent: what an exact quote is below the slippage bound
        assert harness.token.previewWithdraw(largest) <= shares
        assert harness.token.previewWithdraw(largest * (100 + bound) // 100) > shares
        with refused(harness, "token: shares above balance"):
            harness.token.withdraw(
                largest * (100 + bound) // 100, depositor, depositor, sender=depositor
            )
    act(harness, kind, largest, depositor)


@pytest.mark.parametrize("kind", [Kind.WITHDRAW, Kind.REDEEM])
def test_a_small_holder(
    held: SystemHarness, depositor: str, second_holder: str, kind: Kind
) -> None:
    """[T-MAX-2]"""
    transfer(held, depositor, second_holder, 100 * 10**18)
    largest = maximum(held, kind, second_holder)
    if kind == Kind.REDEEM:
        assert largest == 100 * 10**18
    act(held, kind, largest, second_holder)
    assert held.token.balanceOf(second_holder) < 10**13


@pytest.mark.parametrize("kind", [Kind.WITHDRAW, Kind.REDEEM])
@pytest.mark.parametrize("slippage", [1, 4, 6])
def test_a_venue_that_is_too_thin_to_leave(
    held: SystemHarness, depositor: str, kind: Kind, slippage: int
) -> None:
    """No depth inside the bound leaves what nets; some leaves some. [T-MAX-6]"""
    set_parameters(held, slippage_bps=slippage)
    largest = maximum(held, kind, depositor)
    assert largest > 0
    act(held, kind, largest, depositor)


def test_no_depth_within_the_bound(held: SystemHarness, depositor: str) -> None:
    """The fee alone is 5 bps: only what nets can come in. [T-MAX-6]"""
    set_parameters(held, slippage_bps=5)
    largest = maximum(held, Kind.DEPOSIT, depositor)
    report = held.report()
    assert largest == report.bid * 50 // 10_000
    act(held, Kind.DEPOSIT, largest, depositor)
    with refused(held, "vault: slippage above bound"):
        held.token.deposit(600 * 10**6, depositor, sender=depositor)


def test_what_still_nets_while_flows_out_wait(
    held: SystemHarness, depositor: str, trader: str
) -> None:
    """Nothing can be hedged within the bound, as others are long by more, and 0.8% of N
    wait to be: 0.2% are left of twice the tolerance, not its 0.5%. [T-MAX-1]"""
    set_parameters(held, slippage_bps=1)
    exchange, model = held.system.venue.exchange, held.model.venue.exchange
    held.fund(trader)
    held.system.collateral.approve(exchange, MAX_UINT256, sender=trader)
    exchange.deposit(10**11, sender=trader)
    model.deposit(trader, 10**11)
    exchange.trade([(0, FIRST_SHARES // 1_000, MAX_UINT256)], sender=trader)
    mid = held.model.oracle.read(held.now).mid
    model.trade(trader, [Order(0, FIRST_SHARES // 1_000, MAX_UINT256)], mid, held.now)
    for part in (200, 334):
        held.redeem(FIRST_SHARES // part, depositor)
    most = maximum(held, Kind.REDEEM, depositor)
    assert FIRST_SHARES * 18 // 10_000 < most < FIRST_SHARES * 22 // 10_000
    act(held, Kind.REDEEM, most, depositor)


def test_the_cap_is_a_maximum(held: SystemHarness, depositor: str) -> None:
    """[T-MAX-1]"""
    set_nav_cap(held, held.report().bid + 50 * 10**6)
    shares = maximum(held, Kind.MINT, depositor)
    assert 49 * 10**18 < shares < 51 * 10**18
    assets = maximum(held, Kind.DEPOSIT, depositor)
    assert assets == 50_050_051  # 50 after the fee
    with refused(held, "token: above NAV cap"):
        held.token.mint(shares + 1, depositor, sender=depositor)
    act(held, Kind.MINT, shares, depositor)
    assert maximum(held, Kind.DEPOSIT, depositor) == 0


def test_nothing_above_a_lowered_cap(held: SystemHarness, depositor: str) -> None:
    set_nav_cap(held, held.report().bid - 1)
    assert maximum(held, Kind.MINT, depositor) == 0
    assert maximum(held, Kind.DEPOSIT, depositor) == 0
    assert maximum(held, Kind.REDEEM, depositor) == FIRST_SHARES


def test_paused(held: SystemHarness, owner: str, depositor: str) -> None:
    """[M-PAUSE-3]"""
    held.token.pause_mint(sender=owner)
    held.model.token.control.paused = True
    assert maximum(held, Kind.DEPOSIT, depositor) == maximum(held, Kind.MINT, depositor) == 0
    assert maximum(held, Kind.REDEEM, depositor) == FIRST_SHARES
    assert maximum(held, Kind.WITHDRAW, depositor) > 0


def test_stale(held: SystemHarness, depositor: str) -> None:
    """[T-MAX-3]"""
    held.chain.increase_time(7 * 86_400 + 1)
    assert [held.token.method(name)(depositor) for name in ALL] == [0, 0, 0, 0]


def _step(harness: SystemHarness) -> None:
    harness.move(21)


def _disagree(harness: SystemHarness) -> None:
    k = len(harness.plan.symbols)
    harness.system.board.post_one(k, 2_050 * 10**8, sender=harness.owner)


@pytest.mark.parametrize(("restrict", "secondaries"), [(_step, False), (_disagree, True)])
def test_restricted(
    chain: LocalBackend,
    owner: str,
    keeper: str,
    depositor: str,
    restrict: Callable[[SystemHarness], None],
    secondaries: bool,
) -> None:
    """Minting stops, redemption goes on. [T-MAX-4]"""
    harness = deploy_harness(chain, owner, keeper, secondaries=secondaries)
    harness.fund(depositor)
    harness.deposit(100_000 * 10**6, depositor)
    restrict(harness)
    assert harness.token.maxDeposit(depositor) == harness.token.maxMint(depositor) == 0
    assert harness.token.maxRedeem(depositor) == FIRST_SHARES
    harness.token.redeem(FIRST_SHARES, depositor, depositor, sender=depositor)


def test_wiped_out(held: SystemHarness, depositor: str) -> None:
    held.move(110)
    assert maximum(held, Kind.DEPOSIT, depositor) == maximum(held, Kind.MINT, depositor) == 0
    assert maximum(held, Kind.WITHDRAW, depositor) == 0


def test_somebody_without_shares(held: SystemHarness, trader: str) -> None:
    assert maximum(held, Kind.REDEEM, trader) == maximum(held, Kind.WITHDRAW, trader) == 0


def test_without_fees_and_tolerance(
    chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> None:
    free = replace(PARAMETERS, mint_fee_bps=0, redeem_fee_bps=0, tolerance_bps=0)
    harness = deploy_harness(chain, owner, keeper, make_plan(parameters=free))
    harness.fund(depositor)
    act(harness, Kind.DEPOSIT, 10**11, depositor)
    for kind in (Kind.DEPOSIT, Kind.MINT, Kind.WITHDRAW, Kind.REDEEM):
        act(harness, kind, maximum(harness, kind, depositor), depositor)
        if kind != Kind.REDEEM:
            harness.redeem(harness.token.balanceOf(depositor) // 2, depositor, min_assets=0)


@pytest.mark.parametrize("kind", [Kind.DEPOSIT, Kind.REDEEM])
def test_truthful_while_the_margin_is_short(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, second_holder: str, kind: Kind
) -> None:
    """After a rise of 24% at -3x, until somebody rebalances. [T-MAX-7]"""
    harness = deploy_harness(chain, owner, keeper, make_plan(multiple=3))
    harness.fund(depositor)
    harness.fund(second_holder)
    harness.deposit(100_000 * 10**6, depositor)
    harness.deposit(25_000 * 10**6, second_holder)
    harness.move(24)
    act(harness, kind, maximum(harness, kind, second_holder), second_holder)


@pytest.mark.parametrize("decimals", [6, 18])
@pytest.mark.parametrize("kind", [Kind.WITHDRAW, Kind.REDEEM])
def test_the_only_holder(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, decimals: int, kind: Kind
) -> None:
    """All shares can be redeemed; a withdrawal leaves one. [T-MAX-1]"""
    harness = deploy_harness(chain, owner, keeper, make_plan(1, decimals, fee_rate=0))
    harness.fund(depositor)
    harness.deposit(10_000 * harness.system.unit, depositor)
    act(harness, kind, maximum(harness, kind, depositor), depositor)
