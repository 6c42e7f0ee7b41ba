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
from tests.support.fault_actions import (
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
from tests.support.fault_harness import USDC, FaultHarness
from tests.support.plans import make_aave_plan
from tests.support.system_harness import deploy_harness

Change = Callable[[FaultHarness], object]
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
    return lambda harness: harness.configure(symbol, **changes)


def _used(harness: FaultHarness, symbol: str, what: str) -> int:
    """Whole units that a cap counts, rounded up."""
    reserve, now = harness.aave.reserves[symbol], harness.base.now
    amounts = (
        [harness.aave.supplied(symbol, who, now) for who in reserve.supplied]
        if what == "supply_cap"
        else [harness.aave.owed(symbol, who, now) for who in reserve.owed]
    )
    return int(-(-sum(amounts) // reserve.unit))


def capped(symbol: str, what: str, spare: int) -> Change:
    """A cap that leaves so many whole units."""
    return lambda harness: harness.configure(symbol, **{what: _used(harness, symbol, what) + spare})


def lent(symbol: str, left: int) -> Change:
    """Others borrow all but so much, native; `returned` repays it."""
    return lambda harness: harness.borrow_all(symbol, left)


def returned(symbol: str) -> Change:
    def change(harness: FaultHarness) -> None:
        harness.repay(symbol, harness.aave.owed(symbol, "provider", harness.base.now) // 2)

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
def test_fault(harness: FaultHarness, table: list[Row], name: str) -> None:
    """Exactly this is refused; nothing is lost; what else there is works. [VA-12]"""
    fault = FAULTS[name]
    fault.begin(harness)
    n = harness.n()
    assert outcomes(harness) == ALL | fault.refused
    assert harness.n() == n
    harness.check()
    exits = [each for each in EXITS if each not in fault.refused]
    table.append(row(name, fault.refused))
    most = maxima(harness)
    if fault.withdrawable is None:
        assert most["Redeem"] == harness.token.balanceOf(harness.depositor)
    else:
        low, high = fault.withdrawable
        assert low * harness.unit < most["Withdraw"] < high * harness.unit
    if fault.depositable is not None:
        low, high = fault.depositable
        assert low * harness.unit < most["Deposit"] < high * harness.unit

    for each in exits:
        assert act(harness, SMALL[each]) == ""
    fault.end(harness)
    recover(harness)


def test_claims_on_aave_can_be_used_later(harness: FaultHarness) -> None:
    """USDC all lent: aUSDC comes in kind. Aave pays it once it can."""
    lent(USDC, 0)(harness)
    who, a_token = harness.depositor, harness.a_token()
    idle, usdc = harness.vault.idle(), harness.usdc.balanceOf(who)
    assert act(harness, redeem_in_kind(10)) == ""
    claims = a_token.balanceOf(who)
    assert claims == harness.aave.supplied(USDC, OUTSIDE, harness.base.now)
    assert claims > 28_000 * harness.unit  # a tenth of what is supplied
    assert harness.usdc.balanceOf(who) - usdc == idle - harness.vault.idle()
    returned(USDC)(harness)
    harness.venue.pool.withdraw(harness.usdc, MAX_UINT256, who, sender=who)
    harness.aave.withdraw(USDC, MAX_UINT256, OUTSIDE, harness.base.now)
    assert harness.usdc.balanceOf(who) - usdc == idle - harness.vault.idle() + claims
    harness.check()


def test_everybody_leaves_while_nothing_is_lent(harness: FaultHarness) -> None:
    """Without a loan to value every share can be redeemed, to the last."""
    configured(USDC, ltv_bps=0)(harness)
    token = harness.token
    token.set_streaming_fee(0, harness.base.owner, sender=harness.base.owner)
    harness.base.model.token.set_streaming_fee(0, "fee_recipient", harness.base.now)
    for who in (harness.depositor, harness.second_holder):
        harness.base.redeem(token.balanceOf(who), who, 0)
        harness.check()
    owner = harness.base.owner
    token.redeem(token.balanceOf(owner), owner, owner, 0, sender=owner)
    assert token.totalSupply() == 0
    assert harness.debt_token("C0").balanceOf(harness.vault) == 0


def test_payments_leave_the_minimum_health(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, second_holder: str
) -> None:
    """Nothing is idle and Aave lends just enough: what nets has no trade that
    would lower the debt with it, so only so much of it is paid."""
    plan = make_aave_plan(venue={"idle_buffer": "0%"})
    base = deploy_harness(chain, owner, keeper, plan)
    harness = FaultHarness(base, base.fund(depositor), base.fund(second_holder))
    base.deposit(100_000 * harness.unit, depositor)
    base.redeem(harness.shares(0.05), depositor)
    threshold = 1
    while threshold * harness.aave.account_data("vault", base.now).health_factor // 7_800 < (
        WAD * 105 // 100
    ):
        threshold += 1
    lending(threshold - 100, threshold)(harness)
    health = harness.vault.health()
    assert WAD * 105 // 100 <= health < WAD * 10503 // 10_000
    assert act(harness, redeem(0.4)) == HEALTH
    most = maxima(harness)
    assert 0 < most["Redeem"] < harness.shares(0.1)
    assert act(harness, redeem(10)) == act(harness, redeem_in_kind(10)) == ""
    assert harness.vault.health() >= health
