# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title idle_buffer
@license AGPL-3.0-only
@notice Collateral kept outside the venue, so that small redemptions need none of
        it: a part of all holdings, brought back to it by trades once there is more
        than twice as much, or less than half.
"""

from ..lib import errors

# @dev Largest part of the holdings that may be kept idle, WAD.
MAX_IDLE_BUFFER: public(constant(uint256)) = 2 * 10**17

_WAD: constant(uint256) = 10**18

# @dev Wanted part of all holdings, WAD.
PART: immutable(uint256)


@deploy
def __init__(part: uint256):
    assert part <= MAX_IDLE_BUFFER, errors.VAULT_BUFFER
    PART = part


@view
@external
def idle_buffer() -> uint256:
    """
    @return The part of all holdings that is kept idle, WAD.
    """
    return PART


@view
@internal
def _wanted_down(idle: uint256, equity: int256) -> uint256:
    """
    @param equity At the venue, native.
    @return The idle collateral wanted, native.
    """
    return self._part_down(idle, equity, PART)


@pure
@internal
def _part_down(idle: uint256, equity: int256, part: uint256) -> uint256:
    """
    @return `part` (WAD) of all holdings, native.
    """
    holdings: int256 = convert(idle, int256) + equity
    return convert(max(holdings, 0), uint256) * part // _WAD


@pure
@internal
def _surplus(idle: uint256, wanted: uint256) -> uint256:
    """
    @return Idle collateral above what is wanted, once it is over twice that.
    """
    if idle > 2 * wanted:
        return idle - wanted
    return 0


@pure
@internal
def _missing(idle: uint256, wanted: uint256) -> uint256:
    """
    @return What is lacking, once less than a half of it is there.
    """
    if idle < wanted // 2:
        return wanted - idle
    return 0
