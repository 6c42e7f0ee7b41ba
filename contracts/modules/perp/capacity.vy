# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title capacity
@license AGPL-3.0-only
@notice What a vault on a `PerpExchange` can do now: depth of the markets, what
        its margin carries, what it can pay.
"""

from snekmate.utils import math

from ....interfaces import ICollateralVault
from ....interfaces import IPerpExchange

from ..vault import custody
from ..vault import fill_check
from ..vault import idle_buffer
from ..exchange import linear
from ..exchange import market_depth
from . import account

uses: account
uses: custody
uses: idle_buffer


# @dev Notional of the orders of one side, scale 1e36: of all of it, and of what fits.
struct Side:
    asked: uint256
    fits: uint256


_WAD: constant(uint256) = 10**18
_SWAD: constant(int256) = 10**18
_MAX: constant(uint256) = 10


@view
@external
def leverage_limits() -> (uint256, uint256):
    """
    @return Leverage at the highest initial, and at the highest maintenance
            margin of any component, WAD, rounded down. Twice the buffer may be
            idle, the rest is margin.
    """
    initial: uint256 = 1
    maintenance: uint256 = 1
    for i: uint256 in range(account.COUNT, bound=_MAX):
        market: IPerpExchange.Market = staticcall IPerpExchange(account.EXCHANGE).market(i)
        initial = max(initial, market.initial_margin)
        maintenance = max(maintenance, market.maintenance_margin)
    part: uint256 = _WAD - 2 * idle_buffer.PART
    return part * _WAD // initial, part * _WAD // maintenance


@view
@external
def capacity(
    held: ICollateralVault.Value,
    direction: uint256[10],
    worth: uint256,
    prices: uint256[10],
    bound: uint256,
    more: bool,
) -> ICollateralVault.Capacity:
    """
    @notice What the exchange can trade and pay now, see `ICollateralVault.Capacity`.
    """
    return ICollateralVault.Capacity(
        depth=self._depth(direction, prices, bound, more),
        backing=self._backing(direction, worth, prices, bound, more),
        spendable=self._spendable(prices),
        pending=False,
    )


@view
@external
def depth(direction: uint256[10], prices: uint256[10], bound: uint256, more: bool) -> uint256:
    """
    @return Largest multiple of `direction` inside the bound and the venue's
            limits, margin apart, WAD.
    """
    return self._depth(direction, prices, bound, more)


@view
@external
def backing(
    direction: uint256[10], worth: uint256, prices: uint256[10], bound: uint256, more: bool
) -> uint256:
    """
    @return Largest multiple of `direction` that margin carries, WAD.
    """
    return self._backing(direction, worth, prices, bound, more)


@view
@external
def spendable(prices: uint256[10]) -> uint256:
    """
    @return Collateral that `pay` can pay now, native.
    """
    return self._spendable(prices)


@view
@internal
def _depth(direction: uint256[10], prices: uint256[10], bound: uint256, more: bool) -> uint256:
    """
    @notice Largest multiple (WAD) of `direction` by which the shorts can grow
            (`more`) or shrink in one trade with no component's loss above
            `bound` and inside the venue's limits on open interest. Margin is
            not among them: an exposure comes with its collateral.
    """
    multiple: uint256 = max_value(uint256)
    claim: uint256 = 0
    for i: uint256 in range(account.COUNT, bound=_MAX):
        if direction[i] == 0:
            continue
        headroom: uint256 = self._price_depth_down(i, prices[i], bound, not more)
        if more:
            market: IPerpExchange.Market = staticcall IPerpExchange(account.EXCHANGE).market(i)
            state: IPerpExchange.MarketState = staticcall IPerpExchange(
                account.EXCHANGE
            ).market_state(i)
            headroom = min(headroom, self._short_headroom(market, state))
            claim += direction[i] * prices[i]
        multiple = min(multiple, self._mul_div_down(headroom, _WAD, direction[i]))
    if claim != 0:
        multiple = min(multiple, self._reserve_multiple_down(claim, prices))
    return multiple


@view
@internal
def _backing(
    direction: uint256[10], worth: uint256, prices: uint256[10], bound: uint256, more: bool
) -> uint256:
    """
    @notice Largest multiple (WAD) of `direction` that margin carries while
            `worth` collateral per multiple comes in or is paid out.
    @dev Growing: up to twice the buffer may stay idle, the rest is margin.
         Shrinking: what is paid out beyond the idle collateral is margin.
    """
    equity: int256 = 0
    initial: uint256 = 0
    maintenance: uint256 = 0
    equity, initial, maintenance = staticcall IPerpExchange(account.EXCHANGE).margin(self)
    holdings: int256 = equity + convert(custody.idle * account.SCALE, int256)
    moved: int256 = convert(worth * account.SCALE, int256)
    required: int256 = convert(initial, int256)
    if more:
        claim: int256 = convert(self._initial_up(direction, prices), int256)
        margin_part: int256 = convert(_WAD - 2 * idle_buffer.PART, int256)
        cost: int256 = convert(self._cost_up(direction, prices, bound), int256)
        spare: int256 = holdings * margin_part // _SWAD - required
        return self._carried_down(spare, claim + cost - moved * margin_part // _SWAD)
    if equity < 0:
        return 0
    released: int256 = required
    if not self._is_all(direction):
        released = convert(self._initial_up(direction, prices), int256)
    paid: uint256 = max(worth * account.SCALE, 1)
    from_idle: uint256 = self._mul_div_down(custody.idle * account.SCALE, _WAD, paid)
    return max(from_idle, self._carried_down(holdings - required, moved - released))


@view
@internal
def _spendable(prices: uint256[10]) -> uint256:
    """
    @return Collateral that `pay` can pay now: idle, and margin down to the
            initial requirement.
    """
    if not account._is_open():
        return account._unpledged()  # needs no price
    equity: int256 = 0
    initial: uint256 = 0
    maintenance: uint256 = 0
    equity, initial, maintenance = staticcall IPerpExchange(account.EXCHANGE).margin(self)
    free: int256 = max(equity - convert(initial, int256), 0)
    return custody.idle + convert(free, uint256) // account.SCALE


@view
@internal
def _fitting(
    orders: DynArray[IPerpExchange.Order, 10], prices: uint256[10], bound: uint256
) -> DynArray[IPerpExchange.Order, 10]:
    """
    @return The parts of the orders that stay inside the bound and the venue's limits
            and bring the exposure nearer to that of all of them, not beyond: one part
            of all, or of the larger side alone by what both sides come to, each
            order as far as it fits. Whichever comes nearer.
    """
    fits: uint256[10] = empty(uint256[10])
    common: uint256 = _WAD
    freed: uint256 = 0
    sold: Side = empty(Side)
    bought: Side = empty(Side)
    for order: IPerpExchange.Order in orders:
        i: uint256 = order.market
        size: uint256 = convert(abs(order.delta), uint256)
        fits[i] = min(size, self._most(order, prices[i], bound))
        common = min(common, self._mul_div_down(fits[i], _WAD, size))
        if order.delta < 0:
            sold.asked += size * prices[i]
            sold.fits += fits[i] * prices[i]
        else:
            bought.asked += size * prices[i]
            bought.fits += fits[i] * prices[i]
            freed += self._freed_down(i, size) * prices[i]
    grows: bool = sold.asked > bought.asked
    larger: Side = sold if grows else bought
    net: uint256 = 2 * larger.asked - sold.asked - bought.asked
    alone: uint256 = self._mul_div_down(net, _WAD, larger.asked)
    if sold.asked != 0:
        spare: int256 = staticcall IPerpExchange(account.EXCHANGE).spare_reserve(self, prices)
        if spare < 0:
            common = 0
        if sold.asked > freed:
            common = min(common, self._reserved_part_down(spare, sold.asked - freed))
        if grows:
            alone = min(alone, self._reserved_part_down(spare, sold.fits))
    kept: DynArray[IPerpExchange.Order, 10] = []
    together: bool = common * net >= alone * larger.fits
    for order: IPerpExchange.Order in orders:
        part: uint256 = 0
        if together:
            part = self._mul_div_down(convert(abs(order.delta), uint256), common, _WAD)
        elif (order.delta < 0) == grows:
            part = self._mul_div_down(fits[order.market], alone, _WAD)
        delta: int256 = convert(part, int256)
        if order.delta < 0:
            delta = -delta
        if delta != 0:
            kept.append(IPerpExchange.Order(market=order.market, delta=delta, limit=order.limit))
    return kept


@view
@internal
def _freed_down(i: uint256, size: uint256) -> uint256:
    """
    @return WAD units by which a purchase of this size lowers at least what the pool keeps:
            one for one while shorts are the market's larger side.
    """
    skew: int256 = (staticcall IPerpExchange(account.EXCHANGE).market_state(i)).skew
    whole: uint256 = min(size, convert(max(-skew, 0), uint256))
    return whole + (size - whole) // linear.PAIRED


@view
@internal
def _most(order: IPerpExchange.Order, price: uint256, bound: uint256) -> uint256:
    """
    @return WAD units of the order that stay inside the bound and the cap on shorts.
    """
    most: uint256 = self._price_depth_down(order.market, price, bound, order.delta > 0)
    if order.delta > 0:
        return most
    exchange: IPerpExchange = IPerpExchange(account.EXCHANGE)
    market: IPerpExchange.Market = staticcall exchange.market(order.market)
    return min(most, self._short_headroom(market, staticcall exchange.market_state(order.market)))


@pure
@internal
def _short_headroom(market: IPerpExchange.Market, state: IPerpExchange.MarketState) -> uint256:
    """
    @return WAD units that the cap on short interest leaves.
    """
    return linear._interest_cap(market.skew_scale, market.maintenance_margin) - state.short_interest


@view
@internal
def _is_all(direction: uint256[10]) -> bool:
    """
    @return Whether these are the positions that there are, which release all margin.
    """
    for i: uint256 in range(account.COUNT, bound=_MAX):
        size: int256 = staticcall IPerpExchange(account.EXCHANGE).size(self, i)
        if size != -convert(direction[i], int256):
            return False
    return True


@view
@internal
def _initial_up(units: uint256[10], prices: uint256[10]) -> uint256:
    """
    @return Initial margin that positions of these units need, scale 1e36.
    """
    total: uint256 = 0
    for i: uint256 in range(account.COUNT, bound=_MAX):
        if units[i] != 0:
            market: IPerpExchange.Market = staticcall IPerpExchange(account.EXCHANGE).market(i)
            total += math._ceil_div(units[i] * prices[i] * market.initial_margin, _WAD)
    return total


@view
@internal
def _cost_up(units: uint256[10], prices: uint256[10], bound: uint256) -> uint256:
    """
    @return Largest loss of a trade of these units within the bound, scale 1e36.
    """
    total: uint256 = 0
    for i: uint256 in range(account.COUNT, bound=_MAX):
        total += fill_check._largest_loss_up(units[i] * prices[i], bound)
    return total


@pure
@internal
def _carried_down(spare: int256, drain: int256) -> uint256:
    """
    @param spare Margin above the requirement, scale 1e36.
    @param drain What one multiple takes of it; not above 0 when it gives.
    @return WAD multiple after which nothing is spare; 0 when nothing is now.
    """
    if spare < 0:
        return 0
    if drain <= 0:
        return max_value(uint256)
    return self._mul_div_down(convert(spare, uint256), _WAD, convert(drain, uint256))


@view
@internal
def _price_depth_down(i: uint256, price: uint256, bound: uint256, buy: bool) -> uint256:
    """
    @return WAD units whose loss stays within the bound even after the fill
            price has been rounded by one.
    """
    rounding: uint256 = math._ceil_div(_WAD, price)
    if bound <= rounding:
        return 0
    exchange: IPerpExchange = IPerpExchange(account.EXCHANGE)
    market: IPerpExchange.Market = staticcall exchange.market(i)
    if staticcall exchange.settled():
        return 2 * market.skew_scale
    return market_depth._largest_order_down(
        market, staticcall exchange.market_state(i), bound - rounding, buy
    )


@view
@internal
def _reserve_multiple_down(claim: uint256, prices: uint256[10]) -> uint256:
    spare: int256 = staticcall IPerpExchange(account.EXCHANGE).spare_reserve(self, prices)
    if spare <= 0:
        return 0
    return self._mul_div_down(convert(spare, uint256), _WAD, claim)


@pure
@internal
def _reserved_part_down(spare: int256, claim: uint256) -> uint256:
    """
    @return WAD part of a claim on the pool's reserve that this one has.
    """
    if spare <= 0:
        return 0
    return self._mul_div_down(min(convert(spare, uint256), claim), _WAD, max(claim, 1))


@pure
@internal
def _mul_div_down(x: uint256, y: uint256, denominator: uint256) -> uint256:
    return math._mul_div(x, y, denominator, False)
