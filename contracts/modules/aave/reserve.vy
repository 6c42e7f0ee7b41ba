# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title reserve
@notice Aave v3's reserves, read: balances, indices, flags and caps.
"""

from ethereum.ercs import IERC20

from ....interfaces import IAavePool

from . import aave_math


interface IScaledToken:
    def balanceOf(user: address) -> uint256: view
    def scaledBalanceOf(user: address) -> uint256: view
    def scaledTotalSupply() -> uint256: view


_WAD: constant(uint256) = 10**18
_BPS: constant(uint256) = 10_000
# Bits of a reserve's configuration.
ACTIVE: constant(uint256) = 1 << 56
FROZEN: constant(uint256) = 1 << 57
BORROWING: constant(uint256) = 1 << 58
PAUSED: constant(uint256) = 1 << 60
SILOED: constant(uint256) = 1 << 62
_DEBT_CEILING: constant(uint256) = (2**40 - 1) << 212
_BITS_16: constant(uint256) = 2**16 - 1
_BITS_36: constant(uint256) = 2**36 - 1


# --- configuration ---


@pure
@internal
def _is_collateral(configuration: uint256) -> bool:
    """
    @return True when it backs any debts: active, with a loan to value, and not
            isolated.
    """
    usable: bool = configuration & (ACTIVE | PAUSED | FROZEN) == ACTIVE
    return usable and configuration & _DEBT_CEILING == 0 and configuration & _BITS_16 != 0


@pure
@internal
def _is_borrowable(configuration: uint256) -> bool:
    """
    @return True when it is lent, also beside other debts.
    """
    flags: uint256 = configuration & (ACTIVE | PAUSED | FROZEN | BORROWING | SILOED)
    return flags == ACTIVE | BORROWING


@view
@internal
def _loan_terms(pool: address, asset: address) -> (uint256, uint256):
    """
    @return Loan to value and liquidation threshold, WAD.
    """
    configuration: uint256 = staticcall IAavePool(pool).getConfiguration(asset)
    loan: uint256 = configuration & _BITS_16
    threshold: uint256 = configuration >> 16 & _BITS_16
    return loan * _WAD // _BPS, threshold * _WAD // _BPS


@view
@internal
def _is_repayable(pool: address, asset: address) -> bool:
    configuration: uint256 = staticcall IAavePool(pool).getConfiguration(asset)
    return configuration & (ACTIVE | PAUSED) == ACTIVE


# --- balances ---


@view
@internal
def _balance(token: address, user: address) -> uint256:
    """
    @return Of an aToken or debt token, interest included.
    """
    return staticcall IScaledToken(token).balanceOf(user)


@view
@internal
def _scaled_balance(token: address, user: address) -> uint256:
    return staticcall IScaledToken(token).scaledBalanceOf(user)


@view
@internal
def _income_index(pool: address, asset: address) -> uint256:
    """
    @return What one scaled unit supplied has become, ray.
    """
    return staticcall IAavePool(pool).getReserveNormalizedIncome(asset)


@view
@internal
def _debt_index(pool: address, asset: address) -> uint256:
    """
    @return What one scaled unit owed has become, ray.
    """
    return staticcall IAavePool(pool).getReserveNormalizedVariableDebt(asset)


@view
@internal
def _debt_index_after(pool: address, asset: address, owed: bool) -> uint256:
    """
    @param owed Whether it is known that somebody owes the asset: while nobody
           does, Aave lets the index stand.
    @return The index that an action now will use, ray.
    """
    if not owed:
        r: IAavePool.ReserveData = staticcall IAavePool(pool).getReserveData(asset)
        if staticcall IScaledToken(r.variableDebtTokenAddress).scaledTotalSupply() == 0:
            return convert(r.variableBorrowIndex, uint256)
    return self._debt_index(pool, asset)


# --- headroom ---


@view
@internal
def _available(pool: address, asset: address) -> uint256:
    """
    @return What the reserve has to pay out, native; 0 while it is paused.
    """
    r: IAavePool.ReserveData = staticcall IAavePool(pool).getReserveData(asset)
    if r.configuration & (ACTIVE | PAUSED) != ACTIVE:
        return 0
    return staticcall IERC20(asset).balanceOf(r.aTokenAddress)


@view
@internal
def _supply_headroom(pool: address, asset: address) -> uint256:
    """
    @return What the cap leaves to be supplied, native; max uint256 for no cap.
    """
    r: IAavePool.ReserveData = staticcall IAavePool(pool).getReserveData(asset)
    if r.configuration & (ACTIVE | FROZEN | PAUSED) != ACTIVE:
        return 0
    cap: uint256 = r.configuration >> 116 & _BITS_36
    if cap == 0:
        return max_value(uint256)
    scaled: uint256 = staticcall IScaledToken(r.aTokenAddress).scaledTotalSupply()
    scaled += convert(r.accruedToTreasury, uint256)
    used: uint256 = aave_math._ray_mul(scaled, self._income_index(pool, asset))
    used += self._treasury_up(pool, asset, r)
    return self._rest(cap, r.configuration, used)


@view
@internal
def _treasury_up(pool: address, asset: address, r: IAavePool.ReserveData) -> uint256:
    """
    @return What the next action adds to the treasury's part of the supply.
    """
    scaled: uint256 = staticcall IScaledToken(r.variableDebtTokenAddress).scaledTotalSupply()
    grown: uint256 = self._debt_index(pool, asset) - convert(r.variableBorrowIndex, uint256)
    factor: uint256 = r.configuration >> 64 & _BITS_16
    return aave_math._ray_mul(scaled, grown) * factor // _BPS + 2


@view
@internal
def _borrow_headroom(pool: address, asset: address) -> uint256:
    """
    @return What can be borrowed, native: what is in the reserve, inside its cap.
    """
    r: IAavePool.ReserveData = staticcall IAavePool(pool).getReserveData(asset)
    if not self._is_borrowable(r.configuration):
        return 0
    headroom: uint256 = staticcall IERC20(asset).balanceOf(r.aTokenAddress)
    cap: uint256 = r.configuration >> 80 & _BITS_36
    if cap == 0:
        return headroom
    scaled: uint256 = staticcall IScaledToken(r.variableDebtTokenAddress).scaledTotalSupply()
    used: uint256 = aave_math._ray_mul(scaled, self._debt_index(pool, asset))
    return min(headroom, self._rest(cap, r.configuration, used))


@pure
@internal
def _rest(cap: uint256, configuration: uint256, used: uint256) -> uint256:
    """
    @param cap Whole units.
    @return What of it is not used, native.
    """
    whole: uint256 = cap * 10**(configuration >> 48 & 255)
    return whole - min(whole, used)
