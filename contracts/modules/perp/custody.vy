# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title custody
@license AGPL-3.0-only
@notice The collateral of one token on a `PerpExchange` and beside it.
@dev Idle collateral is tracked; a buffer of it, `IDLE_BUFFER` (WAD) of all
     holdings, is what trades bring it to.
"""

from ethereum.ercs import IERC20
from ethereum.ercs import IERC20Detailed

from snekmate.utils import math

from ....interfaces import ICollateralVault
from ....interfaces import IPerpExchange

from ..lib import errors

_WAD: constant(uint256) = 10**18
_MAX: constant(uint256) = 10

EXCHANGE: immutable(address)
ASSET: immutable(address)
COUNT: immutable(uint256)
IDLE_BUFFER: immutable(uint256)
SCALE: immutable(uint256)  # of the exchange's ledger to native

# @dev Tracked collateral outside the venue.
idle: uint256


@deploy
def __init__(exchange: address, idle_buffer: uint256):
    EXCHANGE = exchange
    ASSET = staticcall IPerpExchange(exchange).asset()
    COUNT = staticcall IPerpExchange(exchange).market_count()
    IDLE_BUFFER = idle_buffer
    SCALE = 10**(36 - convert(staticcall IERC20Detailed(ASSET).decimals(), uint256))
    # The exchange pulls from its caller only, so this allowance is the vault's
    # own to spend.
    approved: bool = extcall IERC20(ASSET).approve(
        exchange, max_value(uint256), default_return_value=True
    )
    assert approved, errors.VAULT_APPROVAL


@view
@internal
def _value(prices: uint256[10]) -> ICollateralVault.Value:
    equity: int256 = 0
    sizes: int256[10] = empty(int256[10])
    equity, sizes = staticcall IPerpExchange(EXCHANGE).account_value(self, prices)
    return ICollateralVault.Value(
        idle=self.idle, equity=self._to_native_down(equity), shorts=self._shorts(sizes)
    )


@view
@internal
def _buffer_down(equity: int256) -> uint256:
    """
    @param equity Native.
    @return Native.
    """
    holdings: uint256 = self.idle + convert(max(equity, 0), uint256)
    return holdings * IDLE_BUFFER // _WAD


@internal
def _push_surplus(buffer: uint256):
    idle: uint256 = self.idle
    if idle > 2 * buffer:
        self.idle = buffer
        extcall IPerpExchange(EXCHANGE).deposit(idle - buffer)


@internal
def _push_debt(equity: int256):
    """
    @notice Add what an equity (scale 1e36) lacks to zero, as far as there is idle
            collateral.
    """
    if equity < 0:
        missing: uint256 = min(math._ceil_div(convert(-equity, uint256), SCALE), self.idle)
        if missing != 0:
            self.idle -= missing
            extcall IPerpExchange(EXCHANGE).deposit(missing)


@internal
def _refill(buffer: uint256):
    idle: uint256 = self.idle
    if idle >= buffer // 2:
        return
    equity: int256 = 0
    initial: uint256 = 0
    maintenance: uint256 = 0
    equity, initial, maintenance = staticcall IPerpExchange(EXCHANGE).margin(self)
    missing: uint256 = buffer - idle
    if equity - convert(initial, int256) >= convert(missing * SCALE, int256):
        held: uint256 = staticcall IERC20(ASSET).balanceOf(self)
        extcall IPerpExchange(EXCHANGE).withdraw(missing, self)
        # What a collateral with a fee keeps on the way is not idle.
        self.idle = idle + staticcall IERC20(ASSET).balanceOf(self) - held


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
        return self.idle
    cash: int256 = staticcall IPerpExchange(EXCHANGE).cash(self)
    return self.idle + convert(max(cash, 0), uint256) // SCALE


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
