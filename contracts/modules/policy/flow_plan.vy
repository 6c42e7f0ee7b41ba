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
from . import exit_split
from . import flow_quote
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
    n: uint256 = convert(max(t.net, 0), uint256)
    if leverage_band._is_within(t.exposure, n, t.multiple, t.p.band_bps):
        # A drift that follows is not older than this flow, which may have caused it.
        plan.flows.in_band_at = block.timestamp
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
        plan.flows = netting._recorded(t, plan.flows, size if enters else -size, flow.charge)
        return plan
    if enters:
        plan.targets, plan.flows.unhedged = self._grown(
            t, flow.size, s.held.shorts, s.prices.mid, s.oracle
        )
        if kind == ITokenPolicy.Kind.MINT:
            plan.flow = flow_terms._mint_at(
                t, flow, flow_quote._cost_up(self._trade(s, plan), flow.charge)
            )
            plan.incoming = plan.flow.assets
        return plan
    plan.holdings = convert(s.held.idle, int256) + s.held.equity
    h: exit_split.Holders = exit_split._holders(t)
    if kind == ITokenPolicy.Kind.WITHDRAW:
        plan.targets = self._targets_out(
            s.held.shorts, t.supply - min(t.supply, flow.shares), t.supply, t.components
        )
        cost: int256 = flow_quote._cost_up(self._trade(s, plan), flow.charge)
        fewest: uint256 = t.supply
        if t.restriction == empty(IIndexOracle.Restriction):
            fewest = exit_split._fewest_up(h, plan.holdings, flow.assets, flow.shares, cost)
        plan.flow = flow_terms._withdraw_at(t, flow, cost, fewest)
    left: uint256 = t.supply - min(t.supply, plan.flow.shares)
    plan.targets = self._targets_out(s.held.shorts, left, t.supply, t.components)
    if left == 0:
        plan.emptied = True
        plan.flows = empty(IInverseIndexToken.Flows)
        return plan
    plan.kept = exit_split.ALL
    if t.restriction == empty(IIndexOracle.Restriction):
        plan.kept = exit_split._kept_up(h, plan.holdings, left)
        plan.kept_fee = exit_split._kept_fee_up(h, left)
        plan.sharing = exit_split._sharing_down(h, left)
    plan.allowance = step_guard._allowance_down(t, plan.flow.shares)
    plan.flows = netting._exited(plan.flows, left, t.supply)
    return plan


@view
@internal
def _check_supply(supply: uint256, shares: uint256):
    assert supply + shares <= nav.MAX_SHARES, errors.TOKEN_SHARES


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


@pure
@internal
def _trade(s: ITokenPolicy.Snapshot, plan: ITokenPolicy.Plan) -> flow_quote.Trade:
    return flow_quote.Trade(
        vault=s.vault,
        shorts=s.held.shorts,
        targets=plan.targets,
        mid=s.prices.mid,
        incoming=plan.incoming,
        components=s.components,
        virtual=s.virtual,
        slippage_bps=s.parameters.slippage_bps,
    )


@pure
@internal
def _targets_out(
    shorts: uint256[10], left: uint256, supply: uint256, count: uint256
) -> uint256[10]:
    """
    @return Shorts after a hedged exit: scaled down with the supply, none with the
            last share.
    """
    if left == 0:
        return empty(uint256[10])
    return targets._scaled_down(shorts, left, supply, count)


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
    flow.charge = max(flow.charge, loss)
    if plan.kind == ITokenPolicy.Kind.DEPOSIT:
        assert flow.charge <= flow.assets, errors.TOKEN_COST
        flow.shares = nav._shares_down(
            flow.assets - flow.charge, plan.bid, plan.supply, plan.virtual
        )
        return flow
    return self._paid(plan, flow, cost)


@pure
@internal
def _paid(plan: ITokenPolicy.Plan, flow: ITokenPolicy.Flow, cost: int256) -> ITokenPolicy.Flow:
    """
    @notice A redemption pays its value less its charge, or all that is above what
            may be kept for those who stay, if that is more. The last holder is
            paid everything, the hedge reserve too.
    """
    paid: int256 = convert(flow.size, int256) - convert(flow.charge, int256)
    left: uint256 = plan.supply - flow.shares
    gain: uint256 = convert(max(-cost, 0), uint256)
    shared: uint256 = exit_split._kept_gain_up(gain, plan.supply, left, plan.sharing)
    kept: uint256 = plan.kept + max(plan.kept_fee, shared)
    paid = max(paid, plan.holdings - cost - convert(kept, int256))
    if plan.emptied:
        paid = max(plan.holdings - cost, 0)
    assert paid >= 0, errors.TOKEN_COST
    final: ITokenPolicy.Flow = flow
    final.assets = convert(paid, uint256)
    final.charge = flow.size - min(flow.size, final.assets)
    return final
