# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title reserve
@license AGPL-3.0-only
@notice What the open positions ask of the pool: what it owes on them now, and what
        it has to keep so that every winner can be paid.
@dev Pool equity = pool cash - what is owed. `obligations` reads nothing of the
     pool, which asks for it in the middle of its own calls.
"""

from ....interfaces import ILiquidityPool
from ....interfaces import IPerpExchange

from . import ledger
from . import markets
from . import marks

uses: ledger
uses: markets
uses: marks


# @dev Of all open positions, scale 1e36: what they have gained, which the pool owes,
#      the notional of the short ones, and of both sides.
struct Open:
    owed: int256
    short_notional: uint256
    notional: uint256


_MAX: constant(uint256) = 10


@view
@external
def spare_reserve(prices: uint256[10]) -> int256:
    """
    @return Pool equity less the reserve for open positions, scale 1e36: the
            notional that shorts may still add; 0 once settled.
    """
    if markets._settled():
        return 0
    marks._check(prices)
    return self._spare(staticcall ILiquidityPool(ledger.pool).cash(), prices)


@view
@external
def obligations() -> IPerpExchange.Obligations:
    """
    @notice What the pool owes and has to keep at oracle prices; see the struct.
    @dev Reverts while the oracle restricts them: no share of the pool has a price then.
         Without a position none are asked for, so an unused pool can always be left.
    """
    if not self._has_interest():
        return IPerpExchange.Obligations(
            owed=0, reserve=0, is_settled=markets._settled(), has_positions=False
        )
    open: Open = self._open(marks._undisputed())
    return IPerpExchange.Obligations(
        owed=open.owed,
        reserve=open.notional,
        is_settled=markets._settled(),
        has_positions=open.notional != 0,
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
        price: uint256 = prices[market]
        total.owed += ledger._position_value(skew, market, price)
        total.short_notional += short * price
        total.notional += (markets._long_interest(skew, short) + short) * price
    return total


@view
@internal
def _spare(pool_cash: int256, prices: uint256[10]) -> int256:
    """
    @return Pool equity less the notional of both sides, scale 1e36.
    """
    open: Open = self._open(prices)
    return pool_cash - open.owed - convert(open.notional, int256)
