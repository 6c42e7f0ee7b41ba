# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title TokenPolicy
@license AGPL-3.0-only
@notice What flows of every `InverseIndexToken` are to do and what they come to, and
        which parameters it may have. The token's previews are in `TokenViews`, which
        asks the same two functions of `flow_plan`; its rebalances in `ResetPolicy`.
@dev Without state and without powers: it returns numbers, or reverts.
@custom:kill Nothing to stop: no state, no owner, no collateral.
"""

from ...interfaces import ICollateralVault
from ...interfaces import IInverseIndexToken
from ...interfaces import ITokenPolicy

implements: ITokenPolicy

from ..modules.lib import errors
from ..modules.policy import flow_plan
from ..modules.policy import leverage_band
from ..modules.policy import parameters
from ..modules.policy import token_terms

_BPS_WAD: constant(uint256) = 10**14

# @dev What a token's views answer, see `ITokenViews`.
views: public(immutable(address))
# @dev What plans their rebalances, see `IResetPolicy`.
reset_policy: public(immutable(address))


@deploy
def __init__(views_: address, reset_policy_: address):
    """
    @param views_ A `TokenViews`; every token that asks this policy asks it, too.
    @param reset_policy_ A `ResetPolicy`; the same.
    """
    assert views_.is_contract, errors.TOKEN_VIEWS
    assert reset_policy_.is_contract, errors.TOKEN_RESET_POLICY
    views = views_
    reset_policy = reset_policy_


# --- flows ---


@view
@external
def plan(
    kind: ITokenPolicy.Kind, snapshot: ITokenPolicy.Snapshot, amount: uint256
) -> ITokenPolicy.Plan:
    """
    @notice What a flow is to do: final terms when it nets, otherwise targets of
            its trade and its terms at the flat fee; exact-out flows are charged
            what the vault quotes for their trade, or the slippage bound where it
            has no exact quote. Reverts for a mint that the mode or the prices do
            not admit, and for a redemption of more shares than there are.
    @param amount Collateral for DEPOSIT and WITHDRAW, shares for the others.
    """
    terms: token_terms.Terms = token_terms._terms(snapshot)
    enters: bool = kind in (ITokenPolicy.Kind.DEPOSIT | ITokenPolicy.Kind.MINT)
    if enters:
        flow_plan._check_mint(terms.mode, terms.restriction, terms.supply, terms.net)
    plan: ITokenPolicy.Plan = flow_plan._plan(kind, snapshot, terms, amount)
    if enters:
        flow_plan._check_supply(terms.supply, plan.flow.shares)
    return plan


@view
@external
def finish(plan: ITokenPolicy.Plan, cost: int256) -> ITokenPolicy.Flow:
    """
    @notice A hedged flow's final terms: it pays the larger of its charge and the
            cost of its trade. Of what a redemption leaves behind, those who stay
            keep no more than `plan.kept` and the larger of `plan.kept_fee` and of
            their part of what the trade gains; the rest is paid out, too. Reverts when
            the cost is above what the flow brings or is worth, and for an
            exact-out flow above its charge.
    @param cost By how much idle plus equity, and what came in, have fallen;
           collateral at mid prices, negative for a gain.
    """
    return flow_plan._finish(plan, cost)


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
