# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title TokenPolicy
@license AGPL-3.0-only
@notice What flows and rebalances of every `InverseIndexToken` are to do and what
        they come to. The token's previews are in `TokenViews`, which asks the same
        two functions of `flow_plan`.
@dev Without state and without powers: it returns numbers, or reverts.
@custom:kill Nothing to stop: no state, no owner, no collateral.
"""

from ...interfaces import ICollateralVault
from ...interfaces import IIndexOracle
from ...interfaces import IInverseIndexToken
from ...interfaces import ITokenPolicy

implements: ITokenPolicy

from ..modules.lib import errors
from ..modules.policy import flow_plan
from ..modules.policy import leverage_band
from ..modules.policy import parameters
from ..modules.policy import post_trade_check
from ..modules.policy import step_guard
from ..modules.policy import terms
from ..modules.token import nav

_WAD: constant(uint256) = 10**18
_BPS_WAD: constant(uint256) = 10**14
_FAILED_PART: constant(uint256) = 100

# @dev What a token's views answer, see `ITokenViews`.
views: public(immutable(address))


@deploy
def __init__(views_: address):
    """
    @param views_ A `TokenViews`; every token that asks this policy asks it, too.
    """
    assert views_.is_contract, errors.TOKEN_VIEWS
    views = views_


# --- flows and rebalances ---


@view
@external
def plan(
    kind: ITokenPolicy.Kind, snapshot: ITokenPolicy.Snapshot, amount: uint256
) -> ITokenPolicy.Plan:
    """
    @notice What a flow is to do: final terms when it nets, otherwise targets of
            its trade and its terms at the flat fee; exact-out flows are charged
            the slippage bound. Reverts for a mint that the mode or the prices do
            not admit, and for a redemption of more shares than there are.
    @param amount Collateral for DEPOSIT and WITHDRAW, shares for the others.
    """
    t: terms.Terms = terms._terms(snapshot)
    if kind in (ITokenPolicy.Kind.DEPOSIT | ITokenPolicy.Kind.MINT):
        flow_plan._check_mint(t)
    return flow_plan._plan(kind, snapshot, t, amount)


@view
@external
def finish(plan: ITokenPolicy.Plan, cost: int256) -> ITokenPolicy.Flow:
    """
    @notice A hedged flow's final terms: it pays the larger of its charge and the
            cost of its trade. Reverts when that is above what it brings or is
            worth, and for an exact-out flow above its charge.
    @param cost By how much idle plus equity, and what came in, have fallen;
           collateral at mid prices, negative for a gain.
    """
    return flow_plan._finish(plan, cost)


@view
@external
def plan_reset(
    snapshot: ITokenPolicy.Snapshot,
    state: IInverseIndexToken.State,
    composition: IIndexOracle.Composition,
) -> ITokenPolicy.ResetPlan:
    """
    @notice What a rebalance is to do now. Its targets are the multiple of what
            will be left after the reward and after the cost of the trade from
            the present shorts, as the vault estimates it; none while winding
            down, with a bound that doubles every day. While a step of a price is
            unconfirmed it only lowers, see the module `step_guard`.
    """
    return step_guard._plan_reset(snapshot, state, composition)


@view
@external
def finish_reset(
    before: ITokenPolicy.Snapshot,
    plan: ITokenPolicy.ResetPlan,
    held: ICollateralVault.Value,
    complete: bool,
) -> ITokenPolicy.ResetResult:
    """
    @notice The check after the trade. Reverts unless it brought the leverage
            nearer to its target, not beyond it but for rounding and for a gain,
            at no more than the bound's cost.
    @param held After the trade, the reward not paid.
    @param complete Whether all targets are reached. For a part of the way no
           more is paid than would undo half of it: what E - L * N fell by,
           over twice L or the leverage that is left, whichever is more.
    """
    return post_trade_check._finish_reset(before, plan, held, complete)


@view
@external
def has_failed(state: IInverseIndexToken.State, vault: address, oracle: address) -> bool:
    """
    @return Whether anybody may wind the token down: its venue has halted, its
            oracle is dead, or N is not above what it was at the last reset and a
            share is worth under a hundredth, at prices that nothing restricts.
    """
    if staticcall ICollateralVault(vault).halted() or staticcall IIndexOracle(oracle).dead():
        return True
    prices: IIndexOracle.Prices = staticcall IIndexOracle(oracle).read()
    if state.supply == 0 or prices.restriction != empty(IIndexOracle.Restriction):
        return False
    virtual: uint256 = _WAD // state.unit
    held: ICollateralVault.Value = staticcall ICollateralVault(vault).value(prices.mid)
    value: nav.Valuation = nav._valuation(
        held, prices, state.flows.reserve, state.components, virtual
    )
    n: uint256 = nav._mid(value)
    if n > state.reset.nav:
        return False  # a share's last value may have been that of a few left-over ones
    per_share: uint256 = nav._per_share_down(n, state.supply, virtual)
    return per_share * _FAILED_PART < state.reset.nav_per_share


@view
@external
def packed(vault: address, p: IInverseIndexToken.Parameters, multiple: uint256) -> uint256:
    """
    @notice The parameters in one word, see the module `parameters`. Reverts
            unless every one is inside its constant bounds, and the vault can
            open the band's upper edge and hold the emergency leverage.
    """
    parameters._check(p, multiple)
    opened: uint256 = 0
    held: uint256 = 0
    opened, held = staticcall ICollateralVault(vault).leverage_limits()
    edge: uint256 = leverage_band._upper_edge(multiple, p.band_bps)
    assert edge <= opened and p.emergency_bps * _BPS_WAD <= held, errors.TOKEN_LEVERAGE
    return parameters._packed(p)
