# SPDX-License-Identifier: AGPL-3.0-only
"""Positions of a few units, flows of one, components whose one native unit is
worth something, and debts that Aave rounds up."""

from __future__ import annotations

from random import Random

import pytest

from inverse_index.chain import LocalBackend
from tests.support.assertions import reverts
from tests.support.fault_actions import act, maxima, one_unit, outcomes, redeem, redeem_in_kind
from tests.support.fault_harness import DAY, World
from tests.support.plans import make_aave_plan
from tests.support.system_harness import Bench, deploy_bench

USD = 10**8
KINDS = [(8, 100_000), (6, 100_000), (18, 2_000), (6, 1)]
IDS = [f"{decimals} decimals at {price}" for decimals, price in KINDS]


def started(
    chain: LocalBackend, owner: str, keeper: str, holders: tuple[str, str], kind: tuple[int, int]
) -> World:
    """Nothing paid in yet; a month has passed, so that Aave's indices are above 1."""
    decimals, price = kind
    plan = make_aave_plan(
        venue={"component": {"decimals": str(decimals)}},
        prices={"C0": price * USD, "USDC": USD},
        fee_rate=0,
    )
    bench: Bench = deploy_bench(chain, owner, keeper, plan)
    for holder in holders:
        bench.fund(holder)
    world = World(bench, *holders)
    bench.move(0, 30 * DAY)
    pool = world.venue.pool
    assert pool.getReserveNormalizedVariableDebt(world.venue.tokens["C0"]) > 10**27
    assert pool.getReserveNormalizedIncome(world.usdc) > 10**27
    return world


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
    world = started(chain, owner, keeper, (depositor, second_holder), kind)
    decimals, price = kind
    five = max(5 * price * 10**6 // 10**decimals, 50)  # collateral units
    bench, token = world.bench, world.token
    bench.deposit(five + five // 10, depositor)
    world.check()
    owed = world.debt_token("C0").balanceOf(world.vault)
    assert 0 < owed <= max(6, 60 * 10**decimals // (price * 10**6))
    bench.deposit(five, second_holder)
    world.check()
    bench.move(3, DAY)
    bench.rebalance()
    world.check()
    maxima(world)
    for who in (second_holder, depositor):
        n = world.share_price()
        bench.redeem(token.balanceOf(who), who, 0)
        world.check()
        if token.totalSupply():
            assert world.share_price() >= n - one_unit(world)
    assert world.debt_token("C0").balanceOf(world.vault) == 0
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
    bench = deploy_bench(chain, owner, keeper, plan)
    world = World(bench, bench.fund(depositor), bench.fund(second_holder))
    bench.deposit(20 * world.unit, depositor)
    bench.chain.increase_time(DAY)
    bench.post({s: bench.prices[s] * (1_000 + thousandths) // 1_000 for s in ("C0", "C1")})
    receipt = bench.rebalance()
    world.check()
    traded = [e for e in world.vault.events(receipt) if e.name == "Traded"]
    assert [e.component for e in traded] == [0, 1]
    assert abs(traded[1].delta) < 100 * 10**10
    assert act(world, redeem(50, 0)) == act(world, redeem_in_kind(20)) == ""


def test_all_but_a_share_that_owes_nothing(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, second_holder: str
) -> None:
    """The large holder leaves while what stays is short by less than one unit of an
    8-decimal component: none of its debt is left, and the maximum is the truth."""
    venue = {"components": {"C0": {"decimals": "8"}}}
    plan = make_aave_plan(1, venue=venue, prices={"C0": 100_000 * USD, "USDC": USD})
    bench = deploy_bench(chain, owner, keeper, plan)
    world = World(bench, bench.fund(depositor), bench.fund(second_holder))
    bench.deposit(20_000 * world.unit, depositor)
    world.token.transfer(second_holder, 10**14, sender=depositor)
    bench.model.token.transfer(depositor, second_holder, 10**14)
    held = world.token.balanceOf(depositor)
    assert world.token.maxRedeem(depositor) == held
    bench.redeem(held, depositor)
    world.check()
    assert world.vault.value(bench.report().prices.mid).shorts[0] == 0
    assert world.token.totalSupply() >= 10**14
    bench.redeem(10**14, second_holder, 0)
    world.check()


def test_one_wei_of_a_share(world: World) -> None:
    """Worth nothing: refused, unless the holder takes nothing for it."""
    token, who = world.token, world.depositor
    before = world.figures(), world.n()
    with reverts("token: zero assets"):
        token.redeem(1, who, who, sender=who)
    with reverts("token: zero assets"):
        token.deposit(0, who, sender=who)
    assert (world.figures(), world.n()) == before
    world.bench.redeem(1, who, 0)
    world.check()
    assert token.redeem_in_kind.call(1, who, who, 0, 2**256 - 1, sender=second(world)) == 0


def second(world: World) -> str:
    """A holder who may burn the depositor's shares, and has a component's unit."""
    who = world.second_holder
    world.token.approve(who, 10, sender=world.depositor)
    world.give("C0", who, 10)
    world.erc20("C0").approve(world.vault, 10, sender=who)
    return who


def test_barely_hedged(world: World) -> None:
    """Around the tolerance, to the unit: netted up to it, hedged from there on.
    The bid's N is a little above the mid one's."""
    bid = world.bench.report().bid
    limit = bid * 50 // 10_000
    largest = limit * 10_000 // 9_990
    for assets in range(largest - 2, largest + 4):
        with world.undone():
            receipt = world.bench.deposit(assets, world.depositor)
            world.check()
            fee = -(-assets * 10 // 10_000)
            names = [e.name for e in world.token.events(receipt) if e.name.startswith("Flow")]
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
    world = started(chain, owner, keeper, (depositor, second_holder), kind)
    bench, token, random = world.bench, world.token, Random(sum(kind))
    bench.deposit(20_000 * world.unit, depositor)
    bench.deposit(20_000 * world.unit, second_holder)
    lowest = world.share_price()
    for turn in range(200):
        who = (depositor, second_holder)[random.randrange(2)]
        n = world.share_price()
        if turn % 2:
            shares = token.balanceOf(who) * random.randrange(3_000_000, 9_000_000) // 10**8
            bench.redeem(shares, who, 0 if turn % 4 == 1 else None)
        else:
            bench.deposit(random.randrange(1_000 * world.unit, 3_000 * world.unit), who)
        assert world.share_price() >= n - one_unit(world), turn
        if turn % 20 == 19:
            world.push("C0", 0)
            world.check()
            figures = world.venue.figures(world.vault)
            assert world.venue.leak(figures, world.usdc, world.vault) == 0
    assert world.share_price() >= lowest
    assert all(reason == "" for reason in outcomes(world).values())
