# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title prices
@license AGPL-3.0-only
@notice The components' prices in the collateral, from hardened sources, and what
        they may be used for.
@dev See `IndexOracle` for the rules.
"""

from ....interfaces import IIndexOracle

from ..lib import errors
from . import asset_records
from . import faults
from . import sequencer
from . import sources
from . import step_breaker

uses: asset_records
uses: sources
uses: step_breaker


# @dev The prices of one moment, or the first fault that makes them unusable.
struct Reading:
    fault: uint256  # see `faults`
    steps: uint256  # bit i: the price of asset i steps, unconfirmed
    usd: uint256[11]  # WAD, the collateral's at index `COUNT`
    prices: IIndexOracle.Prices


_WAD: constant(uint256) = 10**18
_MAX: constant(uint256) = 10
_MAX_MID: constant(uint256) = 2**104
_MAX_SPREAD: constant(uint256) = 10**12 * _WAD  # a millionfold step of both assets


# --- views ---


@view
@external
def usable() -> bool:
    """
    @return True when `read()` would not revert. Reverts with "oracle: too little gas
            to call it unusable" when a feed may have failed for want of gas.
    """
    return self._is_usable()


@view
@external
def read() -> IIndexOracle.Prices:
    """
    @notice Current prices of all components.
    @return Mids in whole collateral units per whole component, WAD, rounded down;
            half-spreads WAD, rounded up; newest publication time of what mids are made
            of (a primary's while that is usable), seconds; what the prices must not be
            used for.
    @dev Reverts with the source's fault ("oracle: stale price" and the like)
             while prices are unusable.
    """
    reading: Reading = self._try_read()
    faults._check(reading.fault)
    return reading.prices


@view
@external
def try_read() -> (bool, IIndexOracle.Prices):
    """
    @notice As `read()`, without a revert for prices that are unusable.
    @return Whether they are usable, and the prices, zeros when they are not.
    """
    reading: Reading = self._try_read()
    if reading.fault == faults.NO_FAULT:
        return True, reading.prices
    faults._check_gas()
    return False, empty(IIndexOracle.Prices)


@view
@external
def accepted_mid() -> uint256[10]:
    """
    @return Mids, WAD, rounded down, with the accepted price of every asset whose step
            is unconfirmed and the present one of the others: those of `read()` while
            STEP does not restrict. Never zero.
    @dev Reverts as `read()`.
    """
    reading: Reading = self._try_read()
    faults._check(reading.fault)
    collateral: uint256 = self._last_usd(
        asset_records.COUNT, reading.steps, reading.usd[asset_records.COUNT]
    )
    mid: uint256[10] = empty(uint256[10])
    for i: uint256 in range(asset_records.COUNT, bound=_MAX):
        mid[i] = self._mid_down(self._last_usd(i, reading.steps, reading.usd[i]), collateral)
    return mid


@view
@external
def closing_prices() -> IIndexOracle.Prices:
    """
    @notice As `read()` when prices are usable, else the last accepted ones, at the
            fallback spread of both sides.
    @return As of `read()`; published at time 0 and without a restriction when they
            are the last accepted ones. Never zero.
    @dev Reverts only when a feed may have failed for want of gas.
    """
    reading: Reading = self._try_read()
    if reading.fault == faults.NO_FAULT:
        return reading.prices
    faults._check_gas()
    return self._last_accepted()


# --- internal ---


@view
@internal
def _is_usable() -> bool:
    if self._try_read().fault == faults.NO_FAULT:
        return True
    faults._check_gas()
    return False


@view
@internal
def _last_accepted() -> IIndexOracle.Prices:
    """
    @notice Mids of the accepted USD prices, rounded down, at the fallback spread
            of both sides. Prices accepted at different times may have a
            quotient that was never usable: it is kept in the usable range.
    """
    collateral: uint256 = asset_records._state(asset_records.COUNT).accepted
    half: uint256 = asset_records.PARAMETERS.fallback_spread
    spread: uint256 = half + (half * (_WAD + half) + _WAD - 1) // _WAD
    prices: IIndexOracle.Prices = empty(IIndexOracle.Prices)
    for i: uint256 in range(asset_records.COUNT, bound=_MAX):
        prices.mid[i] = self._mid_down(asset_records._state(i).accepted, collateral)
        prices.spread[i] = spread
    return prices


@pure
@internal
def _mid_down(price: uint256, collateral: uint256) -> uint256:
    """
    @return The quotient, kept in the usable range: prices of different times.
    """
    return min(max(price * _WAD // collateral, 1), _MAX_MID - 1)


@view
@internal
def _try_read() -> Reading:
    """
    @notice What is read may be used after `faults._check` only. (The two are
            apart because each copy of a reading costs gas.)
    """
    reading: Reading = empty(Reading)
    reading.fault = sequencer._fault(
        asset_records.PARAMETERS.sequencer, asset_records.PARAMETERS.sequencer_grace
    )
    if reading.fault != faults.NO_FAULT:
        return reading
    collateral: sources.Source = sources._source(asset_records.COUNT)
    reading.fault = collateral.fault
    if reading.fault != faults.NO_FAULT:
        return reading
    reading.usd[asset_records.COUNT] = collateral.price
    reading.prices.updated_at = collateral.updated_at
    factor: uint256 = _WAD + collateral.spread
    wide: bool = collateral.spread > asset_records.PARAMETERS.max_spread
    if not collateral.confirmed and step_breaker._is_unconfirmed_step(
        asset_records.COUNT, collateral.price
    ):
        reading.steps = 1 << asset_records.COUNT
    for i: uint256 in range(asset_records.COUNT, bound=_MAX):
        source: sources.Source = sources._source(i)
        if source.fault != faults.NO_FAULT:
            reading.fault = source.fault
            return reading
        mid: uint256 = source.price * _WAD // collateral.price
        if mid == 0 or mid >= _MAX_MID:
            reading.fault = faults.BOUNDS
            return reading
        reading.usd[i] = source.price
        reading.prices.mid[i] = mid
        reading.prices.spread[i] = collateral.spread + (source.spread * factor + _WAD - 1) // _WAD
        reading.prices.updated_at = max(reading.prices.updated_at, source.updated_at)
        wide = wide or source.spread > asset_records.PARAMETERS.max_spread
        if not source.confirmed and step_breaker._is_unconfirmed_step(i, source.price):
            reading.steps = reading.steps | 1 << i
    reading.prices.restriction = self._restriction(reading.steps != 0, wide)
    if reading.steps != 0:
        reading.prices.spread = self._widened_up(reading)
    return reading


@view
@internal
def _widened_up(reading: Reading) -> uint256[10]:
    """
    @return Half-spreads so wide that mid * (1 + spread) is no less than the price with
            the higher of present and accepted price of a component that steps, and the
            lower one of a collateral that does.
    """
    present: uint256 = reading.usd[asset_records.COUNT]
    lowest: uint256 = min(present, self._last_usd(asset_records.COUNT, reading.steps, present))
    spread: uint256[10] = reading.prices.spread
    for i: uint256 in range(asset_records.COUNT, bound=_MAX):
        highest: uint256 = max(reading.usd[i], self._last_usd(i, reading.steps, reading.usd[i]))
        worst: uint256 = (highest * _WAD + lowest - 1) // lowest
        mid: uint256 = reading.prices.mid[i]
        gap: uint256 = ((worst - mid) * _WAD + mid - 1) // mid
        spread[i] = max(spread[i], min(gap, _MAX_SPREAD))
    return spread


@view
@internal
def _last_usd(i: uint256, steps: uint256, price: uint256) -> uint256:
    """
    @return The accepted price of an asset that steps, else the present one; at
            deployment none has been accepted yet.
    """
    accepted: uint256 = 0
    if steps >> i & 1 != 0:
        accepted = asset_records._state(i).accepted
    return price if accepted == 0 else accepted


@view
@internal
def _restriction(step: bool, wide: bool) -> IIndexOracle.Restriction:
    restriction: IIndexOracle.Restriction = empty(IIndexOracle.Restriction)
    if step:
        restriction = IIndexOracle.Restriction.STEP
    if wide:
        restriction = restriction | IIndexOracle.Restriction.SPREAD
    return restriction


@view
@internal
def _read_undisputed() -> Reading:
    """
    @return Prices on which the sources agree.
    """
    reading: Reading = self._try_read()
    faults._check(reading.fault)
    assert not (
        IIndexOracle.Restriction.SPREAD in reading.prices.restriction
    ), errors.SPREAD_TOO_WIDE
    return reading
