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
from . import custody

uses: custody

_WAD: constant(uint256) = 10**18
_MAX: constant(uint256) = 10

MAX_TRADE: immutable(uint256[10])


@deploy
def __init__(max_trade: uint256[10]):
    MAX_TRADE = max_trade


@view
@internal
def _orders(
    targets: uint256[10], shorts: uint256[10], chunked: bool
) -> (DynArray[IPerpExchange.Order, 10], bool):
    """
    @return Orders toward the targets, and whether they get there.
    """
    deltas: int256[10] = empty(int256[10])
    part: uint256 = _WAD
    for i: uint256 in range(custody.COUNT, bound=_MAX):
        deltas[i] = convert(shorts[i], int256) - convert(targets[i], int256)
        if chunked and deltas[i] != 0:
            largest: uint256 = MAX_TRADE[i] * _WAD // convert(abs(deltas[i]), uint256)
            part = min(part, largest)
    orders: DynArray[IPerpExchange.Order, 10] = []
    for i: uint256 in range(custody.COUNT, bound=_MAX):
        delta: int256 = self._part(deltas[i], part)
        if delta != 0:
            orders.append(self._order(i, delta))
    return orders, part == _WAD


@pure
@internal
def _part(delta: int256, part: uint256) -> int256:
    """
    @return The same WAD part of every delta, toward zero, so that a chunk moves
            straight to the targets and the leverage with it.
    """
    if part == _WAD:
        return delta
    return delta * convert(part, int256) // convert(_WAD, int256)


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
    fills: DynArray[IPerpExchange.Fill, 10] = extcall IPerpExchange(custody.EXCHANGE).trade(orders)
    for n: uint256 in range(len(orders), bound=_MAX):
        order: IPerpExchange.Order = orders[n]
        fill: IPerpExchange.Fill = fills[n]
        self._check_loss(order.delta, fill, prices[order.market], bound)
        log ICollateralVault.Traded(
            component=order.market,
            delta=order.delta,
            price=fill.price,
            fee=math._ceil_div(fill.fee, custody.SCALE),
        )


@view
@internal
def _check_loss(delta: int256, fill: IPerpExchange.Fill, price: uint256, bound: uint256):
    """
    @notice A settled exchange fills at the frozen price, at which it also values
            the position: whatever the price is now, nothing is lost.
    """
    loss: int256 = (
        delta * (convert(fill.price, int256) - convert(price, int256)) + convert(fill.fee, int256)
    )
    # No fill loses twice its notional, so a bound of that is none.
    notional: uint256 = convert(abs(delta), uint256) * price
    largest: uint256 = math._ceil_div(notional * min(bound, 2 * _WAD), _WAD)
    if loss > convert(largest, int256):
        assert staticcall IPerpExchange(custody.EXCHANGE).settled(), errors.VAULT_SLIPPAGE


@pure
@internal
def _only_reduces(orders: DynArray[IPerpExchange.Order, 10]) -> bool:
    for order: IPerpExchange.Order in orders:
        if order.delta < 0:
            return False
    return True
