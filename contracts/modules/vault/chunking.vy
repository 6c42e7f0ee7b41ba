# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title chunking
@license AGPL-3.0-only
@notice A rebalance trades at most `max_trade` of each component at once. The same
        part of every order is traded, so that a chunk moves straight to the
        targets and the leverage with it; the rest is due again.
"""

_WAD: constant(uint256) = 10**18
_MAX: constant(uint256) = 10

# @dev WAD units per component.
MAX_TRADE: immutable(uint256[10])


@deploy
def __init__(max_trade_: uint256[10]):
    MAX_TRADE = max_trade_


@view
@external
def max_trade() -> uint256[10]:
    """
    @return Largest single chunk per component, WAD units.
    """
    return MAX_TRADE


@view
@internal
def _chunk(deltas: int256[10], units: uint256[10], count: uint256) -> (int256[10], bool):
    """
    @param deltas In any unit each.
    @param units WAD units of one such unit.
    @return The deltas of one chunk, toward zero, and whether they are all.
    """
    part: uint256 = _WAD
    for i: uint256 in range(count, bound=_MAX):
        if deltas[i] != 0:
            size: uint256 = convert(abs(deltas[i]), uint256) * units[i]
            part = min(part, MAX_TRADE[i] * _WAD // size)
    if part == _WAD:
        return deltas, True
    chunk: int256[10] = empty(int256[10])
    for i: uint256 in range(count, bound=_MAX):
        chunk[i] = deltas[i] * convert(part, int256) // convert(_WAD, int256)
    return chunk, False
