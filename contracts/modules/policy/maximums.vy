# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title maximums
@notice The most that can come into a token and leave it, by one snapshot of it.
"""

from ....interfaces import ICollateralVault
from ....interfaces import IIndexOracle
from ....interfaces import IInverseIndexToken
from ....interfaces import ITokenPolicy

from ..token import nav
from . import flow_terms
from . import leverage_band
from . import netting
from . import targets
from . import token_terms

_WAD: constant(uint256) = 10**18
_BPS_WAD: constant(uint256) = 10**14
_MANY: constant(uint256) = 10**6  # whole units: the rounding of their shorts is nothing
_DEPTH_LIMIT: constant(uint256) = 2**100  # keeps N * depth below 2**256


@view
@internal
def _maximum_in(
    snapshot: ITokenPolicy.Snapshot, kind: ITokenPolicy.Kind, nav_cap: uint256
) -> uint256:
    terms: token_terms.Terms = token_terms._terms(snapshot)
    if terms.mode != IInverseIndexToken.Mode.ACTIVE:
        return 0
    if terms.restriction != empty(IIndexOracle.Restriction):
        return 0
    if terms.supply > 0 and terms.net <= 0:
        return 0
    below_cap: uint256 = nav_cap - min(nav_cap, terms.bid)
    size: uint256 = self._size_in(snapshot, terms)
    headroom: uint256 = nav.MAX_SHARES - min(nav.MAX_SHARES, terms.supply)
    if kind == ITokenPolicy.Kind.MINT:
        return min(
            headroom, nav._shares_down(min(below_cap, size), terms.bid, terms.supply, terms.virtual)
        )
    size = min(nav._assets_down(headroom, terms.bid, terms.supply, terms.virtual), size)
    size = min(flow_terms._before_fee_up(below_cap, terms.p.mint_fee_bps), size)
    return size if flow_terms._deposit(terms, size).shares > 0 else 0


@view
@internal
def _maximum_out(
    snapshot: ITokenPolicy.Snapshot, kind: ITokenPolicy.Kind, balance: uint256
) -> uint256:
    terms: token_terms.Terms = token_terms._terms(snapshot)
    shares: uint256 = min(balance, self._shares_out(snapshot, terms))
    if kind == ITokenPolicy.Kind.REDEEM:
        return shares if flow_terms._redeem(terms, shares).assets > 0 else 0
    return flow_terms._withdrawable_down(terms, shares)


@view
@internal
def _size_in(snapshot: ITokenPolicy.Snapshot, terms: token_terms.Terms) -> uint256:
    """
    @return The largest mint that the tolerance or the venue's depth admits.
    """
    direction: uint256[10] = snapshot.held.shorts
    worth: uint256 = terms.bid
    if not leverage_band._is_within(terms.exposure, terms.bid, terms.multiple, terms.p.band_bps):
        units: uint256[10] = (staticcall IIndexOracle(snapshot.oracle).composition()).units
        worth = _MANY * _WAD // terms.virtual
        direction = targets._index_shorts_down(
            worth * terms.multiple, units, snapshot.prices.mid, terms.components, terms.virtual
        )
    capacity: ICollateralVault.Capacity = self._capacity(snapshot, direction, worth, True)
    headroom: uint256 = netting._headroom(terms, terms.bid, terms.unhedged)
    if capacity.pending:
        return headroom
    return max(headroom, self._carried_down(capacity, worth))


@view
@internal
def _shares_out(snapshot: ITokenPolicy.Snapshot, terms: token_terms.Terms) -> uint256:
    """
    @return The most shares that can leave inside the slippage bound.
    """
    if terms.ask == 0:
        return 0  # shares are burned for nothing, with the caller's own minimum
    # A hedged exit leaves with its part of all holdings at the most, see `exit_split`;
    # while prices are restricted with that of the ask.
    worth: uint256 = terms.ask
    if terms.restriction == empty(IIndexOracle.Restriction):
        worth = convert(max(terms.net, 0), uint256) + snapshot.flows.reserve
    netted: uint256 = 0
    hedged: uint256 = 0
    if terms.exposure == 0 and not staticcall ICollateralVault(snapshot.vault).pending():
        hedged = staticcall ICollateralVault(snapshot.vault).spendable(snapshot.prices.mid)
    else:
        headroom: uint256 = netting._headroom(terms, terms.ask, -terms.unhedged)
        capacity: ICollateralVault.Capacity = self._capacity(
            snapshot, snapshot.held.shorts, worth, False
        )
        netted = min(headroom, capacity.spendable)
        if netted == headroom and not capacity.pending:
            hedged = self._carried_down(capacity, worth)
    if hedged >= worth:
        return terms.supply
    return max(
        nav._shares_down(netted, terms.ask, terms.supply, terms.virtual),
        nav._shares_down(hedged, worth, terms.supply, terms.virtual),
    )


@view
@internal
def _capacity(
    snapshot: ITokenPolicy.Snapshot, direction: uint256[10], worth: uint256, more: bool
) -> ICollateralVault.Capacity:
    bound: uint256 = snapshot.parameters.slippage_bps * _BPS_WAD
    return staticcall ICollateralVault(snapshot.vault).capacity(
        snapshot.held, direction, worth, snapshot.prices.mid, bound, more
    )


@pure
@internal
def _carried_down(capacity: ICollateralVault.Capacity, worth: uint256) -> uint256:
    """
    @return `worth` times the multiple that the venue can trade and that margin
            carries.
    """
    multiple: uint256 = min(capacity.depth, capacity.backing)
    return worth * min(multiple, _DEPTH_LIMIT) // _WAD
