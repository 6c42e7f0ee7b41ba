# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title step_guard
@notice What a rebalance may do while the price of an asset steps, unconfirmed
        (`Restriction.STEP`): lower the shorts, as far as both the present prices
        and those that count as last accepted ask for it.
@dev Either price may be the wrong one, and the trade may be filled at it. A
     rebalance is therefore due only while the leverage is above its band at both,
     by the triggers that hold at both and for the lower reward. It scales all
     shorts with the larger of the factors that lead to the multiple, which is
     never above one: at neither price does the leverage pass its target. New
     units wait. It counts as a part, so that the rest is due after the chunk
     delay; a part earns no more than would undo half of it.
     Closing wants no shorts at any price, and would buy them back at one that may
     be wrong: it waits for the confirmation, but no longer than `_PATIENCE`.
"""

from ....interfaces import ICollateralVault
from ....interfaces import IIndexOracle
from ....interfaces import IInverseIndexToken
from ....interfaces import IResetPolicy
from ....interfaces import ITokenPolicy

from ..token import nav
from . import reset_plan
from . import targets
from . import token_terms
from . import triggers

# @dev Seconds of a wind-down after which closing waits for no confirmation.
_PATIENCE: constant(uint256) = 10 * 86_400
_MAX: constant(uint256) = 10


@view
@internal
def _guarded_plan(
    snapshot: ITokenPolicy.Snapshot,
    state: IInverseIndexToken.State,
    composition: IIndexOracle.Composition,
) -> IResetPolicy.ResetPlan:
    plan: IResetPolicy.ResetPlan = reset_plan._plan_reset(snapshot, state, composition)
    if snapshot.mode != IInverseIndexToken.Mode.WINDING_DOWN:
        return self._only_lowering(plan, snapshot, state, composition)
    if block.timestamp < state.winding_down_since + _PATIENCE:
        return self._not_due(plan)
    return plan


@view
@internal
def _only_lowering(
    present: IResetPolicy.ResetPlan,
    snapshot: ITokenPolicy.Snapshot,
    state: IInverseIndexToken.State,
    composition: IIndexOracle.Composition,
) -> IResetPolicy.ResetPlan:
    """
    @param present The plan at present prices, those of `snapshot`.
    """
    accepted: ITokenPolicy.Snapshot = self._at_accepted_prices(snapshot)
    due: IInverseIndexToken.Trigger = empty(IInverseIndexToken.Trigger)
    reward: uint256 = 0
    due, reward = triggers._due(
        triggers._observation(token_terms._valuation(accepted), snapshot.prices.updated_at),
        state,
        composition,
    )
    plan: IResetPolicy.ResetPlan = present
    plan.triggers &= due
    plan.reward = min(present.reward, reward)
    plan.partial = True
    plan.is_rest = False
    if not (IInverseIndexToken.Trigger.DRIFT in plan.triggers):
        return self._not_due(plan)
    wanted: uint256[10] = self._lowered_down(snapshot, plan.reward)
    wanted_before: uint256[10] = self._lowered_down(accepted, plan.reward)
    lowers: bool = False
    for i: uint256 in range(snapshot.components, bound=_MAX):
        plan.targets[i] = max(wanted[i], wanted_before[i])
        lowers = lowers or plan.targets[i] < snapshot.held.shorts[i]
    return plan if lowers else self._not_due(plan)


@view
@internal
def _lowering(
    snapshot: ITokenPolicy.Snapshot, present: IResetPolicy.ResetPlan
) -> IResetPolicy.ResetPlan:
    """
    @return A part of the plan: all shorts scaled to the multiple.
    """
    plan: IResetPolicy.ResetPlan = present
    plan.targets = self._lowered_down(snapshot, present.reward)
    plan.partial = True
    plan.is_rest = False
    return plan


@view
@internal
def _at_accepted_prices(snapshot: ITokenPolicy.Snapshot) -> ITokenPolicy.Snapshot:
    accepted: ITokenPolicy.Snapshot = snapshot
    accepted.prices.mid = staticcall IIndexOracle(snapshot.oracle).accepted_mid()
    accepted.held = staticcall ICollateralVault(snapshot.vault).value(accepted.prices.mid)
    return accepted


@view
@internal
def _lowered_down(snapshot: ITokenPolicy.Snapshot, reward: uint256) -> uint256[10]:
    """
    @return The shorts, scaled to the multiple of what will be left after the reward
            and the cost of the trade; none raised.
    """
    valuation: nav.Valuation = token_terms._valuation(snapshot)
    exposure: uint256 = valuation.exposure
    if exposure == 0:
        return snapshot.held.shorts
    released: int256 = max(valuation.net + convert(snapshot.flows.reserve, int256), 0)
    worth: uint256 = convert(released, uint256) - reward
    wanted: uint256[10] = targets._scaled_down(
        snapshot.held.shorts,
        min(worth * snapshot.multiple, exposure),
        exposure,
        snapshot.components,
    )
    cost: int256 = staticcall ICollateralVault(snapshot.vault).estimate(
        snapshot.held.shorts, wanted, snapshot.prices.mid
    )
    left: uint256 = convert(max(convert(worth, int256) - cost, 0), uint256)
    return targets._scaled_down(
        snapshot.held.shorts, min(left * snapshot.multiple, exposure), exposure, snapshot.components
    )


@view
@internal
def _allowance_down(terms: token_terms.Terms, shares: uint256) -> uint256:
    """
    @notice A hedged redemption at restricted prices is valued at the worst of them,
            and its trade may be filled there: the cost counts from that price on.
    @return The part of N at mid less that of N at ask, 0 without a restriction.
    """
    if terms.restriction == empty(IIndexOracle.Restriction):
        return 0
    n: uint256 = convert(max(terms.net, 0), uint256)
    paid: uint256 = nav._assets_up(shares, terms.ask, terms.supply, terms.virtual)
    return max(nav._assets_down(shares, n, terms.supply, terms.virtual), paid) - paid


@pure
@internal
def _not_due(plan: IResetPolicy.ResetPlan) -> IResetPolicy.ResetPlan:
    nothing: IResetPolicy.ResetPlan = plan
    nothing.triggers = empty(IInverseIndexToken.Trigger)
    nothing.reward = 0
    nothing.targets = empty(uint256[10])
    return nothing
