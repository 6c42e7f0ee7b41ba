# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title margin
@license AGPL-3.0-only
@notice Initial and maintenance margin: what equity an account needs to open more,
        to withdraw, and not to be liquidated.
@dev Requirements are sums over the markets, each market's rounded up.
"""

from ..lib import errors
from . import funding
from . import ledger
from . import linear
from . import markets
from . import marks

uses: funding
uses: ledger
uses: markets
uses: marks

_MAX: constant(uint256) = 10


@view
@external
def margin(account: address) -> (int256, uint256, uint256):
    """
    @return Equity, initial and maintenance requirement at oracle prices, under a
            restriction at the worst ones for the account; all at scale 1e36.
    """
    prices: uint256[10] = ledger._prices_of(account, marks._read(), True)
    initial: uint256 = 0
    maintenance: uint256 = 0
    initial, maintenance = self._requirements_up(account, prices)
    return ledger._equity(account, prices), initial, maintenance


@view
@internal
def _requirements_up(account: address, prices: uint256[10]) -> (uint256, uint256):
    """
    @return Initial and maintenance margin requirement, scale 1e36.
    """
    initial: uint256 = 0
    maintenance: uint256 = 0
    for market: uint256 in range(marks.COUNT, bound=_MAX):
        size: int256 = ledger.sizes[account][market]
        if size != 0:
            notional: uint256 = linear._notional(size, prices[market])
            initial += markets._initial_up(market, notional)
            maintenance += markets._maintenance_up(market, notional)
    return initial, maintenance


@view
@internal
def _check_initial(account: address, prices: uint256[10]) -> uint256:
    """
    @dev Equity less the initial requirement, in one pass.
    @return Notional, scale 1e36.
    """
    total: uint256 = 0
    spare: int256 = ledger.cash[account]
    for market: uint256 in range(marks.COUNT, bound=_MAX):
        size: int256 = ledger.sizes[account][market]
        if size != 0:
            price: uint256 = prices[market]
            spare += linear._value(size, price, funding._now(market, size > 0, price))
            notional: uint256 = linear._notional(size, price)
            spare -= convert(markets._initial_up(market, notional), int256)
            total += notional
    assert spare >= 0, errors.EXCHANGE_MARGIN
    return total


@view
@internal
def _check_withdrawal(account: address):
    """
    @dev Reads no price when there is no position.
    """
    if ledger._has_position(account):
        self._check_initial(account, ledger._prices_of(account, marks._read(), True))
    else:
        assert ledger.cash[account] >= 0, errors.EXCHANGE_MARGIN
