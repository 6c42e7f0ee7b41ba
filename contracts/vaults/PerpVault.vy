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

from ...interfaces import ICollateralVault
from ...interfaces import IPerpExchange

implements: ICollateralVault

from ..modules.lib import errors
from ..modules.perp import account
from ..modules.perp import capacity as capacity_module
from ..modules.perp import orders as order_module
from ..modules.vault import chunking
from ..modules.vault import custody
from ..modules.vault import idle_buffer as buffer_module
from ..modules.vault import sandwich

initializes: custody
initializes: buffer_module
initializes: chunking
initializes: account[custody := custody]
initializes: capacity_module[account := account, custody := custody, idle_buffer := buffer_module]
initializes: order_module[account := account, chunking := chunking]

exports: (
    custody.token,
    custody.asset,
    custody.idle,
    custody.book,
    buffer_module.MAX_IDLE_BUFFER,
    buffer_module.idle_buffer,
    chunking.max_trade,
    capacity_module.leverage_limits,
    capacity_module.capacity,
    capacity_module.depth,
    capacity_module.backing,
    capacity_module.spendable,
)

_MAX: constant(uint256) = 10

exchange: public(immutable(address))


@deploy
def __init__(
    token_: address, exchange_: address, idle_buffer_: uint256, max_trade_: DynArray[uint256, 10]
):
    """
    @param token_ The only caller of actions; may not have any code yet.
    @param exchange_ Its oracle has to be the token's, component by component.
    @param idle_buffer_ WAD of the holdings, at most `MAX_IDLE_BUFFER`.
    @param max_trade_ WAD units, one per market of the exchange, each at most
           twice the taker fee times the skew scale: what a chunk pays for its own
           impact is no more than its fee then. (The exchange gives no impact back, so
           nobody earns by trading around it.)
    """
    custody.__init__(token_, staticcall IPerpExchange(exchange_).asset())
    buffer_module.__init__(idle_buffer_)
    exchange = exchange_
    count: uint256 = staticcall IPerpExchange(exchange_).market_count()
    assert count != 0 and len(max_trade_) == count, errors.VAULT_MARKETS
    chunking.__init__(self._checked_max_trade(exchange_, max_trade_))
    account.__init__(exchange_)


# --- views ---


@view
@external
def component_count() -> uint256:
    return account.COUNT


@view
@external
def min_trade() -> uint256[10]:
    """
    @return One: the exchange trades any WAD unit.
    """
    smallest: uint256[10] = empty(uint256[10])
    for i: uint256 in range(account.COUNT, bound=_MAX):
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
    return account._value(prices)


@view
@external
def quote(targets: uint256[10], prices: uint256[10], incoming: uint256) -> (int256, bool):
    """
    @notice What an unchunked `trade` to the targets would cost now.
    @return By how much idle plus equity will fall, and True: it is exact to the
            unit, whatever is moved between the two.
    """
    return self._cost(targets, prices, True), True


@view
@external
def estimate(shorts: uint256[10], targets: uint256[10], prices: uint256[10]) -> int256:
    """
    @return The cost of a trade to the targets, exact.
    """
    return self._cost(targets, prices, False)


@view
@external
def in_kind(shares: uint256, supply: uint256) -> (uint256, uint256[10]):
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
    return account._unpledged()


# --- actions of the token ---


@external
def pay(receiver: address, amount: uint256):
    """
    @notice Pay collateral out, from idle first, then from the venue's margin,
            straight to the receiver.
    """
    custody._check_caller()
    rest: uint256 = custody._pay_idle(receiver, amount)
    if rest != 0:
        extcall IPerpExchange(exchange).withdraw(rest, receiver)


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
    @param chunked Trade at most `max_trade` of each component, and of that what the
           bound and the venue's limits let pass.
    @return True when all targets are reached, and the holdings after.
    """
    custody._check_caller()
    orders: DynArray[IPerpExchange.Order, 10] = []
    reached: bool = False
    orders, reached = order_module._orders(targets, held.shorts, chunked)

    # An account under water is nobody's debt: idle collateral does not answer for it.
    wanted: uint256 = buffer_module._wanted_down(custody.idle, max(held.equity, 0))
    reduces: bool = order_module._only_reduces(orders)
    if chunked or not reduces:
        account._push(buffer_module._surplus(custody.idle, wanted))
    elif held.equity < convert(custody.idle, int256):
        # Such a margin may not bear the trade's cost; what is paid out is idle.
        account._push_debt(staticcall IPerpExchange(exchange).quote(self, orders, prices, True))
    if len(orders) != 0:
        if chunked and not self._is_filled(orders, prices, bound):
            fitting: DynArray[IPerpExchange.Order, 10] = capacity_module._fitting(
                orders, prices, bound
            )
            if len(fitting) != 0:  # else the exchange says why
                orders = fitting
            reached = False
            order_module._execute(orders, prices, bound)
        elif not chunked:
            order_module._execute(orders, prices, bound)
        if reduces:
            account._refill(buffer_module._missing(custody.idle, wanted))
    return reached, account._value(prices)


@external
@reentrant
def fill(orders: DynArray[IPerpExchange.Order, 10], prices: uint256[10], bound: uint256):
    """
    @notice This vault alone: a trade within the bound, which is undone as a whole
            when it is not.
    """
    assert msg.sender == self, errors.VAULT_SELF
    order_module._execute(orders, prices, bound)


@external
def redeem_in_kind(shares: uint256, supply: uint256, payer: address, receiver: address) -> uint256:
    """
    @notice Reverts, see `in_kind`.
    """
    custody._check_caller()
    raise errors.VAULT_NO_KIND


@external
def can_settle(late: bool) -> bool:
    """
    @notice Whether no position is open. None has to be given up: anybody can
            liquidate an account under water.
    """
    custody._check_caller()
    return not account._is_open()


# --- internal ---


@internal
def _is_filled(
    orders: DynArray[IPerpExchange.Order, 10], prices: uint256[10], bound: uint256
) -> bool:
    """
    @return Whether the exchange has filled all of them, each within the bound.
    """
    return raw_call(
        self,
        abi_encode(
            orders,
            prices,
            bound,
            method_id=method_id("fill((uint256,int256,uint256)[],uint256[10],uint256)"),
        ),
        revert_on_failure=False,
    )


# --- checks ---


@view
@internal
def _checked_max_trade(exchange_: address, max_trade_: DynArray[uint256, 10]) -> uint256[10]:
    largest: uint256[10] = empty(uint256[10])
    for i: uint256 in range(len(max_trade_), bound=_MAX):
        market: IPerpExchange.Market = staticcall IPerpExchange(exchange_).market(i)
        assert max_trade_[i] != 0, errors.VAULT_MAX_TRADE
        largest_safe: uint256 = sandwich._largest_trade_down(market.taker_fee, market.skew_scale)
        assert max_trade_[i] <= largest_safe, errors.VAULT_SANDWICH
        largest[i] = max_trade_[i]
    return largest


@view
@internal
def _cost(targets: uint256[10], prices: uint256[10], restricted: bool) -> int256:
    """
    @param restricted Whether to ask the oracle for a restriction of its prices.
    """
    equity: int256 = 0
    sizes: int256[10] = empty(int256[10])
    equity, sizes = staticcall IPerpExchange(exchange).account_value(self, prices)
    orders: DynArray[IPerpExchange.Order, 10] = []
    reached: bool = False
    orders, reached = order_module._orders(targets, account._shorts(sizes), False)
    if len(orders) == 0:
        return 0
    after: int256 = staticcall IPerpExchange(exchange).quote(self, orders, prices, restricted)
    return account._to_native_down(equity) - account._to_native_down(after)
