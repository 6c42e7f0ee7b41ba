# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title account
@license AGPL-3.0-only
@notice A vault's account on a `PerpExchange`, and how collateral moves between it
        and the idle one.
"""

from ethereum.ercs import IERC20
from ethereum.ercs import IERC20Detailed

from snekmate.utils import math

from ....interfaces import ICollateralVault
from ....interfaces import IPerpExchange

from ..vault import custody

uses: custody

_MAX: constant(uint256) = 10

EXCHANGE: immutable(address)
COUNT: immutable(uint256)
SCALE: immutable(uint256)  # of the exchange's ledger to native


@deploy
def __init__(exchange: address):
    EXCHANGE = exchange
    COUNT = staticcall IPerpExchange(exchange).market_count()
    SCALE = 10**(36 - convert(staticcall IERC20Detailed(custody.ASSET).decimals(), uint256))
    custody._approve(custody.ASSET, exchange)


@view
@internal
def _value(prices: uint256[10]) -> ICollateralVault.Value:
    equity: int256 = 0
    sizes: int256[10] = empty(int256[10])
    equity, sizes = staticcall IPerpExchange(EXCHANGE).account_value(self, prices)
    return ICollateralVault.Value(
        idle=custody.idle, equity=self._to_native_down(equity), shorts=self._shorts(sizes)
    )


@internal
def _push(amount: uint256):
    """
    @notice Move idle collateral into the margin.
    """
    if amount != 0:
        custody.idle -= amount
        extcall IPerpExchange(EXCHANGE).deposit(amount)


@internal
def _push_debt(equity: int256):
    """
    @notice Add what an equity (scale 1e36) lacks to zero, as far as there is idle
            collateral.
    """
    if equity < 0:
        missing: uint256 = min(math._ceil_div(convert(-equity, uint256), SCALE), custody.idle)
        self._push(missing)


@internal
def _refill(missing: uint256):
    """
    @notice Move margin out into the idle collateral, where the margin bears it.
    """
    if missing == 0:
        return
    equity: int256 = 0
    initial: uint256 = 0
    maintenance: uint256 = 0
    equity, initial, maintenance = staticcall IPerpExchange(EXCHANGE).margin(self)
    if equity - convert(initial, int256) >= convert(missing * SCALE, int256):
        held: uint256 = staticcall IERC20(custody.ASSET).balanceOf(self)
        extcall IPerpExchange(EXCHANGE).withdraw(missing, self)
        # What a collateral with a fee keeps on the way is not idle.
        custody.idle += staticcall IERC20(custody.ASSET).balanceOf(self) - held


@view
@internal
def _is_open() -> bool:
    for i: uint256 in range(COUNT, bound=_MAX):
        if staticcall IPerpExchange(EXCHANGE).size(self, i) != 0:
            return True
    return False


@view
@internal
def _unpledged() -> uint256:
    """
    @return Idle collateral and, if nothing is open, the margin; native.
    """
    if self._is_open():
        return custody.idle
    cash: int256 = staticcall IPerpExchange(EXCHANGE).cash(self)
    return custody.idle + convert(max(cash, 0), uint256) // SCALE


@view
@internal
def _shorts(sizes: int256[10]) -> uint256[10]:
    shorts: uint256[10] = empty(uint256[10])
    for i: uint256 in range(COUNT, bound=_MAX):
        shorts[i] = convert(max(-sizes[i], 0), uint256)
    return shorts


@view
@internal
def _to_native_down(ledger_amount: int256) -> int256:
    """
    @param ledger_amount Scale 1e36.
    @return Native, toward minus infinity.
    """
    scale: int256 = convert(SCALE, int256)
    native: int256 = ledger_amount // scale
    if ledger_amount % scale < 0:
        native -= 1
    return native
