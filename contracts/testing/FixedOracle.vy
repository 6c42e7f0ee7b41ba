# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title FixedOracle
@license AGPL-3.0-only
@notice Test oracle: serves the prices that it was given, to the wei.
@custom:kill For tests only; never deployed elsewhere.
"""

from ...interfaces import IIndexOracle

_prices: DynArray[uint256, 10]
_accepted: DynArray[uint256, 10]
_spread: uint256
_restriction: IIndexOracle.Restriction
_failing: bool
_dead: bool


@deploy
def __init__(prices: DynArray[uint256, 10]):
    self._prices = prices


@view
@external
def component_count() -> uint256:
    return len(self._prices)


@view
@external
def read() -> IIndexOracle.Prices:
    assert not self._failing, "oracle: stale price"
    return self._all()


@view
@external
def accepted_mid() -> uint256[10]:
    assert not self._failing, "oracle: stale price"
    mid: uint256[10] = empty(uint256[10])
    for i: uint256 in range(len(self._prices), bound=10):
        mid[i] = self._accepted[i] if len(self._accepted) != 0 else self._prices[i]
    return mid


@view
@external
def extremes(i: uint256) -> (uint256, uint256):
    """
    @return By the half-spread while sources disagree, by the accepted price of a step.
    """
    low: uint256 = self._prices[i]
    high: uint256 = low
    if IIndexOracle.Restriction.SPREAD in self._restriction:
        factor: uint256 = 10**18 + self._spread
        high = (low * factor + 10**18 - 1) // 10**18
        low = low * 10**18 // factor
    if IIndexOracle.Restriction.STEP in self._restriction and len(self._accepted) != 0:
        low = min(low, self._accepted[i])
        high = max(high, self._accepted[i])
    return low, high


@view
@external
def closing_prices() -> IIndexOracle.Prices:
    return self._all()


@view
@external
def dead() -> bool:
    return self._dead


@external
def set_prices(prices: DynArray[uint256, 10]):
    self._prices = prices


@external
def restrict(
    restriction: IIndexOracle.Restriction, spread: uint256, accepted: DynArray[uint256, 10]
):
    """
    @param spread WAD half-spread of every component.
    @param accepted Prices before an unconfirmed step; empty for the present ones.
    """
    self._restriction = restriction
    self._spread = spread
    self._accepted = accepted


@external
def set_failing(failing: bool):
    self._failing = failing


@external
def set_dead(dead: bool):
    self._dead = dead


@view
@internal
def _all() -> IIndexOracle.Prices:
    mid: uint256[10] = empty(uint256[10])
    spread: uint256[10] = empty(uint256[10])
    for i: uint256 in range(len(self._prices), bound=10):
        mid[i] = self._prices[i]
        spread[i] = self._spread
    return IIndexOracle.Prices(
        mid=mid, spread=spread, updated_at=block.timestamp, restriction=self._restriction
    )
