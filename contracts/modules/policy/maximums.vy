# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title maximums
@notice The most that can come into a token and leave it, by one snapshot of it.
"""

from ....interfaces import IIndexOracle
from ....interfaces import IInverseIndexToken
from ....interfaces import IQuoter

from . import flow_terms
from ..token import nav as nav_math
from . import snapshot as token_snapshot

_WAD: constant(uint256) = 10**18
_BPS_WAD: constant(uint256) = 10**14
_DEPTH_LIMIT: constant(uint256) = 2**100  # keeps N * depth below 2**256


@view
@internal
def _maximum_in(s: token_snapshot.Snapshot, kind: IQuoter.Kind) -> uint256:
    if s.state.mode != IInverseIndexToken.Mode.ACTIVE:
        return 0
    if s.prices.restriction != empty(IIndexOracle.Restriction):
        return 0
    if s.t.supply > 0 and s.v.net <= 0:
        return 0
    room: uint256 = s.state.supply_cap - min(s.state.supply_cap, s.t.supply)
    size: uint256 = self._size_in(s)
    if kind == IQuoter.Kind.MINT:
        return min(room, nav_math._shares_down(size, s.t.bid, s.t.supply, s.t.virtual))
    size = min(nav_math._assets_down(room, s.t.bid, s.t.supply, s.t.virtual), size)
    return size if flow_terms._deposit(s.t, size).shares > 0 else 0


@view
@internal
def _size_in(s: token_snapshot.Snapshot) -> uint256:
    """
    @return The largest mint that the tolerance or the venue's depth admits.
    """
    room: uint256 = flow_terms._netting_room(s.t, s.t.bid, s.t.unhedged)
    if token_snapshot._within_band(s):
        return max(room, self._depth(s, s.held.shorts, s.t.bid, True))
    units: uint256[10] = (staticcall s.oracle.composition()).units
    direction: uint256[10] = nav_math._index_shorts_down(
        s.state.unit * s.t.multiple, units, s.prices.mid, s.t.components, s.t.virtual
    )
    return max(room, self._depth(s, direction, s.state.unit, True))


@view
@internal
def _shares_out(s: token_snapshot.Snapshot) -> uint256:
    """
    @return The most shares that can leave inside the slippage bound.
    """
    if s.t.ask == 0:
        return 0  # shares are burned for nothing, with an own bound
    room: uint256 = max_value(uint256)  # nothing to trade
    if s.t.exposure != 0:
        room = flow_terms._netting_room(s.t, s.t.ask, -s.t.unhedged)
    size: uint256 = min(room, staticcall s.vault.spendable(s.prices.mid))
    if size == room:
        size = max(size, self._depth(s, s.held.shorts, s.t.ask, False))
    if size >= s.t.ask:
        return s.t.supply
    return nav_math._shares_down(size, s.t.ask, s.t.supply, s.t.virtual)


@view
@internal
def _depth(
    s: token_snapshot.Snapshot, direction: uint256[10], worth: uint256, more: bool
) -> uint256:
    """
    @return `worth` times the multiple of `direction` that the venue can trade
            and that margin carries.
    """
    bound: uint256 = s.t.p.slippage_bps * _BPS_WAD
    mid: uint256[10] = s.prices.mid
    multiple: uint256 = min(
        staticcall s.vault.depth(direction, mid, bound, more),
        staticcall s.vault.backing(direction, worth, mid, bound, more),
    )
    return worth * min(multiple, _DEPTH_LIMIT) // _WAD
