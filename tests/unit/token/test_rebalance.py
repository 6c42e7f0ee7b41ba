# SPDX-License-Identifier: AGPL-3.0-only
"""rebalance: when it is due, what it does, what it says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from inverse_index.model.policy.triggers import Trigger
from tests.support.assertions import only_event
from tests.support.constants import DAY
from tests.support.plans import ORACLE, PARAMETERS, make_plan, with_changes
from tests.support.system_harness import SystemHarness, deploy_harness
from tests.support.token_actions import MONTH, model_refuses, rebalance, refused, set_parameters

RAMP = 3_600


def deploy(
    chain: LocalBackend,
    owner: str,
    keeper: str,
    depositor: str,
    paid: int = 100_000,
    **plan: object,
) -> SystemHarness:
    """Deployed with a long epoch and the depositor's collateral."""
    made = make_plan(**{"epoch_interval": MONTH, **plan})  # type: ignore[arg-type]
    harness = deploy_harness(chain, owner, keeper, made)
    harness.fund(depositor)
    harness.deposit(paid * harness.system.unit, depositor)
    return harness


@pytest.fixture
def quiet(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> SystemHarness:
    """100,000 paid in, no epoch for weeks."""
    return deploy(chain, owner, keeper, depositor)


def not_due(harness: SystemHarness) -> None:
    assert tuple(harness.token.due()) == (0, 0)
    with refused(harness, "token: rebalance not due"):
        harness.token.rebalance(sender=harness.keeper)
    model_refuses("token: rebalance not due", harness.model.token.rebalance, harness.now)


def due_for(harness: SystemHarness, triggers: Trigger) -> None:
    assert harness.token.due().triggers == triggers


# triggers, each alone


def test_epoch(held: SystemHarness) -> None:
    """At the boundary, not a second before. [T-DUE-1]"""
    held.chain.increase_time(DAY - 1)
    not_due(held)
    held.chain.increase_time(1)
    due_for(held, Trigger.EPOCH)
    done = rebalance(held)
    assert done.triggers == Trigger.EPOCH
    assert done.complete
    not_due(held)


def test_epoch_with_an_offset(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> None:
    """[T-DUE-1]"""
    plan = {"epoch_interval": DAY, "epoch_offset": 3_600}
    harness = deploy(chain, owner, keeper, depositor, **plan)
    harness.chain.increase_time(3_599)
    not_due(harness)
    harness.chain.increase_time(1)
    assert rebalance(harness).triggers == Trigger.EPOCH
    harness.chain.increase_time(DAY - 1)
    not_due(harness)
    harness.chain.increase_time(DAY - 1_800)  # late in the next epoch, which stays its
    assert rebalance(harness).triggers == Trigger.EPOCH
    assert harness.token.state().reset.epoch == (harness.now - 3_600) // DAY
    harness.chain.increase_time(1_800)
    not_due(harness)
    harness.chain.increase_time(1)
    due_for(harness, Trigger.EPOCH)


def test_missed_epochs_count_once(held: SystemHarness) -> None:
    """[T-DUE-2]"""
    held.chain.increase_time(5 * DAY + 7)
    assert rebalance(held).triggers == Trigger.EPOCH
    assert held.token.state().reset.epoch == held.now // DAY
    not_due(held)
    held.chain.increase_time(DAY - 8)
    not_due(held)
    held.chain.increase_time(1)
    rebalance(held)


@pytest.mark.parametrize(("inside", "outside"), [(4, 6), (-4, -6)])
def test_drift(quiet: SystemHarness, inside: int, outside: int) -> None:
    """The index moves leverage to (1 + r) / (1 - r); the band is 10%. [T-DUE-3]"""
    start = dict(quiet.prices)
    quiet.move(inside)
    not_due(quiet)
    quiet.post(start)
    quiet.move(outside)
    due_for(quiet, Trigger.DRIFT)
    done = rebalance(quiet)
    assert done.triggers == Trigger.DRIFT
    assert (done.leverage_before > WAD) == (outside > 0)
    not_due(quiet)


def test_drift_to_the_unit(quiet: SystemHarness) -> None:
    """Not at the band's edge, but beyond it. [T-DUE-3]"""
    set_parameters(quiet, band_bps=300)
    before = quiet.model.token.context(quiet.now).v
    edge = next(
        cents for cents in range(200_000, 206_000) if _leverage(quiet, cents) > 103 * WAD // 100
    )
    assert before.mid > 0
    quiet.post({"C0": (edge - 1) * 10**6})
    not_due(quiet)
    quiet.post({"C0": edge * 10**6})
    due_for(quiet, Trigger.DRIFT)


def _leverage(harness: SystemHarness, cents: int) -> int:
    """Leverage at a price of the only component, by hand."""
    value = harness.model.token.context(harness.now).v
    exposure = value.exposure * cents // 200_000
    return exposure * WAD // (value.net - exposure + value.exposure)


def test_emergency(quiet: SystemHarness) -> None:
    """[T-DUE-4]"""
    quiet.move(34)
    assert rebalance(quiet).triggers == Trigger.EMERGENCY | Trigger.DRIFT
    not_due(quiet)


@pytest.mark.parametrize("multiple", [2, 3])
def test_emergency_of_multiples(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, multiple: int
) -> None:
    """[T-DUE-4]"""
    harness = deploy(chain, owner, keeper, depositor, paid=20_000, multiple=multiple)
    harness.move({2: 21, 3: 15}[multiple])
    due_for(harness, Trigger.EMERGENCY | Trigger.DRIFT)
    done = rebalance(harness)
    assert abs(done.leverage_after - multiple * WAD) < WAD // 1_000
    assert done.leverage_before >= 2 * multiple * WAD


def test_reconstitution_by_schedule(
    chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> None:
    """[T-DUE-5] [T-REB-3]"""
    harness = deploy(chain, owner, keeper, depositor, k=3)
    weights = [WAD // 2, WAD // 4, WAD // 4]
    harness.system.oracle.schedule_reconstitution(weights, sender=owner)
    harness.model.oracle.schedule_reconstitution(weights, harness.now)
    harness.chain.increase_time(2 * DAY - 1)
    not_due(harness)
    harness.chain.increase_time(1)
    due_for(harness, Trigger.RECONSTITUTION)
    done = rebalance(harness)
    assert done.triggers == Trigger.RECONSTITUTION
    report = harness.report()
    parts = [s * p // WAD for s, p in zip(report.held.shorts, report.prices.mid, strict=True)]
    assert [round(part / sum(parts), 6) for part in parts[:3]] == [0.5, 0.25, 0.25]
    assert harness.token.state().reset.version == 2
    not_due(harness)


def test_reconstitution_that_somebody_else_put_into_force(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, trader: str
) -> None:
    """The oracle has moved on alone; the token follows by the version. [T-DUE-5]"""
    harness = deploy(chain, owner, keeper, depositor, k=3)
    weights = [WAD // 2, WAD // 4, WAD // 4]
    harness.system.oracle.schedule_reconstitution(weights, sender=owner)
    harness.model.oracle.schedule_reconstitution(weights, harness.now)
    harness.chain.increase_time(2 * DAY)
    harness.system.oracle.refresh(sender=trader)
    harness.model.oracle.refresh(harness.now)
    harness.check()
    due_for(harness, Trigger.RECONSTITUTION)
    assert rebalance(harness).triggers == Trigger.RECONSTITUTION


def test_reconstitution_by_interval(
    chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> None:
    """[T-DUE-5]"""
    oracle = replace(ORACLE, reweight_interval=7 * DAY, reweight_offset=4 * DAY)
    harness = deploy(chain, owner, keeper, depositor, k=3, oracle=oracle)
    harness.move([5, -5, 2])
    wait = harness.token.state().reset.at
    due_at = harness.system.oracle.composition().due_at
    harness.chain.increase_time(due_at - wait - 1)
    not_due(harness)
    harness.chain.increase_time(1)
    level = harness.system.oracle.level()
    done = rebalance(harness)
    assert done.triggers == Trigger.RECONSTITUTION
    assert abs(done.level - level) < 10**6  # continuous but for rounding
    not_due(harness)


def test_netting(quiet: SystemHarness, depositor: str) -> None:
    """[T-DUE-6]"""
    quiet.deposit(400 * 10**6, depositor)
    not_due(quiet)
    quiet.chain.increase_time(50)
    quiet.deposit(400 * 10**6, depositor)
    assert quiet.token.state().flows.netting_since == quiet.now
    not_due(quiet)
    opened = quiet.token.state().reset.at
    quiet.chain.increase_time(opened + RAMP - 1 - quiet.now)
    not_due(quiet)
    quiet.chain.increase_time(1)
    due_for(quiet, Trigger.NETTING)
    done = rebalance(quiet)
    assert done.triggers == Trigger.NETTING
    assert tuple(quiet.token.state().flows) == (0, 0, 0, 0)
    not_due(quiet)


def test_netting_once_in_a_ramp(quiet: SystemHarness, depositor: str) -> None:
    """Nobody hedges flow after flow at prices that lag: the next netted flows wait a
    ramp from the reset that has hedged the last ones. [T-DUE-6]"""
    quiet.chain.increase_time(RAMP)
    for _ in range(2):
        for _ in range(2):
            quiet.deposit(400 * 10**6, depositor)
        due_for(quiet, Trigger.NETTING)
        rebalance(quiet)
        for _ in range(2):
            quiet.redeem(400 * 10**18, depositor)
        not_due(quiet)
        quiet.chain.increase_time(RAMP)
        due_for(quiet, Trigger.NETTING)
        rebalance(quiet)
        quiet.chain.increase_time(RAMP)


def test_netting_the_other_way_and_back(quiet: SystemHarness, depositor: str) -> None:
    """A flow that cancels takes the trigger away and its clock with it. [T-DUE-6]"""
    quiet.chain.increase_time(RAMP)
    quiet.redeem(400 * 10**18, depositor)
    quiet.redeem(400 * 10**18, depositor)
    due_for(quiet, Trigger.NETTING)
    quiet.deposit(400 * 10**6, depositor)
    assert quiet.token.state().flows.netting_since == 0
    not_due(quiet)


def test_chunks(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> None:
    """5.66 units to trade, 2 at a time, 60 seconds apart. [T-DUE-7] [T-REB-5]"""
    harness = deploy(chain, owner, keeper, depositor, max_trade=(2 * WAD,))
    harness.move(6)
    gaps = [harness.report().leverage - WAD]
    for triggers in (Trigger.DRIFT, Trigger.CHUNK, Trigger.CHUNK):
        done = rebalance(harness)
        assert done.triggers == triggers
        gaps.append(done.leverage_after - WAD)
        if triggers == Trigger.CHUNK and done.complete:
            break
        assert not done.complete
        assert harness.token.state().reset.chunk_due_at == harness.now + 60
        harness.chain.increase_time(59)
        not_due(harness)
        harness.chain.increase_time(1)
    assert harness.token.state().reset.chunk_due_at == 0
    assert [abs(gap) for gap in gaps] == sorted((abs(gap) for gap in gaps), reverse=True)
    assert abs(gaps[-1]) < WAD // 10**6
    not_due(harness)


def test_several_at_once(quiet: SystemHarness, depositor: str) -> None:
    """[T-DUE-8]"""
    quiet.deposit(400 * 10**6, depositor)
    quiet.deposit(400 * 10**6, depositor)
    quiet.move(34, MONTH)
    due_for(quiet, Trigger.EPOCH | Trigger.DRIFT | Trigger.EMERGENCY | Trigger.NETTING)
    rebalance(quiet)
    not_due(quiet)


# what it does


@pytest.mark.parametrize("k", [1, 3, 10])
@pytest.mark.parametrize("decimals", [6, 8, 18])
@pytest.mark.parametrize("multiple", [1, 2, 3])
def test_the_event_is_the_model_s(
    chain: LocalBackend,
    owner: str,
    keeper: str,
    depositor: str,
    k: int,
    decimals: int,
    multiple: int,
) -> None:
    """Every field, over a few days with flows in between; nearer and never across. [T-REB-6]"""
    harness = deploy_harness(chain, owner, keeper, make_plan(k, decimals, multiple))
    harness.fund(depositor)
    harness.deposit(20_000 * harness.system.unit, depositor)
    target = multiple * WAD
    for day, percent in enumerate((3, -4, 2)):
        harness.move([percent + i % 3 - 1 for i in range(k)], DAY)
        done = rebalance(harness)
        assert abs(done.leverage_after - target) < abs(done.leverage_before - target)
        # what is left is the reward, which is paid after the trade
        assert abs(done.leverage_after - target) <= multiple * WAD // 900
        harness.deposit((50 + day) * harness.system.unit, depositor)


def test_by_hand(held: SystemHarness) -> None:
    """At the boundary without a reward: 99,925.1 of N want 49.9625 units. [T-REB-1]"""
    held.chain.increase_time(DAY)
    before = held.report()
    first = before.state.reset.nav_per_share
    assert first == (99_925_099_975 + 1) * 10**30 // (99_900 * WAD + 10**12)
    done = rebalance(held)
    assert (done.reward, done.nav_before) == (0, before.mid)
    assert done.cost == before.mid - done.nav_after
    wanted = (before.mid - done.cost) * 10**12 * 10**18 // (2_000 * 10**18)
    assert abs(held.report().held.shorts[0] - wanted) < 10**11
    assert abs(done.leverage_after - WAD) < 10**9
    assert done.index_return == 0
    per_share = (done.nav_after + 1) * 10**30 // (held.token.totalSupply() + 10**12)
    assert done.token_return == done.tracking_difference == per_share * WAD // first - WAD


def test_one_period_s_return(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> None:
    """-L times the index's, to a hundredth of a basis point, when nothing is charged. [T-REB-2]"""
    free = replace(PARAMETERS, mint_fee_bps=0, redeem_fee_bps=0, reward_bps=0)
    for multiple in (1, 2, 3):
        plan = make_plan(3, 6, multiple, parameters=replace(free, emergency_bps=90_000), fee_rate=0)
        cheap = tuple(m.__class__(*_costless(m)) for m in plan.venue.markets)
        plan = with_changes(plan, markets=cheap)
        harness = deploy_harness(chain, owner, keeper, plan)
        harness.fund(depositor)
        harness.deposit(20_000 * 10**6, depositor)
        harness.chain.increase_time(DAY)
        harness.post(harness.prices)
        rebalance(harness)
        harness.move([7, -3, 5], DAY)
        done = rebalance(harness)
        assert abs(done.index_return - 3 * WAD // 100) < 10**6
        assert abs(done.tracking_difference) < WAD // 10**6


def _costless(market: object) -> tuple[int, ...]:
    scale, _, fee, recovery, initial, maintenance, largest = vars(market).values()
    return scale * 10_000, 0, fee // 10_000, recovery, initial, maintenance, largest


def test_the_reserve_is_released(quiet: SystemHarness, depositor: str) -> None:
    """Fees of netted flows become the holders' when they are hedged. [T-REB-4]"""
    quiet.deposit(400 * 10**6, depositor)
    quiet.deposit(400 * 10**6, depositor)
    before = quiet.report()
    assert before.state.flows.reserve == 800_000
    quiet.chain.increase_time(RAMP)  # netting waits for a ramp after the last reset
    before = quiet.report()
    done = rebalance(quiet)
    assert done.nav_before == before.mid + 800_000
    assert done.reward == 0  # due for no time
    assert done.nav_after == done.nav_before - done.cost
    assert quiet.report().state.flows.reserve == 0


def test_a_fallen_price_buys_and_a_risen_one_sells(quiet: SystemHarness) -> None:
    for percent, sign in ((-8, -1), (16, 1)):
        quiet.move(percent)
        receipt = quiet.rebalance()
        traded = [e for e in quiet.system.vault.events(receipt) if e.name == "Traded"]
        assert [(e.args["delta"] > 0) - (e.args["delta"] < 0) for e in traded] == [sign]
        quiet.check()


def test_a_trade_over_the_slippage_bound(quiet: SystemHarness) -> None:
    """The fee alone is 5 bps: refused until the owner allows more. [T-CHK-1]"""
    set_parameters(quiet, slippage_bps=1)
    quiet.move(-6)
    with refused(quiet, "vault: slippage above bound"):
        quiet.token.rebalance(sender=quiet.keeper)
    set_parameters(quiet, slippage_bps=100)
    rebalance(quiet)


def test_without_holders(harness: SystemHarness) -> None:
    """[T-DUE-9]"""
    harness.chain.increase_time(DAY)
    with refused(harness, "token: rebalance not due"):
        harness.token.rebalance(sender=harness.keeper)
    model_refuses("token: rebalance not due", harness.model.token.rebalance, harness.now)
    assert tuple(harness.token.due()) == (0, 0)


def test_stale_prices(held: SystemHarness) -> None:
    """[T-REB-7]"""
    held.chain.increase_time(7 * DAY + 1)
    with refused(held, "oracle: stale price"):
        held.token.rebalance(sender=held.keeper)


def test_disagreeing_sources(held: SystemHarness, owner: str) -> None:
    """[T-REB-7]"""
    held.chain.increase_time(DAY)
    held.system.board.post([2_000 * 10**8, 2_050 * 10**8, 10**8], sender=owner)
    assert tuple(held.token.due()) == (0, 0)  # [T-DUE-11]
    with refused(held, "oracle: sources disagree"):
        held.token.rebalance(sender=held.keeper)


def test_an_unconfirmed_step_stops_it_until_it_is_confirmed(
    chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> None:
    """The accepted price does not ask for it. [T-REB-8]"""
    harness = deploy_harness(chain, owner, keeper, secondaries=False)
    harness.fund(depositor)
    harness.deposit(100_000 * 10**6, depositor)
    harness.move(25)
    not_due(harness)
    harness.model.oracle.refresh(harness.system.oracle.refresh(sender=keeper).timestamp)
    chain.increase_time(harness.plan.oracle.step_delay - 1)
    not_due(harness)
    chain.increase_time(1)
    rebalance(harness)


def test_a_pause_does_not_stop_it(held: SystemHarness, owner: str) -> None:
    """[M-PAUSE-4]"""
    held.token.pause_mint(sender=owner)
    held.model.token.control.paused = True
    held.chain.increase_time(DAY)
    rebalance(held)


def test_the_fee_is_accrued_first(held: SystemHarness, owner: str) -> None:
    """[T-REB-3]"""
    held.chain.increase_time(DAY)
    receipt = held.rebalance()
    shares = held.token.balanceOf(owner)
    only_event(receipt, held.token, "FeeAccrued", recipient=owner, shares=shares, elapsed=DAY)
    assert shares == held.token.totalSupply() - 99_900 * 10**18 > 0
    held.check()
