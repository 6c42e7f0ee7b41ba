# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title reset_plan
@notice What a rebalance is to do: its triggers and reward, and the shorts that
        it trades to.
"""

from ....interfaces import ICollateralVault
from ....interfaces import IIndexOracle
from ....interfaces import IInverseIndexToken
from ....interfaces import IResetPolicy
from ....interfaces import ITokenPolicy

from ..token import nav
from . import wind_down_bound
from . import targets
from . import token_terms
from . import triggers

_BPS_WAD: constant(uint256) = 10**14
# @dev The rest of a reset pays no more than this part of what it trades.
REST_PART: constant(uint256) = 100


@view
@internal
def _plan_reset(
    snapshot: ITokenPolicy.Snapshot,
    state: IInverseIndexToken.State,
    composition: IIndexOracle.Composition,
) -> IResetPolicy.ResetPlan:
    valuation: nav.Valuation = token_terms._valuation(snapshot)
    plan: IResetPolicy.ResetPlan = empty(IResetPolicy.ResetPlan)
    plan.triggers, plan.reward = triggers._due(
        triggers._observation(valuation, snapshot.prices.updated_at), state, composition
    )
    plan.level = nav._level_down(composition.units, snapshot.prices.mid, snapshot.components)
    plan.bound_bps = snapshot.parameters.slippage_bps
    plan.bound = plan.bound_bps * _BPS_WAD
    if snapshot.mode == IInverseIndexToken.Mode.WINDING_DOWN:
        plan.bound_bps = wind_down_bound._bound_bps(state)
        plan.bound = wind_down_bound._bound_wad(plan.bound_bps)
        return plan
    plan.multiple = snapshot.multiple
    hedged: uint256 = nav._hedged(valuation.net, snapshot.flows.unhedged)
    released: int256 = max(valuation.net + convert(snapshot.flows.reserve, int256), 0)
    worth: uint256 = convert(released, uint256)
    if IInverseIndexToken.Trigger.CHUNK in plan.triggers:
        plan.reward = self._reward_of_the_rest_down(
            plan.reward, hedged, snapshot, composition.units
        )
        plan.is_rest = not self._is_new(plan.triggers)
    if plan.is_rest:
        worth = hedged
    worth -= min(worth, plan.reward)
    plan.targets = self._targets(
        snapshot.vault,
        snapshot.held.shorts,
        snapshot.prices.mid,
        worth,
        plan.multiple,
        composition.units,
        snapshot.components,
        snapshot.virtual,
    )
    return plan


@view
@internal
def _reward_of_the_rest_down(
    reward: uint256, hedged: uint256, snapshot: ITokenPolicy.Snapshot, units: uint256[10]
) -> uint256:
    """
    @param hedged N without the flows that wait.
    @return No more than `REST_PART` of the notional that a reset has left to trade, which
            may be next to nothing.
    """
    mid: uint256[10] = snapshot.prices.mid
    wanted: uint256[10] = targets._index_shorts_down(
        hedged * snapshot.multiple, units, mid, snapshot.components, snapshot.virtual
    )
    rest: uint256 = targets._turnover_up(
        snapshot.held.shorts, wanted, mid, snapshot.components, snapshot.virtual
    )
    return min(reward, rest // REST_PART)


@view
@internal
def _targets(
    vault: address,
    shorts: uint256[10],
    mid: uint256[10],
    worth: uint256,
    multiple: uint256,
    units: uint256[10],
    components: uint256,
    virtual: uint256,
) -> uint256[10]:
    """
    @return The multiple of what will be left of `worth` after the trade.
    """
    wanted: uint256[10] = targets._index_shorts_down(
        worth * multiple, units, mid, components, virtual
    )
    cost: int256 = staticcall ICollateralVault(vault).estimate(shorts, wanted, mid)
    left: uint256 = convert(max(convert(worth, int256) - cost, 0), uint256)
    return targets._index_shorts_down(left * multiple, units, mid, components, virtual)


@pure
@internal
def _is_growing(wanted: uint256[10], shorts: uint256[10]) -> bool:
    """
    @return True when any short is to grow.
    """
    for i: uint256 in range(10):
        if wanted[i] > shorts[i]:
            return True
    return False


@view
@internal
def _is_new(due: IInverseIndexToken.Trigger) -> bool:
    """
    @return True when a reset of its own is due, beside the rest of an earlier one.
    """
    return due in (
        IInverseIndexToken.Trigger.EPOCH
        | IInverseIndexToken.Trigger.NETTING
        | IInverseIndexToken.Trigger.RECONSTITUTION
    )
