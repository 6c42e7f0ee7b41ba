# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title ExitProperties
@license AGPL-3.0-only
@notice What must hold of what exits leave behind, and of the fees that wait, for
        all numbers.
@custom:kill For tests only; never deployed elsewhere.
"""

from ...interfaces import IInverseIndexToken

from ..modules.policy import exit_split
from ..modules.policy import netting
from ..modules.policy import terms
from ..modules.token import nav


# --- netting ---


@pure
@external
def reserve_down(unhedged: int256, size: int256, reserve: uint256, fee: uint256) -> bool:
    """
    @notice The fees of what still waits: of both where the directions are the same,
            otherwise the floor of the part of the larger that is left.
    """
    flows: IInverseIndexToken.Flows = empty(IInverseIndexToken.Flows)
    flows.unhedged = unhedged
    flows.reserve = reserve
    kept: uint256 = netting._reserve_down(flows, size, fee)
    before: uint256 = convert(abs(unhedged), uint256)
    moved: uint256 = convert(abs(size), uint256)
    if unhedged == 0 or size == 0 or (unhedged > 0) == (size > 0):
        return kept == reserve + fee
    if moved < before:
        return self._is_floor(kept, reserve * (before - moved), before)
    return self._is_floor(kept, fee * (moved - before), moved)


# --- exits ---


@pure
@external
def kept_up(
    holdings: uint256, spread: uint256, supply: uint256, left: uint256, virtual: uint256
) -> bool:
    """
    @notice At least the part of the holdings, at least the value at bid, both
            ceiled, and one of the two.
    """
    if left > supply:
        return True  # more than there are
    t: terms.Terms = self._leaving(holdings, spread, supply, virtual)
    kept: uint256 = exit_split._kept_up(t, convert(holdings, int256), 0, left)
    if left == 0:
        return kept == 0
    base: uint256 = nav._virtual_assets(virtual)
    n: uint256 = holdings + spread + base
    shares: uint256 = supply + base * virtual
    if kept * supply < holdings * left or kept * shares < n * left:
        return False
    return self._is_ceiling(kept, holdings * left, supply) or self._is_ceiling(
        kept, n * left, shares
    )


@pure
@external
def left_down(
    holdings: uint256, spread: uint256, supply: uint256, kept: uint256, virtual: uint256
) -> bool:
    """
    @notice The most shares that may stay with what is kept: one more may not.
    """
    if supply == 0 or holdings == 0:
        return True  # nobody stays
    t: terms.Terms = self._leaving(holdings, spread, supply, virtual)
    held: int256 = convert(holdings, int256)
    left: uint256 = exit_split._left_down(t, held, 0, convert(kept, int256))
    if exit_split._kept_up(t, held, 0, left) > kept:
        return False
    return exit_split._kept_up(t, held, 0, left + 1) > kept


# --- internal ---


@pure
@internal
def _leaving(holdings: uint256, spread: uint256, supply: uint256, virtual: uint256) -> terms.Terms:
    t: terms.Terms = empty(terms.Terms)
    t.net = convert(holdings, int256)
    t.bid = holdings + spread
    t.supply = supply
    t.virtual = virtual
    return t


@pure
@internal
def _is_floor(q: uint256, x: uint256, y: uint256) -> bool:
    low: uint256 = q * y
    return low <= x and x - low < y


@pure
@internal
def _is_ceiling(q: uint256, x: uint256, y: uint256) -> bool:
    high: uint256 = q * y
    return high >= x and high - x < y
