# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title AaveVault
@license AGPL-3.0-only
@notice Collateral and short positions of one token on Aave v3 and Uniswap v3:
        the collateral is supplied, the components are borrowed at variable rate
        and sold.
@dev Shorts are the debts as Aave states them, with interest: they grow by
     themselves, and so does the supplied collateral.
     A trade is one swap per component in either direction, settled inside the
     pool's callback, see `uniswap_path`: nothing is looped, and no collateral
     has to lie ready for it. Purchases come first, since they make room for
     debts.
     Some collateral is kept idle so that small redemptions need no Aave. Its
     buffer is `idle_buffer` of all holdings. A growth supplies, and a reduction
     uses up, what is above the buffer once there is over twice as much; a
     rebalance that reduces fills it up again once it is under a half.
@custom:kill Only the token can act, and holders redeem through it; there is no
             owner. Debts can be repaid, and collateral redeemed in kind, for as
             long as Aave does not pause the reserves.
"""

from ...interfaces import IAaveQuoter
from ...interfaces import ICollateralVault

implements: ICollateralVault

from ..modules.aave import account
from ..modules.aave import health as safety
from ..modules.aave import in_kind as kind_module
from ..modules.aave import orders as order_module
from ..modules.aave import views
from ..modules.lib import errors
from ..modules.uniswap import path
from ..modules.uniswap import swap_callback
from ..modules.vault import chunking
from ..modules.vault import custody
from ..modules.vault import idle_buffer as buffer

initializes: custody
initializes: buffer
initializes: chunking
initializes: account[custody := custody]
initializes: safety[account := account, custody := custody]
initializes: path[account := account]
initializes: swap_callback[account := account, path := path]
initializes: kind_module[account := account, custody := custody]
initializes: order_module[account := account, path := path, chunking := chunking]
initializes: views[account := account, path := path, idle_buffer := buffer, health := safety]

exports: (
    swap_callback.uniswapV3SwapCallback,
    custody.token,
    custody.asset,
    custody.idle,
    custody.book,
    buffer.MAX_IDLE_BUFFER,
    buffer.idle_buffer,
    chunking.max_trade,
    safety.MIN_MIN_HEALTH,
    safety.MAX_MIN_HEALTH,
    safety.min_health,
    safety.health,
    views.value,
    views.quote,
    views.capacity,
    views.depth,
    views.backing,
    views.spendable,
    views.leverage_limits,
)


struct Market:
    asset: address  # the collateral
    pool: address  # Aave's
    factory: address  # Uniswap's
    quoter: address  # an `AaveQuoter`
    idle_buffer: uint256  # WAD of the holdings
    min_health: uint256  # WAD, after anything that lowers the health factor


struct Component:
    asset: address
    via: DynArray[address, 2]  # tokens between the hops
    fees: DynArray[uint24, 3]  # of each hop's pool, 1e-6
    max_trade: uint256  # WAD units


_MAX: constant(uint256) = 10

quoter: public(immutable(address))

# @dev Set by a trade that only reduced: what is paid out afterwards is the
#      leaving holder's own part and lowers nobody's health.
_reduced: transient(bool)


@deploy
def __init__(token_: address, market: Market, components: DynArray[Component, 10]):
    """
    @param token_ The only caller of actions; may not have any code yet.
    @param market See the struct. The pool must lend every component and lend
           against the collateral.
    @param components In the order of the token's oracle. `max_trade` may move
           no pool of the path by more than twice its fee: a larger trade would
           pay a sandwich around it.
    """
    custody.__init__(token_, market.asset)
    buffer.__init__(market.idle_buffer)
    safety.__init__(market.min_health)
    quoter = market.quoter
    assets: DynArray[address, 10] = []
    paths: DynArray[path.Path, 10] = []
    largest: uint256[10] = empty(uint256[10])
    for component: Component in components:
        assert component.max_trade != 0, errors.VAULT_MAX_TRADE
        largest[len(assets)] = component.max_trade
        assets.append(component.asset)
        paths.append(path.Path(asset=component.asset, via=component.via, fees=component.fees))
    account.__init__(market.pool, assets)
    path.__init__(market.factory, market.asset, paths)
    chunking.__init__(largest)
    views.__init__(market.quoter)
    for i: uint256 in range(len(components), bound=_MAX):
        largest[i] //= account.UNITS[i]
    safe: bool = staticcall IAaveQuoter(market.quoter).is_safe(path.HOPS, largest)
    assert safe, errors.VAULT_SANDWICH


# --- views ---


@view
@external
def component_count() -> uint256:
    return account.COUNT


@view
@external
def components() -> address[10]:
    """
    @return The borrowed tokens.
    """
    return account.COMPONENTS


@view
@external
def min_trade() -> uint256[10]:
    """
    @return One native unit of each component, WAD units.
    """
    return account.UNITS


@view
@external
def pending() -> bool:
    """
    @return False: pools fill at once.
    """
    return False


@view
@external
def estimate(shorts: uint256[10], targets: uint256[10], prices: uint256[10]) -> int256:
    """
    @return The pools' fees for a trade between these shorts, as if it moved no
            pool and every pool were at these prices.
    """
    cost: uint256 = 0
    for i: uint256 in range(account.COUNT, bound=_MAX):
        delta: uint256 = max(shorts[i], targets[i]) - min(shorts[i], targets[i])
        cost += path._fee_part_up(i, False, delta * prices[i] // account.SCALE)
    return convert(cost, int256)


@view
@external
def in_kind(shares: uint256, supply: uint256) -> (uint256, uint256[10]):
    """
    @notice What `redeem_in_kind` pays and takes.
    @return Collateral, rounded down, and native units of each component,
            rounded up.
    """
    brought: uint256[10] = empty(uint256[10])
    for i: uint256 in range(account.COUNT, bound=_MAX):
        brought[i] = kind_module._part_up(account._owed(i), shares, supply)
    from_idle: uint256 = 0
    from_aave: uint256 = 0
    from_idle, from_aave = kind_module._parts_down(shares, supply)
    return from_idle + from_aave, brought


@view
@external
def halted() -> bool:
    """
    @return False: what Aave stops, it can start again.
    """
    return False


@view
@external
def remainder() -> uint256:
    """
    @return Idle collateral, and what is supplied unless something is owed still.
    """
    return custody.idle + (0 if account._is_open() else account._supplied())


# --- actions of the token ---


@external
def pay(receiver: address, amount: uint256):
    """
    @notice Pay collateral out, from idle first, then from Aave, straight to the
            receiver.
    """
    custody._check_caller()
    rest: uint256 = custody._pay_idle(receiver, amount)
    if rest != 0:
        account._withdraw(rest, receiver)
        if not self._reduced:
            safety._check_health()
    self._reduced = False


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
           of its notional; max uint256 for no bound. It is also the price at
           which a pool stops.
    @param chunked Trade at most `max_trade` of each component, and no more than
           what the pools take within the bound and within twice their fee.
    @return True when all targets are reached, and the holdings after.
    """
    custody._check_caller()
    orders: int256[10] = empty(int256[10])
    complete: bool = False
    orders, complete = order_module._orders(targets, held.shorts, prices, chunked)
    buys: uint256 = order_module._count(orders, True)
    sells: uint256 = order_module._count(orders, False)
    wanted_idle: uint256 = buffer._wanted_down(custody.idle, held.equity)
    account.surplus = buffer._surplus(custody.idle, wanted_idle)
    filled: uint256 = 0
    for i: uint256 in range(account.COUNT, bound=_MAX):
        if orders[i] > 0:
            buys -= 1
            if chunked and buys + sells == 0:
                account.missing = buffer._missing(custody.idle, wanted_idle)
            filled += order_module._fill(i, orders[i], prices[i], bound, chunked)
    for i: uint256 in range(account.COUNT, bound=_MAX):
        if orders[i] < 0:
            filled += order_module._fill(i, orders[i], prices[i], bound, chunked)
    account.surplus = 0
    account.missing = 0
    self._reduced = sells == 0 and not chunked
    wanted: uint256 = order_module._size(orders)
    assert filled != 0 or wanted == 0, errors.VAULT_SLIPPAGE
    shorts: uint256[10] = account._shorts()
    supplied: uint256 = account._supplied()
    worth: uint256 = views._worth_up(shorts, prices)
    if sells != 0:
        safety._check_carried(supplied, worth)
    return complete and filled == wanted, views._value(supplied, worth, shorts)


@external
def redeem_in_kind(shares: uint256, supply: uint256, payer: address, receiver: address) -> uint256:
    """
    @notice Pay out the part `shares / supply` of all collateral for the same
            part of the debts: no price, no trade.
    @dev Where Aave cannot pay its part now, the receiver gets the claim on it
         (the aToken) instead.
    @return Collateral paid.
    """
    custody._check_caller()
    from_idle: uint256 = 0
    from_aave: uint256 = 0
    from_idle, from_aave = kind_module._parts_down(shares, supply)
    brought: uint256[10] = empty(uint256[10])
    for i: uint256 in range(account.COUNT, bound=_MAX):
        brought[i] = kind_module._part_up(account._owed(i), shares, supply)
        if brought[i] != 0:
            kind_module._pull(account.COMPONENTS[i], payer, brought[i])
            account._repay(i, brought[i])
    custody.idle -= from_idle
    log ICollateralVault.PaidInKind(
        payer=payer, receiver=receiver, amount=from_idle + from_aave, brought=brought
    )
    if from_aave != 0:
        account._hand_over(from_aave, receiver)
    custody._send(custody.ASSET, receiver, from_idle)
    return from_idle + from_aave


@external
def can_settle(late: bool) -> bool:
    """
    @notice Whether nothing is owed, or more than is held and for so long that
            it is given up: by Aave's own prices, as no other counts for it.
    """
    custody._check_caller()
    if not account._is_open():
        return True
    return late and account._is_under_water()


# --- anyone ---


@external
def ignore_collateral(other: address):
    """
    @notice Take another asset's aTokens, which somebody has given to the vault,
            out of its account: an asset that loses its loan to value on Aave
            would block withdrawals.
    """
    assert other != custody.ASSET, errors.VAULT_OWN_COLLATERAL
    extcall account.POOL.setUserUseReserveAsCollateral(other, False)


@external
def use_collateral():
    """
    @notice Make what is supplied back the debts. Aave does that by itself with a
            first supply, but not while it lends nothing against the collateral:
            somebody may have supplied for the empty vault just then.
    """
    extcall account.POOL.setUserUseReserveAsCollateral(custody.ASSET, True)
