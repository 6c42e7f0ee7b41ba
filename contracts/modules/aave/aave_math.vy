# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title aave_math
@notice Aave's ray arithmetic, and the pure part of what an `AaveVault` decides.
@dev `scale` is 10**(36 - decimals of the collateral): WAD units times WAD
     prices divided by it are native collateral. Nothing overflows for amounts
     and parts of rays below 2**127, shorts below 2**112 and prices below 2**104.
"""

from snekmate.utils import math

_WAD: constant(uint256) = 10**18
_RAY: constant(uint256) = 10**27
_MAX: constant(uint256) = 10
# @dev Less than so many collateral units are not traded: a pool may give
#      nothing for them.
_DUST: constant(uint256) = 2


@pure
@internal
def _ray_mul(x: uint256, y: uint256) -> uint256:
    """
    @return x * y / 1e27, rounded half up as Aave does.
    """
    return (x * y + _RAY // 2) // _RAY


@pure
@internal
def _ray_div(x: uint256, y: uint256) -> uint256:
    """
    @return x * 1e27 / y, rounded half up as Aave does.
    """
    return (x * _RAY + y // 2) // y


@pure
@internal
def _worth_up(shorts: uint256[10], prices: uint256[10], count: uint256, scale: uint256) -> uint256:
    """
    @return What WAD units of shorts are worth at these prices, native.
    """
    total: uint256 = 0
    for i: uint256 in range(count, bound=_MAX):
        total += shorts[i] * prices[i]
    return math._ceil_div(total, scale)


@pure
@internal
def _deltas(
    targets: uint256[10],
    shorts: uint256[10],
    units: uint256[10],
    prices: uint256[10],
    count: uint256,
    scale: uint256,
) -> int256[10]:
    """
    @return Native units to buy, or sell where negative: whole ones, and never
            beyond the target, but none is left for a target of less than one.
            Dust stays unless it is the last of a short.
    """
    deltas: int256[10] = empty(int256[10])
    for i: uint256 in range(count, bound=_MAX):
        owed: uint256 = shorts[i] // units[i]
        grown: uint256 = targets[i] // units[i]
        reduced: uint256 = math._ceil_div(targets[i], units[i])
        if grown == 0:
            reduced = 0
        delta: int256 = 0
        if grown > owed:
            delta = -convert(grown - owed, int256)
        elif reduced < owed:
            delta = convert(owed - reduced, int256)
        worth: uint256 = convert(abs(delta), uint256) * units[i] * prices[i] // scale
        if worth >= _DUST or reduced == 0:
            deltas[i] = delta
    return deltas


@pure
@internal
def _multiple_down(whole: uint256, part: uint256) -> uint256:
    """
    @return whole / part, WAD; max uint256 for an unbounded whole.
    """
    if whole >= 2**190:
        return max_value(uint256)
    return whole * _WAD // max(part, 1)
