# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title flow_plan
@notice A flow before its trade, and after it: actions and previews of a token
        ask the same two functions, the action with the cost of its trade and the
        preview with the quoted one.
"""

from ....interfaces import IIndexOracle
from ....interfaces import IInverseIndexToken
from ....interfaces import ITokenPolicy

from ..lib import errors
from ..token import nav
from . import flow_terms
from . import leverage_band
from . import netting
from . import step_guard
from . import targets
from . import terms


# --- before the trade ---


@view
@internal
def _plan(
    kind: ITokenPolicy.Kind, s: ITokenPolicy.Snapshot, t: terms.Terms, amount: uint256
) -> ITokenPolicy.Plan:
    """
    @param t The terms of the same snapshot.
    """
    flow: ITokenPolicy.Flow = flow_terms._flow(kind, t, amount)
    enters: bool = kind in (ITokenPolicy.Kind.DEPOSIT | ITokenPolicy.Kind.MINT)
    plan: ITokenPolicy.Plan = empty(ITokenPolicy.Plan)
    plan.kind = kind
    plan.flow = flow
    plan.flows = s.flows
    plan.bid = t.bid
    plan.supply = t.supply
    plan.virtual = t.virtual
    if enters:
        plan.incoming = flow.assets
    elif kind == ITokenPolicy.Kind.REDEEM:
        assert amount <= t.supply, errors.TOKEN_BALANCE
    if terms._is_settled(t):
        return plan
    if flow.netted:
        size: int256 = convert(flow.size, int256)
        plan.flows = netting._recorded(t, s.flows, size if enters else -size, flow.charge)
        return plan
    if enters:
        plan.targets, plan.flows.unhedged = self._grown(
            t, flow.size, s.held.shorts, s.prices.mid, s.oracle
        )
        return plan
    left: uint256 = t.supply - min(t.supply, flow.shares)
    if left == 0:
        plan.emptied = True
        plan.holdings = convert(s.held.idle, int256) + s.held.equity
        plan.flows = empty(IInverseIndexToken.Flows)
        return plan
    plan.allowance = step_guard._allowance_down(t, flow.shares)
    plan.flows.unhedged = netting._scaled(t.unhedged, left, t.supply)
    plan.targets = targets._scaled_down(s.held.shorts, left, t.supply, t.components)
    return plan


@view
@internal
def _check_mint(t: terms.Terms):
    """
    @notice Whether mode and prices admit a mint, and there is value to share.
    """
    assert t.mode != IInverseIndexToken.Mode.MINT_PAUSED, errors.TOKEN_MINT_PAUSED
    assert t.mode == IInverseIndexToken.Mode.ACTIVE, errors.TOKEN_WINDING_DOWN
    assert not (IIndexOracle.Restriction.STEP in t.restriction), errors.PRICE_STEP
    assert not (IIndexOracle.Restriction.SPREAD in t.restriction), errors.SPREAD_TOO_WIDE
    assert t.supply == 0 or t.net > 0, errors.TOKEN_WIPED_OUT


@view
@internal
def _grown(
    t: terms.Terms, size: uint256, shorts: uint256[10], mid: uint256[10], oracle: address
) -> (uint256[10], int256):
    """
    @return Shorts and `unhedged` after a hedged mint: scaled up with N at bid, or,
            where the leverage is out of its band, with new shorts at the multiple.
    """
    units: uint256[10] = empty(uint256[10])
    unhedged: int256 = t.unhedged
    within_band: bool = leverage_band._is_within(t.exposure, t.bid, t.multiple, t.p.band_bps)
    if within_band:
        unhedged = netting._scaled(t.unhedged, t.bid + size, t.bid)
    else:
        units = (staticcall IIndexOracle(oracle).composition()).units
    return targets._grown_down(
        shorts, t.bid, size, within_band, t.multiple, units, mid, t.components, t.virtual
    ), unhedged


# --- after the trade ---


@view
@internal
def _finish(plan: ITokenPolicy.Plan, cost: int256) -> ITokenPolicy.Flow:
    flow: ITokenPolicy.Flow = plan.flow
    loss: uint256 = convert(max(cost - convert(plan.allowance, int256), 0), uint256)
    if plan.kind in (ITokenPolicy.Kind.MINT | ITokenPolicy.Kind.WITHDRAW):
        assert loss <= flow.charge, errors.TOKEN_COST
        return flow
    if plan.emptied:
        # Nobody is left to pay a fee to; the hedge reserve is paid out, too.
        flow.charge = 0
        flow.assets = convert(max(plan.holdings - cost, 0), uint256)
        return flow
    flow.charge = max(flow.charge, loss)
    if plan.kind == ITokenPolicy.Kind.DEPOSIT:
        assert flow.charge <= flow.assets, errors.TOKEN_COST
        flow.shares = nav._shares_down(
            flow.assets - flow.charge, plan.bid, plan.supply, plan.virtual
        )
        return flow
    assert flow.charge <= flow.size, errors.TOKEN_COST
    flow.assets = flow.size - flow.charge
    return flow
