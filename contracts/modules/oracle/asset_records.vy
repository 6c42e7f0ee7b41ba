# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title asset_records
@license AGPL-3.0-only
@notice What an oracle keeps of each asset, the collateral being the last one:
        its feeds and the bounds of its price, which are fixed; heartbeats that the
        owner has raised; its units in the index, the USD price last accepted, and
        a step away from it.
"""

from ....interfaces import IIndexOracle

from ..lib import errors
from . import configuration_checks
from . import feeds


# @dev One asset's state, packed into a word:
#      units (112 bits) | accepted price (104 bits) | time of the step (40 bits).
#      The collateral has no units.
struct State:
    units: uint256
    accepted: uint256  # WAD USD
    step_at: uint256


_UNITS_BITS: constant(uint256) = 112
_PRICE_BITS: constant(uint256) = 104

COUNT: immutable(uint256)
_COLLATERAL_DECIMALS: immutable(uint256)
# @dev Feeds and bounds by component, the collateral's at index `COUNT`; words
#      as `feeds` has them.
PRIMARY: immutable(uint256[11])
SECONDARY: immutable(uint256[11])
BOUNDS: immutable(uint256[11])
MIN_SPREADS: immutable(uint256[11])  # WAD
PARAMETERS: immutable(IIndexOracle.Parameters)

# @dev By component, the collateral's at index `COUNT`.
_states: uint256[11]
# @dev Heartbeats as the owner has set them, seconds; primary in the low half, secondary
#      in the high one, 0 where none was set. Asked for answers alone that the
#      heartbeats of the deployment call stale.
_set_heartbeats: uint256[11]
# @dev WAD USD, the price with which a step's clock started; of no meaning while
#      none runs.
observed_prices: uint256[11]


@deploy
def __init__(
    assets: DynArray[IIndexOracle.Asset, 11],
    collateral_decimals: uint256,
    parameters: IIndexOracle.Parameters,
):
    """
    @param assets The components' feeds, then the collateral's; `decimals()` of each feed
           must be what is given.
    @param collateral_decimals Decimals of the collateral token; information only.
    @param parameters Spreads and limits WAD, times in seconds, see `IIndexOracle`.
    @dev Warning: feeds and parameters are fixed for good, heartbeats but raised. The feeds are trusted within
         the bounds of their price: a primary without a secondary is believed alone.
    """
    assert len(assets) >= 2, errors.ORACLE_COUNT
    COUNT = len(assets) - 1
    _COLLATERAL_DECIMALS = collateral_decimals
    configuration_checks._check_parameters(parameters)
    PARAMETERS = parameters

    primary: uint256[11] = empty(uint256[11])
    secondary: uint256[11] = empty(uint256[11])
    bounds: uint256[11] = empty(uint256[11])
    min_spreads: uint256[11] = empty(uint256[11])
    for i: uint256 in range(len(assets), bound=11):
        primary[i], secondary[i], bounds[i] = configuration_checks._checked_words(assets[i])
        min_spreads[i] = assets[i].min_spread
        assert min_spreads[i] <= parameters.fallback_spread, errors.ORACLE_SPREADS
    PRIMARY = primary
    SECONDARY = secondary
    BOUNDS = bounds
    MIN_SPREADS = min_spreads


# --- views ---


@view
@external
def component_count() -> uint256:
    """
    @return Number of components, 1 to 10.
    """
    return COUNT


@view
@external
def collateral_decimals() -> uint256:
    """
    @return Decimals of the collateral that prices are stated in; information only.
    """
    return _COLLATERAL_DECIMALS


@view
@external
def parameters() -> IIndexOracle.Parameters:
    """
    @return Spreads and limits WAD, times in seconds.
    """
    return PARAMETERS


@view
@external
def asset(i: uint256) -> IIndexOracle.Asset:
    """
    @notice Feeds of an asset, bounds of its price (WAD USD), floor of its half-spread
            (WAD). Reverts with
            "oracle: 1 to 10 components and the collateral" for other numbers.
    @param i Component index; `component_count()` is the collateral.
    @return Heartbeats in seconds, as they are now; a secondary of zero for none.
    """
    assert i <= COUNT, errors.ORACLE_COUNT
    return IIndexOracle.Asset(
        primary=feeds._feed(PRIMARY[i]),
        primary_heartbeat=max(feeds._heartbeat(PRIMARY[i]), self._set_heartbeat(i, False)),
        primary_decimals=feeds._decimals(PRIMARY[i]),
        secondary=feeds._feed(SECONDARY[i]),
        secondary_heartbeat=max(feeds._heartbeat(SECONDARY[i]), self._set_heartbeat(i, True)),
        secondary_decimals=feeds._decimals(SECONDARY[i]),
        min_price=feeds._low(BOUNDS[i]),
        max_price=feeds._high(BOUNDS[i]),
        min_spread=MIN_SPREADS[i],
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


# --- state ---


@view
@internal
def _state(i: uint256) -> State:
    word: uint256 = self._states[i]
    return State(
        units=word & (2**_UNITS_BITS - 1),
        accepted=word >> _UNITS_BITS & (2**_PRICE_BITS - 1),
        step_at=word >> (_UNITS_BITS + _PRICE_BITS),
    )


@view
@internal
def _set_heartbeat(i: uint256, of_secondary: bool) -> uint256:
    """
    @return Seconds, not below the feed's own heartbeat; 0 when none was set.
    """
    word: uint256 = self._set_heartbeats[i]
    return feeds._high(word) if of_secondary else feeds._low(word)


@internal
def _store_heartbeats(i: uint256, primary: uint256, secondary: uint256):
    assert i <= COUNT, errors.ORACLE_COUNT
    configuration_checks._check_raised(primary, feeds._heartbeat(PRIMARY[i]))
    configuration_checks._check_raised(secondary, feeds._heartbeat(SECONDARY[i]))
    self._set_heartbeats[i] = feeds._pack_halves(primary, secondary)
    log IIndexOracle.HeartbeatsSet(asset=i, primary=primary, secondary=secondary)


@internal
def _store(i: uint256, state: State):
    assert state.units < 2**_UNITS_BITS, errors.ORACLE_UNITS
    self._states[i] = (
        state.units | state.accepted << _UNITS_BITS | state.step_at << (_UNITS_BITS + _PRICE_BITS)
    )
