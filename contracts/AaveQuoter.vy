# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title AaveQuoter
@license AGPL-3.0-only
@notice Quotes, depth and room of every `AaveVault`: what its pools give, what
        Aave lends, what its collateral carries.
@dev Without state and without powers: it returns numbers, or reverts.
@custom:kill Nothing to stop: no state, no owner, no collateral.
"""


from ethereum.ercs import IERC20
from snekmate.utils import math

from ..interfaces import IAavePool
from ..interfaces import IAaveQuoter
from ..interfaces import IUniswapV3

implements: IAaveQuoter

from .modules import aave_math
from .modules import aave_reserve as reserve
from .modules import errors
from .modules import uniswap_hops as hop_word
from .modules import uniswap_quote as walker


interface IAddressesProvider:
    def getPriceOracle() -> address: view


interface IPriceOracle:
    def getAssetPrice(asset: address) -> uint256: view


_WAD: constant(uint256) = 10**18
_MAX: constant(uint256) = 10
_BISECTIONS: constant(uint256) = 24
_HUGE: constant(uint256) = 2**127  # more than any pool trades


# @dev Aave's view of the vault's account, in its base currency.
struct Account:
    collateral: uint256
    debt: uint256
    threshold: uint256  # WAD
    loan: uint256  # WAD
    health: uint256  # WAD


# @dev The collateral of a vault while a trade is simulated.
struct Books:
    idle: uint256
    surplus: uint256
    scaled: uint256
    index: uint256
    shorts: uint256[10]
    exact: bool


# --- costs ---


@view
@external
def quote(
    t: IAaveQuoter.Terms, targets: uint256[10], prices: uint256[10], incoming: uint256
) -> (int256, bool):
    b: Books = empty(Books)
    b.idle = t.idle + incoming
    b.scaled = reserve._scaled_balance(t.a_token, t.vault)
    b.index = reserve._income_index(t.pool, t.asset)
    b.exact = True
    for i: uint256 in range(t.count, bound=_MAX):
        b.shorts[i] = reserve._balance(t.debts[i], t.vault) * t.units[i]
    before: int256 = self._holdings(t, b, prices)
    b.surplus = self._surplus(t, b, prices)
    orders: int256[10] = aave_math._deltas(targets, b.shorts, t.units, prices, t.count, t.scale)
    for sells: bool in [False, True]:
        for i: uint256 in range(t.count, bound=_MAX):
            if orders[i] != 0 and (orders[i] < 0) == sells:
                b = self._filled(t, b, i, sells, convert(abs(orders[i]), uint256))
    return before - self._holdings(t, b, prices), b.exact


@view
@internal
def _filled(
    t: IAaveQuoter.Terms, books: Books, i: uint256, sells: bool, amount: uint256
) -> Books:
    """
    @return The books after one component's trade.
    """
    b: Books = books
    traded: uint256 = 0
    collateral: uint256 = 0
    traded, collateral = self._traded(t.hops, i, sells, amount, self._no_limit(t.hops, i, sells))
    b.exact = b.exact and hop_word._is_last(t.hops[hop_word.HOPS * i]) and traded == amount
    if traded == 0:
        return b
    scaled: uint256 = reserve._scaled_balance(t.debts[i], t.vault)
    index: uint256 = reserve._debt_index_after(t.pool, t.components[i], scaled != 0)
    change: uint256 = aave_math._ray_div(traded, index)
    moved: uint256 = b.surplus if sells else min(b.surplus, collateral)
    b.surplus -= moved
    b.idle -= moved
    if sells:
        scaled += change
        b.scaled += aave_math._ray_div(collateral + moved, b.index)
    else:
        scaled -= min(scaled, change)
        b.scaled -= min(b.scaled, aave_math._ray_div(collateral - moved, b.index))
    b.shorts[i] = aave_math._ray_mul(scaled, index) * t.units[i]
    return b


@view
@internal
def _holdings(t: IAaveQuoter.Terms, b: Books, prices: uint256[10]) -> int256:
    worth: uint256 = aave_math._worth_up(b.shorts, prices, t.count, t.scale)
    supplied: uint256 = aave_math._ray_mul(b.scaled, b.index)
    return convert(b.idle + supplied, int256) - convert(worth, int256)


@view
@internal
def _surplus(t: IAaveQuoter.Terms, b: Books, prices: uint256[10]) -> uint256:
    equity: int256 = self._holdings(t, b, prices) - convert(b.idle, int256)
    buffer: uint256 = aave_math._buffer_down(b.idle, equity, t.idle_buffer)
    return aave_math._surplus(b.idle, buffer)


# --- room ---


@view
@external
def depth(
    t: IAaveQuoter.Terms,
    direction: uint256[10],
    prices: uint256[10],
    bound: uint256,
    more: bool,
) -> uint256:
    multiple: uint256 = max_value(uint256)
    for i: uint256 in range(t.count, bound=_MAX):
        if direction[i] == 0:
            continue
        room: uint256 = self._shared_room(t, i, direction, prices, bound, more)
        if more:
            room = min(room, reserve._borrow_room(t.pool, t.components[i]))
        elif not reserve._is_repayable(t.pool, t.components[i]):
            room = 0
        multiple = min(multiple, self._multiple_down(room * t.units[i], direction[i]))
    return multiple


@view
@external
def backing(
    t: IAaveQuoter.Terms,
    direction: uint256[10],
    worth: uint256,
    prices: uint256[10],
    bound: uint256,
    more: bool,
) -> uint256:
    """
    @dev Growing: Aave's prices and the supply cap decide; idle collateral may be
         supplied with it. Shrinking with one's own part of the collateral never
         lowers the health factor, but Aave has to find the account healthy, and
         to have the collateral: all that the purchases cost, and what of the
         payment is not idle.
    """
    notional: uint256 = aave_math._worth_up(direction, prices, t.count, t.scale)
    if more:
        room: uint256 = reserve._supply_room(t.pool, t.asset)
        return min(
            self._growth_down(t, direction, worth, bound),
            self._multiple_down(room - min(room, t.idle), worth + notional),
        )
    if self._account(t).health <= _WAD:
        return 0
    dearest: uint256 = notional + math._mul_div(notional, min(bound, _WAD), _WAD, True)
    available: uint256 = reserve._available(t.pool, t.asset)
    return min(
        self._multiple_down(available, dearest),
        self._multiple_down(available + t.idle, worth + dearest),
    )


@view
@external
def spendable(t: IAaveQuoter.Terms) -> uint256:
    a: Account = self._account(t)
    free: uint256 = reserve._balance(t.a_token, t.vault)
    if a.debt != 0:
        needed: uint256 = math._ceil_div(a.debt * t.min_health, max(a.threshold, 1))
        spare: uint256 = a.collateral - min(a.collateral, needed)
        free = math._mul_div(free, spare, max(a.collateral, 1), False)
    return t.idle + min(free, reserve._available(t.pool, t.asset))


@view
@external
def leverage_limits(t: IAaveQuoter.Terms) -> (uint256, uint256):
    """
    @dev From the collateral's loan to value and liquidation threshold. With a
         part x of N supplied besides the proceeds, debt / collateral at the
         leverage l is l / (l + x).
    """
    loan: uint256 = 0
    threshold: uint256 = 0
    loan, threshold = reserve._loan_terms(t.pool, t.asset)
    part: uint256 = _WAD - 2 * t.idle_buffer
    held: uint256 = threshold * part // (t.min_health - threshold)
    # Nothing is opened that would be under the minimum health at once.
    return min(loan * part // (_WAD - loan), held), held


@view
@external
def is_safe(hops: uint256[30], amounts: uint256[10]) -> bool:
    for i: uint256 in range(_MAX):
        if amounts[i] == 0:
            continue
        if not self._is_safe(hops, i, True, amounts[i]):
            return False
        if not self._is_safe(hops, i, False, amounts[i]):
            return False
    return True


# --- pools ---


@view
@internal
def _traded(
    hops: uint256[30], i: uint256, sells: bool, amount: uint256, limit: uint256
) -> (uint256, uint256):
    """
    @return Native units that a trade moves, and the collateral that it brings
            or takes; nothing when a later pool of the path cannot carry it.
    """
    traded: uint256 = 0
    passed: uint256 = 0
    price: uint256 = 0
    traded, passed, price = self._walked(hops[hop_word.HOPS * i], sells, amount, limit)
    for h: uint256 in range(1, hop_word.HOPS):
        if hop_word._is_last(hops[hop_word.HOPS * i + h - 1]):
            break
        hop: uint256 = hops[hop_word.HOPS * i + h]
        carried: uint256 = 0
        after: uint256 = 0
        carried, after, price = self._walked(hop, sells, passed, hop_word._furthest(hop, sells))
        if carried != passed:
            return 0, 0
        passed = after
    return traded, passed


@view
@internal
def _walked(
    hop: uint256, sells: bool, amount: uint256, limit: uint256
) -> (uint256, uint256, uint256):
    """
    @return What one pool moves of the token nearer to the component, of the
            other one, and its price after.
    """
    specified: int256 = convert(amount, int256)
    taken: uint256 = 0
    given: uint256 = 0
    price: uint256 = 0
    taken, given, price = walker._walk(
        hop_word._pool(hop),
        hop_word._fee(hop),
        hop_word._spacing(hop),
        hop_word._falls(hop, sells),
        specified if sells else -specified,
        limit,
    )
    if sells:
        return taken, given, price
    return given, taken, price


@view
@internal
def _no_limit(hops: uint256[30], i: uint256, sells: bool) -> uint256:
    return hop_word._furthest(hops[hop_word.HOPS * i], sells)


@view
@internal
def _is_safe(hops: uint256[30], i: uint256, sells: bool, amount: uint256) -> bool:
    passed: uint256 = amount
    for h: uint256 in range(hop_word.HOPS):
        hop: uint256 = hops[hop_word.HOPS * i + h]
        slot: IUniswapV3.Slot0 = staticcall IUniswapV3(hop_word._pool(hop)).slot0()
        before: uint256 = convert(slot.sqrtPriceX96, uint256)
        near: uint256 = 0
        far: uint256 = 0
        after: uint256 = 0
        near, far, after = self._walked(hop, sells, passed, hop_word._furthest(hop, sells))
        # Prices are square roots.
        ratio: uint256 = math._mul_div(max(before, after), _WAD, min(before, after), True)
        allowed: uint256 = _WAD + 2 * hop_word._fee(hop) * 10**12
        if near != passed or ratio >= 2 * _WAD or ratio * ratio > allowed * _WAD:
            return False
        if hop_word._is_last(hop):
            return True
        passed = far
    return True


@view
@internal
def _shared_room(
    t: IAaveQuoter.Terms,
    i: uint256,
    direction: uint256[10],
    prices: uint256[10],
    bound: uint256,
    sells: bool,
) -> uint256:
    """
    @return Native units of a component within the bound when those before it
            have traded already, rounded down.
    @dev With x the flow through a pool before the component's own y, a direct
         trade ends where x + y alone would end; of several pools the loss is at
         most that of 2 * x + y alone, but for the square of the bound.
    """
    crowd: uint256 = self._crowd_up(t.hops, i, direction, prices, bound)
    if crowd == 0:
        return self._pool_room(t, i, sells, prices[i], bound)
    if not hop_word._is_last(t.hops[hop_word.HOPS * i]):
        crowd *= 2
    within: uint256 = min(bound, _WAD)
    room: uint256 = self._pool_room(t, i, sells, prices[i], within - within * within // _WAD)
    return math._mul_div(room, _WAD, _WAD + crowd, False)


@pure
@internal
def _crowd_up(
    hops: uint256[30], i: uint256, direction: uint256[10], prices: uint256[10], bound: uint256
) -> uint256:
    """
    @return What the components before this one bring through the busiest pool
            of its path, over what itself brings, WAD.
    """
    busiest: uint256 = 0
    for h: uint256 in range(hop_word.HOPS):
        pool: address = hop_word._pool(hops[hop_word.HOPS * i + h])
        flow: uint256 = 0
        for j: uint256 in range(i, bound=_MAX):
            if self._leads_through(hops, j, pool):
                flow += direction[j] * prices[j]
        busiest = max(busiest, flow)
        if hop_word._is_last(hops[hop_word.HOPS * i + h]):
            break
    own: uint256 = max(direction[i] * prices[i], 1)
    return math._mul_div(busiest, _WAD + min(bound, _WAD), own, True)


@pure
@internal
def _leads_through(hops: uint256[30], i: uint256, pool: address) -> bool:
    for h: uint256 in range(hop_word.HOPS):
        hop: uint256 = hops[hop_word.HOPS * i + h]
        if hop_word._pool(hop) == pool:
            return True
        if hop_word._is_last(hop):
            break
    return False


@view
@internal
def _pool_room(
    t: IAaveQuoter.Terms, i: uint256, sells: bool, price: uint256, bound: uint256
) -> uint256:
    """
    @return Native units that the path's pools take or give within the bound,
            rounded down: up to the price limit of a single pool; by bisection
            over several, because only their whole loss is bounded.
    """
    hop: uint256 = t.hops[hop_word.HOPS * i]
    if not hop_word._is_last(hop):
        return self._bisected_down(t, i, sells, price, bound)
    limit: uint256 = hop_word._limit(hop, sells, price, bound, t.scale // t.units[i])
    traded: uint256 = 0
    collateral: uint256 = 0
    traded, collateral = self._traded(t.hops, i, sells, _HUGE, limit)
    return traded


@view
@internal
def _bisected_down(
    t: IAaveQuoter.Terms, i: uint256, sells: bool, price: uint256, bound: uint256
) -> uint256:
    """
    @dev First down in halves to an amount that fits, from one that moves the
         first pool to four times or a quarter of its price, then up again by
         the halves of that amount.
    """
    fits: uint256 = self._far_down(t.hops[hop_word.HOPS * i], sells)
    for _: uint256 in range(128):
        if fits == 0 or self._fits(t, i, sells, fits, price, bound):
            break
        fits //= 2
    step: uint256 = fits // 2
    for _: uint256 in range(_BISECTIONS):
        if step != 0 and self._fits(t, i, sells, fits + step, price, bound):
            fits += step
        step //= 2
    return fits


@view
@internal
def _far_down(hop: uint256, sells: bool) -> uint256:
    """
    @return Native units of the component that move the pool that far.
    """
    slot: IUniswapV3.Slot0 = staticcall IUniswapV3(hop_word._pool(hop)).slot0()
    root: uint256 = convert(slot.sqrtPriceX96, uint256)
    furthest: uint256 = hop_word._furthest(hop, sells)
    limit: uint256 = min(root * 2, furthest)
    if hop_word._falls(hop, sells):
        limit = max(root // 2, furthest)
    units: uint256 = 0
    passed: uint256 = 0
    units, passed, root = self._walked(hop, sells, _HUGE, limit)
    return units


@view
@internal
def _fits(
    t: IAaveQuoter.Terms,
    i: uint256,
    sells: bool,
    amount: uint256,
    price: uint256,
    bound: uint256,
) -> bool:
    traded: uint256 = 0
    collateral: uint256 = 0
    traded, collateral = self._traded(t.hops, i, sells, amount, self._no_limit(t.hops, i, sells))
    if traded != amount:
        return False
    fair: uint256 = math._mul_div(amount * t.units[i], price, t.scale, not sells)
    accepted: uint256 = math._mul_div(fair, min(bound, _WAD), _WAD, False)
    if sells:
        return collateral + accepted >= fair + 1
    return collateral <= fair + accepted


# --- Aave ---


@view
@internal
def _account(t: IAaveQuoter.Terms) -> Account:
    a: Account = empty(Account)
    available: uint256 = 0
    a.collateral, a.debt, available, a.threshold, a.loan, a.health = staticcall IAavePool(
        t.pool
    ).getUserAccountData(t.vault)
    a.threshold *= 10**14
    a.loan *= 10**14
    return a


@view
@internal
def _growth_down(
    t: IAaveQuoter.Terms, direction: uint256[10], worth: uint256, bound: uint256
) -> uint256:
    """
    @return Multiple of `direction` that can be borrowed against what is there
            and what comes in, at Aave's prices.
    @dev With C supplied and D owed, a multiple m adds d = its loan's worth to
         the debts, and g = at least its proceeds and the part of `worth` that
         does not stay idle to the collateral:  D + m * d <= f * (C + m * g),
         f the smaller of the loan to value and threshold / min_health.
    """
    a: Account = self._account(t)
    f: uint256 = 0
    threshold: uint256 = 0
    f, threshold = reserve._loan_terms(t.pool, t.asset)
    f = min(f, threshold * _WAD // t.min_health)
    provider: address = staticcall IAavePool(t.pool).ADDRESSES_PROVIDER()
    prices: IPriceOracle = IPriceOracle(staticcall IAddressesProvider(provider).getPriceOracle())
    d: uint256 = 0
    for i: uint256 in range(t.count, bound=_MAX):
        if direction[i] != 0:
            price: uint256 = staticcall prices.getAssetPrice(t.components[i])
            d += math._mul_div(direction[i], price, _WAD, True)
    own: uint256 = worth * (_WAD - 2 * t.idle_buffer) // _WAD
    unit: uint256 = 10**36 // t.scale
    g: uint256 = math._mul_div(own, staticcall prices.getAssetPrice(t.asset), unit, False)
    g += d * (_WAD - min(bound, _WAD)) // _WAD
    if a.debt * _WAD > f * a.collateral:
        return 0
    if d * _WAD <= f * g:
        return max_value(uint256)
    return math._mul_div(f * a.collateral - a.debt * _WAD, _WAD, d * _WAD - f * g, False)


@pure
@internal
def _multiple_down(whole: uint256, part: uint256) -> uint256:
    """
    @return whole / part, WAD; as much as ever for an unbounded whole.
    """
    if whole >= 2**190:
        return max_value(uint256)
    return whole * _WAD // max(part, 1)
