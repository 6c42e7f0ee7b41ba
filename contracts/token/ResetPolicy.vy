# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title ResetPolicy
@license AGPL-3.0-only
@notice What rebalances of every `InverseIndexToken` are to do and what they come to,
        and whether anybody may wind a token down.
@dev Without state and without powers: it returns numbers, or reverts.
@custom:kill Nothing to stop: no state, no owner, no collateral.
"""

from ...interfaces import ICollateralVault
from ...interfaces import IIndexOracle
from ...interfaces import IInverseIndexToken
from ...interfaces import IResetPolicy
from ...interfaces import ITokenPolicy

implements: IResetPolicy

from ..modules.policy import post_trade_check
from ..modules.policy import reset_plan
from ..modules.policy import step_guard
from ..modules.policy import token_terms
from ..modules.policy import triggers
from ..modules.token import nav

_WAD: constant(uint256) = 10**18
_FAILED_PART: constant(uint256) = 100
_FEW: constant(uint256) = 1_000


@deploy
def __init__():
    pass


@view
@external
def plan_reset(
    snapshot: ITokenPolicy.Snapshot,
    state: IInverseIndexToken.State,
    composition: IIndexOracle.Composition,
) -> IResetPolicy.ResetPlan:
    """
    @notice What a rebalance is to do now. Its targets are the multiple of what
            will be left after the reward and after the cost of the trade from
            the present shorts, as the vault estimates it; none while winding
            down, with a bound that doubles every day. While a step of a price is
            unconfirmed it only lowers, see the module `step_guard`.
    """
    if IIndexOracle.Restriction.STEP in snapshot.prices.restriction:
        # By a call, so that the usual rebalance does not pay for the guard's memory.
        return staticcall IResetPolicy(self).plan_at_step(snapshot, state, composition)
    plan: IResetPolicy.ResetPlan = reset_plan._plan_reset(snapshot, state, composition)
    emergency: bool = IInverseIndexToken.Trigger.EMERGENCY in plan.triggers
    if emergency and reset_plan._is_growing(plan.targets, snapshot.held.shorts):
        return staticcall IResetPolicy(self).plan_lowering(snapshot, plan)
    return plan


@view
@external
def due(
    snapshot: ITokenPolicy.Snapshot,
    state: IInverseIndexToken.State,
    composition: IIndexOracle.Composition,
) -> IInverseIndexToken.Due:
    """
    @notice Why a rebalance is due, and its reward; nothing while sources disagree,
            unless winding down.
    """
    due: IInverseIndexToken.Due = empty(IInverseIndexToken.Due)
    restriction: IIndexOracle.Restriction = snapshot.prices.restriction
    winding_down: bool = snapshot.mode == IInverseIndexToken.Mode.WINDING_DOWN
    if not winding_down and IIndexOracle.Restriction.SPREAD in restriction:
        return due
    has_rest: bool = state.reset.chunk_due_at != 0 and state.winding_down_since == 0
    if has_rest or IIndexOracle.Restriction.STEP in restriction:
        plan: IResetPolicy.ResetPlan = staticcall IResetPolicy(self).plan_reset(
            snapshot, state, composition
        )
        due.triggers = plan.triggers
        due.reward = plan.reward
        return due
    due.triggers, due.reward = triggers._due(
        triggers._observation(token_terms._valuation(snapshot), snapshot.prices.updated_at),
        state,
        composition,
    )
    return due


@view
@external
def plan_lowering(
    snapshot: ITokenPolicy.Snapshot, plan: IResetPolicy.ResetPlan
) -> IResetPolicy.ResetPlan:
    """
    @notice The plan of an emergency in which new units would make a short grow: all
            shorts are scaled to the multiple, and the units follow as the rest. A
            venue may refuse what grows while the leverage is high.
    """
    return step_guard._lowering(snapshot, plan)


@view
@external
def plan_at_step(
    snapshot: ITokenPolicy.Snapshot,
    state: IInverseIndexToken.State,
    composition: IIndexOracle.Composition,
) -> IResetPolicy.ResetPlan:
    """
    @notice The plan while a step of a price is unconfirmed, see `step_guard`.
    """
    return step_guard._guarded_plan(snapshot, state, composition)


@view
@external
def finish_reset(
    before: ITokenPolicy.Snapshot,
    plan: IResetPolicy.ResetPlan,
    held: ICollateralVault.Value,
    complete: bool,
) -> IResetPolicy.ResetResult:
    """
    @notice The check after the trade. Reverts unless it brought the leverage
            nearer to its target, not beyond it but for rounding and for a gain,
            at no more than the bound's cost.
    @param held After the trade, the reward not paid.
    @param complete Whether all targets are reached. For a part of the way no
           more is paid than would undo half of it: the notional by which the shorts
           have come nearer to their targets, over twice L or the leverage that is
           left, whichever is more.
    """
    return post_trade_check._finish_reset(before, plan, held, complete)


@view
@external
def has_failed(state: IInverseIndexToken.State, vault: address, oracle: address) -> bool:
    """
    @return Whether anybody may wind the token down: its venue has halted, its
            oracle is dead, or, at prices that nothing restricts, N and a share are
            both worth under a hundredth of what they were at the last reset, and
            shares outnumber the virtual ones a thousand times.
    """
    if staticcall ICollateralVault(vault).halted() or staticcall IIndexOracle(oracle).dead():
        return True
    prices: IIndexOracle.Prices = staticcall IIndexOracle(oracle).read()
    if prices.restriction != empty(IIndexOracle.Restriction):
        return False
    virtual: uint256 = _WAD // state.unit
    held: ICollateralVault.Value = staticcall ICollateralVault(vault).value(prices.mid)
    value: nav.Valuation = nav._valuation(
        held, prices, state.flows.reserve, state.components, virtual
    )
    n: uint256 = nav._mid(value)
    if n * _FAILED_PART >= state.reset.nav:
        return False  # a loss of a share is one of value, too
    if state.supply < _FEW * nav._virtual_shares(virtual):
        return False  # so few shares are worth what the virtual ones are
    per_share: uint256 = nav._per_share_down(n, state.supply, virtual)
    return per_share * _FAILED_PART < state.reset.nav_per_share
