# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title marks
@license AGPL-3.0-only
@notice Mark prices, at which all is valued: the oracle's, and once the exchange is
        settled those of the settlement, whatever prices a caller passes in.
"""

from ....interfaces import IIndexOracle

from ..lib import errors
from . import markets

uses: markets

_MAX: constant(uint256) = 10

oracle: public(immutable(address))
COUNT: immutable(uint256)

# @dev Prices of the settlement, WAD; of no meaning before.
_frozen: uint256[10]


@deploy
def __init__(oracle_: address):
    oracle = oracle_
    COUNT = staticcall IIndexOracle(oracle_).component_count()
    assert COUNT != 0 and COUNT <= _MAX, errors.EXCHANGE_COMPONENTS


@view
@internal
def _read() -> uint256[10]:
    """
    @return What the oracle says now, or the frozen prices; WAD.
    """
    if markets._terms[0] >= markets.SETTLED:  # as `_are_frozen`, without a call
        return self._frozen
    read: IIndexOracle.Prices = staticcall IIndexOracle(oracle).read()
    self._check(read.mid)
    return read.mid


@view
@internal
def _used(prices: uint256[10]) -> uint256[10]:
    """
    @return These prices, or the frozen ones.
    """
    if self._are_frozen():
        return self._frozen
    self._check(prices)
    return prices


@view
@internal
def _check(prices: uint256[10]):
    for market: uint256 in range(COUNT, bound=_MAX):
        assert (
            prices[market] != 0 and prices[market] <= markets.MAX_PRICE
        ), errors.EXCHANGE_PRICE_RANGE


@view
@internal
def _are_frozen() -> bool:
    return markets._terms[0] >= markets.SETTLED  # as `markets._settled`, without a call


@internal
def _freeze(prices: uint256[10]):
    self._check(prices)
    self._frozen = prices
