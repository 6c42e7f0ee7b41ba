# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title orders
@license AGPL-3.0-only
@notice From targets to trades in native units, one by one, and their fills
        checked.
"""

from snekmate.utils import math

from ....interfaces import ICollateralVault

from . import account
from . import aave_math
from ..lib import errors
from ..uniswap import path

uses: account
uses: path

_WAD: constant(uint256) = 10**18
_MAX: constant(uint256) = 10

MAX_TRADE: immutable(uint256[10])


@deploy
def __init__(max_trade: uint256[10]):
    MAX_TRADE = max_trade


@view
@internal
def _orders(
    targets: uint256[10], shorts: uint256[10], prices: uint256[10], chunked: bool
) -> (int256[10], bool):
    """
    @return Native units to buy, or sell where negative, and whether they lead
            to the targets.
    """
    deltas: int256[10] = aave_math._deltas(
        targets, shorts, account.UNITS, prices, account.COUNT, account.SCALE
    )
    part: uint256 = _WAD
    if not chunked:
        return deltas, True
    for i: uint256 in range(account.COUNT, bound=_MAX):
        if deltas[i] != 0:
            units: uint256 = convert(abs(deltas[i]), uint256) * account.UNITS[i]
            part = min(part, MAX_TRADE[i] * _WAD // units)
    if part == _WAD:
        return deltas, True
    for i: uint256 in range(account.COUNT, bound=_MAX):
        # The same part of every delta, toward zero, so that a chunk moves
        # straight to the targets and the leverage with it.
        deltas[i] = deltas[i] * convert(part, int256) // convert(_WAD, int256)
    return deltas, False


@view
@internal
def _count(orders: int256[10], buys: bool) -> uint256:
    found: uint256 = 0
    for i: uint256 in range(account.COUNT, bound=_MAX):
        if orders[i] != 0 and (orders[i] > 0) == buys:
            found += 1
    return found


@view
@internal
def _size(orders: int256[10]) -> uint256:
    """
    @return All orders' native units together, only to compare.
    """
    total: uint256 = 0
    for i: uint256 in range(account.COUNT, bound=_MAX):
        total += convert(abs(orders[i]), uint256)
    return total


@internal
def _fill(i: uint256, order: int256, price: uint256, bound: uint256, partly: bool) -> uint256:
    """
    @return Native units traded; fewer than ordered only if `partly`.
    """
    sells: bool = order < 0
    amount: uint256 = convert(abs(order), uint256)
    traded: uint256 = 0
    collateral: uint256 = 0
    traded, collateral = path._trade(i, sells, amount, path._limit(i, sells, price, bound), partly)
    assert partly or traded == amount, errors.VAULT_SLIPPAGE
    if traded != 0:
        self._note(i, sells, traded * account.UNITS[i], collateral, price, bound)
    return traded


@internal
def _note(
    i: uint256, sells: bool, units: uint256, collateral: uint256, price: uint256, bound: uint256
):
    """
    @notice Check a fill's whole loss, fees included, and log it.
    """
    fair: uint256 = units * price
    paid: uint256 = collateral * account.SCALE
    loss: uint256 = max(fair, paid) - min(fair, paid)
    if (paid < fair) == sells:
        # A pool rounds twice: what it takes, and its fee, up to whole units.
        rounding: uint256 = 2 * account.SCALE
        if sells:
            rounding += account.UNITS[i] * price
        largest: uint256 = math._ceil_div(fair * min(bound, 2 * _WAD), _WAD) + rounding
        assert loss <= largest or bound == max_value(uint256), errors.VAULT_SLIPPAGE
    fee: uint256 = path._fee_part_up(i, sells, collateral)
    before_fee: uint256 = collateral + fee if sells else collateral - fee
    delta: int256 = convert(units, int256)
    log ICollateralVault.Traded(
        component=i,
        delta=-delta if sells else delta,
        price=before_fee * account.SCALE // units,
        fee=fee,
    )
