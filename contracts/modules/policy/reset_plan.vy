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
    released: int256 = max(valuation.net + convert(snapshot.flows.reserve, int256), 0)
    worth: uint256 = convert(released, uint256) - plan.reward
    plan.multiple = snapshot.multiple
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
