# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title TokenViews
@license AGPL-3.0-only
@notice What every `InverseIndexToken` says of itself: value, previews, maximums,
        and what is due.
@dev Without state and without powers. A view reads the token's oracle and vault
     as the token's actions do, once. A preview asks the same two functions as
     `TokenPolicy` does for an action, with the cost that the vault quotes.
@custom:kill Nothing to stop: no state, no owner, no collateral.
"""

from ethereum.ercs import IERC20

from ...interfaces import ICollateralVault
from ...interfaces import IIndexOracle
from ...interfaces import IInverseIndexToken
from ...interfaces import IResetPolicy
from ...interfaces import ITokenPolicy
from ...interfaces import ITokenViews

implements: ITokenViews

from ..modules.lib import errors
from ..modules.policy import flow_plan
from ..modules.policy import flow_quote
from ..modules.policy import maximums
from ..modules.policy import snapshot as snapshot_module
from ..modules.policy import token_terms
from ..modules.token import nav as nav_module


@view
@external
def preview(token: address, kind: ITokenPolicy.Kind, amount: uint256) -> ITokenPolicy.Flow:
    """
    @notice The flow that the token would carry out now: its plan, finished with
            the vault's quote. Exact when netted or when the vault quotes exactly,
            at the slippage bound otherwise. Limits and pauses are not checked.
    """
    return self._preview(token, kind, amount)


@view
@external
def maximum(token: address, kind: ITokenPolicy.Kind, owner: address) -> uint256:
    """
    @return The largest amount that caps, pause, prices and venue admit.
    """
    return self._maximum(token, kind, staticcall IERC20(token).balanceOf(owner))


@view
@external
def answer(token: address, question: ITokenViews.Question, x: uint256) -> uint256:
    """
    @notice All that the token's own views say, in one function.
    @param x Collateral or shares, whatever the question is about; for
           MAX_WITHDRAW and MAX_REDEEM the owner's shares.
    """
    if question == ITokenViews.Question.PREVIEW_DEPOSIT:
        return self._preview(token, ITokenPolicy.Kind.DEPOSIT, x).shares
    if question == ITokenViews.Question.PREVIEW_MINT:
        return self._preview(token, ITokenPolicy.Kind.MINT, x).assets
    if question == ITokenViews.Question.PREVIEW_WITHDRAW:
        return self._preview(token, ITokenPolicy.Kind.WITHDRAW, x).shares
    if question == ITokenViews.Question.PREVIEW_REDEEM:
        return self._preview(token, ITokenPolicy.Kind.REDEEM, x).assets
    if question == ITokenViews.Question.MAX_DEPOSIT:
        return self._maximum(token, ITokenPolicy.Kind.DEPOSIT, 0)
    if question == ITokenViews.Question.MAX_MINT:
        return self._maximum(token, ITokenPolicy.Kind.MINT, 0)
    if question == ITokenViews.Question.MAX_WITHDRAW:
        return self._maximum(token, ITokenPolicy.Kind.WITHDRAW, x)
    if question == ITokenViews.Question.MAX_REDEEM:
        return self._maximum(token, ITokenPolicy.Kind.REDEEM, x)
    snapshot: ITokenPolicy.Snapshot = self._snapshot(token)
    n: uint256 = nav_module._mid(token_terms._valuation(snapshot))
    if question == ITokenViews.Question.TO_SHARES:
        return nav_module._shares_down(x, n, snapshot.supply, snapshot.virtual)
    if question == ITokenViews.Question.TO_ASSETS:
        return nav_module._assets_down(x, n, snapshot.supply, snapshot.virtual)
    if question == ITokenViews.Question.NAV_PER_SHARE:
        return nav_module._per_share_down(n, snapshot.supply, snapshot.virtual)
    return n


@view
@external
def nav(token: address) -> (uint256, uint256, uint256):
    """
    @return N at bid, mid and ask. Mint uses the first, redeem the last.
    """
    value: nav_module.Valuation = token_terms._valuation(self._snapshot(token))
    return nav_module._bid(value), nav_module._mid(value), nav_module._ask(value)


@view
@external
def leverage(token: address) -> uint256:
    """
    @return E / N, WAD, rounded down; max uint256 when N is 0 and E is not.
    """
    value: nav_module.Valuation = token_terms._valuation(self._snapshot(token))
    return nav_module._leverage_down(value.exposure, nav_module._mid(value))


@view
@external
def due(token: address) -> IInverseIndexToken.Due:
    """
    @return Why a rebalance is due, and its reward.
    """
    state: IInverseIndexToken.State = staticcall IInverseIndexToken(token).state()
    snapshot: ITokenPolicy.Snapshot = snapshot_module._closing_snapshot(state)
    policy: IResetPolicy = IResetPolicy(staticcall IInverseIndexToken(token).reset_policy())
    return staticcall policy.due(
        snapshot, state, staticcall IIndexOracle(snapshot.oracle).composition()
    )


# --- internal ---


@view
@internal
def _snapshot(token: address) -> ITokenPolicy.Snapshot:
    return snapshot_module._snapshot(staticcall IInverseIndexToken(token).state())


@view
@internal
def _preview(token: address, kind: ITokenPolicy.Kind, amount: uint256) -> ITokenPolicy.Flow:
    snapshot: ITokenPolicy.Snapshot = self._snapshot(token)
    if snapshot.mode == IInverseIndexToken.Mode.SETTLED:
        leaves: bool = kind in (ITokenPolicy.Kind.WITHDRAW | ITokenPolicy.Kind.REDEEM)
        assert leaves, errors.TOKEN_WINDING_DOWN
    terms: token_terms.Terms = token_terms._terms(snapshot)
    plan: ITokenPolicy.Plan = flow_plan._plan(kind, snapshot, terms, amount)
    if plan.flow.netted:
        return plan.flow
    if kind in (ITokenPolicy.Kind.MINT | ITokenPolicy.Kind.WITHDRAW):
        return plan.flow  # charged what the vault has quoted for it
    return flow_plan._finish(plan, flow_quote._cost(flow_plan._trade(snapshot, plan)))


@view
@internal
def _maximum(token: address, kind: ITokenPolicy.Kind, balance: uint256) -> uint256:
    """
    @notice 0 while prices are unusable or an order waits.
    """
    state: IInverseIndexToken.State = staticcall IInverseIndexToken(token).state()
    snapshot: ITokenPolicy.Snapshot = snapshot_module._unpriced(state)
    if snapshot.mode == IInverseIndexToken.Mode.SETTLED:
        snapshot.held.idle = staticcall ICollateralVault(snapshot.vault).remainder()
    else:
        usable: bool = False
        prices: IIndexOracle.Prices = empty(IIndexOracle.Prices)
        usable, prices = staticcall IIndexOracle(snapshot.oracle).try_read()
        if not usable:
            return 0
        snapshot = snapshot_module._at(snapshot, prices)
    if kind in (ITokenPolicy.Kind.DEPOSIT | ITokenPolicy.Kind.MINT):
        return maximums._maximum_in(snapshot, kind, state.nav_cap)
    return maximums._maximum_out(snapshot, kind, balance)
