# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title funding
@license AGPL-3.0-only
@notice Cumulative funding of every market, WAD collateral per unit, paid by longs.
@dev One word a market: cumulative funding (168 bits, signed) | rate (48, signed) |
     settled (1) | time (39). The lowest funding of 168 bits cannot stand above a rate below zero.
     A signed part above a lower part is added to it, not joined by bits, so a word
     is a plain sum and its parts come back by arithmetic shifts. The rate is that
     of the skew, kept beside the funding so that the value of a position needs one
     word of its market. So is whether the market is settled: it has no rate then.
"""

from . import linear

_SETTLED: constant(int256) = 2**39
_TIME: constant(int256) = 2**39 - 1

_words: int256[10]


@view
@internal
def _stored(market: uint256) -> (int256, int256, uint256):
    """
    @return Cumulative funding, its rate since, its time.
    """
    word: int256 = self._words[market]
    upper: int256 = word >> 40
    rate: int256 = (upper << 208) >> 208
    return (upper - rate) >> 48, rate, convert(word & _TIME, uint256)


@internal
def _store(market: uint256, cumulative: int256, rate: int256):
    # The bounds on price and rate keep a million years of funding in 168 bits.
    self._words[market] = (((cumulative << 48) + rate) << 40) + convert(block.timestamp, int256)


@internal
def _store_settled(market: uint256, cumulative: int256):
    """
    @notice For good: funding that no time adds to.
    """
    self._words[market] = (cumulative << 88) + _SETTLED + convert(block.timestamp, int256)


@view
@internal
def _are_settled() -> bool:
    """
    @return Whether the markets are.
    """
    return self._words[0] & _SETTLED != 0


@view
@internal
def _now(market: uint256, price: uint256) -> int256:
    """
    @return Cumulative funding up to now, the time since the last accrual
            charged at `price`.
    """
    word: int256 = self._words[market]
    upper: int256 = word >> 40
    rate: int256 = (upper << 208) >> 208
    cumulative: int256 = (upper - rate) >> 48
    if rate == 0:
        return cumulative
    at: uint256 = convert(word & _TIME, uint256)
    return cumulative + linear._funding_step(price, rate, block.timestamp - at)


@view
@internal
def _elapsed(market: uint256) -> uint256:
    """
    @return Seconds since the last accrual.
    """
    return block.timestamp - convert(self._words[market] & _TIME, uint256)
