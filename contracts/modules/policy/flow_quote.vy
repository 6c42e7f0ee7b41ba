# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title flow_quote
@notice What the venue says that the trade of a flow will cost.
"""

from ....interfaces import ICollateralVault
from ....interfaces import ITokenPolicy

from . import flow_terms
from . import targets
from . import terms


@view
@internal
def _cost(s: ITokenPolicy.Snapshot, t: terms.Terms, plan: ITokenPolicy.Plan) -> int256:
    """
    @return Loss of the plan's trade against mid prices: the venue's exact quote,
            or where it has none, the most that the slippage bound lets it cost.
    """
    cost: int256 = 0
    exact: bool = False
    cost, exact = staticcall ICollateralVault(s.vault).quote(
        plan.targets, s.prices.mid, plan.incoming
    )
    if exact:
        return cost
    turnover: uint256 = targets._turnover_up(
        s.held.shorts, plan.targets, s.prices.mid, s.components, s.virtual
    )
    return convert(flow_terms._bound_cost_up(t, turnover), int256)


@view
@internal
def _cost_up(s: ITokenPolicy.Snapshot, t: terms.Terms, plan: ITokenPolicy.Plan) -> int256:
    """
    @return Of an exact-out flow: the cost, and the granularity of the venue's trades,
            because another amount is traded than was quoted; no more than the
            slippage bound.
    """
    smallest: uint256[10] = staticcall ICollateralVault(s.vault).min_trade()
    rounding: uint256 = targets._granularity_up(s.prices.mid, smallest, s.components, s.virtual)
    cost: int256 = self._cost(s, t, plan) + convert(rounding, int256)
    return min(cost, convert(plan.flow.charge, int256))
