# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title settlement
@license AGPL-3.0-only
@notice The end of the exchange: frozen prices instead of a dead oracle's.
@dev What follows from it is where it applies: no fee, funding or impact in
     `markets`, the closing of any account in `liquidation`, the payment of
     providers in the pool.
"""

from ....interfaces import IIndexOracle
from ....interfaces import IPerpExchange

from ..lib import errors
from . import markets
from . import marks

uses: markets
uses: marks

_MAX: constant(uint256) = 10


@external
def settle():
    """
    @notice Anyone, once, while the oracle is dead: freeze its closing prices
            for good.
    """
    assert not markets._settled(), errors.EXCHANGE_SETTLED
    oracle: IIndexOracle = IIndexOracle(marks.oracle)
    assert staticcall oracle.dead(), errors.EXCHANGE_ORACLE_LIVES
    closing: IIndexOracle.Prices = staticcall oracle.closing_prices()
    prices: uint256[10] = empty(uint256[10])
    for market: uint256 in range(marks.COUNT, bound=_MAX):
        # An end is worth more than a price that no trade was ever possible at.
        prices[market] = min(closing.mid[market], markets.MAX_PRICE)
    marks._freeze(prices)
    markets._settle(prices)
    log IPerpExchange.Settled(prices=prices)


@view
@external
def settled() -> bool:
    return markets._settled()
