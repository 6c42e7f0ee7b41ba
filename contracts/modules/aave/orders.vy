# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title orders
@license AGPL-3.0-only
@notice From targets to trades in native units, one by one, and their fills
        checked.
"""

from ....interfaces import ICollateralVault

from . import account
from . import aave_math
from ..lib import errors
from ..vault import chunking
from ..vault import fill_check
from ..uniswap import path

uses: account
uses: path
uses: chunking

_MAX: constant(uint256) = 10


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
    if chunked:
        return chunking._chunk(deltas, account.UNITS, account.COUNT)
    return deltas, True


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
        units: uint256 = traded * account.UNITS[i]
        self._check_fill(i, sells, units, collateral, price, bound)
        self._log_fill(i, sells, units, collateral)
    return traded


@view
@internal
def _check_fill(
    i: uint256, sells: bool, units: uint256, collateral: uint256, price: uint256, bound: uint256
):
    """
    @notice A fill's whole loss, fees included.
    """
    fair: int256 = convert(units * price, int256)
    paid: int256 = convert(collateral * account.SCALE, int256)
    loss: int256 = fair - paid if sells else paid - fair
    # A pool rounds twice: what it takes, and its fee, up to whole units.
    rounding: uint256 = 2 * account.SCALE
    if sells:
        rounding += account.UNITS[i] * price
    within: bool = fill_check._is_within_bound(loss, units * price, bound, rounding)
    assert within, errors.VAULT_SLIPPAGE


@internal
def _log_fill(i: uint256, sells: bool, units: uint256, collateral: uint256):
    fee: uint256 = path._fee_part_up(i, sells, collateral)
    before_fee: uint256 = collateral + fee if sells else collateral - fee
    delta: int256 = convert(units, int256)
    log ICollateralVault.Traded(
        component=i,
        delta=-delta if sells else delta,
        price=before_fee * account.SCALE // units,
        fee=fee,
    )
