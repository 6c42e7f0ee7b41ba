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
from . import terms

_WAD: constant(uint256) = 10**18
_BPS_WAD: constant(uint256) = 10**14
_MANY: constant(uint256) = 10**6  # whole units: the rounding of their shorts is nothing
_DEPTH_LIMIT: constant(uint256) = 2**100  # keeps N * depth below 2**256


@view
@internal
def _maximum_in(s: ITokenPolicy.Snapshot, kind: ITokenPolicy.Kind, nav_cap: uint256) -> uint256:
    t: terms.Terms = terms._terms(s)
    if t.mode != IInverseIndexToken.Mode.ACTIVE:
        return 0
    if t.restriction != empty(IIndexOracle.Restriction):
        return 0
    if t.supply > 0 and t.net <= 0:
        return 0
    below_cap: uint256 = nav_cap - min(nav_cap, t.bid)
    size: uint256 = self._size_in(s, t)
    room: uint256 = nav.MAX_SHARES - min(nav.MAX_SHARES, t.supply)
    if kind == ITokenPolicy.Kind.MINT:
        return min(room, nav._shares_down(min(below_cap, size), t.bid, t.supply, t.virtual))
    size = min(nav._assets_down(room, t.bid, t.supply, t.virtual), size)
    size = min(flow_terms._before_fee_up(below_cap, t.p.mint_fee_bps), size)
    return size if flow_terms._deposit(t, size).shares > 0 else 0


@view
@internal
def _maximum_out(s: ITokenPolicy.Snapshot, kind: ITokenPolicy.Kind, balance: uint256) -> uint256:
    t: terms.Terms = terms._terms(s)
    shares: uint256 = min(balance, self._shares_out(s, t))
    if kind == ITokenPolicy.Kind.REDEEM:
        return shares if flow_terms._redeem(t, shares).assets > 0 else 0
    return flow_terms._withdrawable_down(t, shares)


@view
@internal
def _size_in(s: ITokenPolicy.Snapshot, t: terms.Terms) -> uint256:
    """
    @return The largest mint that the tolerance or the venue's depth admits.
    """
    direction: uint256[10] = s.held.shorts
    worth: uint256 = t.bid
    if not leverage_band._is_within(t.exposure, t.bid, t.multiple, t.p.band_bps):
        units: uint256[10] = (staticcall IIndexOracle(s.oracle).composition()).units
        worth = _MANY * _WAD // t.virtual
        direction = targets._index_shorts_down(
            worth * t.multiple, units, s.prices.mid, t.components, t.virtual
        )
    capacity: ICollateralVault.Capacity = self._capacity(s, direction, worth, True)
    room: uint256 = netting._room(t, t.bid, t.unhedged)
    if capacity.pending:
        return room
    return max(room, self._carried_down(capacity, worth))


@view
@internal
def _shares_out(s: ITokenPolicy.Snapshot, t: terms.Terms) -> uint256:
    """
    @return The most shares that can leave inside the slippage bound.
    """
    if t.ask == 0:
        return 0  # shares are burned for nothing, with the caller's own minimum
    # A hedged exit leaves with its part of all holdings at the most, see `exit_split`.
    worth: uint256 = convert(max(t.net, 0), uint256) + s.flows.reserve
    netted: uint256 = 0
    hedged: uint256 = 0
    if t.exposure == 0 and not staticcall ICollateralVault(s.vault).pending():
        hedged = staticcall ICollateralVault(s.vault).spendable(s.prices.mid)
    else:
        room: uint256 = netting._room(t, t.ask, -t.unhedged)
        capacity: ICollateralVault.Capacity = self._capacity(s, s.held.shorts, worth, False)
        netted = min(room, capacity.spendable)
        if netted == room and not capacity.pending:
            hedged = self._carried_down(capacity, worth)
    if hedged >= worth:
        return t.supply
    return max(
        nav._shares_down(netted, t.ask, t.supply, t.virtual),
        nav._shares_down(hedged, worth, t.supply, t.virtual),
    )


@view
@internal
def _capacity(
    s: ITokenPolicy.Snapshot, direction: uint256[10], worth: uint256, more: bool
) -> ICollateralVault.Capacity:
    bound: uint256 = s.parameters.slippage_bps * _BPS_WAD
    return staticcall ICollateralVault(s.vault).capacity(
        s.held, direction, worth, s.prices.mid, bound, more
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
