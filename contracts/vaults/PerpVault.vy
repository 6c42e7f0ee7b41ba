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
             oracle serves prices, and on a settled exchange without any.
"""

from ethereum.ercs import IERC20

from ...interfaces import ICollateralVault
from ...interfaces import IPerpExchange

implements: ICollateralVault

from ..modules.lib import errors
from ..modules.perp import capacity
from ..modules.perp import custody
from ..modules.perp import orders as orders_module

initializes: custody
initializes: capacity[custody := custody]
initializes: orders_module[custody := custody]

exports: (
    capacity.leverage_limits,
    capacity.depth,
    capacity.backing,
    capacity.spendable,
)


# @dev Largest part of the holdings that may be kept idle, WAD.
MAX_IDLE_BUFFER: public(constant(uint256)) = 2 * 10**17

_WAD: constant(uint256) = 10**18
_MAX: constant(uint256) = 10

token: public(immutable(address))
exchange: public(immutable(address))
idle_buffer: public(immutable(uint256))


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
    idle_buffer = idle_buffer_
    count: uint256 = staticcall IPerpExchange(exchange_).market_count()
    assert count != 0 and len(max_trade_) == count, errors.VAULT_MARKETS
    orders_module.__init__(self._checked_max_trade(exchange_, max_trade_))
    custody.__init__(exchange_, idle_buffer_)


# --- views ---


@view
@external
def asset() -> address:
    """
    @return The collateral.
    """
    return custody.ASSET


@view
@external
def component_count() -> uint256:
    return custody.COUNT


@view
@external
def idle() -> uint256:
    """
    @return Tracked collateral outside the venue.
    """
    return custody.idle


@view
@external
def max_trade() -> uint256[10]:
    """
    @return Largest single chunk per component, WAD units.
    """
    return orders_module.MAX_TRADE


@view
@external
def min_trade() -> uint256[10]:
    """
    @return One: the exchange trades any WAD unit.
    """
    smallest: uint256[10] = empty(uint256[10])
    for i: uint256 in range(custody.COUNT, bound=_MAX):
        smallest[i] = 1
    return smallest


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
    return custody._value(prices)


@view
@external
def quote(targets: uint256[10], prices: uint256[10], incoming: uint256) -> (int256, bool):
    """
    @notice What an unchunked `trade` to the targets would cost now.
    @return By how much idle plus equity will fall, and True: it is exact to the
            unit, whatever is moved between the two.
    """
    return self._cost(targets, prices), True


@view
@external
def estimate(shorts: uint256[10], targets: uint256[10], prices: uint256[10]) -> int256:
    """
    @return The cost of a trade to the targets, exact.
    """
    return self._cost(targets, prices)


@view
@external
def in_kind(shares: uint256, supply: uint256, withheld: uint256) -> (uint256, uint256[10]):
    """
    @notice Reverts: a position on the exchange cannot be repaid by others.
    """
    raise errors.VAULT_NO_KIND


@view
@external
def halted() -> bool:
    """
    @return Whether the exchange has been settled.
    """
    return staticcall IPerpExchange(exchange).settled()


@view
@external
def remainder() -> uint256:
    """
    @return Idle collateral, and the margin unless a position is open still.
    """
    return custody._unpledged()


# --- actions of the token ---


@external
def book(amount: uint256):
    """
    @notice Add to the tracked idle collateral what the token has just moved in.
    """
    self._check_caller()
    tracked: uint256 = custody.idle + amount
    assert staticcall IERC20(custody.ASSET).balanceOf(self) >= tracked, errors.VAULT_NOT_RECEIVED
    custody.idle = tracked


@external
def pay(receiver: address, amount: uint256):
    """
    @notice Pay collateral out, from idle first, then from the venue's margin,
            straight to the receiver.
    """
    self._check_caller()
    from_idle: uint256 = min(amount, custody.idle)
    custody.idle -= from_idle
    log ICollateralVault.Paid(receiver=receiver, amount=amount)
    if amount > from_idle:
        extcall IPerpExchange(exchange).withdraw(amount - from_idle, receiver)
    if from_idle != 0:
        sent: bool = extcall IERC20(custody.ASSET).transfer(
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
    orders, reached = orders_module._orders(targets, held.shorts, chunked)

    buffer: uint256 = custody._buffer_down(held.equity)
    reduces: bool = orders_module._only_reduces(orders)
    if chunked or not reduces:
        custody._push_surplus(buffer)
    elif held.equity < convert(custody.idle, int256):
        # Such a margin may not bear the trade's cost; what is paid out is idle.
        custody._push_debt(staticcall IPerpExchange(exchange).quote(self, orders, prices))
    if len(orders) != 0:
        orders_module._execute(orders, prices, bound)
        if reduces:
            custody._refill(buffer)
    return reached, custody._value(prices)


@external
def redeem_in_kind(
    shares: uint256, supply: uint256, withheld: uint256, payer: address, receiver: address
) -> uint256:
    """
    @notice Reverts, see `in_kind`.
    """
    self._check_caller()
    raise errors.VAULT_NO_KIND


@external
def release(late: bool) -> bool:
    """
    @notice Whether no position is open. None has to be given up: anybody can
            liquidate an account under water.
    """
    self._check_caller()
    return not custody._is_open()


# --- checks ---


@view
@internal
def _check_caller():
    assert msg.sender == token, errors.VAULT_CALLER


@view
@internal
def _checked_max_trade(exchange_: address, max_trade_: DynArray[uint256, 10]) -> uint256[10]:
    largest: uint256[10] = empty(uint256[10])
    for i: uint256 in range(len(max_trade_), bound=_MAX):
        market: IPerpExchange.Market = staticcall IPerpExchange(exchange_).market(i)
        assert max_trade_[i] != 0, errors.VAULT_MAX_TRADE
        assert (
            max_trade_[i] <= 2 * market.taker_fee * market.skew_scale // _WAD
        ), errors.VAULT_SANDWICH
        largest[i] = max_trade_[i]
    return largest


@view
@internal
def _cost(targets: uint256[10], prices: uint256[10]) -> int256:
    equity: int256 = 0
    sizes: int256[10] = empty(int256[10])
    equity, sizes = staticcall IPerpExchange(exchange).account_value(self, prices)
    orders: DynArray[IPerpExchange.Order, 10] = []
    reached: bool = False
    orders, reached = orders_module._orders(targets, custody._shorts(sizes), False)
    if len(orders) == 0:
        return 0
    after: int256 = staticcall IPerpExchange(exchange).quote(self, orders, prices)
    return custody._to_native_down(equity) - custody._to_native_down(after)
