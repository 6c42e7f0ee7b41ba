# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title reserve
@license AGPL-3.0-only
@notice What the open positions ask of the pool: what it owes on them now, what it has
        to keep so that every winner can be paid, and what they pay for that.
@dev Pool equity = pool cash - what is owed. `obligations` reads nothing of the
     pool, which asks for it in the middle of its own calls.
     Of a market's two sides only one can win at a time, so the larger one's notional
     is kept: all that shorts can win, and what longs win until the price has doubled,
     even if no loser ever pays. A quarter of the smaller one's is kept besides: after a
     rise by a quarter shorts could win that much more from there, and no long is
     deleveraged before, however many providers have left.
     Each side pays for what is kept of it by the second, the more the fuller the pool, see
     `borrowing`. Kept for nothing, the pool could be filled by anybody with a long and a
     short of his own, which cost him nothing to hold and would stop all growth and all
     providers' exits.
"""

from ....interfaces import ILiquidityPool
from ....interfaces import IPerpExchange

from ..lib import errors
from . import ledger
from . import linear
from . import markets
from . import marks

uses: ledger
uses: markets
uses: marks


# @dev Of all open positions, scale 1e36: what they have gained, which the pool owes,
#      the notional of the short ones, and what is kept: the notional of each market's
#      larger side and a part of the smaller one's.
struct Open:
    owed: int256
    short_notional: uint256
    kept: uint256


_MAX: constant(uint256) = 10


@external
def accrue():
    """
    @notice Anybody: charge all funding up to now, and set the borrowing rate of every
            market by the part of the pool that is reserved now.
    @dev A trade that adds open interest does so in its own markets. Otherwise they keep
         the rate of the last one, however full or empty the pool has become since.
    """
    assert not markets._settled(), errors.EXCHANGE_SETTLED
    prices: uint256[10] = marks._undisputed()
    for market: uint256 in range(marks.COUNT, bound=_MAX):
        ledger._accrue(market, prices[market])
    rate: uint256 = self._book_kept(0, 0, prices, 0)
    for market: uint256 in range(marks.COUNT, bound=_MAX):
        markets._set_borrowing(market, rate)


@view
@external
def spare_reserve(account: address, prices: uint256[10]) -> int256:
    """
    @return The notional that this account's shorts may still add, scale 1e36: pool
            equity less what is kept for open positions, and not more than the limit
            of an account; 0 once settled.
    """
    if markets._settled():
        return 0
    marks._check(prices)
    open: Open = self._open(prices)
    return staticcall ILiquidityPool(ledger.pool).spare(
        open.owed, open.kept, ledger._notional(account, prices)
    )


@view
@external
def obligations() -> IPerpExchange.Obligations:
    """
    @notice What the pool owes and has to keep at oracle prices; see the struct.
    @dev Reverts while the oracle restricts them: no share of the pool has a price then.
         Without a position none are asked for, so an unused pool can always be left.
    """
    open: Open = empty(Open)
    if self._has_interest():
        open = self._open(marks._undisputed())
    return IPerpExchange.Obligations(
        owed=open.owed,
        reserve=open.kept,
        is_settled=markets._settled(),
        has_positions=open.kept != 0,
    )


@view
@internal
def _has_interest() -> bool:
    for market: uint256 in range(marks.COUNT, bound=_MAX):
        skew: int256 = 0
        short: uint256 = 0
        skew, short = markets._open_interest(market)
        if skew != 0 or short != 0:
            return True
    return False


@view
@internal
def _open(prices: uint256[10]) -> Open:
    """
    @return Sums over all markets.
    """
    total: Open = empty(Open)
    for market: uint256 in range(marks.COUNT, bound=_MAX):
        skew: int256 = 0
        short: uint256 = 0
        skew, short = markets._open_interest(market)
        long: uint256 = markets._long_interest(skew, short)
        price: uint256 = prices[market]
        total.owed += ledger._position_value(-convert(short, int256), market, price)
        total.owed += ledger._position_value(convert(long, int256), market, price)
        total.short_notional += short * price
        total.kept += (max(long, short) + min(long, short) // linear.PAIRED) * price
    return total


@internal
def _book_kept(
    cash_change: int256, insurance_change: int256, prices: uint256[10], notional: uint256
) -> uint256:
    """
    @notice Book with the pool, which keeps what the open positions ask for.
    @param notional Of an account that has added to open interest, else 0.
    @return Borrowing rate, WAD per second.
    """
    open: Open = self._open(prices)
    return extcall ILiquidityPool(ledger.pool).book_kept(
        cash_change, insurance_change, open.owed, open.kept, notional
    )
