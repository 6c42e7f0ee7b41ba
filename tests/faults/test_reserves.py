# SPDX-License-Identifier: AGPL-3.0-only
"""Aave's reserves are frozen, paused, capped, lent out, or lend less: what is
refused, with which reason, which exits work, and that all is well afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.aave.vault import OUTSIDE
from inverse_index.model.fixed import MAX_UINT256, WAD
from tests.faults.actions import (
    ALL,
    BOUNDED,
    DEPOSIT_HEDGED,
    EXITS,
    HEDGED,
    IN_KIND,
    LESS,
    MORE,
    NETTED,
    Row,
    act,
    maxima,
    outcomes,
    recover,
    redeem,
    redeem_in_kind,
    row,
)
from tests.faults.world import USDC, World
from tests.systems import deploy_bench, make_aave_plan

Change = Callable[[World], object]
SUPPLY = "vault: Aave refused a supply, code "
LOAN = "vault: Aave refused a loan, code "
REPAYMENT = "vault: Aave refused a repayment, code "
WITHDRAWAL = "vault: Aave refused a withdrawal, code "
HEALTH = "vault: health factor too low"
NETS = (700, 750)  # without a trade: 0.5% of N, some of it used up
SMALL = {  # exits that are carried out one after the other
    NETTED: redeem(0.1),
    HEDGED: redeem(2),
    BOUNDED: redeem(2, 0),
    IN_KIND: redeem_in_kind(2),
}


@dataclass(frozen=True)
class Fault:
    """What happens, what it leads to, and how it ends. Maxima between two whole
    amounts; withdrawable None for all that the holder has."""

    begin: Change
    refused: dict[str, str]
    end: Change
    withdrawable: tuple[int, int] | None = None
    depositable: tuple[int, int] | None = None


def configured(symbol: str, **changes: int) -> Change:
    return lambda w: w.configure(symbol, **changes)


def _used(w: World, symbol: str, what: str) -> int:
    """Whole units that a cap counts, rounded up."""
    reserve, now = w.aave.reserves[symbol], w.bench.now
    amounts = (
        [w.aave.supplied(symbol, who, now) for who in reserve.supplied]
        if what == "supply_cap"
        else [w.aave.owed(symbol, who, now) for who in reserve.owed]
    )
    return int(-(-sum(amounts) // reserve.unit))


def capped(symbol: str, what: str, spare: int) -> Change:
    """A cap that leaves so many whole units."""
    return lambda w: w.configure(symbol, **{what: _used(w, symbol, what) + spare})


def lent(symbol: str, left: int) -> Change:
    """Others borrow all but so much, native; `returned` repays it."""
    return lambda w: w.borrow_all(symbol, left)


def returned(symbol: str) -> Change:
    def change(w: World) -> None:
        w.repay(symbol, w.aave.owed(symbol, "provider", w.bench.now) // 2)

    return change


def lending(ltv: int, threshold: int) -> Change:
    return configured(USDC, ltv_bps=ltv, liquidation_threshold_bps=threshold)


CLOSED = {HEDGED: "35", BOUNDED: "35", IN_KIND: "35", LESS: "35"}
BEFORE = lending(7_500, 7_800)
FAULTS = {
    "USDC frozen": Fault(
        configured(USDC, frozen=True),
        {DEPOSIT_HEDGED: SUPPLY + "28", MORE: SUPPLY + "28"},
        configured(USDC, frozen=False),
        depositable=(700, 750),
    ),
    "USDC paused": Fault(
        configured(USDC, paused=True),
        {DEPOSIT_HEDGED: SUPPLY + "29", MORE: SUPPLY + "29"}
        | dict.fromkeys((HEDGED, BOUNDED, IN_KIND, LESS), WITHDRAWAL + "29"),
        configured(USDC, paused=False),
        withdrawable=NETS,
    ),
    "component frozen": Fault(
        configured("C0", frozen=True),
        {DEPOSIT_HEDGED: LOAN + "28", MORE: LOAN + "28"},
        configured("C0", frozen=False),
    ),
    "component paused": Fault(
        configured("C0", paused=True),
        {DEPOSIT_HEDGED: LOAN + "29", MORE: LOAN + "29"}
        | dict.fromkeys((HEDGED, BOUNDED, IN_KIND, LESS), REPAYMENT + "29"),
        configured("C0", paused=False),
        withdrawable=NETS,
    ),
    "USDC supply cap reached": Fault(
        capped(USDC, "supply_cap", 0),
        {DEPOSIT_HEDGED: SUPPLY + "51", MORE: SUPPLY + "51"},
        configured(USDC, supply_cap=0),
    ),
    "USDC supply cap 15,000 away": Fault(
        capped(USDC, "supply_cap", 15_000),
        {DEPOSIT_HEDGED: SUPPLY + "51"},
        configured(USDC, supply_cap=0),
        depositable=(5_000, 7_000),
    ),
    "component borrow cap reached": Fault(
        capped("C0", "borrow_cap", 0),
        {DEPOSIT_HEDGED: LOAN + "50", MORE: LOAN + "50"},
        configured("C0", borrow_cap=0),
    ),
    "component borrow cap 5 away": Fault(
        capped("C0", "borrow_cap", 5),
        {DEPOSIT_HEDGED: LOAN + "50"},
        configured("C0", borrow_cap=0),
        depositable=(10_000, 12_000),
    ),
    "USDC all lent": Fault(
        lent(USDC, 0),
        dict.fromkeys((HEDGED, BOUNDED, LESS), WITHDRAWAL + "panic"),
        returned(USDC),
        withdrawable=NETS,
    ),
    "USDC lent but for 20,000": Fault(
        lent(USDC, 20_000 * 10**6),
        dict.fromkeys((HEDGED, BOUNDED), WITHDRAWAL + "panic"),
        returned(USDC),
        withdrawable=(11_000, 12_000),
    ),
    "component all lent": Fault(
        lent("C0", 0),
        dict.fromkeys((DEPOSIT_HEDGED, MORE), LOAN + "panic"),
        returned("C0"),
    ),
    "component lent but for 5": Fault(
        lent("C0", 5 * 10**18),
        {DEPOSIT_HEDGED: LOAN + "panic"},
        returned("C0"),
        depositable=(10_000, 11_000),
    ),
    "lends a little less": Fault(lending(6_500, 7_000), {}, BEFORE),
    "lends just enough": Fault(lending(5_200, 5_300), {MORE: HEALTH}, BEFORE),
    "lends less than is owed": Fault(
        lending(4_500, 4_800),
        {DEPOSIT_HEDGED: LOAN + "36", MORE: LOAN + "36"}
        | {name: WITHDRAWAL + code for name, code in CLOSED.items()},
        BEFORE,
        withdrawable=NETS,
    ),
    "lends far less": Fault(
        lending(3_000, 3_500),
        {DEPOSIT_HEDGED: LOAN + "35", MORE: LOAN + "35"}
        | {name: WITHDRAWAL + code for name, code in CLOSED.items()},
        BEFORE,
        withdrawable=NETS,
    ),
    "lends nothing": Fault(
        configured(USDC, ltv_bps=0),
        {DEPOSIT_HEDGED: LOAN + "57", MORE: LOAN + "57"},
        configured(USDC, ltv_bps=7_500),
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_fault(world: World, table: list[Row], name: str) -> None:
    """Exactly this is refused; nothing is lost; what else there is works. [VA-12]"""
    fault = FAULTS[name]
    fault.begin(world)
    n = world.n()
    assert outcomes(world) == ALL | fault.refused
    assert world.n() == n
    world.check()
    exits = [each for each in EXITS if each not in fault.refused]
    table.append(row(name, fault.refused))
    most = maxima(world)
    if fault.withdrawable is None:
        assert most["Redeem"] == world.token.balanceOf(world.depositor)
    else:
        low, high = fault.withdrawable
        assert low * world.unit < most["Withdraw"] < high * world.unit
    if fault.depositable is not None:
        low, high = fault.depositable
        assert low * world.unit < most["Deposit"] < high * world.unit

    for each in exits:
        assert act(world, SMALL[each]) == ""
    fault.end(world)
    recover(world)


def test_claims_on_aave_can_be_used_later(world: World) -> None:
    """USDC all lent: aUSDC comes in kind. Aave pays it once it can."""
    lent(USDC, 0)(world)
    who, a_token = world.depositor, world.a_token()
    idle, usdc = world.vault.idle(), world.usdc.balanceOf(who)
    assert act(world, redeem_in_kind(10)) == ""
    claims = a_token.balanceOf(who)
    assert claims == world.aave.supplied(USDC, OUTSIDE, world.bench.now)
    assert claims > 28_000 * world.unit  # a tenth of what is supplied
    assert world.usdc.balanceOf(who) - usdc == idle - world.vault.idle()
    returned(USDC)(world)
    world.venue.pool.withdraw(world.usdc, MAX_UINT256, who, sender=who)
    world.aave.withdraw(USDC, MAX_UINT256, OUTSIDE, world.bench.now)
    assert world.usdc.balanceOf(who) - usdc == idle - world.vault.idle() + claims
    world.check()


def test_everybody_leaves_while_nothing_is_lent(world: World) -> None:
    """Without a loan to value every share can be redeemed, to the last."""
    configured(USDC, ltv_bps=0)(world)
    token = world.token
    token.set_streaming_fee(0, world.bench.owner, sender=world.bench.owner)
    world.bench.model.token.set_streaming_fee(0, "fee_recipient", world.bench.now)
    for who in (world.depositor, world.second_holder):
        world.bench.redeem(token.balanceOf(who), who, 0)
        world.check()
    owner = world.bench.owner
    token.redeem(token.balanceOf(owner), owner, owner, 0, sender=owner)
    assert token.totalSupply() == 0
    assert world.debt_token("C0").balanceOf(world.vault) == 0


def test_payments_leave_the_minimum_health(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, second_holder: str
) -> None:
    """Nothing is idle and Aave lends just enough: what nets has no trade that
    would lower the debt with it, so only so much of it is paid."""
    plan = make_aave_plan(venue={"idle_buffer": "0%"})
    bench = deploy_bench(chain, owner, keeper, plan)
    world = World(bench, bench.fund(depositor), bench.fund(second_holder))
    bench.deposit(100_000 * world.unit, depositor)
    bench.redeem(world.shares(0.05), depositor)
    threshold = 1
    while threshold * world.aave.account_data("vault", bench.now).health_factor // 7_800 < (
        WAD * 105 // 100
    ):
        threshold += 1
    lending(threshold - 100, threshold)(world)
    health = world.vault.health()
    assert WAD * 105 // 100 <= health < WAD * 10503 // 10_000
    assert act(world, redeem(0.4)) == HEALTH
    most = maxima(world)
    assert 0 < most["Redeem"] < world.shares(0.1)
    assert act(world, redeem(10)) == act(world, redeem_in_kind(10)) == ""
    assert world.vault.health() >= health
