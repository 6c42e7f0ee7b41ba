# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title flow_bound
@notice The slippage bound of a flow's trade. While the oracle restricts its prices a
        redemption is valued at the ask and its trade may be filled there: the
        bound counts from that price on.
"""

from ....interfaces import IIndexOracle

from . import parameters

_BPS_WAD: constant(uint256) = 10**14
_MAX: constant(uint256) = 10
# @dev A millionfold of the notional, as far apart as the sources of one asset may be.
_MOST_BPS: constant(uint256) = 10**10


@pure
@internal
def _bound_bps_up(slippage_bps: uint256, prices: IIndexOracle.Prices) -> uint256:
    """
    @return (1 + slippage) * (1 + widest half-spread) - 1 while prices are restricted,
            in basis points, at most a millionfold.
    """
    if prices.restriction == empty(IIndexOracle.Restriction):
        return slippage_bps
    widest: uint256 = 0
    for i: uint256 in range(_MAX):
        widest = max(widest, prices.spread[i])
    spread_bps: uint256 = (widest + _BPS_WAD - 1) // _BPS_WAD
    together: uint256 = slippage_bps * spread_bps
    together = (together + parameters.BPS - 1) // parameters.BPS
    return min(slippage_bps + spread_bps + together, _MOST_BPS)
