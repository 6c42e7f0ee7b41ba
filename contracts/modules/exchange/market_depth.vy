# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title market_depth
@license AGPL-3.0-only
@notice How large an order a market of a `PerpExchange` fills within a bound, by what the
        exchange tells of it; for those who trade there.
"""

from ....interfaces import IPerpExchange

from . import linear

_WAD: constant(uint256) = 10**18


@view
@internal
def _largest_order_down(
    market: IPerpExchange.Market, state: IPerpExchange.MarketState, bound: uint256, buy: bool
) -> uint256:
    """
    @param market Of an exchange that is not settled.
    @param bound WAD of the notional.
    @return Largest order (WAD units) whose price impact plus fee stays within the bound of
            the oracle price, rounded down; interest caps apart.
    """
    # Short of 100%: no order sells at a price of zero.
    headroom: int256 = min(
        convert(min(bound, _WAD), int256) - convert(market.taker_fee, int256),
        convert(_WAD - 1, int256),
    )
    unit: int256 = convert(_WAD // linear.IMPACT_UNIT, int256)
    displacement: int256 = linear._recovered(
        state.displacement // unit,
        market.recovery // convert(unit, uint256),
        block.timestamp - state.funding_at,
    )
    return min(
        self._pays_no_more_down(displacement, market.skew_scale, headroom // unit, buy),
        2 * market.skew_scale,
    )


@pure
@internal
def _pays_no_more_down(
    displacement: int256, skew_scale: uint256, headroom: int256, buy: bool
) -> uint256:
    """
    @param headroom Impact that is allowed, 1e-15 of the price, under the whole of it.
    @return WAD units, rounded down, that pay no more; where the order first takes a
            displacement of the other direction back, not the very most of them.
    """
    ahead: int256 = displacement if buy else -displacement
    most: int256 = 2 * headroom - max(ahead, 0) - ahead
    if headroom < 0 or most <= 0:
        return 0
    return convert(most, uint256) * skew_scale // linear.IMPACT_UNIT
