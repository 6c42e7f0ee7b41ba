# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title wind_down_bound
@notice The slippage bound of a token that winds down: it doubles every day, so that
        the closing of its positions ends.
"""

from ....interfaces import IInverseIndexToken

from . import parameters

_BPS_WAD: constant(uint256) = 10**14
_DAY: constant(uint256) = 86_400
_MAX_DOUBLINGS: constant(uint256) = 30


@view
@internal
def _bound_bps(state: IInverseIndexToken.State) -> uint256:
    """
    @return The slippage bound, doubled for every day of the wind-down.
    """
    doublings: uint256 = (block.timestamp - state.winding_down_since) // _DAY
    return state.parameters.slippage_bps << min(doublings, _MAX_DOUBLINGS)


@pure
@internal
def _bound_wad(bound_bps: uint256) -> uint256:
    """
    @return WAD of the notional; none from twice the notional on.
    """
    if bound_bps >= 2 * parameters.BPS:
        return max_value(uint256)
    return bound_bps * _BPS_WAD
