# SPDX-License-Identifier: AGPL-3.0-only
"""Positions of a few units, flows of one, components whose one native unit is
worth something, and debts that Aave rounds up."""

from __future__ import annotations

from random import Random

import pytest

from inverse_index.chain import LocalBackend
from tests.support.assertions import reverts
from tests.support.constants import DAY, MAX_UINT256, USD
from tests.support.fault_actions import act, maxima, one_unit, outcomes, redeem, redeem_in_kind
from tests.support.fault_harness import FaultHarness
from tests.support.plans import make_aave_plan
from tests.support.system_harness import SystemHarness, deploy_harness

KINDS = [(8, 100_000), (6, 100_000), (18, 2_000), (6, 1)]
IDS = [f"{decimals} decimals at {price}" for decimals, price in KINDS]


def started(
    chain: LocalBackend, owner: str, keeper: str, holders: tuple[str, str], kind: tuple[int, int]
) -> FaultHarness:
    """Nothing paid in yet; a month has passed, so that Aave's indices are above 1."""
    decimals, price = kind
    plan = make_aave_plan(
        venue={"component": {"decimals": str(decimals)}},
        prices={"C0": price * USD, "USDC": USD},
        fee_rate=0,
    )
    base: SystemHarness = deploy_harness(chain, owner, keeper, plan)
    for holder in holders:
        base.fund(holder)
    harness = FaultHarness(base, *holders)
    base.move(0, 30 * DAY)
    pool = harness.venue.pool
    assert pool.getReserveNormalizedVariableDebt(harness.venue.tokens["C0"]) > 10**27
    assert pool.getReserveNormalizedIncome(harness.usdc) > 10**27
    return harness


@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_a_few_units(
    chain: LocalBackend,
    owner: str,
    keeper: str,
    depositor: str,
    second_holder: str,
    kind: tuple[int, int],
) -> None:
    """A debt of five native units or so: flows, a rebalance, and everybody out."""
    harness = started(chain, owner, keeper, (depositor, second_holder), kind)
    decimals, price = kind
    five = max(5 * price * 10**6 // 10**decimals, 50)  # collateral units
    base, token = harness.base, harness.token
    base.deposit(five + five // 10, depositor)
    harness.check()
    owed = harness.debt_token("C0").balanceOf(harness.vault)
    assert 0 < owed <= max(6, 60 * 10**decimals // (price * 10**6))
    base.deposit(five, second_holder)
    harness.check()
    base.move(3, DAY)
    base.rebalance()
    harness.check()
    maxima(harness)
    for who in (second_holder, depositor):
        n = harness.share_price()
        base.redeem(token.balanceOf(who), who, 0)
        harness.check()
        if token.totalSupply():
            assert harness.share_price() >= n - one_unit(harness)
    assert harness.debt_token("C0").balanceOf(harness.vault) == 0
    assert token.totalSupply() == 0


@pytest.mark.parametrize("thousandths", [-4, -1, 1, 4])
def test_a_few_units_beside_another_trade(
    chain: LocalBackend,
    owner: str,
    keeper: str,
    depositor: str,
    second_holder: str,
    thousandths: int,
) -> None:
    """An order of some ten of a component's units, of which a pool's fee takes a
    whole one, more than the bound: the rebalance is not refused for that."""
    plan = make_aave_plan(
        2,
        venue={"components": {"C1": {"decimals": "8"}}},
        prices={"C0": 2_000 * USD, "C1": 100_000 * USD, "USDC": USD},
    )
    base = deploy_harness(chain, owner, keeper, plan)
    harness = FaultHarness(base, base.fund(depositor), base.fund(second_holder))
    base.deposit(20 * harness.unit, depositor)
    base.chain.increase_time(DAY)
    base.post({s: base.prices[s] * (1_000 + thousandths) // 1_000 for s in ("C0", "C1")})
    receipt = base.rebalance()
    harness.check()
    traded = [e for e in harness.vault.events(receipt) if e.name == "Traded"]
    assert [e.component for e in traded] == [0, 1]
    assert abs(traded[1].delta) < 100 * 10**10
    assert act(harness, redeem(50, 0)) == act(harness, redeem_in_kind(20)) == ""


def test_all_but_a_share_that_owes_nothing(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, second_holder: str
) -> None:
    """The large holder leaves while what stays is short by less than one unit of an
    8-decimal component: none of its debt is left, and the maximum is the truth."""
    venue = {"components": {"C0": {"decimals": "8"}}}
    plan = make_aave_plan(1, venue=venue, prices={"C0": 100_000 * USD, "USDC": USD})
    base = deploy_harness(chain, owner, keeper, plan)
    harness = FaultHarness(base, base.fund(depositor), base.fund(second_holder))
    base.deposit(20_000 * harness.unit, depositor)
    harness.token.transfer(second_holder, 10**14, sender=depositor)
    base.model.token.transfer(depositor, second_holder, 10**14)
    held = harness.token.balanceOf(depositor)
    assert harness.token.maxRedeem(depositor) == held
    base.redeem(held, depositor)
    harness.check()
    assert harness.vault.value(base.report().prices.mid).shorts[0] == 0
    assert harness.token.totalSupply() >= 10**14
    base.redeem(10**14, second_holder, 0)
    harness.check()


def test_one_wei_of_a_share(harness: FaultHarness) -> None:
    """Worth nothing: refused, unless the holder takes nothing for it."""
    token, who = harness.token, harness.depositor
    before = harness.figures(), harness.n()
    with reverts("token: zero assets"):
        token.redeem(1, who, who, sender=who)
    with reverts("token: zero assets"):
        token.deposit(0, who, sender=who)
    assert (harness.figures(), harness.n()) == before
    harness.base.redeem(1, who, 0)
    harness.check()
    assert token.redeem_in_kind.call(1, who, who, 0, MAX_UINT256, sender=second(harness)) == 0


def second(harness: FaultHarness) -> str:
    """A holder who may burn the depositor's shares, and has a component's unit."""
    who = harness.second_holder
    harness.token.approve(who, 10, sender=harness.depositor)
    harness.give("C0", who, 10)
    harness.erc20("C0").approve(harness.vault, 10, sender=who)
    return who


def test_barely_hedged(harness: FaultHarness) -> None:
    """Around the tolerance, to the unit: netted up to it, hedged from there on.
    The bid's N is a little above the mid one's."""
    bid = harness.base.report().bid
    limit = bid * 50 // 10_000
    largest = limit * 10_000 // 9_990
    for assets in range(largest - 2, largest + 4):
        with harness.undone():
            receipt = harness.base.deposit(assets, harness.depositor)
            harness.check()
            fee = -(-assets * 10 // 10_000)
            names = [e.name for e in harness.token.events(receipt) if e.name.startswith("Flow")]
            assert names == ["FlowNetted" if assets - fee <= limit else "FlowHedged"]


@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_200_flows(
    chain: LocalBackend,
    owner: str,
    keeper: str,
    depositor: str,
    second_holder: str,
    kind: tuple[int, int],
) -> None:
    """Hedged flows in and out, each trade rounded by Aave and the pool: the price
    of a share never falls by more than N is rounded to, and nothing leaks."""
    harness = started(chain, owner, keeper, (depositor, second_holder), kind)
    base, token, random = harness.base, harness.token, Random(sum(kind))
    base.deposit(20_000 * harness.unit, depositor)
    base.deposit(20_000 * harness.unit, second_holder)
    lowest = harness.share_price()
    for turn in range(200):
        who = (depositor, second_holder)[random.randrange(2)]
        n = harness.share_price()
        if turn % 2:
            shares = token.balanceOf(who) * random.randrange(3_000_000, 9_000_000) // 10**8
            base.redeem(shares, who, 0 if turn % 4 == 1 else None)
        else:
            base.deposit(random.randrange(1_000 * harness.unit, 3_000 * harness.unit), who)
        assert harness.share_price() >= n - one_unit(harness), turn
        if turn % 20 == 19:
            harness.push("C0", 0)
            harness.check()
            figures = harness.venue.figures(harness.vault)
            assert harness.venue.leak(figures, harness.usdc, harness.vault) == 0
    assert harness.share_price() >= lowest
    assert all(reason == "" for reason in outcomes(harness).values())
