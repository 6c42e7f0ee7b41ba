# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title prices
@license AGPL-3.0-only
@notice The components' and the collateral's prices from hardened sources, and
        the last accepted USD price of each beside its units.
@dev See `IndexOracle` for the rules.
"""

from ....interfaces import IIndexOracle

from ..lib import errors
from . import feeds
from . import checks


# @dev The struct of one usable source pair.
struct Source:
    fault: uint256
    price: uint256
    spread: uint256
    updated_at: uint256
    confirmed: bool  # two sources agree within the maximum spread


# @dev The prices of one moment, or the first fault that makes them unusable.
struct Reading:
    fault: uint256
    steps: uint256  # bit i: the price of asset i steps, unconfirmed
    usd: uint256[11]  # WAD, the collateral's at index `COUNT`
    prices: IIndexOracle.Prices


# @dev One asset's state, packed into a word:
#      units (112 bits) | accepted price (104 bits) | time of the step (40 bits).
#      The collateral has no units.
struct State:
    units: uint256
    accepted: uint256  # WAD USD
    step_at: uint256


_WAD: constant(uint256) = 10**18
_MAX: constant(uint256) = 10
_UNITS_BITS: constant(uint256) = 112
_PRICE_BITS: constant(uint256) = 104
_MAX_MID: constant(uint256) = 2**104
_MAX_DISAGREEMENT: constant(uint256) = 10**6 * _WAD  # keeps every product small

COUNT: immutable(uint256)
_COLLATERAL_DECIMALS: immutable(uint256)
# @dev Feeds and bounds by component, the collateral's at index `COUNT`.
_PRIMARY: immutable(uint256[11])
_SECONDARY: immutable(uint256[11])
_BOUNDS: immutable(uint256[11])
PARAMETERS: immutable(IIndexOracle.Parameters)

# @dev By component, the collateral's at index `COUNT`.
_states: uint256[11]
# @dev WAD USD, the price with which a step's clock started; of no meaning while
#      none runs.
_observed: uint256[11]


@deploy
def __init__(
    assets: DynArray[IIndexOracle.Asset, 11],
    collateral_decimals: uint256,
    parameters: IIndexOracle.Parameters,
):
    assert len(assets) >= 2, errors.ORACLE_COUNT
    COUNT = len(assets) - 1
    _COLLATERAL_DECIMALS = collateral_decimals
    checks._check_parameters(parameters)
    PARAMETERS = parameters

    primary: uint256[11] = empty(uint256[11])
    secondary: uint256[11] = empty(uint256[11])
    bounds: uint256[11] = empty(uint256[11])
    for i: uint256 in range(len(assets), bound=11):
        primary[i], secondary[i], bounds[i] = checks._checked_words(assets[i])
    _PRIMARY = primary
    _SECONDARY = secondary
    _BOUNDS = bounds


# --- views ---


@view
@external
def component_count() -> uint256:
    return COUNT


@view
@external
def collateral_decimals() -> uint256:
    return _COLLATERAL_DECIMALS


@view
@external
def parameters() -> IIndexOracle.Parameters:
    return PARAMETERS


@view
@external
def asset(i: uint256) -> IIndexOracle.Asset:
    assert i <= COUNT, errors.ORACLE_COUNT
    return IIndexOracle.Asset(
        primary=feeds._feed(_PRIMARY[i]),
        primary_heartbeat=feeds._heartbeat(_PRIMARY[i]),
        primary_decimals=feeds._decimals(_PRIMARY[i]),
        secondary=feeds._feed(_SECONDARY[i]),
        secondary_heartbeat=feeds._heartbeat(_SECONDARY[i]),
        secondary_decimals=feeds._decimals(_SECONDARY[i]),
        min_price=feeds._low(_BOUNDS[i]),
        max_price=feeds._high(_BOUNDS[i]),
    )


@view
@external
def accepted(i: uint256) -> (uint256, uint256):
    """
    @return The price last accepted for an asset, WAD USD, and since when a step
            away from it is observed (0 when none is).
    """
    assert i <= COUNT, errors.ORACLE_COUNT
    state: State = self._state(i)
    return state.accepted, state.step_at


@view
@external
def usable() -> bool:
    return self._is_usable()


@view
@external
def read() -> IIndexOracle.Prices:
    reading: Reading = self._try_read()
    feeds._check_fault(reading.fault)
    return reading.prices


@view
@external
def try_read() -> (bool, IIndexOracle.Prices):
    """
    @notice As `read()`, without a revert for prices that are unusable.
    @return Whether they are usable, and the prices, zeros when they are not.
    """
    reading: Reading = self._try_read()
    if reading.fault == feeds.FAULT_NONE:
        return True, reading.prices
    self._check_gas()
    return False, empty(IIndexOracle.Prices)


@view
@external
def closing_prices() -> IIndexOracle.Prices:
    """
    @notice As `read()` when prices are usable, else the last accepted ones.
    """
    reading: Reading = self._try_read()
    if reading.fault == feeds.FAULT_NONE:
        return reading.prices
    self._check_gas()
    return self._last_accepted()


# --- prices ---


@view
@internal
def _is_usable() -> bool:
    if self._try_read().fault == feeds.FAULT_NONE:
        return True
    self._check_gas()
    return False


@view
@internal
def _check_gas():
    """
    @notice After a fault that is acted upon, be it that the other source serves
            alone: no feed can have failed for want of gas. See `feeds`.
    """
    assert msg.gas >= feeds.FAULT_GAS, errors.ORACLE_GAS


@view
@internal
def _last_accepted() -> IIndexOracle.Prices:
    """
    @notice Mids of the accepted USD prices, rounded down, at the fallback spread
            of both sides. Prices accepted at different times may have a
            quotient that was never usable: it is kept in the usable range.
    """
    collateral: uint256 = self._state(COUNT).accepted
    half: uint256 = PARAMETERS.fallback_spread
    spread: uint256 = half + (half * (_WAD + half) + _WAD - 1) // _WAD
    prices: IIndexOracle.Prices = empty(IIndexOracle.Prices)
    for i: uint256 in range(COUNT, bound=_MAX):
        mid: uint256 = self._state(i).accepted * _WAD // collateral
        prices.mid[i] = min(max(mid, 1), _MAX_MID - 1)
        prices.spread[i] = spread
    return prices


@view
@internal
def _try_read() -> Reading:
    """
    @notice What is read may be used after `_check_fault` only. (The two are
            apart because each copy of a reading costs gas.)
    """
    reading: Reading = empty(Reading)
    reading.fault = self._sequencer_fault()
    if reading.fault != feeds.FAULT_NONE:
        return reading
    collateral: Source = self._source(COUNT)
    reading.fault = collateral.fault
    if reading.fault != feeds.FAULT_NONE:
        return reading
    reading.usd[COUNT] = collateral.price
    reading.prices.updated_at = collateral.updated_at
    factor: uint256 = _WAD + collateral.spread
    wide: bool = collateral.spread > PARAMETERS.max_spread
    if not collateral.confirmed and self._steps(COUNT, collateral.price):
        reading.steps = 1 << COUNT
    for i: uint256 in range(COUNT, bound=_MAX):
        source: Source = self._source(i)
        if source.fault != feeds.FAULT_NONE:
            reading.fault = source.fault
            return reading
        mid: uint256 = source.price * _WAD // collateral.price
        if mid == 0 or mid >= _MAX_MID:
            reading.fault = feeds.FAULT_BOUNDS
            return reading
        reading.usd[i] = source.price
        reading.prices.mid[i] = mid
        reading.prices.spread[i] = collateral.spread + (source.spread * factor + _WAD - 1) // _WAD
        reading.prices.updated_at = max(reading.prices.updated_at, source.updated_at)
        wide = wide or source.spread > PARAMETERS.max_spread
        if not source.confirmed and self._steps(i, source.price):
            reading.steps = reading.steps | 1 << i
    reading.prices.restriction = self._restriction(reading.steps != 0, wide)
    return reading


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
def _source(i: uint256) -> Source:
    """
    @notice The price of asset i in WAD USD from its primary, else its
            secondary, else the primary's fault.
    """
    first: feeds.Answer = feeds._latest(_PRIMARY[i], _BOUNDS[i])
    if _SECONDARY[i] == 0:
        return Source(
            fault=first.fault,
            price=first.price,
            spread=PARAMETERS.min_spread,
            updated_at=first.updated_at,
            confirmed=False,
        )
    second: feeds.Answer = feeds._latest(_SECONDARY[i], _BOUNDS[i])
    if first.fault == feeds.FAULT_NONE and second.fault == feeds.FAULT_NONE:
        spread: uint256 = self._disagreement_up(first.price, second.price)
        return Source(
            fault=feeds.FAULT_NONE,
            price=first.price,
            spread=max(spread, PARAMETERS.min_spread),
            updated_at=first.updated_at,
            confirmed=spread <= PARAMETERS.max_spread,
        )
    survivor: feeds.Answer = first
    if first.fault != feeds.FAULT_NONE and second.fault == feeds.FAULT_NONE:
        survivor = second
    if survivor.fault == feeds.FAULT_NONE and max(first.fault, second.fault) == feeds.FAULT_CALL:
        self._check_gas()
    return Source(
        fault=survivor.fault,
        price=survivor.price,
        spread=PARAMETERS.fallback_spread,
        updated_at=survivor.updated_at,
        confirmed=False,
    )


@pure
@internal
def _disagreement_up(price: uint256, other: uint256) -> uint256:
    """
    @return |price - other| / min(price, other), WAD, rounded up, at most a
            millionfold: each is within 1 + that, up or down, of the other.
    """
    low: uint256 = min(price, other)
    gap: uint256 = max(price, other) - low
    return min((gap * _WAD + low - 1) // low, _MAX_DISAGREEMENT)


@view
@internal
def _steps(i: uint256, price: uint256) -> bool:
    """
    @return True when the price is a step from the accepted one that the delay
            since a like price was observed does not excuse.
    """
    state: State = self._state(i)
    if not self._beyond_limit(state.accepted, price):
        return False
    if state.step_at == 0 or block.timestamp < state.step_at + PARAMETERS.step_delay:
        return True
    return self._beyond_limit(self._observed[i], price)


@view
@internal
def _beyond_limit(reference: uint256, price: uint256) -> bool:
    gap: uint256 = max(reference, price) - min(reference, price)
    return gap * _WAD > reference * PARAMETERS.step_limit


@view
@internal
def _sequencer_fault() -> uint256:
    if PARAMETERS.sequencer == empty(address):
        return feeds.FAULT_NONE
    return feeds._sequencer_fault(PARAMETERS.sequencer, PARAMETERS.sequencer_grace)


# --- one asset ---


@internal
def _accept(i: uint256, units: uint256, price: uint256, steps: uint256):
    """
    @notice Accept the price of asset i, or observe its step if bit i is set.
    """
    before: State = self._state(i)
    after: State = State(units=units, accepted=price, step_at=0)
    if steps & 1 << i != 0:
        after.accepted = before.accepted
        after.step_at = self._observe(i, before, price)
    elif before.step_at != 0:
        log IIndexOracle.PriceAccepted(asset=i, price=price)
    self._store(i, after)


@internal
def _observe(i: uint256, before: State, price: uint256) -> uint256:
    """
    @notice Start the clock of a step, anew for a price unlike the observed one.
    @return The clock's start.
    """
    if before.step_at != 0 and not self._beyond_limit(self._observed[i], price):
        return before.step_at
    self._observed[i] = price
    log IIndexOracle.StepObserved(asset=i, accepted=before.accepted, price=price)
    return block.timestamp


@view
@internal
def _state(i: uint256) -> State:
    word: uint256 = self._states[i]
    return State(
        units=word & (2**_UNITS_BITS - 1),
        accepted=word >> _UNITS_BITS & (2**_PRICE_BITS - 1),
        step_at=word >> (_UNITS_BITS + _PRICE_BITS),
    )


@internal
def _store(i: uint256, state: State):
    assert state.units < 2**_UNITS_BITS, errors.ORACLE_UNITS
    self._states[i] = (
        state.units | state.accepted << _UNITS_BITS | state.step_at << (_UNITS_BITS + _PRICE_BITS)
    )
