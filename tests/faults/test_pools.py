# SPDX-License-Identifier: AGPL-3.0-only
"""Pools that are drained, moved by an attacker, or left behind by the oracle:
trades beyond the bound are refused in every size, and all else goes on."""

from __future__ import annotations

import pytest

from tests.support.assertions import reverts
from tests.support.fault_actions import (
    ALL,
    BOUNDED,
    DEPOSIT_HEDGED,
    HEDGED,
    IN_KIND,
    LESS,
    MORE,
    NETTED,
    Row,
    Step,
    act,
    attempt,
    deposit,
    maxima,
    outcomes,
    recover,
    redeem,
    redeem_in_kind,
    row,
)
from tests.support.fault_harness import DAY, World

SLIPPAGE = "vault: slippage above bound"
SIZES = (1.01, 2, 5, 10, 25, 60)  # percent of the supply, none of them nets


def test_drained(world: World, table: list[Row]) -> None:
    """No liquidity at all: no trade at any bound, but netting and in kind. [VA-15]"""
    world.drain("C0")
    refused = dict.fromkeys((DEPOSIT_HEDGED, HEDGED, BOUNDED, MORE, LESS), SLIPPAGE)
    assert outcomes(world) == ALL | refused
    table.append(row("pool drained", refused))
    assert maxima(world)["Withdraw"] < 750 * world.unit
    for each in (redeem(0.1), redeem_in_kind(20), redeem_in_kind(30)):
        assert act(world, each) == ""
    world.refill("C0")
    recover(world)


def test_nearly_drained(world: World, table: list[Row]) -> None:
    """A hundredth is left: large exits need an own bound, small ones do not."""
    world.drain("C0", 99)
    refused = {HEDGED: SLIPPAGE}
    assert outcomes(world) == ALL | refused
    table.append(row("pool drained by 99%", refused))
    assert 19_000 * world.unit < maxima(world)["Withdraw"] < 20_000 * world.unit
    before = world.share_price()
    for each in (redeem(10), redeem(30, 0)):
        assert act(world, each) == ""
    assert world.share_price() > before


@pytest.mark.parametrize("percent", [-4, 4])
def test_one_of_two_drained(pair: World, table: list[Row], percent: int) -> None:
    """The other component is still rebalanced, and the rest follows. [VA-14]"""
    pair.drain("C1")
    refused = dict.fromkeys((DEPOSIT_HEDGED, HEDGED, BOUNDED), SLIPPAGE)
    assert outcomes(pair) == ALL | refused
    table.append(row(f"one of two pools drained, prices {percent}%", refused))
    for _ in range(2):
        pair.bench.move(percent, DAY)
        receipt = pair.bench.rebalance()
        pair.check()
        (traded,) = [e for e in pair.vault.events(receipt) if e.name == "Traded"]
        assert traded.component == 0
        assert pair.bench.report().state.reset.chunk_due_at != 0
        assert receipt.gas_used < 10_000_000
    pair.refill("C1")
    recover(pair)


def test_one_of_two_drained_and_prices_turn(pair: World) -> None:
    """The drained component should be sold, the other one bought: alone that
    would lead beyond the target, so the rebalance waits; exits do not. [VA-14]"""
    pair.drain("C1")
    pair.bench.move(-4, DAY)
    pair.bench.rebalance()
    pair.bench.move(4, DAY)
    assert act(pair, _rebalance) == "token: leverage beyond target"
    assert act(pair, NETTED) == act(pair, IN_KIND) == ""
    pair.refill("C1")
    recover(pair)


def _rebalance(world: World) -> tuple[Step, Step]:
    keeper, model = world.bench.keeper, world.bench.model.token
    return (
        lambda: world.token.rebalance(sender=keeper) and None,
        lambda: model.rebalance(world.bench.now) and None,
    )


@pytest.mark.parametrize("bps", [-300, -150, 150, 300])
def test_moved_before_a_flow(world: World, table: list[Row], bps: int) -> None:
    """By more than the bound: what would trade at that price is refused at
    every size, until the price is back. Own bounds, and flows the other way, work."""
    world.push("C0", bps)
    name = f"pool moved by {bps / 100:g}%"
    for percent in SIZES:
        expected = "" if bps < 0 else SLIPPAGE
        assert attempt(world, redeem(percent)) == expected
        assert attempt(world, redeem(percent, 0)) == ""
        assert attempt(world, redeem_in_kind(percent)) == ""
        size = int(percent * 1_600)
        assert attempt(world, deposit(size)) == (SLIPPAGE if bps < 0 else "")
    table.append(row(name, {DEPOSIT_HEDGED: SLIPPAGE} if bps < 0 else {HEDGED: SLIPPAGE}))
    maxima(world)
    assert act(world, NETTED) == ""
    world.push("C0", 0)
    assert act(world, HEDGED) == act(world, DEPOSIT_HEDGED) == ""
    world.check()


@pytest.mark.parametrize(("move", "bps"), [(-3, -300), (3, 300)])
def test_moved_before_a_rebalance(world: World, table: list[Row], move: int, bps: int) -> None:
    """The attacker pushes the price against the vault: refused and still due."""
    world.bench.move(move, DAY)
    world.push("C0", bps)
    before = world.figures(), world.n()
    with reverts(SLIPPAGE):
        world.token.rebalance(sender=world.bench.keeper)
    assert (world.figures(), world.n()) == before
    table.append(row(f"pool moved by {bps / 100:g}% before a rebalance", {MORE: SLIPPAGE}))
    for percent in SIZES:
        assert attempt(world, redeem_in_kind(percent)) == ""
        assert attempt(world, redeem(percent, 0)) == ""
    world.push("C0", 0)
    world.bench.rebalance()
    world.check()


@pytest.mark.parametrize(("move", "bps"), [(-3, -85), (3, 85)])
def test_rebalance_up_to_the_bound(world: World, move: int, bps: int) -> None:
    """Nearly at the bound it trades in part, at no worse a price, and goes on."""
    world.drain("C0", 99)
    world.bench.move(move, DAY)
    world.push("C0", bps)
    receipt = world.bench.rebalance()
    world.check()
    (done,) = [e for e in world.token.events(receipt) if e.name == "Rebalanced"]
    (traded,) = [e for e in world.vault.events(receipt) if e.name == "Traded"]
    assert not done.complete
    worth = abs(traded.delta) * world.bench.prices["C0"] // 10**20
    assert 0 < done.cost <= worth // 100 + 3
    assert done.nav_before - done.nav_after == done.cost + done.reward
    for _ in range(4):
        world.push("C0", 0)
        world.chain.increase_time(60)
        if not world.token.due().triggers:
            break
        world.bench.rebalance()
        world.check()
    assert world.token.due().triggers == 0


@pytest.mark.parametrize("move", [-2, 2])
def test_oracle_ahead_of_the_pool(world: World, table: list[Row], move: int) -> None:
    """The market has not followed yet: trades at a loss beyond the bound wait,
    those at a gain go through, and the gain is everybody's."""
    world.chain.increase_time(DAY)
    bench = world.bench
    prices = {"C0": bench.prices["C0"] * (100 + move) // 100}
    bench.prices |= prices
    receipt = bench.system.post_prices(bench.prices, bench.owner)
    bench.model.post_prices(bench.prices, receipt.timestamp)
    n = world.n()
    # Prices fell: more is sold, at the pool's higher price.
    before = world.share_price()
    gained = bench.rebalance()
    world.check()
    (done,) = [e for e in world.token.events(gained) if e.name == "Rebalanced"]
    assert done.cost < 0
    assert world.n() > n - done.reward and world.share_price() >= before
    refused = {HEDGED: SLIPPAGE} if move < 0 else {DEPOSIT_HEDGED: SLIPPAGE}
    table.append(row(f"oracle {move}% ahead of the pool", refused))
    assert attempt(world, HEDGED) == refused.get(HEDGED, "")
    assert attempt(world, DEPOSIT_HEDGED) == refused.get(DEPOSIT_HEDGED, "")
    assert attempt(world, BOUNDED) == attempt(world, IN_KIND) == ""
    maxima(world)
    bench.system.follow_prices(bench.prices, bench.owner)
    bench.model.follow_prices(bench.prices)
    recover(world)
