# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title funding
@license AGPL-3.0-only
@notice What holding a position costs: cumulative funding of either side of every market,
        WAD collateral per unit. Longs pay theirs and shorts are paid theirs, so the
        borrowing fee raises that of the longs and lowers that of the shorts.
@dev One word for each side of a market: cumulative funding (124 bits, signed) | its rate
     (48, signed) | borrowing rate in it (44) | settled (1) | time (39).
     A signed part above a lower part is added to it, not joined by bits, so a word
     is a plain sum and its parts come back by arithmetic shifts. The rate is kept
     beside the funding so that the value of a position needs one word of its market.
     So is the borrowing rate, which this side pays, with a part in its rate: it counts for
     a day from the last accrual on and then no more. A rate that nobody sets anew says
     little about the pool of today, and while there are no prices nobody can.
     So is whether the market is settled: it has no rate then.
     The shorts' word is written whenever the market changes; the longs' only while there
     are longs, since otherwise nobody's value depends on it. So a market that is sold
     alone, as those of a token are, costs what it would cost without a second side.
"""

from . import linear

# @dev Seconds for which a borrowing rate counts.
_RATE_LIFE: constant(int256) = 86_400
_SETTLED: constant(int256) = 2**39
_TIME: constant(int256) = 2**39 - 1
_MASK_44: constant(int256) = 2**44 - 1

_shorts: int256[10]
_longs: int256[10]


@view
@internal
def _stored(market: uint256, is_long: bool) -> int256:
    """
    @return Cumulative funding of a side, as of its last accrual.
    """
    word: int256 = self._longs[market] if is_long else self._shorts[market]
    upper: int256 = word >> 84
    rate: int256 = (upper << 208) >> 208
    return (upper - rate) >> 48


@view
@internal
def _now(market: uint256, is_long: bool, price: uint256) -> int256:
    """
    @return Cumulative funding of a side up to now, the time since the last accrual
            charged at `price`.
    """
    word: int256 = self._longs[market] if is_long else self._shorts[market]
    upper: int256 = word >> 84
    rate: int256 = (upper << 208) >> 208
    cumulative: int256 = (upper - rate) >> 48
    elapsed: int256 = convert(block.timestamp, int256) - (word & _TIME)
    charged: int256 = unsafe_mul(rate, elapsed)  # 48 by 39 bits
    if elapsed > _RATE_LIFE:
        over: int256 = unsafe_mul((word >> 40) & _MASK_44, elapsed - _RATE_LIFE)
        charged = unsafe_sub(charged, over) if is_long else unsafe_add(charged, over)
    if charged == 0:
        return cumulative
    return cumulative + linear._funding_step(price, charged)


@internal
def _store(market: uint256, is_long: bool, cumulative: int256, rate: int256, borrowing: int256):
    # The bounds on price and rate keep two hundred thousand years of funding in 124 bits.
    self._write(market, is_long, (((cumulative << 48) + rate) << 84) + (borrowing << 40))


@internal
def _store_settled(market: uint256, is_long: bool, cumulative: int256):
    """
    @notice For good: funding that no time adds to.
    """
    self._write(market, is_long, (cumulative << 132) + _SETTLED)


@internal
def _write(market: uint256, is_long: bool, word: int256):
    """
    @notice As of now.
    """
    timed: int256 = word + convert(block.timestamp, int256)
    if is_long:
        self._longs[market] = timed
    else:
        self._shorts[market] = timed


@view
@internal
def _are_settled() -> bool:
    """
    @return Whether the markets are.
    """
    return self._shorts[0] & _SETTLED != 0


@view
@internal
def _borrowing(market: uint256, is_long: bool) -> uint256:
    """
    @return WAD per second that this side pays besides, as of the last change.
    """
    word: int256 = self._longs[market] if is_long else self._shorts[market]
    return convert((word >> 40) & _MASK_44, uint256)


@view
@internal
def _at(market: uint256) -> uint256:
    """
    @return Time of the last accrual.
    """
    return convert(self._shorts[market] & _TIME, uint256)
