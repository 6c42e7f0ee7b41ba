# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title post_trade_check
@notice What a rebalance must have brought about, and what it earns: the leverage
        nearer to its target and not beyond it, at no more than the slippage
        bound's cost.
"""

from ....interfaces import ICollateralVault
from ....interfaces import ITokenPolicy

from ..lib import errors
from ..token import nav
from . import parameters
from . import targets
from . import terms


# @dev A rebalance around its trade, collateral at mid prices.
struct Position:
    net: int256  # N before its floor at 0, the hedge reserve released
    exposure: uint256


@view
@internal
def _finish_reset(
    before: ITokenPolicy.Snapshot,
    plan: ITokenPolicy.ResetPlan,
    held: ICollateralVault.Value,
    complete: bool,
) -> ITokenPolicy.ResetResult:
    start: Position = self._before(before)
    end: Position = self._after(before, held)
    result: ITokenPolicy.ResetResult = empty(ITokenPolicy.ResetResult)
    result.cost = start.net - end.net
    granularity: uint256 = self._granularity_up(before)
    allowed: uint256 = self._check_loss(before, plan, held, result.cost, granularity)
    # A gain that no estimate knew of takes the leverage below its target.
    missed: uint256 = allowed + convert(max(-result.cost, 0), uint256)
    rounding: uint256 = missed * plan.multiple + granularity
    self._check_nearer(start, end, plan, rounding)
    result.reward = plan.reward
    if not complete:
        result.reward = self._reward_of_a_part_down(start, end, plan)
    result.nav_before = convert(max(start.net, 0), uint256)
    result.nav_after = convert(max(end.net - convert(result.reward, int256), 0), uint256)
    result.leverage_before = nav._leverage_down(start.exposure, result.nav_before)
    result.leverage_after = nav._leverage_down(end.exposure, result.nav_after)
    result.nav_per_share = nav._per_share_down(result.nav_after, before.supply, before.virtual)
    return result


@view
@internal
def _check_loss(
    before: ITokenPolicy.Snapshot,
    plan: ITokenPolicy.ResetPlan,
    held: ICollateralVault.Value,
    cost: int256,
    granularity: uint256,
) -> uint256:
    """
    @return The largest cost: the bound of what was traded, and twice the
            granularity, because a trade may lose a unit to rounding, and so may
            its booking.
    """
    turnover: uint256 = targets._turnover_up(
        before.held.shorts, held.shorts, before.prices.mid, before.components, before.virtual
    )
    allowed: uint256 = nav._div_up(turnover * plan.bound_bps, parameters.BPS) + 2 * granularity
    assert cost <= convert(allowed, int256), errors.TOKEN_LOSS
    return allowed


@pure
@internal
def _check_nearer(
    start: Position, end: Position, plan: ITokenPolicy.ResetPlan, rounding: uint256
):
    gap_before: int256 = self._gap(start, plan)
    gap_after: int256 = self._gap(end, plan)
    if abs(gap_after) <= convert(rounding, int256):
        return
    assert abs(gap_after) < abs(gap_before), errors.TOKEN_NOT_NEARER
    assert (gap_after > 0) == (gap_before > 0), errors.TOKEN_CROSSED


@pure
@internal
def _reward_of_a_part_down(
    start: Position, end: Position, plan: ITokenPolicy.ResetPlan
) -> uint256:
    """
    @return No more than would undo half of what was done: what is paid comes out
            of N, at the leverage that there is.
    """
    nearer_by: int256 = abs(self._gap(start, plan)) - abs(self._gap(end, plan))
    n: uint256 = convert(max(end.net, 0), uint256)
    weight: uint256 = max(max(end.exposure, max(plan.multiple, 1) * n), 1)
    return min(plan.reward, convert(max(nearer_by, 0), uint256) * n // (2 * weight))


@pure
@internal
def _gap(position: Position, plan: ITokenPolicy.ResetPlan) -> int256:
    """
    @return E - L * N, the reward taken off N, collateral.
    """
    net: int256 = position.net - convert(plan.reward, int256)
    return convert(position.exposure, int256) - net * convert(plan.multiple, int256)


@pure
@internal
def _before(snapshot: ITokenPolicy.Snapshot) -> Position:
    value: nav.Valuation = terms._valuation(snapshot)
    released: int256 = convert(snapshot.flows.reserve, int256)
    return Position(net=value.net + released, exposure=value.exposure)


@pure
@internal
def _after(before: ITokenPolicy.Snapshot, held: ICollateralVault.Value) -> Position:
    value: nav.Valuation = nav._valuation(
        held, before.prices, 0, before.components, before.virtual
    )
    return Position(net=value.net, exposure=value.exposure)


@view
@internal
def _granularity_up(before: ITokenPolicy.Snapshot) -> uint256:
    smallest: uint256[10] = staticcall ICollateralVault(before.vault).min_trade()
    return targets._granularity_up(
        before.prices.mid, smallest, before.components, before.virtual
    )
