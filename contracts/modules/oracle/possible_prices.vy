# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title possible_prices
@license AGPL-3.0-only
@notice Between which prices an oracle that restricts its own leaves the choice: what both
        sources of an asset say that disagree too far, and before an unconfirmed step the
        accepted one. Of an asset that nobody doubts there is one price.
"""

from ..lib import errors
from . import asset_records
from . import faults
from . import feeds
from . import sources
from . import step_breaker

uses: asset_records
uses: sources
uses: step_breaker

_WAD: constant(uint256) = 10**18


@view
@external
def extremes(i: uint256) -> (uint256, uint256):
    """
    @notice The lowest and the highest price of component i that a dispute of its sources, or
            of the collateral's, and unconfirmed steps of either leave possible.
    @return WAD collateral per component, rounded down and up.
    @dev Reverts with a source's fault. The sequencer is the business of `read()`, without
         which nobody knows whether prices are in doubt.
    """
    assert i < asset_records.COUNT, errors.ORACLE_COMPONENT
    low: uint256 = 0
    high: uint256 = 0
    low, high = self._extremes_usd(i)
    collateral_low: uint256 = 0
    collateral_high: uint256 = 0
    collateral_low, collateral_high = self._extremes_usd(asset_records.COUNT)
    return low * _WAD // collateral_high, (high * _WAD + collateral_low - 1) // collateral_low


@view
@internal
def _extremes_usd(i: uint256) -> (uint256, uint256):
    """
    @return WAD USD.
    """
    source: sources.Source = sources._source(i)
    faults._check(source.fault)
    low: uint256 = source.price
    high: uint256 = source.price
    if source.spread > asset_records.PARAMETERS.max_spread and asset_records.SECONDARY[i] != 0:
        other: feeds.Answer = sources._latest(i, True)
        if other.fault == faults.NO_FAULT:
            low = min(low, other.price)
            high = max(high, other.price)
        elif other.fault == faults.CALL:
            faults._check_gas()
    if not source.confirmed and step_breaker._is_unconfirmed_step(i, source.price):
        accepted: uint256 = asset_records._state(i).accepted
        if accepted != 0:
            low = min(low, accepted)
            high = max(high, accepted)
    return low, high
