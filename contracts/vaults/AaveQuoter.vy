# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title AaveQuoter
@license AGPL-3.0-only
@notice Quotes, depth and headroom of every `AaveVault`: what its pools give, what
        Aave lends, what its collateral carries.
@dev Without state and without powers: it returns numbers, or reverts.
@custom:kill Nothing to stop: no state, no owner, no collateral.
"""

from snekmate.utils import math

from ...interfaces import IAavePool
from ...interfaces import IAaveQuoter
from ...interfaces import ICollateralVault

implements: IAaveQuoter

from ..modules.aave import aave_math
from ..modules.aave import reserve
from ..modules.uniswap import pool_depth
from ..modules.uniswap import hop_word
from ..modules.uniswap import path_walk
from ..modules.uniswap import sandwich_limit
from ..modules.vault import idle_buffer


interface IAddressesProvider:
    def getPriceOracle() -> address: view


interface IPriceOracle:
    def getAssetPrice(asset: address) -> uint256: view


# @dev Aave's view of the vault's account, in its base currency.
struct Account:
    collateral: uint256
    debt: uint256
    threshold: uint256  # WAD
    health: uint256  # WAD


# @dev The collateral of a vault while a trade is simulated.
struct Books:
    idle: uint256
    surplus: uint256
    scaled: uint256
    index: uint256
    shorts: uint256[10]
    exact: bool


_WAD: constant(uint256) = 10**18
_MAX: constant(uint256) = 10


# --- costs ---


@view
@external
def quote(
    vault: IAaveQuoter.Vault, targets: uint256[10], prices: uint256[10], incoming: uint256
) -> (int256, bool):
    """
    @notice See `ICollateralVault.quote`. Exact where all paths are of one pool
            which can carry the trade.
    """
    b: Books = empty(Books)
    b.idle = vault.idle + incoming
    b.scaled = reserve._scaled_balance(vault.a_token, vault.account)
    b.index = reserve._income_index(vault.pool, vault.asset)
    b.exact = True
    b.shorts = self._shorts(vault)
    before: int256 = self._holdings(vault, b, prices)
    b.surplus = self._surplus(vault, b, prices)
    orders: int256[10] = aave_math._deltas(
        targets, b.shorts, vault.units, prices, vault.count, vault.scale
    )
    for sells: bool in [False, True]:
        for i: uint256 in range(vault.count, bound=_MAX):
            if orders[i] != 0 and (orders[i] < 0) == sells:
                b = self._filled(vault, b, i, sells, convert(abs(orders[i]), uint256))
    return before - self._holdings(vault, b, prices), b.exact


# --- headroom ---


@view
@external
def capacity(
    vault: IAaveQuoter.Vault,
    held: ICollateralVault.Value,
    direction: uint256[10],
    worth: uint256,
    prices: uint256[10],
    bound: uint256,
    more: bool,
) -> ICollateralVault.Capacity:
    """
    @notice See `ICollateralVault.Capacity`: pools, loans, collateral, payments down to
            the minimum health.
    """
    account: Account = self._account(vault)
    available: uint256 = reserve._available(vault.pool, vault.asset)
    owed: uint256 = aave_math._worth_up(held.shorts, prices, vault.count, vault.scale)
    supplied: uint256 = convert(held.equity + convert(owed, int256), uint256)
    backing: uint256 = 0
    if more:
        backing = self._growth_down(vault, account, supplied, owed, direction, worth, prices, bound)
    elif account.health > _WAD:
        backing = self._shrinking_down(vault, available, direction, worth, prices, bound)
    return ICollateralVault.Capacity(
        depth=self._depth(vault, direction, prices, bound, more),
        backing=backing,
        spendable=self._spendable_down(vault, account, supplied, available),
        pending=False,
    )


@view
@external
def leverage_limits(vault: IAaveQuoter.Vault) -> (uint256, uint256):
    """
    @dev From the collateral's loan to value and liquidation threshold. With a
         part x of N supplied besides the proceeds, debt / collateral at the
         leverage l is l / (l + x).
    """
    loan: uint256 = 0
    threshold: uint256 = 0
    loan, threshold = reserve._loan_terms(vault.pool, vault.asset)
    part: uint256 = _WAD - 2 * vault.idle_buffer
    held: uint256 = threshold * part // (vault.min_health - threshold)
    # Nothing is opened that would be under the minimum health at once.
    return min(loan * part // (_WAD - loan), held), held


@view
@external
def is_safe(hops: uint256[30], amounts: uint256[10]) -> bool:
    """
    @return True when none of the amounts (native units per component), sold or
            bought, moves a pool of its path by more than what an attack around
            it pays in fees there: twice the pool's fee.
    """
    for i: uint256 in range(_MAX):
        if amounts[i] == 0:
            continue
        if not sandwich_limit._is_safe(hops, i, True, amounts[i]):
            return False
        if not sandwich_limit._is_safe(hops, i, False, amounts[i]):
            return False
    return True


# --- a simulated trade ---


@view
@internal
def _filled(
    vault: IAaveQuoter.Vault, books: Books, i: uint256, sells: bool, amount: uint256
) -> Books:
    """
    @return The books after one component's trade.
    """
    b: Books = books
    traded: uint256 = 0
    collateral: uint256 = 0
    traded, collateral = path_walk._walk(
        vault.hops, i, sells, amount, path_walk._no_limit(vault.hops, i, sells)
    )
    b.exact = b.exact and hop_word._is_last(vault.hops[hop_word.HOPS * i]) and traded == amount
    if traded == 0:
        return b
    scaled: uint256 = reserve._scaled_balance(vault.debts[i], vault.account)
    index: uint256 = reserve._debt_index_after(vault.pool, vault.components[i], scaled != 0)
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
    b.shorts[i] = aave_math._ray_mul(scaled, index) * vault.units[i]
    return b


@view
@internal
def _holdings(vault: IAaveQuoter.Vault, b: Books, prices: uint256[10]) -> int256:
    worth: uint256 = aave_math._worth_up(b.shorts, prices, vault.count, vault.scale)
    supplied: uint256 = aave_math._ray_mul(b.scaled, b.index)
    return convert(b.idle + supplied, int256) - convert(worth, int256)


@view
@internal
def _surplus(vault: IAaveQuoter.Vault, b: Books, prices: uint256[10]) -> uint256:
    equity: int256 = self._holdings(vault, b, prices) - convert(b.idle, int256)
    buffer: uint256 = idle_buffer._part_down(b.idle, equity, vault.idle_buffer)
    return idle_buffer._surplus(b.idle, buffer)


# --- headroom: what pools and Aave admit ---


@view
@internal
def _depth(
    vault: IAaveQuoter.Vault,
    direction: uint256[10],
    prices: uint256[10],
    bound: uint256,
    more: bool,
) -> uint256:
    multiple: uint256 = max_value(uint256)
    for i: uint256 in range(vault.count, bound=_MAX):
        if direction[i] == 0:
            continue
        headroom: uint256 = pool_depth._shared_depth_down(vault, i, direction, prices, bound, more)
        if more:
            headroom = min(headroom, reserve._borrow_headroom(vault.pool, vault.components[i]))
        elif not reserve._is_repayable(vault.pool, vault.components[i]):
            headroom = 0
        multiple = min(multiple, aave_math._multiple_down(headroom * vault.units[i], direction[i]))
    return multiple


@view
@internal
def _shrinking_down(
    vault: IAaveQuoter.Vault,
    available: uint256,
    direction: uint256[10],
    worth: uint256,
    prices: uint256[10],
    bound: uint256,
) -> uint256:
    """
    @dev One's own part of the collateral never lowers the health factor, but Aave
         has to find the account healthy, and to have the collateral: all that the
         purchases cost, and what of the payment is not idle.
    """
    notional: uint256 = aave_math._worth_up(direction, prices, vault.count, vault.scale)
    dearest: uint256 = notional + math._mul_div(notional, min(bound, _WAD), _WAD, True)
    return min(
        aave_math._multiple_down(available, dearest),
        aave_math._multiple_down(available + vault.idle, worth + dearest),
    )


@view
@internal
def _spendable_down(
    vault: IAaveQuoter.Vault, account: Account, supplied: uint256, available: uint256
) -> uint256:
    free: uint256 = supplied
    if account.debt != 0:
        needed: uint256 = math._ceil_div(account.debt * vault.min_health, max(account.threshold, 1))
        spare: uint256 = account.collateral - min(account.collateral, needed)
        free = math._mul_div(free, spare, max(account.collateral, 1), False)
    return vault.idle + min(free, available)


# --- Aave ---


@view
@internal
def _account(vault: IAaveQuoter.Vault) -> Account:
    a: Account = empty(Account)
    available: uint256 = 0
    loan: uint256 = 0
    a.collateral, a.debt, available, a.threshold, loan, a.health = staticcall IAavePool(
        vault.pool
    ).getUserAccountData(vault.account)
    a.threshold *= 10**14
    return a


@view
@internal
def _growth_down(
    vault: IAaveQuoter.Vault,
    account: Account,
    supplied: uint256,
    owed: uint256,
    direction: uint256[10],
    worth: uint256,
    prices: uint256[10],
    bound: uint256,
) -> uint256:
    """
    @return Multiple of `direction` that can be borrowed against what is there
            and what comes in: by the vault's minimum health at the token's
            prices, by the smaller of that and the loan to value at Aave's, and
            inside Aave's cap on the collateral; what is idle may be supplied, too.
    """
    loan: uint256 = 0
    threshold: uint256 = 0
    loan, threshold = reserve._loan_terms(vault.pool, vault.asset)
    healthy: uint256 = threshold * _WAD // vault.min_health
    part: uint256 = _WAD - min(bound, _WAD)
    own: uint256 = worth * (_WAD - 2 * vault.idle_buffer) // _WAD

    kept: uint256 = self._kept_up(vault, supplied, owed)
    d: uint256 = aave_math._worth_up(direction, prices, vault.count, vault.scale)
    carried: uint256 = min(
        self._carried_down(
            healthy, supplied - min(supplied, kept), owed, own + d * part // _WAD, d
        ),
        self._lent_down(vault, account, direction, min(loan, healthy), own, kept, part),
    )
    headroom: uint256 = reserve._supply_headroom(vault.pool, vault.asset)
    return min(carried, aave_math._multiple_down(headroom - min(headroom, vault.idle), worth + d))


@view
@internal
def _lent_down(
    vault: IAaveQuoter.Vault,
    account: Account,
    direction: uint256[10],
    loan: uint256,
    own: uint256,
    kept: uint256,
    part: uint256,
) -> uint256:
    """
    @param loan To value, WAD; `own` and `kept` in native units of the collateral.
    @param part Of the debt's worth that its sale brings at least, WAD.
    @return Multiple of `direction` that Aave lends at its own prices.
    """
    provider: address = staticcall IAavePool(vault.pool).ADDRESSES_PROVIDER()
    aave: IPriceOracle = IPriceOracle(staticcall IAddressesProvider(provider).getPriceOracle())
    d: uint256 = 0
    for i: uint256 in range(vault.count, bound=_MAX):
        if direction[i] != 0:
            component: uint256 = staticcall aave.getAssetPrice(vault.components[i])
            d += math._mul_div(direction[i], component, _WAD, True)
    unit: uint256 = 10**36 // vault.scale
    price: uint256 = staticcall aave.getAssetPrice(vault.asset)
    kept_at_aave: uint256 = math._mul_div(kept, price, unit, True)
    free: uint256 = account.collateral - min(account.collateral, kept_at_aave)
    gained: uint256 = math._mul_div(own, price, unit, False) + d * part // _WAD
    return self._carried_down(loan, free, account.debt, gained, d)


@view
@internal
def _kept_up(vault: IAaveQuoter.Vault, supplied: uint256, owed: uint256) -> uint256:
    """
    @return Native, rounded up, units that trades may lose included: what of a
            payment may stay idle, because less than twice the buffer is there.
            A part of the payment as large as twice the buffer's may stay besides.
    """
    holdings: uint256 = vault.idle + supplied
    holdings -= min(holdings, owed)
    twice: uint256 = math._mul_div(2 * holdings, vault.idle_buffer, _WAD, True)
    return twice - min(twice, vault.idle) + 2 * vault.count


@pure
@internal
def _carried_down(
    f: uint256, collateral: uint256, debt: uint256, gained: uint256, added: uint256
) -> uint256:
    """
    @return The largest multiple m, WAD, of a debt `added` and a collateral `gained`
            for which  debt + m * added <= f * (collateral + m * gained), f WAD.
    """
    if debt * _WAD > f * collateral:
        return 0
    if added * _WAD <= f * gained:
        return max_value(uint256)
    return math._mul_div(f * collateral - debt * _WAD, _WAD, added * _WAD - f * gained, False)


@view
@internal
def _shorts(vault: IAaveQuoter.Vault) -> uint256[10]:
    shorts: uint256[10] = empty(uint256[10])
    for i: uint256 in range(vault.count, bound=_MAX):
        shorts[i] = reserve._balance(vault.debts[i], vault.account) * vault.units[i]
    return shorts
