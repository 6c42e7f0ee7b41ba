# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title step_breaker
@license AGPL-3.0-only
@notice The limit on a step from the accepted price of an asset to the next one,
        and what confirms a larger step: `step_delay` seconds after `_observe`
        has seen a price within the limit of the new one. (Agreement of the
        asset's two sources confirms it as well, see `prices`.)
"""

from ....interfaces import IIndexOracle

from . import asset_records

uses: asset_records

_WAD: constant(uint256) = 10**18


@view
@internal
def _is_unconfirmed_step(i: uint256, price: uint256) -> bool:
    """
    @return True when the price is a step from the accepted one that the delay
            since a like price was observed does not excuse.
    """
    state: asset_records.State = asset_records._state(i)
    if not self._is_beyond_limit(state.accepted, price):
        return False
    if state.step_at == 0 or block.timestamp < state.step_at + asset_records.PARAMETERS.step_delay:
        return True
    return self._is_beyond_limit(asset_records.observed_prices[i], price)


@view
@internal
def _is_beyond_limit(reference: uint256, price: uint256) -> bool:
    gap: uint256 = max(reference, price) - min(reference, price)
    return gap * _WAD > reference * asset_records.PARAMETERS.step_limit


@internal
def _accept(i: uint256, units: uint256, price: uint256, steps: uint256):
    """
    @notice Accept the price of asset i, or observe its step if bit i is set.
    """
    before: asset_records.State = asset_records._state(i)
    after: asset_records.State = asset_records.State(units=units, accepted=price, step_at=0)
    if steps & 1 << i != 0:
        after.accepted = before.accepted
        after.step_at = self._observe(i, before, price)
    elif before.step_at != 0:
        log IIndexOracle.PriceAccepted(asset=i, price=price)
    asset_records._store(i, after)


@internal
def _observe(i: uint256, before: asset_records.State, price: uint256) -> uint256:
    """
    @notice Start the clock of a step, anew for a price unlike the observed one.
    @return The clock's start.
    """
    if before.step_at != 0 and not self._is_beyond_limit(asset_records.observed_prices[i], price):
        return before.step_at
    asset_records.observed_prices[i] = price
    log IIndexOracle.StepObserved(asset=i, accepted=before.accepted, price=price)
    return block.timestamp
