# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title marks
@license AGPL-3.0-only
@notice Mark prices, at which all is valued: the oracle's, and once the exchange is
        settled those of the settlement, whatever prices a caller passes in.
@dev While the oracle restricts its prices, nobody knows which of several is right.
     Then nothing is used against an account: it may add margin and reduce at the
     price that is worse for it, `_extreme`, withdraws by what it has at that price,
     and is liquidated only by what it has at the better one.
"""

from ....interfaces import IIndexOracle

from ..lib import errors
from . import market_terms
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
def _read() -> IIndexOracle.Prices:
    """
    @return What the oracle says now, or the frozen prices, which nothing restricts.
    """
    read: IIndexOracle.Prices = empty(IIndexOracle.Prices)
    if markets._terms[0] >= market_terms.SETTLED:  # as `_are_frozen`, without a call
        read.mid = self._frozen
        return read
    read = staticcall IIndexOracle(oracle).read()
    self._check(read.mid)
    return read


@view
@internal
def _charged(market: uint256, mid: uint256, restriction: IIndexOracle.Restriction) -> uint256:
    """
    @return The price at which funding is charged, to all accounts: the mid, and the accepted
            one before an unconfirmed step.
    """
    if IIndexOracle.Restriction.STEP in restriction:
        return (staticcall IIndexOracle(oracle).accepted_mid())[market]
    return mid


@view
@internal
def _undisputed() -> uint256[10]:
    """
    @return Mids that nothing restricts.
    """
    read: IIndexOracle.Prices = self._read()
    assert read.restriction == empty(IIndexOracle.Restriction), errors.EXCHANGE_RESTRICTED
    return read.mid


@view
@internal
def _extreme(market: uint256, high: bool) -> uint256:
    """
    @notice While prices are restricted: the highest or lowest that is possible, by what
            all sources say and what was accepted before an unconfirmed step.
    """
    lowest: uint256 = 0
    highest: uint256 = 0
    lowest, highest = staticcall IIndexOracle(oracle).extremes(market)
    return min(highest, markets.MAX_PRICE) if high else max(lowest, 1)


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
    return markets._terms[0] >= market_terms.SETTLED  # as `markets._settled`, without a call


@internal
def _freeze(prices: uint256[10]):
    self._check(prices)
    self._frozen = prices
