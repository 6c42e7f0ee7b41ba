# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title flow_quote
@notice What the venue says that the trade of a flow will cost.
"""

from ....interfaces import ICollateralVault

from . import flow_terms
from . import targets


# @dev What the cost of a flow's trade depends on. (Small, because every function that
#      takes it copies it.)
struct Trade:
    vault: address
    shorts: uint256[10]
    targets: uint256[10]
    mid: uint256[10]
    incoming: uint256
    components: uint256
    virtual: uint256
    slippage_bps: uint256


@view
@internal
def _cost(trade: Trade) -> int256:
    """
    @return Loss of the trade against mid prices: the venue's exact quote, or where
            it has none, the most that the slippage bound lets it cost.
    """
    cost: int256 = 0
    exact: bool = False
    cost, exact = staticcall ICollateralVault(trade.vault).quote(
        trade.targets, trade.mid, trade.incoming
    )
    if exact:
        return cost
    turnover: uint256 = targets._turnover_up(
        trade.shorts, trade.targets, trade.mid, trade.components, trade.virtual
    )
    bound: uint256 = flow_terms._bound_cost_up(turnover, trade.slippage_bps, trade.components)
    return convert(bound, int256)


@view
@internal
def _cost_up(trade: Trade, charge: uint256) -> int256:
    """
    @param charge Of an exact-out flow, at the slippage bound.
    @return The cost, and the granularity of the venue's trades, because another
            amount is traded than was quoted; no more than the slippage bound.
    """
    smallest: uint256[10] = staticcall ICollateralVault(trade.vault).min_trade()
    rounding: uint256 = targets._granularity_up(
        trade.mid, smallest, trade.components, trade.virtual
    )
    return min(self._cost(trade) + convert(rounding, int256), convert(charge, int256))
