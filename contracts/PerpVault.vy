# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title PerpVault
@license AGPL-3.0-only
@notice Collateral and short positions of one token on a `PerpExchange`:
        component i is the exchange's market i.
@dev Some collateral is kept idle so that small redemptions need no venue. Its
     buffer is `idle_buffer` of all holdings: a rebalance, and any growth, first
     moves what is above the buffer to the exchange once there is over twice as
     much; a redemption's trade leaves it where it pays the redemption, unless
     the venue's account is under water. A reduction fills the buffer up again
     once it is under a half. Between trades idle collateral only follows the
     flows.
@custom:kill Only the token can act, and holders redeem through it; there is no
             owner. The position can be reduced for as long as the exchange's
             oracle serves prices.
"""


from ethereum.ercs import IERC20
from ethereum.ercs import IERC20Detailed
from snekmate.utils import math

from ..interfaces import ICollateralVault
from ..interfaces import IPerpExchange

implements: ICollateralVault

from .modules import errors
from .modules import perp_linear as linear


# @dev Largest part of the holdings that may be kept idle, WAD.
MAX_IDLE_BUFFER: public(constant(uint256)) = 2 * 10**17

_WAD: constant(uint256) = 10**18
_SWAD: constant(int256) = 10**18
_MAX: constant(uint256) = 10

token: public(immutable(address))
asset: public(immutable(address))
exchange: public(immutable(address))
component_count: public(immutable(uint256))
idle_buffer: public(immutable(uint256))
_MAX_TRADE: immutable(uint256[10])
_SCALE: immutable(uint256)

# @dev Tracked collateral outside the venue.
idle: public(uint256)


@deploy
def __init__(
    token_: address,
    exchange_: address,
    idle_buffer_: uint256,
    max_trade_: DynArray[uint256, 10],
):
    """
    @param token_ The only caller of actions; may not have any code yet.
    @param idle_buffer_ WAD of the holdings, at most `MAX_IDLE_BUFFER`.
    @param max_trade_ WAD units, one per market of the exchange, each at most
           twice the taker fee times the skew scale: a larger trade would move
           the price by more than a sandwich around it pays in fees.
    """
    assert token_ != empty(address), errors.VAULT_TOKEN
    assert idle_buffer_ <= MAX_IDLE_BUFFER, errors.VAULT_BUFFER
    token = token_
    exchange = exchange_
    asset = staticcall IPerpExchange(exchange_).asset()
    idle_buffer = idle_buffer_
    component_count = staticcall IPerpExchange(exchange_).market_count()
    assert component_count != 0 and len(max_trade_) == component_count, errors.VAULT_MARKETS
    _MAX_TRADE = self._checked_max_trade(exchange_, max_trade_)
    _SCALE = 10 ** (36 - convert(staticcall IERC20Detailed(asset).decimals(), uint256))
    # The exchange pulls from its caller only, so this allowance is the vault's
    # own to spend.
    approved: bool = extcall IERC20(asset).approve(
        exchange_, max_value(uint256), default_return_value=True
    )
    assert approved, errors.VAULT_APPROVAL


# --- views ---


@view
@external
def max_trade() -> uint256[10]:
    """
    @return Largest single chunk per component, WAD units.
    """
    return _MAX_TRADE


@view
@external
def min_trade() -> uint256[10]:
    """
    @return One: the exchange trades any WAD unit.
    """
    smallest: uint256[10] = empty(uint256[10])
    for i: uint256 in range(component_count, bound=_MAX):
        smallest[i] = 1
    return smallest


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
    for i: uint256 in range(component_count, bound=_MAX):
        market: IPerpExchange.Market = staticcall IPerpExchange(exchange).market(i)
        initial = max(initial, market.initial_margin)
        maintenance = max(maintenance, market.maintenance_margin)
    part: uint256 = _WAD - 2 * idle_buffer
    return part * _WAD // initial, part * _WAD // maintenance


@view
@external
def pending() -> bool:
    """
    @return False: the exchange fills at once.
    """
    return False


@view
@external
def value(prices: uint256[10]) -> ICollateralVault.Value:
    """
    @notice Holdings at the given prices.
    """
    return self._value(prices)


@view
@external
def quote(
    targets: uint256[10], prices: uint256[10], incoming: uint256
) -> (int256, bool):
    """
    @notice What an unchunked `trade` to the targets would cost now.
    @return By how much idle plus equity will fall, and True: it is exact to the
            unit, whatever is moved between the two.
    """
    return self._cost(targets, prices), True


@view
@external
def estimate(
    shorts: uint256[10], targets: uint256[10], prices: uint256[10]
) -> int256:
    """
    @return The cost of a trade to the targets, exact.
    """
    return self._cost(targets, prices)


@view
@internal
def _value(prices: uint256[10]) -> ICollateralVault.Value:
    equity: int256 = 0
    sizes: int256[10] = empty(int256[10])
    equity, sizes = staticcall IPerpExchange(exchange).account_value(self, prices)
    return ICollateralVault.Value(
        idle=self.idle, equity=self._to_native_down(equity), shorts=self._shorts(sizes)
    )


@view
@internal
def _cost(targets: uint256[10], prices: uint256[10]) -> int256:
    equity: int256 = 0
    sizes: int256[10] = empty(int256[10])
    equity, sizes = staticcall IPerpExchange(exchange).account_value(self, prices)
    orders: DynArray[IPerpExchange.Order, 10] = []
    reached: bool = False
    orders, reached = self._orders(targets, self._shorts(sizes), False)
    if len(orders) == 0:
        return 0
    after: int256 = staticcall IPerpExchange(exchange).quote(self, orders, prices)
    return self._to_native_down(equity) - self._to_native_down(after)


@view
@external
def depth(
    direction: uint256[10], prices: uint256[10], bound: uint256, more: bool
) -> uint256:
    """
    @notice Largest multiple (WAD) of `direction` by which the shorts can grow
            (`more`) or shrink in one trade with no component's loss above
            `bound` and inside the venue's limits on open interest. Margin is
            not among them: an exposure comes with its collateral.
    """
    multiple: uint256 = max_value(uint256)
    claim: uint256 = 0
    for i: uint256 in range(component_count, bound=_MAX):
        if direction[i] == 0:
            continue
        room: uint256 = self._price_depth_down(i, prices[i], bound, not more)
        if more:
            market: IPerpExchange.Market = staticcall IPerpExchange(exchange).market(i)
            state: IPerpExchange.MarketState = staticcall IPerpExchange(exchange).market_state(i)
            room = min(room, self._short_room(market, state))
            claim += self._reserve_claim_up(direction[i], prices[i], state.skew, market.skew_scale)
        multiple = min(multiple, self._mul_div_down(room, _WAD, direction[i]))
    if claim != 0:
        multiple = min(multiple, self._reserve_multiple_down(claim, prices))
    return multiple


@view
@external
def backing(
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
    equity, initial, maintenance = staticcall IPerpExchange(exchange).margin(self)
    holdings: int256 = equity + convert(self.idle * _SCALE, int256)
    moved: int256 = convert(worth * _SCALE, int256)
    required: int256 = convert(initial, int256)
    claim: int256 = convert(self._initial_up(direction, prices), int256)
    if more:
        margin_part: int256 = convert(_WAD - 2 * idle_buffer, int256)
        cost: int256 = convert(self._cost_up(direction, prices, bound), int256)
        spare: int256 = holdings * margin_part // _SWAD - required
        return self._carried_down(spare, claim + cost - moved * margin_part // _SWAD)
    if equity < 0:
        return 0
    from_idle: uint256 = self._mul_div_down(self.idle, _WAD, max(worth, 1))
    return max(from_idle, self._carried_down(holdings - required, moved - claim))


@view
@external
def spendable(prices: uint256[10]) -> uint256:
    """
    @return Collateral that `pay` can pay now: idle, and margin down to the
            initial requirement.
    """
    equity: int256 = 0
    initial: uint256 = 0
    maintenance: uint256 = 0
    equity, initial, maintenance = staticcall IPerpExchange(exchange).margin(self)
    free: int256 = max(equity - convert(initial, int256), 0)
    return self.idle + convert(free, uint256) // _SCALE


@view
@external
def in_kind(shares: uint256, supply: uint256, withheld: uint256) -> (uint256, uint256[10]):
    """
    @notice Reverts: a position on the exchange cannot be repaid by others.
    """
    raise errors.VAULT_NO_KIND


# --- actions of the token ---


@external
def book(amount: uint256):
    """
    @notice Add to the tracked idle collateral what the token has just moved in.
    """
    self._check_caller()
    tracked: uint256 = self.idle + amount
    assert staticcall IERC20(asset).balanceOf(self) >= tracked, errors.VAULT_NOT_RECEIVED
    self.idle = tracked


@external
def pay(receiver: address, amount: uint256):
    """
    @notice Pay collateral out, from idle first, then from the venue's margin,
            straight to the receiver.
    """
    self._check_caller()
    from_idle: uint256 = min(amount, self.idle)
    self.idle -= from_idle
    log ICollateralVault.Paid(receiver=receiver, amount=amount)
    if amount > from_idle:
        extcall IPerpExchange(exchange).withdraw(amount - from_idle, receiver)
    if from_idle != 0:
        sent: bool = extcall IERC20(asset).transfer(
            receiver, from_idle, default_return_value=True
        )
        assert sent, errors.VAULT_NOT_SENT


@external
def trade(
    held: ICollateralVault.Value,
    targets: uint256[10],
    prices: uint256[10],
    bound: uint256,
    chunked: bool,
) -> (bool, ICollateralVault.Value):
    """
    @notice Move every short to its target.
    @param held Equity and shorts as `value` has said in the same transaction.
    @param bound Largest loss of each component's trade against its price, WAD
           of its notional; max uint256 for no bound.
    @param chunked Trade at most `max_trade` of each component.
    @return True when all targets are reached, and the holdings after.
    """
    self._check_caller()
    orders: DynArray[IPerpExchange.Order, 10] = []
    reached: bool = False
    orders, reached = self._orders(targets, held.shorts, chunked)

    buffer: uint256 = self._buffer_down(held.equity)
    reduces: bool = self._only_reduces(orders)
    if chunked or not reduces or held.equity < 0:
        self._push_surplus(buffer)
    if len(orders) != 0:
        self._execute(orders, prices, bound)
        if reduces:
            self._refill(buffer)
    return reached, self._value(prices)


@external
def redeem_in_kind(
    shares: uint256, supply: uint256, withheld: uint256, payer: address, receiver: address
) -> uint256:
    """
    @notice Reverts, see `in_kind`.
    """
    self._check_caller()
    raise errors.VAULT_NO_KIND


# --- checks ---


@view
@internal
def _check_caller():
    assert msg.sender == token, errors.VAULT_CALLER


@view
@internal
def _checked_max_trade(
    exchange_: address, max_trade_: DynArray[uint256, 10]
) -> uint256[10]:
    largest: uint256[10] = empty(uint256[10])
    for i: uint256 in range(len(max_trade_), bound=_MAX):
        market: IPerpExchange.Market = staticcall IPerpExchange(exchange_).market(i)
        assert max_trade_[i] != 0, errors.VAULT_MAX_TRADE
        assert (
            max_trade_[i] <= 2 * market.taker_fee * market.skew_scale // _WAD
        ), errors.VAULT_SANDWICH
        largest[i] = max_trade_[i]
    return largest


# --- orders ---


@view
@internal
def _orders(
    targets: uint256[10], shorts: uint256[10], chunked: bool
) -> (DynArray[IPerpExchange.Order, 10], bool):
    """
    @return Orders toward the targets, and whether they get there.
    """
    deltas: int256[10] = empty(int256[10])
    part: uint256 = _WAD
    for i: uint256 in range(component_count, bound=_MAX):
        deltas[i] = convert(shorts[i], int256) - convert(targets[i], int256)
        if chunked and deltas[i] != 0:
            largest: uint256 = _MAX_TRADE[i] * _WAD // convert(abs(deltas[i]), uint256)
            part = min(part, largest)
    orders: DynArray[IPerpExchange.Order, 10] = []
    for i: uint256 in range(component_count, bound=_MAX):
        delta: int256 = self._part(deltas[i], part)
        if delta != 0:
            orders.append(self._order(i, delta))
    return orders, part == _WAD


@pure
@internal
def _part(delta: int256, part: uint256) -> int256:
    """
    @return The same WAD part of every delta, toward zero, so that a chunk moves
            straight to the targets and the leverage with it.
    """
    if part == _WAD:
        return delta
    return delta * convert(part, int256) // convert(_WAD, int256)


@pure
@internal
def _order(i: uint256, delta: int256) -> IPerpExchange.Order:
    """
    @notice An order without a limit price: the fill is checked as a whole, fee
            included, right after.
    """
    limit: uint256 = max_value(uint256) if delta > 0 else 0
    return IPerpExchange.Order(market=i, delta=delta, limit=limit)


@internal
def _execute(
    orders: DynArray[IPerpExchange.Order, 10], prices: uint256[10], bound: uint256
):
    fills: DynArray[IPerpExchange.Fill, 10] = extcall IPerpExchange(exchange).trade(orders)
    for n: uint256 in range(len(orders), bound=_MAX):
        order: IPerpExchange.Order = orders[n]
        fill: IPerpExchange.Fill = fills[n]
        self._check_loss(order.delta, fill, prices[order.market], bound)
        log ICollateralVault.Traded(
            component=order.market,
            delta=order.delta,
            price=fill.price,
            fee=math._ceil_div(fill.fee, _SCALE),
        )


@pure
@internal
def _check_loss(delta: int256, fill: IPerpExchange.Fill, price: uint256, bound: uint256):
    loss: int256 = (
        delta * (convert(fill.price, int256) - convert(price, int256)) + convert(fill.fee, int256)
    )
    # No fill loses twice its notional, so a bound of that is none.
    notional: uint256 = convert(abs(delta), uint256) * price
    largest: uint256 = math._ceil_div(notional * min(bound, 2 * _WAD), _WAD)
    assert loss <= convert(largest, int256), errors.VAULT_SLIPPAGE


@pure
@internal
def _only_reduces(orders: DynArray[IPerpExchange.Order, 10]) -> bool:
    for order: IPerpExchange.Order in orders:
        if order.delta < 0:
            return False
    return True


# --- idle collateral ---


@view
@internal
def _buffer_down(equity: int256) -> uint256:
    """
    @param equity Native.
    @return Native.
    """
    holdings: uint256 = self.idle + convert(max(equity, 0), uint256)
    return holdings * idle_buffer // _WAD


@internal
def _push_surplus(buffer: uint256):
    idle: uint256 = self.idle
    if idle > 2 * buffer:
        self.idle = buffer
        extcall IPerpExchange(exchange).deposit(idle - buffer)


@internal
def _refill(buffer: uint256):
    idle: uint256 = self.idle
    if idle >= buffer // 2:
        return
    equity: int256 = 0
    initial: uint256 = 0
    maintenance: uint256 = 0
    equity, initial, maintenance = staticcall IPerpExchange(exchange).margin(self)
    missing: uint256 = buffer - idle
    if equity - convert(initial, int256) >= convert(missing * _SCALE, int256):
        self.idle = buffer
        extcall IPerpExchange(exchange).withdraw(missing, self)


# --- depth ---


@pure
@internal
def _short_room(
    market: IPerpExchange.Market, state: IPerpExchange.MarketState
) -> uint256:
    """
    @return WAD units that the cap on short interest leaves.
    """
    return linear._interest_cap(market.skew_scale, market.maintenance_margin) - state.short_interest


@view
@internal
def _initial_up(units: uint256[10], prices: uint256[10]) -> uint256:
    """
    @return Initial margin that positions of these units need, scale 1e36.
    """
    total: uint256 = 0
    for i: uint256 in range(component_count, bound=_MAX):
        if units[i] != 0:
            market: IPerpExchange.Market = staticcall IPerpExchange(exchange).market(i)
            total += math._ceil_div(units[i] * prices[i] * market.initial_margin, _WAD)
    return total


@view
@internal
def _cost_up(units: uint256[10], prices: uint256[10], bound: uint256) -> uint256:
    """
    @return Largest loss of a trade of these units within the bound, scale 1e36.
    """
    total: uint256 = 0
    for i: uint256 in range(component_count, bound=_MAX):
        total += math._ceil_div(units[i] * prices[i] * min(bound, 2 * _WAD), _WAD)
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
    return staticcall IPerpExchange(exchange).depth(i, bound - rounding, buy)


@pure
@internal
def _reserve_claim_up(
    units: uint256, price: uint256, skew: int256, skew_scale: uint256
) -> uint256:
    """
    @return By how much selling `units` lowers the pool's spare reserve, scale
            1e36: their notional, and what the pool pays above it under a
            positive skew.
    """
    premium: uint256 = convert(max(skew, 0), uint256)
    return units * math._ceil_div(price * (skew_scale + premium), skew_scale)


@view
@internal
def _reserve_multiple_down(claim: uint256, prices: uint256[10]) -> uint256:
    spare: int256 = staticcall IPerpExchange(exchange).spare_reserve(prices)
    if spare <= 0:
        return 0
    return self._mul_div_down(convert(spare, uint256), _WAD, claim)


# --- conversions ---


@view
@internal
def _shorts(sizes: int256[10]) -> uint256[10]:
    shorts: uint256[10] = empty(uint256[10])
    for i: uint256 in range(component_count, bound=_MAX):
        shorts[i] = convert(max(-sizes[i], 0), uint256)
    return shorts


@view
@internal
def _to_native_down(ledger_amount: int256) -> int256:
    """
    @param ledger_amount Scale 1e36.
    @return Native, toward minus infinity.
    """
    scale: int256 = convert(_SCALE, int256)
    native: int256 = ledger_amount // scale
    if ledger_amount % scale < 0:
        native -= 1
    return native


@pure
@internal
def _mul_div_down(x: uint256, y: uint256, denominator: uint256) -> uint256:
    return math._mul_div(x, y, denominator, False)
