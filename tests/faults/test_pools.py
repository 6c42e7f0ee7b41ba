# SPDX-License-Identifier: AGPL-3.0-only
"""Pools that are drained, moved by an attacker, or left behind by the oracle:
trades beyond the bound are refused in every size, and all else goes on."""

from __future__ import annotations

import pytest

from tests.support.assertions import reverts
from tests.support.constants import DAY
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
from tests.support.fault_harness import FaultHarness

SLIPPAGE = "vault: slippage above bound"
SIZES = (1.01, 2, 5, 10, 25, 60)  # percent of the supply, none of them nets


def test_drained(harness: FaultHarness, table: list[Row]) -> None:
    """No liquidity at all: no trade at any bound, but netting and in kind. [VA-15]"""
    harness.drain("C0")
    refused = dict.fromkeys((DEPOSIT_HEDGED, HEDGED, BOUNDED, MORE, LESS), SLIPPAGE)
    assert outcomes(harness) == ALL | refused
    table.append(row("pool drained", refused))
    assert maxima(harness)["Withdraw"] < 750 * harness.unit
    for each in (redeem(0.1), redeem_in_kind(20), redeem_in_kind(30)):
        assert act(harness, each) == ""
    harness.refill("C0")
    recover(harness)


def test_nearly_drained(harness: FaultHarness, table: list[Row]) -> None:
    """A hundredth is left: large exits need a minimum, small ones do not."""
    harness.drain("C0", 99)
    refused = {HEDGED: SLIPPAGE}
    assert outcomes(harness) == ALL | refused
    table.append(row("pool drained by 99%", refused))
    assert 19_000 * harness.unit < maxima(harness)["Withdraw"] < 20_000 * harness.unit
    before = harness.share_price()
    for each in (redeem(10), redeem(30, 0)):
        assert act(harness, each) == ""
    assert harness.share_price() > before


@pytest.mark.parametrize("percent", [-4, 4])
def test_one_of_two_drained(pair: FaultHarness, table: list[Row], percent: int) -> None:
    """The other component is still rebalanced, and the rest follows. [VA-14]"""
    pair.drain("C1")
    refused = dict.fromkeys((DEPOSIT_HEDGED, HEDGED, BOUNDED), SLIPPAGE)
    assert outcomes(pair) == ALL | refused
    table.append(row(f"one of two pools drained, prices {percent}%", refused))
    for _ in range(2):
        pair.base.move(percent, DAY)
        receipt = pair.base.rebalance()
        pair.check()
        (traded,) = [e for e in pair.vault.events(receipt) if e.name == "Traded"]
        assert traded.component == 0
        assert pair.base.report().state.reset.chunk_due_at != 0
        assert receipt.gas_used < 10_000_000
    pair.refill("C1")
    recover(pair)


def test_one_of_two_drained_and_prices_turn(pair: FaultHarness) -> None:
    """The drained component should be sold, the other one bought: alone that
    would lead beyond the target, so the rebalance waits; exits do not. [VA-14]"""
    pair.drain("C1")
    pair.base.move(-4, DAY)
    pair.base.rebalance()
    pair.base.move(4, DAY)
    assert act(pair, _rebalance) == "token: leverage beyond target"
    assert act(pair, NETTED) == act(pair, IN_KIND) == ""
    pair.refill("C1")
    recover(pair)


def _rebalance(harness: FaultHarness) -> tuple[Step, Step]:
    keeper, model = harness.base.keeper, harness.base.model.token
    return (
        lambda: harness.token.rebalance(sender=keeper) and None,
        lambda: model.rebalance(harness.base.now) and None,
    )


@pytest.mark.parametrize("bps", [-300, -150, 150, 300])
def test_moved_before_a_flow(harness: FaultHarness, table: list[Row], bps: int) -> None:
    """By more than the bound: what would trade at that price is refused at
    every size, until the price is back. Redemptions with a minimum work, and flows
    the other way."""
    harness.push("C0", bps)
    name = f"pool moved by {bps / 100:g}%"
    for percent in SIZES:
        expected = "" if bps < 0 else SLIPPAGE
        assert attempt(harness, redeem(percent)) == expected
        assert attempt(harness, redeem(percent, 0)) == ""
        assert attempt(harness, redeem_in_kind(percent)) == ""
        size = int(percent * 1_600)
        assert attempt(harness, deposit(size)) == (SLIPPAGE if bps < 0 else "")
    table.append(row(name, {DEPOSIT_HEDGED: SLIPPAGE} if bps < 0 else {HEDGED: SLIPPAGE}))
    maxima(harness)
    assert act(harness, NETTED) == ""
    harness.push("C0", 0)
    assert act(harness, HEDGED) == act(harness, DEPOSIT_HEDGED) == ""
    harness.check()


@pytest.mark.parametrize(("move", "bps"), [(-3, -300), (3, 300)])
def test_moved_before_a_rebalance(
    harness: FaultHarness, table: list[Row], move: int, bps: int
) -> None:
    """The attacker pushes the price against the vault: refused and still due."""
    harness.base.move(move, DAY)
    harness.push("C0", bps)
    before = harness.figures(), harness.n()
    with reverts(SLIPPAGE):
        harness.token.rebalance(sender=harness.base.keeper)
    assert (harness.figures(), harness.n()) == before
    table.append(row(f"pool moved by {bps / 100:g}% before a rebalance", {MORE: SLIPPAGE}))
    for percent in SIZES:
        assert attempt(harness, redeem_in_kind(percent)) == ""
        assert attempt(harness, redeem(percent, 0)) == ""
    harness.push("C0", 0)
    harness.base.rebalance()
    harness.check()


@pytest.mark.parametrize(("move", "bps"), [(-3, -85), (3, 85)])
def test_rebalance_up_to_the_bound(harness: FaultHarness, move: int, bps: int) -> None:
    """Nearly at the bound it trades in part, at no worse a price, and goes on."""
    harness.drain("C0", 99)
    harness.base.move(move, DAY)
    harness.push("C0", bps)
    receipt = harness.base.rebalance()
    harness.check()
    (done,) = [e for e in harness.token.events(receipt) if e.name == "Rebalanced"]
    (traded,) = [e for e in harness.vault.events(receipt) if e.name == "Traded"]
    assert not done.complete
    worth = abs(traded.delta) * harness.base.prices["C0"] // 10**20
    assert 0 < done.cost <= worth // 100 + 3
    assert done.nav_before - done.nav_after == done.cost + done.reward
    for _ in range(4):
        harness.push("C0", 0)
        harness.chain.increase_time(60)
        if not harness.token.due().triggers:
            break
        harness.base.rebalance()
        harness.check()
    assert harness.token.due().triggers == 0


@pytest.mark.parametrize("move", [-2, 2])
def test_oracle_ahead_of_the_pool(harness: FaultHarness, table: list[Row], move: int) -> None:
    """The market has not followed yet: trades at a loss beyond the bound wait,
    those at a gain go through, and the gain is everybody's."""
    harness.chain.increase_time(DAY)
    base = harness.base
    prices = {"C0": base.prices["C0"] * (100 + move) // 100}
    base.prices |= prices
    receipt = base.system.post_prices(base.prices, base.owner)
    base.model.post_prices(base.prices, receipt.timestamp)
    n = harness.n()
    # Prices fell: more is sold, at the pool's higher price.
    before = harness.share_price()
    gained = base.rebalance()
    harness.check()
    (done,) = [e for e in harness.token.events(gained) if e.name == "Rebalanced"]
    assert done.cost < 0
    assert harness.n() > n - done.reward and harness.share_price() >= before
    refused = {HEDGED: SLIPPAGE} if move < 0 else {DEPOSIT_HEDGED: SLIPPAGE}
    table.append(row(f"oracle {move}% ahead of the pool", refused))
    assert attempt(harness, HEDGED) == refused.get(HEDGED, "")
    assert attempt(harness, DEPOSIT_HEDGED) == refused.get(DEPOSIT_HEDGED, "")
    assert attempt(harness, BOUNDED) == attempt(harness, IN_KIND) == ""
    maxima(harness)
    base.system.follow_prices(base.prices, base.owner)
    base.model.follow_prices(base.prices)
    recover(harness)
