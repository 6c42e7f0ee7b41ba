# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title post_trade_check
@notice What a rebalance must have brought about, and what it earns: the leverage
        nearer to its target and not beyond it, at no more than the slippage
        bound's cost.
"""

from ....interfaces import ICollateralVault
from ....interfaces import IInverseIndexToken
from ....interfaces import IResetPolicy
from ....interfaces import ITokenPolicy

from ..lib import errors
from ..token import nav
from . import parameters
from . import reset_plan
from . import targets


@view
@internal
def _finish_reset(
    before: ITokenPolicy.Snapshot,
    plan: IResetPolicy.ResetPlan,
    held: ICollateralVault.Value,
    complete: bool,
) -> IResetPolicy.ResetResult:
    mid: uint256[10] = before.prices.mid
    # With the hedge reserve released, unless the flows that it is of wait on.
    reserve: uint256 = 0
    unhedged: int256 = 0
    if plan.is_rest:
        reserve = before.flows.reserve
        unhedged = before.flows.unhedged
    start: nav.Valuation = nav._valuation(
        before.held, before.prices, reserve, before.components, before.virtual
    )
    end: nav.Valuation = nav._valuation(
        held, before.prices, reserve, before.components, before.virtual
    )
    smallest: uint256[10] = staticcall ICollateralVault(before.vault).min_trade()
    granularity: uint256 = targets._granularity_up(mid, smallest, before.components, before.virtual)
    turnover: uint256 = targets._turnover_up(
        before.held.shorts, held.shorts, mid, before.components, before.virtual
    )
    result: IResetPolicy.ResetResult = empty(IResetPolicy.ResetResult)
    result.cost = start.net - end.net
    allowed: uint256 = self._check_loss(result.cost, turnover, plan.bound_bps, granularity)
    # A gain that no estimate knew of takes the leverage below its target.
    missed: uint256 = allowed + convert(max(-result.cost, 0), uint256)
    rounding: uint256 = missed * plan.multiple + granularity
    gap_before: int256 = self._gap(start, unhedged, plan.reward, plan.multiple)
    gap_after: int256 = self._gap(end, unhedged, plan.reward, plan.multiple)
    self._check_nearer(gap_before, gap_after, rounding)
    result.reward = plan.reward
    if not complete or IInverseIndexToken.Trigger.CHUNK in plan.triggers:
        nearer_by: uint256 = self._nearer_by_down(before, plan.targets, held.shorts)
        if IInverseIndexToken.Trigger.CHUNK in plan.triggers:
            result.reward = min(result.reward, nearer_by // reset_plan.REST_PART)
        if not complete:
            result.reward = self._reward_of_a_part_down(
                result.reward, nearer_by, end, plan.multiple
            )
    if result.reward > held.idle:
        # Collateral that the positions need is not paid out: the trade counts more.
        spendable: uint256 = staticcall ICollateralVault(before.vault).spendable(mid)
        result.reward = min(result.reward, spendable)
    result.nav_before = convert(max(start.net, 0), uint256)
    result.nav_after = convert(max(end.net - convert(result.reward, int256), 0), uint256)
    result.leverage_before = nav._leverage_down(start.exposure, result.nav_before)
    result.leverage_after = nav._leverage_down(end.exposure, result.nav_after)
    result.nav_per_share = nav._per_share_down(result.nav_after, before.supply, before.virtual)
    return result


@pure
@internal
def _check_loss(
    cost: int256, turnover: uint256, bound_bps: uint256, granularity: uint256
) -> uint256:
    """
    @return The largest cost: the bound of what was traded, and twice the
            granularity, because a trade may lose a unit to rounding, and so may
            its booking.
    """
    allowed: uint256 = nav._div_up(turnover * bound_bps, parameters.BPS) + 2 * granularity
    assert cost <= convert(allowed, int256), errors.TOKEN_LOSS
    return allowed


@pure
@internal
def _check_nearer(gap_before: int256, gap_after: int256, rounding: uint256):
    if abs(gap_after) <= convert(rounding, int256):
        return
    assert abs(gap_after) < abs(gap_before), errors.TOKEN_NOT_NEARER
    assert (gap_after > 0) == (gap_before > 0), errors.TOKEN_CROSSED


@pure
@internal
def _nearer_by_down(
    before: ITokenPolicy.Snapshot, wanted: uint256[10], shorts: uint256[10]
) -> uint256:
    """
    @return By what notional the shorts have come nearer to their targets, collateral.
    """
    mid: uint256[10] = before.prices.mid
    start: uint256 = targets._turnover_up(
        before.held.shorts, wanted, mid, before.components, before.virtual
    )
    end: uint256 = targets._turnover_up(shorts, wanted, mid, before.components, before.virtual)
    return start - min(start, end)


@pure
@internal
def _reward_of_a_part_down(
    reward: uint256, nearer_by: uint256, end: nav.Valuation, multiple: uint256
) -> uint256:
    """
    @return No more than would undo half of what was done: what is paid comes out
            of N, at the leverage that there is.
    """
    n: uint256 = convert(max(end.net, 0), uint256)
    weight: uint256 = max(max(end.exposure, max(multiple, 1) * n), 1)
    return min(reward, nearer_by * n // (2 * weight))


@pure
@internal
def _gap(position: nav.Valuation, unhedged: int256, reward: uint256, multiple: uint256) -> int256:
    """
    @param unhedged Of flows that wait on.
    @return E - L * N, these and the reward taken off N, collateral.
    """
    net: int256 = position.net - unhedged - convert(reward, int256)
    return convert(position.exposure, int256) - net * convert(multiple, int256)
