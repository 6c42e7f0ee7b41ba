# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title deleveraging
@license AGPL-3.0-only
@notice Longs are closed while the pool does not cover what shorts could still win.
"""

from ....interfaces import ILiquidityPool
from ....interfaces import IPerpExchange

from ..lib import errors
from . import ledger
from . import markets
from . import marks
from . import reserve

uses: ledger
uses: markets
uses: marks
uses: reserve


@external
def deleverage(account: address, market: uint256):
    """
    @notice Close an account's long at the oracle price, without impact or fee, while
            the pool no longer covers what shorts could still win.
    """
    assert not markets._settled(), errors.EXCHANGE_SETTLED
    markets._check_listed(market)
    size: int256 = ledger.sizes[account][market]
    assert size > 0, errors.EXCHANGE_NO_LONG
    prices: uint256[10] = marks._undisputed()
    open: reserve.Open = reserve._open(prices)
    equity: int256 = staticcall ILiquidityPool(ledger.pool).cash() - open.owed
    assert equity < convert(open.short_notional, int256), errors.EXCHANGE_COVERED
    proceeds: int256 = ledger._close(account, market, size, prices[market])
    log IPerpExchange.Deleveraged(account=account, market=market, size=size, price=prices[market])
    ledger._book_closing(account, proceeds, not ledger._has_position(account))
