# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title orders
@license AGPL-3.0-only
@notice From targets to orders on a `PerpExchange`, and their fills checked.
"""

from snekmate.utils import math

from ....interfaces import ICollateralVault
from ....interfaces import IPerpExchange

from ..lib import errors
from ..vault import chunking
from ..vault import fill_check
from . import account

uses: account
uses: chunking

_MAX: constant(uint256) = 10

# @dev The exchange trades any WAD unit.
_ONES: constant(uint256[10]) = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]


@view
@internal
def _orders(
    targets: uint256[10], shorts: uint256[10], chunked: bool
) -> (DynArray[IPerpExchange.Order, 10], bool):
    """
    @return Orders toward the targets, and whether they get there.
    """
    deltas: int256[10] = empty(int256[10])
    for i: uint256 in range(account.COUNT, bound=_MAX):
        deltas[i] = convert(shorts[i], int256) - convert(targets[i], int256)
    reached: bool = True
    if chunked:
        deltas, reached = chunking._chunk(deltas, _ONES, account.COUNT)
    orders: DynArray[IPerpExchange.Order, 10] = []
    for i: uint256 in range(account.COUNT, bound=_MAX):
        if deltas[i] != 0:
            orders.append(self._order(i, deltas[i]))
    return orders, reached


@pure
@internal
def _order(i: uint256, delta: int256) -> IPerpExchange.Order:
    """
    @notice An order without a limit price: the fill is checked as a whole, fee
            included, right after.
    """
    limit: uint256 = max_value(uint256) if delta > 0 else 0
    return IPerpExchange.Order(market=i, delta=delta, limit=limit)


@internal
def _execute(orders: DynArray[IPerpExchange.Order, 10], prices: uint256[10], bound: uint256):
    fills: DynArray[IPerpExchange.Fill, 10] = extcall IPerpExchange(account.EXCHANGE).trade(orders)
    for n: uint256 in range(len(orders), bound=_MAX):
        order: IPerpExchange.Order = orders[n]
        fill: IPerpExchange.Fill = fills[n]
        self._check_fill(order.delta, fill, prices[order.market], bound)
        log ICollateralVault.Traded(
            component=order.market,
            delta=order.delta,
            price=fill.price,
            fee=math._ceil_div(fill.fee, account.SCALE),
        )


@view
@internal
def _check_fill(delta: int256, fill: IPerpExchange.Fill, price: uint256, bound: uint256):
    """
    @notice A settled exchange fills at the frozen price, at which it also values
            the position: whatever the price is now, nothing is lost.
    """
    loss: int256 = (
        delta * (convert(fill.price, int256) - convert(price, int256)) + convert(fill.fee, int256)
    )
    notional: uint256 = convert(abs(delta), uint256) * price
    if not fill_check._is_within_bound(loss, notional, bound, 0):
        assert staticcall IPerpExchange(account.EXCHANGE).settled(), errors.VAULT_SLIPPAGE


@pure
@internal
def _only_reduces(orders: DynArray[IPerpExchange.Order, 10]) -> bool:
    for order: IPerpExchange.Order in orders:
        if order.delta < 0:
            return False
    return True
