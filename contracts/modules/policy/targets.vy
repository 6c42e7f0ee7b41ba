# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title targets
@notice Shorts that a trade is to reach, and what lies between two sets of them.
@dev Ranges as in `nav`. Arrays hold `count` components.
"""

from ..token import nav

_WAD: constant(uint256) = 10**18
_MAX: constant(uint256) = 10


@pure
@internal
def _grown_down(
    shorts: uint256[10],
    n: uint256,
    size: uint256,
    within_band: bool,
    multiple: uint256,
    units: uint256[10],
    mid: uint256[10],
    count: uint256,
    virtual: uint256,
) -> uint256[10]:
    """
    @return Shorts after a hedged deposit of `size`: scaled with N, so that the
            leverage stays what the period has made it; but when that is out of
            its band, or there is none, the new money is hedged at the multiple.
    """
    if within_band:
        return self._scaled_down(shorts, n + size, n, count)
    grown: uint256[10] = self._index_shorts_down(size * multiple, units, mid, count, virtual)
    for i: uint256 in range(count, bound=_MAX):
        grown[i] += shorts[i]
    return grown


@pure
@internal
def _scaled_down(
    shorts: uint256[10], numerator: uint256, denominator: uint256, count: uint256
) -> uint256[10]:
    scaled: uint256[10] = empty(uint256[10])
    for i: uint256 in range(count, bound=_MAX):
        scaled[i] = shorts[i] * numerator // denominator
    return scaled


@pure
@internal
def _index_shorts_down(
    worth: uint256, units: uint256[10], mid: uint256[10], count: uint256, virtual: uint256
) -> uint256[10]:
    """
    @notice Shorts whose exposure is `worth` collateral units, in the index's
            proportions: worth * units / level.
    """
    level: uint256 = nav._level_down(units, mid, count)
    shorts: uint256[10] = empty(uint256[10])
    for i: uint256 in range(count, bound=_MAX):
        shorts[i] = worth * virtual * units[i] // level
    return shorts


@pure
@internal
def _turnover_up(
    before: uint256[10],
    after: uint256[10],
    mid: uint256[10],
    count: uint256,
    virtual: uint256,
) -> uint256:
    """
    @return Notional traded between two sets of shorts, collateral units.
    """
    total: uint256 = 0
    for i: uint256 in range(count, bound=_MAX):
        total += (max(before[i], after[i]) - min(before[i], after[i])) * mid[i]
    return nav._div_up(total, _WAD * virtual)


@pure
@internal
def _granularity_up(
    mid: uint256[10], smallest: uint256[10], count: uint256, virtual: uint256
) -> uint256:
    """
    @return By how much shorts can miss an exposure, collateral: the smallest
            trade of every component, or two units where that is worth less, and
            two units of rounding.
    """
    total: uint256 = 0
    for i: uint256 in range(count, bound=_MAX):
        total += mid[i] * smallest[i]
    return nav._div_up(total, _WAD * virtual) + 2 * count + 2
