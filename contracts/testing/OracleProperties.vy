# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title OracleProperties
@license AGPL-3.0-only
@notice What must hold of the oracle's spreads, for all numbers.
@custom:kill For tests only; never deployed elsewhere.
"""

from ..modules.oracle import sources

_WAD: constant(uint256) = 10**18
_MOST: constant(uint256) = 10**24  # a millionfold


@pure
@external
def disagreement_up(price: uint256, other: uint256) -> bool:
    """
    @notice |price - other| / min, WAD, rounded up, at most a millionfold; each
            is within 1 + that of the other.
    """
    said: uint256 = sources._disagreement_up(price, other)
    low: uint256 = other
    high: uint256 = price
    if price < other:
        low = price
        high = other
    exact: uint256 = (high - low) * _WAD
    if said == _MOST:
        return exact > (_MOST - 1) * low
    if said > _MOST or high * _WAD > low * (_WAD + said):
        return False
    return said * low >= exact and said * low - exact < low
