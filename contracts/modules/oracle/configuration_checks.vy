# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title configuration_checks
@license AGPL-3.0-only
@notice What an oracle's configuration may be: parameters, feeds, bounds.
"""

from ....interfaces import IAggregatorV3
from ....interfaces import IIndexOracle

from ..lib import errors
from . import feeds

_WAD: constant(uint256) = 10**18
MAX_HEARTBEAT: constant(uint256) = 7 * 86_400
_MAX_USD: constant(uint256) = 10**30  # WAD: a million million dollars


@pure
@internal
def _check_parameters(parameters: IIndexOracle.Parameters):
    assert parameters.max_spread <= _WAD // 5, errors.ORACLE_SPREADS
    assert parameters.fallback_spread <= parameters.max_spread, errors.ORACLE_SPREADS
    assert (
        parameters.step_limit >= _WAD // 100 and parameters.step_limit <= _WAD
    ), errors.ORACLE_STEP
    assert parameters.step_delay >= 60 and parameters.step_delay <= 86_400, errors.ORACLE_STEP
    assert parameters.sequencer_grace <= 86_400, errors.ORACLE_GRACE
    if parameters.reweight_interval != 0:
        assert parameters.reweight_interval >= 3_600, errors.ORACLE_REWEIGHT
    assert parameters.reweight_interval <= 366 * 86_400, errors.ORACLE_REWEIGHT
    assert parameters.reweight_offset <= parameters.reweight_interval, errors.ORACLE_REWEIGHT


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
    assert heartbeat > 0 and heartbeat <= MAX_HEARTBEAT, errors.ORACLE_HEARTBEAT
    assert decimals <= 18, errors.ORACLE_FEED_DECIMALS
    actual: uint256 = convert(staticcall IAggregatorV3(feed).decimals(), uint256)
    assert actual == decimals, errors.ORACLE_FEED_DECIMALS
    return feeds._pack_feed(feed, heartbeat, decimals)


@pure
@internal
def _check_raised(heartbeat: uint256, least: uint256):
    """
    @param least The feed's heartbeat at deployment, 0 for a secondary that there is not.
    """
    assert heartbeat >= least and heartbeat <= MAX_HEARTBEAT, errors.ORACLE_HEARTBEAT
    assert least > 0 or heartbeat == 0, errors.ORACLE_HEARTBEAT
