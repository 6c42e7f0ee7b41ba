# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title reconstitution
@license AGPL-3.0-only
@notice Which units are in the index, and when they change: at the weights that
        the owner has announced `MIN_DELAY` before, and at every boundary of the
        reweight interval. The index level is continuous.
@dev units[i] = weight[i] * level / price[i], rounded down: one unit wei of each
     component at most is lost of the level.
"""

from snekmate.auth import ownable

from ....interfaces import IIndexOracle

from ..lib import errors
from . import asset_records
from . import clocks

uses: ownable
uses: asset_records
uses: clocks

# @dev Seconds between the announcement of weights and their taking effect.
MIN_DELAY: public(constant(uint256)) = 2 * 86_400

_WAD: constant(uint256) = 10**18
_MAX: constant(uint256) = 10
_VERSION: constant(uint256) = 2**96 - 1
_TIME: constant(uint256) = 2**40 - 1

_weights: DynArray[uint256, 10]
_scheduled_weights: DynArray[uint256, 10]


# --- views ---


@view
@external
def weights() -> DynArray[uint256, 10]:
    """
    @return Target weights, WAD, summing to exactly 1e18.
    """
    return self._weights


@view
@external
def scheduled() -> (DynArray[uint256, 10], uint256):
    """
    @return Weights of the scheduled reconstitution, WAD, and when it takes effect,
            seconds (empty and 0 when none is scheduled).
    """
    return self._scheduled_weights, self._scheduled_at(clocks.word)


@view
@external
def composition() -> IIndexOracle.Composition:
    """
    @notice Units in force now; reads no feed and never reverts.
    @return Units of each component in one index unit, WAD; version; the times from
            which they were due and at which they change next, seconds.
    """
    return self._composition()


# --- actions ---


@external
def schedule_reconstitution(weights: DynArray[uint256, 10]):
    """
    @notice Owner: announce new weights, in force after `MIN_DELAY` at the prices of the
            first `refresh()` then.
    @param weights WAD, one per component, summing to exactly 1e18.
    @dev Reverts with "oracle: already scheduled" until the former ones are in force
         or cancelled.
    """
    ownable._check_owner()
    assert self._scheduled_at(clocks.word) == 0, errors.ORACLE_SCHEDULED
    assert len(weights) == asset_records.COUNT, errors.ORACLE_WEIGHT_COUNT
    self._check_weights(weights)
    at: uint256 = block.timestamp + MIN_DELAY
    self._scheduled_weights = weights
    clocks.word = clocks.word | at << 136
    log IIndexOracle.ReconstitutionScheduled(weights=weights, effective_at=at)


@external
def cancel_reconstitution():
    """
    @notice Owner: withdraw the announced weights. Reverts with "oracle: nothing
            scheduled" without any.
    """
    ownable._check_owner()
    at: uint256 = self._scheduled_at(clocks.word)
    assert at != 0, errors.ORACLE_NOTHING_SCHEDULED
    self._scheduled_weights = []
    clocks.word = clocks.word & ~(_TIME << 136)
    log IIndexOracle.ReconstitutionCancelled(effective_at=at)


# --- internal ---


@view
@internal
def _composition() -> IIndexOracle.Composition:
    units: uint256[10] = empty(uint256[10])
    for i: uint256 in range(asset_records.COUNT, bound=_MAX):
        units[i] = asset_records._state(i).units
    return self._composition_of(units)


@view
@internal
def _composition_of(units: uint256[10]) -> IIndexOracle.Composition:
    clock: uint256 = clocks.word
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
    if asset_records.PARAMETERS.reweight_interval != 0:
        following: uint256 = (clock >> 96 & _TIME) + 1
        boundary: uint256 = (
            following * asset_records.PARAMETERS.reweight_interval
            + asset_records.PARAMETERS.reweight_offset
        )
        due_at = min(due_at, boundary)
    return due_at


@view
@internal
def _level_down(units: uint256[10], mid: uint256[10]) -> uint256:
    total: uint256 = 0
    for i: uint256 in range(asset_records.COUNT, bound=_MAX):
        total += units[i] * mid[i]
    return total // _WAD


@internal
def _reconstitute(before: IIndexOracle.Composition, mid: uint256[10]) -> IIndexOracle.Composition:
    """
    @notice New units for the weights in force from now on; the caller stores
            the units.
    """
    level: uint256 = self._level_down(before.units, mid)
    scheduled_at: uint256 = self._scheduled_at(clocks.word)
    if scheduled_at != 0 and block.timestamp >= scheduled_at:
        self._weights = self._scheduled_weights
        self._scheduled_weights = []
        scheduled_at = 0
    units: uint256[10] = self._units_down(self._weights, level, mid)
    version: uint256 = before.version + 1
    clocks.word = self._packed_clock(version, scheduled_at, before.due_at)
    log IIndexOracle.Reconstituted(version=version, level=level, units=units)
    return self._composition_of(units)


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
    if asset_records.PARAMETERS.reweight_interval == 0:
        return 0
    return (
        block.timestamp - asset_records.PARAMETERS.reweight_offset
    ) // asset_records.PARAMETERS.reweight_interval


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


@pure
@internal
def _check_weights(weights: DynArray[uint256, 10]):
    total: uint256 = 0
    for weight: uint256 in weights:
        assert weight <= _WAD, errors.ORACLE_WEIGHT_SUM  # the sum cannot overflow
        total += weight
    assert total == _WAD, errors.ORACLE_WEIGHT_SUM
