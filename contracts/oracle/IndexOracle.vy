# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title IndexOracle
@license AGPL-3.0-only
@notice Prices of up to ten index components in units of the collateral, each
        from a primary and an optional secondary feed, and the index that is
        made of them.
@dev With one source an asset's spread is `min_spread`. With two it is their
     disagreement |a - b| / min(a, b), at least `min_spread`; if one of the two
     is unusable the other serves alone at `fallback_spread`. The price is the
     primary's while that is usable.

     A component's mid is its price over the collateral's, its spread c = a + b
     + a * b of its own a and the collateral's b. So [mid * (1 - c),
     mid * (1 + c)] contains the quotient of every source of the component and
     every source of the collateral (but for the wei to which mid is rounded
     down), as long as no two sources differ more than a millionfold. From c = 1
     on the bid is 0.

     Each asset, the collateral too, has its own accepted USD price. A move of
     more than `step_limit` from it restricts minting (STEP), unless the asset's
     own two sources agree on the new price, or a `refresh()` observed a price
     within `step_limit` of the new one and `step_delay` has passed since. A
     refresh accepts a price, which ends the observation, or observes it; a
     price beyond the limit from the observed one starts the clock anew.

     Units change only in `refresh()`: at a scheduled reconstitution and, if
     `reweight_interval` is set, at the first refresh of each interval. Then
     units[i] = weight[i] * level / price[i], rounded down: the level is
     continuous (to one unit wei of each component).

     Anyone can report that prices are unusable, which starts a clock; a report
     or a refresh while they are usable stops it. The oracle is dead while prices
     are unusable and the clock has run for `DEAD_DELAY`: tokens can then be
     wound down and exchanges settled, for good, at `closing_prices()`. A clock
     that nobody stops goes on through times in which prices are usable; every
     rebalance of a token refreshes, and anyone can.
@custom:kill Nothing here can be switched off by anybody. An oracle whose feeds
             die reverts, which stops minting, priced redemption and rebalancing
             of the tokens that read it; reported for `DEAD_DELAY`, it is dead
             until a price is usable again. The owner can only announce weights.
"""

from snekmate.auth import ownable

from ...interfaces import IIndexOracle

implements: IIndexOracle

from ..modules.lib import errors
from ..modules.oracle import feeds
from ..modules.oracle import prices as prices_module

initializes: ownable
initializes: prices_module

exports: (
    ownable.owner,
    ownable.transfer_ownership,
    # `renounce_ownership` is left out: the index would be frozen by one call.
    prices_module.component_count,
    prices_module.collateral_decimals,
    prices_module.parameters,
    prices_module.asset,
    prices_module.accepted,
    prices_module.usable,
    prices_module.read,
    prices_module.try_read,
    prices_module.closing_prices,
)


# @dev Seconds between the announcement of weights and their taking effect.
MIN_DELAY: public(constant(uint256)) = 2 * 86_400
# @dev Seconds of the clock of unusable prices after which the oracle is dead.
DEAD_DELAY: public(constant(uint256)) = 10 * 86_400

_WAD: constant(uint256) = 10**18
_MAX: constant(uint256) = 10
_VERSION: constant(uint256) = 2**96 - 1
_TIME: constant(uint256) = 2**40 - 1

_weights: DynArray[uint256, 10]
_scheduled_weights: DynArray[uint256, 10]
# @dev version (96 bits) | last reweighted interval (40) | scheduled time (40)
#      | time from which the units were due (40) | unusable since (40).
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
    prices_module.__init__(assets, collateral_decimals, parameters)
    assert len(weights) == len(assets) - 1, errors.ORACLE_WEIGHT_COUNT
    self._check_weights(weights)
    assert base_level >= _WAD and base_level <= 10**9 * _WAD, errors.ORACLE_LEVEL
    self._weights = weights
    self._start(weights, base_level)


# --- views ---


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
def composition() -> IIndexOracle.Composition:
    return self._composition()


@view
@external
def level() -> uint256:
    reading: prices_module.Reading = prices_module._try_read()
    feeds._check_fault(reading.fault)
    return self._level_down(self._composition().units, reading.prices.mid)


@view
@external
def unusable_since() -> uint256:
    return self._clock >> 216


@view
@external
def dead() -> bool:
    since: uint256 = self._clock >> 216
    if since == 0 or block.timestamp < since + DEAD_DELAY:
        return False
    return not prices_module._is_usable()


# --- actions ---


@external
def report_unusable():
    running: bool = self._clock >> 216 != 0
    if prices_module._is_usable():
        assert running, errors.ORACLE_USABLE
        self._stop_clock()
    elif not running:
        self._clock = self._clock | block.timestamp << 216
        log IIndexOracle.UnusableReported(reporter=msg.sender, since=block.timestamp)


@external
def refresh() -> (IIndexOracle.Prices, IIndexOracle.Composition):
    reading: prices_module.Reading = self._undisputed()
    self._stop_clock()
    composition: IIndexOracle.Composition = self._composition()
    if block.timestamp >= composition.due_at:
        composition = self._reconstitute(composition, reading.prices.mid)
    for i: uint256 in range(prices_module.COUNT, bound=_MAX):
        prices_module._accept(i, composition.units[i], reading.usd[i], reading.steps)
    prices_module._accept(prices_module.COUNT, 0, reading.usd[prices_module.COUNT], reading.steps)
    return reading.prices, composition


@external
def schedule_reconstitution(weights: DynArray[uint256, 10]):
    ownable._check_owner()
    assert self._scheduled_at(self._clock) == 0, errors.ORACLE_SCHEDULED
    assert len(weights) == prices_module.COUNT, errors.ORACLE_WEIGHT_COUNT
    self._check_weights(weights)
    at: uint256 = block.timestamp + MIN_DELAY
    self._scheduled_weights = weights
    self._clock = self._clock | at << 136
    log IIndexOracle.ReconstitutionScheduled(weights=weights, effective_at=at)


@external
def cancel_reconstitution():
    ownable._check_owner()
    at: uint256 = self._scheduled_at(self._clock)
    assert at != 0, errors.ORACLE_NOTHING_SCHEDULED
    self._scheduled_weights = []
    self._clock = self._clock & ~(_TIME << 136)
    log IIndexOracle.ReconstitutionCancelled(effective_at=at)


# --- index ---


@view
@internal
def _composition() -> IIndexOracle.Composition:
    units: uint256[10] = empty(uint256[10])
    for i: uint256 in range(prices_module.COUNT, bound=_MAX):
        units[i] = prices_module._state(i).units
    return self._composition_of(units)


@view
@internal
def _composition_of(units: uint256[10]) -> IIndexOracle.Composition:
    clock: uint256 = self._clock
    return IIndexOracle.Composition(
        units=units,
        version=clock & _VERSION,
        effective_at=clock >> 176 & _TIME,
        due_at=self._due_at(clock),
    )


@view
@internal
def _due_at(clock: uint256) -> uint256:
    due_at: uint256 = max_value(uint256)
    scheduled_at: uint256 = self._scheduled_at(clock)
    if scheduled_at != 0:
        due_at = scheduled_at
    if prices_module.PARAMETERS.reweight_interval != 0:
        following: uint256 = (clock >> 96 & _TIME) + 1
        boundary: uint256 = (
            following * prices_module.PARAMETERS.reweight_interval
            + prices_module.PARAMETERS.reweight_offset
        )
        due_at = min(due_at, boundary)
    return due_at


@view
@internal
def _level_down(units: uint256[10], mid: uint256[10]) -> uint256:
    total: uint256 = 0
    for i: uint256 in range(prices_module.COUNT, bound=_MAX):
        total += units[i] * mid[i]
    return total // _WAD


@internal
def _reconstitute(before: IIndexOracle.Composition, mid: uint256[10]) -> IIndexOracle.Composition:
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
    reading: prices_module.Reading = self._undisputed()
    units: uint256[10] = self._units_down(weights, level, reading.prices.mid)
    self._clock = self._packed_clock(1, 0, block.timestamp)
    for i: uint256 in range(len(weights), bound=_MAX):
        prices_module._accept(i, units[i], reading.usd[i], 0)
    prices_module._accept(len(weights), 0, reading.usd[len(weights)], 0)
    log IIndexOracle.Reconstituted(version=1, level=level, units=units)


@view
@internal
def _undisputed() -> prices_module.Reading:
    """
    @return Prices on which the sources agree.
    """
    reading: prices_module.Reading = prices_module._try_read()
    feeds._check_fault(reading.fault)
    assert not (
        IIndexOracle.Restriction.SPREAD in reading.prices.restriction
    ), errors.SPREAD_TOO_WIDE
    return reading


@pure
@internal
def _units_down(weights: DynArray[uint256, 10], level: uint256, mid: uint256[10]) -> uint256[10]:
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
    if prices_module.PARAMETERS.reweight_interval == 0:
        return 0
    return (
        block.timestamp - prices_module.PARAMETERS.reweight_offset
    ) // prices_module.PARAMETERS.reweight_interval


@pure
@internal
def _scheduled_at(clock: uint256) -> uint256:
    return clock >> 136 & _TIME


@view
@internal
def _packed_clock(version: uint256, scheduled_at: uint256, effective_at: uint256) -> uint256:
    """
    @return The clock at usable prices, so that of unusable ones stands still.
    """
    return version | self._interval() << 96 | scheduled_at << 136 | effective_at << 176


@internal
def _stop_clock():
    clock: uint256 = self._clock
    since: uint256 = clock >> 216
    if since != 0:
        self._clock = clock & (2**216 - 1)
        log IIndexOracle.UsableAgain(caller=msg.sender, since=since)


@pure
@internal
def _check_weights(weights: DynArray[uint256, 10]):
    total: uint256 = 0
    for weight: uint256 in weights:
        assert weight <= _WAD, errors.ORACLE_WEIGHT_SUM  # the sum cannot overflow
        total += weight
    assert total == _WAD, errors.ORACLE_WEIGHT_SUM
