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
from . import flow_bound
from . import flow_quote
from . import flow_terms
from . import leverage_band
from . import netting
from . import step_guard
from . import targets
from . import token_terms


# --- before the trade ---


@view
@internal
def _plan(
    kind: ITokenPolicy.Kind,
    snapshot: ITokenPolicy.Snapshot,
    terms: token_terms.Terms,
    amount: uint256,
) -> ITokenPolicy.Plan:
    """
    @param terms The terms of the same snapshot.
    """
    flow: ITokenPolicy.Flow = flow_terms._flow(kind, terms, amount)
    enters: bool = kind in (ITokenPolicy.Kind.DEPOSIT | ITokenPolicy.Kind.MINT)
    plan: ITokenPolicy.Plan = empty(ITokenPolicy.Plan)
    plan.kind = kind
    plan.flow = flow
    plan.flows = snapshot.flows
    hedged: uint256 = nav._hedged(terms.net, terms.unhedged)
    if leverage_band._is_within(terms.exposure, hedged, terms.multiple, terms.p.band_bps):
        # A drift that follows is not older than this flow, which may have caused it.
        plan.flows.in_band_at = block.timestamp
    plan.bid = terms.bid
    plan.supply = terms.supply
    plan.virtual = terms.virtual
    if enters:
        plan.incoming = flow.assets
    elif kind == ITokenPolicy.Kind.REDEEM:
        assert amount <= terms.supply, errors.TOKEN_BALANCE
    if terms.mode == IInverseIndexToken.Mode.SETTLED:
        return plan
    if flow.netted:
        size: int256 = convert(flow.size, int256)
        plan.flows = netting._recorded(
            terms.net, terms.p.tolerance_bps, plan.flows, size if enters else -size, flow.charge
        )
        return plan
    if enters:
        plan.targets, plan.flows.unhedged = self._grown(
            terms, flow.size, snapshot.held.shorts, snapshot.prices.mid, snapshot.oracle
        )
        if kind == ITokenPolicy.Kind.MINT:
            plan.flow = flow_terms._mint_at(
                terms, flow, flow_quote._cost_up(self._trade(snapshot, plan), flow.charge)
            )
            plan.incoming = plan.flow.assets
        return plan
    plan.holdings = convert(snapshot.held.idle, int256) + snapshot.held.equity
    holders: exit_split.Holders = exit_split._holders(terms)
    if kind == ITokenPolicy.Kind.WITHDRAW:
        plan.targets = self._targets_out(
            snapshot.held.shorts,
            terms.supply - min(terms.supply, flow.shares),
            terms.supply,
            terms.components,
        )
        cost: int256 = flow_quote._cost_up(self._trade(snapshot, plan), flow.charge)
        fewest: uint256 = terms.supply
        if terms.restriction == empty(IIndexOracle.Restriction):
            fewest = exit_split._fewest_up(holders, plan.holdings, flow.assets, flow.shares, cost)
        plan.flow = flow_terms._withdraw_at(terms, flow, cost, fewest)
    left: uint256 = terms.supply - min(terms.supply, plan.flow.shares)
    plan.targets = self._targets_out(snapshot.held.shorts, left, terms.supply, terms.components)
    if left == 0:
        plan.emptied = True
        plan.flows = empty(IInverseIndexToken.Flows)
        return plan
    plan.kept = exit_split.ALL
    if terms.restriction == empty(IIndexOracle.Restriction):
        plan.kept = exit_split._kept_up(holders, plan.holdings, left)
        plan.kept_fee = exit_split._kept_fee_up(holders, left)
        plan.sharing = exit_split._sharing_down(holders, left)
    plan.allowance = step_guard._allowance_down(terms, plan.flow.shares)
    plan.flows = netting._exited(plan.flows, left, terms.supply)
    return plan


@view
@internal
def _check_supply(supply: uint256, shares: uint256):
    assert supply + shares <= nav.MAX_SHARES, errors.TOKEN_SHARES


@view
@internal
def _check_mint(
    mode: IInverseIndexToken.Mode,
    restriction: IIndexOracle.Restriction,
    supply: uint256,
    net: int256,
):
    """
    @notice Whether mode and prices admit a mint, and there is value to share.
    """
    assert mode != IInverseIndexToken.Mode.MINT_PAUSED, errors.TOKEN_MINT_PAUSED
    assert mode == IInverseIndexToken.Mode.ACTIVE, errors.TOKEN_WINDING_DOWN
    assert not (IIndexOracle.Restriction.STEP in restriction), errors.PRICE_STEP
    assert not (IIndexOracle.Restriction.SPREAD in restriction), errors.SPREAD_TOO_WIDE
    assert supply == 0 or net > 0, errors.TOKEN_WIPED_OUT


@pure
@internal
def _trade(snapshot: ITokenPolicy.Snapshot, plan: ITokenPolicy.Plan) -> flow_quote.Trade:
    return flow_quote.Trade(
        vault=snapshot.vault,
        shorts=snapshot.held.shorts,
        targets=plan.targets,
        mid=snapshot.prices.mid,
        incoming=plan.incoming,
        components=snapshot.components,
        virtual=snapshot.virtual,
        slippage_bps=flow_bound._bound_bps_up(snapshot.parameters.slippage_bps, snapshot.prices),
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
    terms: token_terms.Terms, size: uint256, shorts: uint256[10], mid: uint256[10], oracle: address
) -> (uint256[10], int256):
    """
    @return Shorts and `unhedged` after a hedged mint: scaled up with N at bid, or,
            where the leverage is out of its band, with new shorts at the multiple.
    """
    units: uint256[10] = empty(uint256[10])
    unhedged: int256 = terms.unhedged
    within_band: bool = leverage_band._is_within(
        terms.exposure, terms.bid, terms.multiple, terms.p.band_bps
    )
    if within_band:
        unhedged = netting._scaled(terms.unhedged, terms.bid + size, terms.bid)
    else:
        units = (staticcall IIndexOracle(oracle).composition()).units
    return targets._grown_down(
        shorts,
        terms.bid,
        size,
        within_band,
        terms.multiple,
        units,
        mid,
        terms.components,
        terms.virtual,
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
