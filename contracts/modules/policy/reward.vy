# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title reward
@notice What a keeper earns: a share of the cap that rises linearly with time from 0
        when a rebalance becomes due, and with the depth of a drift.
"""

from ....interfaces import IInverseIndexToken

from . import leverage_band
from . import parameters

_WAD: constant(uint256) = 10**18
_BPS_WAD: constant(uint256) = 10**14


@pure
@internal
def _amount_down(
    share: uint256, n: uint256, p: IInverseIndexToken.Parameters, unit: uint256
) -> uint256:
    """
    @return share * min(reward_bps of N, absolute cap), collateral.
    """
    cap: uint256 = min(n * p.reward_bps // parameters.BPS, p.reward_cap * unit)
    return cap * share // _WAD


@view
@internal
def _ramp(since: uint256, ramp: uint256) -> uint256:
    if block.timestamp <= since:
        return 0
    return min((block.timestamp - since) * _WAD // ramp, _WAD)


@pure
@internal
def _depth_share(leverage: uint256, multiple: uint256, p: IInverseIndexToken.Parameters) -> uint256:
    """
    @return How far the leverage is beyond its band, WAD of the distance from the upper
            edge to the emergency: 1 there, and as far below the lower edge.
    """
    edge: uint256 = leverage_band._upper_edge(multiple, p.band_bps)
    whole: uint256 = p.emergency_bps * _BPS_WAD - edge
    lower_edge: uint256 = leverage_band._lower_edge(multiple, p.band_bps)
    beyond: uint256 = max(leverage, edge) - edge
    if leverage < lower_edge:
        beyond = lower_edge - leverage
    return min(beyond, whole) * _WAD // whole
