# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title IndexOracle
@license AGPL-3.0-only
@notice Prices of up to ten index components in units of the collateral, each
        from a primary and an optional secondary feed, and the index that is
        made of them.
@dev With one source its spread is `min_spread`. With two it is their
     disagreement, at least `min_spread`; if one of the two is unusable the
     other serves alone at `fallback_spread`. A component's spread includes the
     collateral's. The mid price is the primary's while that is usable, so
     [mid * (1 - spread), mid * (1 + spread)] always contains both sources.

     Units change only in `refresh()`: at a scheduled reconstitution and, if
     `reweight_interval` is set, at the first refresh of each interval. Then
     units[i] = weight[i] * level / price[i], rounded down: the level is
     continuous (to one unit wei of each component).
@custom:kill Nothing here can be switched off by anybody. An oracle whose feeds
             die reverts, which stops minting, priced redemption and rebalancing
             of the tokens that read it. The owner can only announce weights.
"""


from snekmate.auth import ownable

from ..interfaces import IAggregatorV3
from ..interfaces import IIndexOracle

implements: IIndexOracle

from .modules import errors
from .modules import feeds

initializes: ownable

exports: (
    ownable.owner,
    ownable.transfer_ownership,
    # `renounce_ownership` is left out: the index would be frozen by one call.
)


# @dev The struct of one usable source pair.
struct Source:
    fault: uint256
    price: uint256
    spread: uint256
    updated_at: uint256
    confirmed: bool  # two sources agree within the maximum spread


# @dev One component's state, packed into a word:
#      units (112 bits) | accepted price (104 bits) | time of the step (40 bits).
struct Component:
    units: uint256
    accepted: uint256
    step_at: uint256


# @dev Seconds between the announcement of weights and their taking effect.
MIN_DELAY: public(constant(uint256)) = 2 * 86_400

_WAD: constant(uint256) = 10**18
_MAX: constant(uint256) = 10
_MAX_HEARTBEAT: constant(uint256) = 7 * 86_400
_MAX_USD: constant(uint256) = 10**30  # WAD: a million million dollars
_UNITS_BITS: constant(uint256) = 112
_PRICE_BITS: constant(uint256) = 104
_HALF_WORD: constant(uint256) = 2**64 - 1

_COUNT: immutable(uint256)
_COLLATERAL_DECIMALS: immutable(uint256)
# @dev Feeds and bounds by component, the collateral's at index `_COUNT`.
_PRIMARY: immutable(uint256[11])
_SECONDARY: immutable(uint256[11])
_BOUNDS: immutable(uint256[11])
_PARAMETERS: immutable(IIndexOracle.Parameters)

_components: uint256[10]
_weights: DynArray[uint256, 10]
_scheduled_weights: DynArray[uint256, 10]
# @dev version (64 bits) | last reweighted interval (64) | scheduled time (64)
#      | time from which the units were due (64).
_clock: uint256


@deploy
def __init__(
    assets: DynArray[IIndexOracle.Asset, 11],
    weights: DynArray[uint256, 10],
    base_level: uint256,
    collateral_decimals: uint256,
    parameters: IIndexOracle.Parameters,
):
    """
    @param assets The components' feeds, then the collateral's. All of them
           must be usable at deployment.
    @param weights WAD, one per component, summing to 1e18.
    @param base_level Index level to start at, WAD, 1 to 1e9 whole.
    @param collateral_decimals Decimals of the collateral token.
    """
    ownable.__init__()
    assert len(assets) >= 2, errors.ORACLE_COUNT
    _COUNT = len(assets) - 1
    _COLLATERAL_DECIMALS = collateral_decimals
    self._check_parameters(parameters)
    _PARAMETERS = parameters

    primary: uint256[11] = empty(uint256[11])
    secondary: uint256[11] = empty(uint256[11])
    bounds: uint256[11] = empty(uint256[11])
    for i: uint256 in range(len(assets), bound=11):
        primary[i], secondary[i], bounds[i] = self._checked_words(assets[i])
    _PRIMARY = primary
    _SECONDARY = secondary
    _BOUNDS = bounds

    assert len(weights) == len(assets) - 1, errors.ORACLE_WEIGHT_COUNT
    self._check_weights(weights)
    assert base_level >= _WAD and base_level <= 10**9 * _WAD, errors.ORACLE_LEVEL
    self._weights = weights
    self._start(weights, base_level)


# --- views ---


@view
@external
def component_count() -> uint256:
    return _COUNT


@view
@external
def collateral_decimals() -> uint256:
    return _COLLATERAL_DECIMALS


@view
@external
def parameters() -> IIndexOracle.Parameters:
    return _PARAMETERS


@view
@external
def asset(i: uint256) -> IIndexOracle.Asset:
    assert i <= _COUNT, errors.ORACLE_COUNT
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
def weights() -> DynArray[uint256, 10]:
    return self._weights


@view
@external
def scheduled() -> (DynArray[uint256, 10], uint256):
    return self._scheduled_weights, self._scheduled_at(self._clock)


@view
@external
def accepted(i: uint256) -> (uint256, uint256):
    """
    @return The price last accepted for a component, WAD, and since when a step
            away from it is observed (0 when none is).
    """
    assert i < _COUNT, errors.ORACLE_COUNT
    component: Component = self._component(i)
    return component.accepted, component.step_at


@view
@external
def usable() -> bool:
    fault: uint256 = 0
    prices: IIndexOracle.Prices = empty(IIndexOracle.Prices)
    fault, prices = self._try_read()
    return fault == feeds.FAULT_NONE


@view
@external
def read() -> IIndexOracle.Prices:
    return self._read()


@view
@external
def composition() -> IIndexOracle.Composition:
    return self._composition()


@view
@external
def level() -> uint256:
    return self._level_down(self._composition().units, self._read().mid)


# --- actions ---


@external
def refresh() -> (IIndexOracle.Prices, IIndexOracle.Composition):
    prices: IIndexOracle.Prices = self._read()
    assert not (IIndexOracle.Restriction.SPREAD in prices.restriction), errors.SPREAD_TOO_WIDE
    composition: IIndexOracle.Composition = self._composition()
    if block.timestamp >= composition.due_at:
        composition = self._reconstitute(composition, prices.mid)
    for i: uint256 in range(_COUNT, bound=_MAX):
        self._accept(i, composition.units[i], prices.mid[i])
    return prices, composition


@external
def schedule_reconstitution(weights: DynArray[uint256, 10]):
    ownable._check_owner()
    assert self._scheduled_at(self._clock) == 0, errors.ORACLE_SCHEDULED
    assert len(weights) == _COUNT, errors.ORACLE_WEIGHT_COUNT
    self._check_weights(weights)
    at: uint256 = block.timestamp + MIN_DELAY
    self._scheduled_weights = weights
    self._clock = self._clock | at << 128
    log IIndexOracle.ReconstitutionScheduled(weights=weights, effective_at=at)


@external
def cancel_reconstitution():
    ownable._check_owner()
    at: uint256 = self._scheduled_at(self._clock)
    assert at != 0, errors.ORACLE_NOTHING_SCHEDULED
    self._scheduled_weights = []
    self._clock = self._clock & ~(_HALF_WORD << 128)
    log IIndexOracle.ReconstitutionCancelled(effective_at=at)


# --- prices ---


@view
@internal
def _read() -> IIndexOracle.Prices:
    fault: uint256 = 0
    prices: IIndexOracle.Prices = empty(IIndexOracle.Prices)
    fault, prices = self._try_read()
    self._check_fault(fault)
    return prices


@view
@internal
def _try_read() -> (uint256, IIndexOracle.Prices):
    """
    @notice All prices, or the first fault that makes them unusable.
    """
    prices: IIndexOracle.Prices = empty(IIndexOracle.Prices)
    fault: uint256 = self._sequencer_fault()
    if fault != feeds.FAULT_NONE:
        return fault, prices
    collateral: Source = self._source(_COUNT)
    if collateral.fault != feeds.FAULT_NONE:
        return collateral.fault, prices
    prices.updated_at = collateral.updated_at
    if collateral.spread > _PARAMETERS.max_spread:
        prices.restriction = IIndexOracle.Restriction.SPREAD
    for i: uint256 in range(_COUNT, bound=_MAX):
        source: Source = self._source(i)
        if source.fault != feeds.FAULT_NONE:
            return source.fault, prices
        mid: uint256 = source.price * _WAD // collateral.price
        if mid == 0 or mid >= 2**_PRICE_BITS:
            return feeds.FAULT_BOUNDS, prices
        prices.mid[i] = mid
        prices.spread[i] = source.spread + collateral.spread
        prices.updated_at = max(prices.updated_at, source.updated_at)
        if source.spread > _PARAMETERS.max_spread:
            prices.restriction = prices.restriction | IIndexOracle.Restriction.SPREAD
        if not source.confirmed and self._steps(self._component(i), mid):
            prices.restriction = prices.restriction | IIndexOracle.Restriction.STEP
    return feeds.FAULT_NONE, prices


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
            spread=_PARAMETERS.min_spread,
            updated_at=first.updated_at,
            confirmed=False,
        )
    second: feeds.Answer = feeds._latest(_SECONDARY[i], _BOUNDS[i])
    if first.fault == feeds.FAULT_NONE and second.fault == feeds.FAULT_NONE:
        spread: uint256 = self._disagreement_up(first.price, second.price)
        return Source(
            fault=feeds.FAULT_NONE,
            price=first.price,
            spread=max(spread, _PARAMETERS.min_spread),
            updated_at=first.updated_at,
            confirmed=spread <= _PARAMETERS.max_spread,
        )
    survivor: feeds.Answer = first
    if first.fault != feeds.FAULT_NONE and second.fault == feeds.FAULT_NONE:
        survivor = second
    return Source(
        fault=survivor.fault,
        price=survivor.price,
        spread=_PARAMETERS.fallback_spread,
        updated_at=survivor.updated_at,
        confirmed=False,
    )


@pure
@internal
def _disagreement_up(price: uint256, other: uint256) -> uint256:
    """
    @return |price - other| / price, WAD, rounded up.
    """
    gap: uint256 = max(price, other) - min(price, other)
    return (gap * _WAD + price - 1) // price


@view
@internal
def _steps(component: Component, mid: uint256) -> bool:
    """
    @return True when `mid` is a step that its delay does not excuse yet.
    """
    if not self._beyond_limit(component.accepted, mid):
        return False
    return component.step_at == 0 or block.timestamp < component.step_at + _PARAMETERS.step_delay


@view
@internal
def _beyond_limit(accepted: uint256, mid: uint256) -> bool:
    gap: uint256 = max(accepted, mid) - min(accepted, mid)
    return gap * _WAD > accepted * _PARAMETERS.step_limit


@view
@internal
def _sequencer_fault() -> uint256:
    if _PARAMETERS.sequencer == empty(address):
        return feeds.FAULT_NONE
    return feeds._sequencer_fault(_PARAMETERS.sequencer, _PARAMETERS.sequencer_grace)


@pure
@internal
def _check_fault(fault: uint256):
    assert fault != feeds.FAULT_CALL, errors.FEED_FAILED
    assert fault != feeds.FAULT_INCOMPLETE, errors.ROUND_INCOMPLETE
    assert fault != feeds.FAULT_NOT_POSITIVE, errors.NOT_POSITIVE
    assert fault != feeds.FAULT_STALE, errors.STALE_PRICE
    assert fault != feeds.FAULT_BOUNDS, errors.OUT_OF_BOUNDS
    assert fault != feeds.FAULT_SEQUENCER_CALL, errors.SEQUENCER_FAILED
    assert fault != feeds.FAULT_SEQUENCER_DOWN, errors.SEQUENCER_DOWN
    assert fault != feeds.FAULT_SEQUENCER_GRACE, errors.SEQUENCER_GRACE


# --- index ---


@view
@internal
def _composition() -> IIndexOracle.Composition:
    units: uint256[10] = empty(uint256[10])
    for i: uint256 in range(_COUNT, bound=_MAX):
        units[i] = self._component(i).units
    return self._composition_of(units)


@view
@internal
def _composition_of(units: uint256[10]) -> IIndexOracle.Composition:
    clock: uint256 = self._clock
    return IIndexOracle.Composition(
        units=units,
        version=clock & _HALF_WORD,
        effective_at=clock >> 192,
        due_at=self._due_at(clock),
    )


@view
@internal
def _due_at(clock: uint256) -> uint256:
    due_at: uint256 = max_value(uint256)
    scheduled_at: uint256 = self._scheduled_at(clock)
    if scheduled_at != 0:
        due_at = scheduled_at
    if _PARAMETERS.reweight_interval != 0:
        following: uint256 = (clock >> 64 & _HALF_WORD) + 1
        boundary: uint256 = following * _PARAMETERS.reweight_interval + _PARAMETERS.reweight_offset
        due_at = min(due_at, boundary)
    return due_at


@view
@internal
def _level_down(units: uint256[10], mid: uint256[10]) -> uint256:
    total: uint256 = 0
    for i: uint256 in range(_COUNT, bound=_MAX):
        total += units[i] * mid[i]
    return total // _WAD


@internal
def _reconstitute(
    before: IIndexOracle.Composition, mid: uint256[10]
) -> IIndexOracle.Composition:
    """
    @notice New units for the weights in force from now on; the caller stores
            the units.
    """
    level: uint256 = self._level_down(before.units, mid)
    scheduled_at: uint256 = self._scheduled_at(self._clock)
    if scheduled_at != 0 and block.timestamp >= scheduled_at:
        self._weights = self._scheduled_weights
        self._scheduled_weights = []
        scheduled_at = 0
    units: uint256[10] = self._units_down(self._weights, level, mid)
    version: uint256 = before.version + 1
    self._clock = self._packed_clock(version, scheduled_at, before.due_at)
    log IIndexOracle.Reconstituted(version=version, level=level, units=units)
    return self._composition_of(units)


@internal
def _start(weights: DynArray[uint256, 10], level: uint256):
    mid: uint256[10] = self._first_prices()
    units: uint256[10] = self._units_down(weights, level, mid)
    self._clock = self._packed_clock(1, 0, block.timestamp)
    for i: uint256 in range(len(weights), bound=_MAX):
        self._store(i, Component(units=units[i], accepted=mid[i], step_at=0))
    log IIndexOracle.Reconstituted(version=1, level=level, units=units)


@view
@internal
def _first_prices() -> uint256[10]:
    prices: IIndexOracle.Prices = self._read()
    assert not (IIndexOracle.Restriction.SPREAD in prices.restriction), errors.SPREAD_TOO_WIDE
    return prices.mid


@pure
@internal
def _units_down(
    weights: DynArray[uint256, 10], level: uint256, mid: uint256[10]
) -> uint256[10]:
    units: uint256[10] = empty(uint256[10])
    for i: uint256 in range(len(weights), bound=_MAX):
        units[i] = weights[i] * level // mid[i]
    return units


@view
@internal
def _interval() -> uint256:
    """
    @return Number of the current reweight interval, 0 without intervals.
    """
    if _PARAMETERS.reweight_interval == 0:
        return 0
    return (block.timestamp - _PARAMETERS.reweight_offset) // _PARAMETERS.reweight_interval


@pure
@internal
def _scheduled_at(clock: uint256) -> uint256:
    return clock >> 128 & _HALF_WORD


@view
@internal
def _packed_clock(version: uint256, scheduled_at: uint256, effective_at: uint256) -> uint256:
    return version | self._interval() << 64 | scheduled_at << 128 | effective_at << 192


# --- state of one component ---


@internal
def _accept(i: uint256, units: uint256, mid: uint256):
    """
    @notice Accept the price, or start the clock of a step.
    """
    before: Component = self._component(i)
    after: Component = Component(units=units, accepted=mid, step_at=0)
    if self._steps(before, mid) and not self._source(i).confirmed:
        after.accepted = before.accepted
        after.step_at = before.step_at
        if before.step_at == 0:
            after.step_at = block.timestamp
            log IIndexOracle.StepObserved(component=i, accepted=before.accepted, price=mid)
    elif before.step_at != 0:
        log IIndexOracle.PriceAccepted(component=i, price=mid)
    self._store(i, after)


@view
@internal
def _component(i: uint256) -> Component:
    word: uint256 = self._components[i]
    return Component(
        units=word & (2**_UNITS_BITS - 1),
        accepted=word >> _UNITS_BITS & (2**_PRICE_BITS - 1),
        step_at=word >> (_UNITS_BITS + _PRICE_BITS),
    )


@internal
def _store(i: uint256, component: Component):
    assert component.units < 2**_UNITS_BITS, errors.ORACLE_UNITS
    self._components[i] = (
        component.units
        | component.accepted << _UNITS_BITS
        | component.step_at << (_UNITS_BITS + _PRICE_BITS)
    )


# --- configuration checks ---


@pure
@internal
def _check_weights(weights: DynArray[uint256, 10]):
    total: uint256 = 0
    for weight: uint256 in weights:
        assert weight <= _WAD, errors.ORACLE_WEIGHT_SUM  # the sum cannot overflow
        total += weight
    assert total == _WAD, errors.ORACLE_WEIGHT_SUM


@pure
@internal
def _check_parameters(p: IIndexOracle.Parameters):
    assert p.max_spread <= _WAD // 5, errors.ORACLE_SPREADS
    assert p.min_spread <= p.max_spread, errors.ORACLE_SPREADS
    assert p.fallback_spread >= p.min_spread, errors.ORACLE_SPREADS
    assert p.fallback_spread <= p.max_spread, errors.ORACLE_SPREADS
    assert p.step_limit >= _WAD // 100 and p.step_limit <= _WAD, errors.ORACLE_STEP
    assert p.step_delay >= 60 and p.step_delay <= 86_400, errors.ORACLE_STEP
    assert p.sequencer_grace <= 86_400, errors.ORACLE_GRACE
    if p.reweight_interval != 0:
        assert p.reweight_interval >= 3_600, errors.ORACLE_REWEIGHT
    assert p.reweight_interval <= 366 * 86_400, errors.ORACLE_REWEIGHT
    assert p.reweight_offset <= p.reweight_interval, errors.ORACLE_REWEIGHT


@view
@internal
def _checked_words(asset: IIndexOracle.Asset) -> (uint256, uint256, uint256):
    """
    @return Primary and secondary feed word and bounds word of a checked asset.
    """
    assert asset.primary != empty(address), errors.ORACLE_NO_FEED
    assert asset.primary != asset.secondary, errors.ORACLE_SAME_FEED
    assert asset.min_price > 0 and asset.min_price < asset.max_price, errors.ORACLE_BOUNDS
    assert asset.max_price <= _MAX_USD, errors.ORACLE_BOUNDS
    secondary: uint256 = 0
    if asset.secondary != empty(address):
        secondary = self._checked_feed(
            asset.secondary, asset.secondary_heartbeat, asset.secondary_decimals
        )
    return (
        self._checked_feed(asset.primary, asset.primary_heartbeat, asset.primary_decimals),
        secondary,
        feeds._pack_halves(asset.min_price, asset.max_price),
    )


@view
@internal
def _checked_feed(feed: address, heartbeat: uint256, decimals: uint256) -> uint256:
    assert heartbeat > 0 and heartbeat <= _MAX_HEARTBEAT, errors.ORACLE_HEARTBEAT
    assert decimals <= 18, errors.ORACLE_FEED_DECIMALS
    actual: uint256 = convert(staticcall IAggregatorV3(feed).decimals(), uint256)
    assert actual == decimals, errors.ORACLE_FEED_DECIMALS
    return feeds._pack_feed(feed, heartbeat, decimals)
