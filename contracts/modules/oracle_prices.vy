# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title oracle_prices
@license AGPL-3.0-only
@notice The components' and the collateral's prices from hardened sources, and
        the last accepted price of each component beside its units.
@dev See `IndexOracle` for the rules.
"""


from ...interfaces import IAggregatorV3
from ...interfaces import IIndexOracle

from . import errors
from . import feeds


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


_WAD: constant(uint256) = 10**18
_MAX: constant(uint256) = 10
_MAX_HEARTBEAT: constant(uint256) = 7 * 86_400
_MAX_USD: constant(uint256) = 10**30  # WAD: a million million dollars
_UNITS_BITS: constant(uint256) = 112
_PRICE_BITS: constant(uint256) = 104

COUNT: immutable(uint256)
_COLLATERAL_DECIMALS: immutable(uint256)
# @dev Feeds and bounds by component, the collateral's at index `COUNT`.
_PRIMARY: immutable(uint256[11])
_SECONDARY: immutable(uint256[11])
_BOUNDS: immutable(uint256[11])
PARAMETERS: immutable(IIndexOracle.Parameters)

_components: uint256[10]


@deploy
def __init__(
    assets: DynArray[IIndexOracle.Asset, 11],
    collateral_decimals: uint256,
    parameters: IIndexOracle.Parameters,
):
    assert len(assets) >= 2, errors.ORACLE_COUNT
    COUNT = len(assets) - 1
    _COLLATERAL_DECIMALS = collateral_decimals
    self._check_parameters(parameters)
    PARAMETERS = parameters

    primary: uint256[11] = empty(uint256[11])
    secondary: uint256[11] = empty(uint256[11])
    bounds: uint256[11] = empty(uint256[11])
    for i: uint256 in range(len(assets), bound=11):
        primary[i], secondary[i], bounds[i] = self._checked_words(assets[i])
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
    @return The price last accepted for a component, WAD, and since when a step
            away from it is observed (0 when none is).
    """
    assert i < COUNT, errors.ORACLE_COUNT
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
    collateral: Source = self._source(COUNT)
    if collateral.fault != feeds.FAULT_NONE:
        return collateral.fault, prices
    prices.updated_at = collateral.updated_at
    if collateral.spread > PARAMETERS.max_spread:
        prices.restriction = IIndexOracle.Restriction.SPREAD
    for i: uint256 in range(COUNT, bound=_MAX):
        source: Source = self._source(i)
        if source.fault != feeds.FAULT_NONE:
            return source.fault, prices
        mid: uint256 = source.price * _WAD // collateral.price
        if mid == 0 or mid >= 2**_PRICE_BITS:
            return feeds.FAULT_BOUNDS, prices
        prices.mid[i] = mid
        prices.spread[i] = source.spread + collateral.spread
        prices.updated_at = max(prices.updated_at, source.updated_at)
        if source.spread > PARAMETERS.max_spread:
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
    return component.step_at == 0 or block.timestamp < component.step_at + PARAMETERS.step_delay


@view
@internal
def _beyond_limit(accepted: uint256, mid: uint256) -> bool:
    gap: uint256 = max(accepted, mid) - min(accepted, mid)
    return gap * _WAD > accepted * PARAMETERS.step_limit


@view
@internal
def _sequencer_fault() -> uint256:
    if PARAMETERS.sequencer == empty(address):
        return feeds.FAULT_NONE
    return feeds._sequencer_fault(PARAMETERS.sequencer, PARAMETERS.sequencer_grace)


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


# --- one component ---


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
