# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title FeeProperties
@license AGPL-3.0-only
@notice What must hold of the streaming fee, for all numbers.
@custom:kill For tests only; never deployed elsewhere.
"""

from snekmate.auth import ownable
from snekmate.tokens import erc20
from snekmate.utils import math

from ...interfaces import IInverseIndexToken
from ..modules.token import streaming_fee

initializes: ownable
initializes: erc20[ownable := ownable]
initializes: streaming_fee[erc20 := erc20]

_WAD: constant(uint256) = 10**18


@deploy
def __init__():
    ownable.__init__()
    erc20.__init__("", "", 18, "", "")
    streaming_fee.__init__(0, empty(address))


# --- external ---


@view
@external
def unaccrued_down(supply: uint256, rate: uint256, elapsed: uint256) -> bool:
    """
    @notice floor(supply * (exp(rate * elapsed) - 1)), none for no time.
    """
    shares: uint256 = self._fee(supply, rate, elapsed)
    grown: uint256 = self._growth(rate, elapsed)
    if elapsed == 0 or rate == 0:
        return shares == 0
    return self._is_floor(shares, supply * (grown - _WAD), _WAD)


@view
@external
def fee_in_two(supply: uint256, rate: uint256, first: uint256, second: uint256) -> bool:
    """
    @notice Two accruals are one over both spans: apart by at most four parts in
            1e18 of the supply after, as exp is exact to one such part, and by the
            shares that rounding down takes, one of which grows.
    """
    one: uint256 = supply + self._fee(supply, rate, first + second)
    half: uint256 = supply + self._fee(supply, rate, first)
    two: uint256 = half + self._fee(half, rate, second)
    digit: uint256 = 4 * one // _WAD + 1
    grown: uint256 = self._growth(rate, second) // _WAD + 1
    return two <= one + digit + 1 and one <= two + digit + grown + 1


@view
@external
def fee_never_falls(supply: uint256, rate: uint256, elapsed: uint256, more: uint256) -> bool:
    return self._fee(supply, rate, elapsed + more) >= self._fee(supply, rate, elapsed)


@pure
@external
def growth(rate: uint256, elapsed: uint256) -> uint256:
    """
    @return exp(rate * elapsed), WAD, as the fee computes it.
    """
    return self._growth(rate, elapsed)


# --- internal ---


@view
@internal
def _fee(supply: uint256, rate: uint256, elapsed: uint256) -> uint256:
    return streaming_fee._unaccrued_down(
        IInverseIndexToken.Fee(
            rate=rate, recipient=empty(address), accrued_at=block.timestamp - elapsed
        ),
        supply,
    )


@pure
@internal
def _growth(rate: uint256, elapsed: uint256) -> uint256:
    return convert(math._wad_exp(convert(rate * elapsed, int256)), uint256)


@pure
@internal
def _is_floor(q: uint256, x: uint256, y: uint256) -> bool:
    low: uint256 = q * y
    return low <= x and x - low < y
