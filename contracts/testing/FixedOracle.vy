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
def set_failing(failing: bool):
    self._failing = failing


@external
def set_dead(dead: bool):
    self._dead = dead


@view
@internal
def _all() -> IIndexOracle.Prices:
    mid: uint256[10] = empty(uint256[10])
    for i: uint256 in range(len(self._prices), bound=10):
        mid[i] = self._prices[i]
    return IIndexOracle.Prices(
        mid=mid,
        spread=empty(uint256[10]),
        updated_at=block.timestamp,
        restriction=empty(IIndexOracle.Restriction),
    )
