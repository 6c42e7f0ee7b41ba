# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title ledger
@license AGPL-3.0-only
@notice Cash and positions of the accounts at scale 1e36, what they are worth, and
        the bookings with the pool that stand against them.
@dev See `IPerpExchange` for the ledger's two equations. Nothing in here rounds.
"""

from ....interfaces import IIndexOracle
from ....interfaces import ILiquidityPool
from ....interfaces import IPerpExchange

from . import funding
from . import linear
from . import markets
from . import marks

uses: funding
uses: markets
uses: marks


# @dev What closing a part of an account has come to, scale 1e36: its notional, and
#      what it has paid the account.
struct Closing:
    notional: uint256
    proceeds: int256


# @dev Who has paid for bad debt, scale 1e36.
struct Debt:
    insured: uint256
    pooled: uint256


_MAX: constant(uint256) = 10

pool: public(immutable(address))

cash: public(HashMap[address, int256])
sizes: HashMap[address, int256[10]]


@deploy
def __init__(pool_: address):
    pool = pool_


# --- views ---


@view
@external
def size(account: address, market: uint256) -> int256:
    markets._check_listed(market)
    return self.sizes[account][market]


@view
@external
def account_value(account: address, prices: uint256[10]) -> (int256, int256[10]):
    """
    @notice Equity (scale 1e36) of the account at the given prices, funding up
            to now accrued at them, and its size in every market.
    """
    used: uint256[10] = prices
    if funding._are_settled():  # as `marks._used`, without a copy
        used = marks._frozen
    else:
        marks._check(prices)
    sizes: int256[10] = empty(int256[10])
    equity: int256 = self.cash[account]
    for market: uint256 in range(marks.COUNT, bound=_MAX):
        sizes[market] = self.sizes[account][market]
        equity += self._position_value(sizes[market], market, used[market])
    return equity, sizes


@view
@external
def quote(
    account: address,
    orders: DynArray[IPerpExchange.Order, 10],
    prices: uint256[10],
    restricted: bool,
) -> int256:
    """
    @notice Equity (scale 1e36) at the given prices after the orders fill now.
    @param restricted Whether to ask the oracle for a restriction, under which they fill
           at worse prices, and funding is charged at the accepted ones before a step.
    """
    used: uint256[10] = marks._used(prices)
    doubt: IIndexOracle.Restriction = empty(IIndexOracle.Restriction)
    if restricted:
        doubt = marks._read().restriction
    equity: int256 = self._equity(account, used)
    for order: IPerpExchange.Order in orders:
        markets._check_listed(order.market)
        price: uint256 = used[order.market]
        base: uint256 = price
        if doubt != empty(IIndexOracle.Restriction):
            base = marks._extreme(order.market, order.delta > 0)
            size: int256 = self.sizes[account][order.market]
            charged: uint256 = marks._charged(order.market, price, doubt)
            equity += self._position_value(size, order.market, charged)
            equity += linear._value(size, price, convert(charged, int256))
            equity -= self._position_value(size, order.market, price)
        quoted: markets.Quoted = markets._quote(order.market, order.delta, base)
        # Bought at the fill price and worth the given one.
        cost: int256 = linear._value(order.delta, quoted.price, convert(price, int256))
        equity -= cost + convert(quoted.fee, int256)
    return equity


# --- accounts ---


@view
@internal
def _equity(account: address, prices: uint256[10]) -> int256:
    equity: int256 = self.cash[account]
    for market: uint256 in range(marks.COUNT, bound=_MAX):
        equity += self._position_value(self.sizes[account][market], market, prices[market])
    return equity


@view
@internal
def _position_value(size: int256, market: uint256, price: uint256) -> int256:
    if size == 0:
        return 0
    return linear._value(size, price, funding._now(market, size > 0, price))


@view
@internal
def _notional(account: address, prices: uint256[10]) -> uint256:
    total: uint256 = 0
    for market: uint256 in range(marks.COUNT, bound=_MAX):
        total += linear._notional(self.sizes[account][market], prices[market])
    return total


@view
@internal
def _has_position(account: address) -> bool:
    for market: uint256 in range(marks.COUNT, bound=_MAX):
        if self.sizes[account][market] != 0:
            return True
    return False


# --- changes ---


@view
@internal
def _prices_of(account: address, read: IIndexOracle.Prices, against: bool) -> uint256[10]:
    """
    @return Mids; under a restriction those of the prices left possible that are worst
            for the account's positions, or best.
    """
    prices: uint256[10] = read.mid
    if read.restriction != empty(IIndexOracle.Restriction):
        for market: uint256 in range(marks.COUNT, bound=_MAX):
            size: int256 = self.sizes[account][market]
            if size != 0:
                prices[market] = marks._extreme(market, (size < 0) == against)
    return prices


@internal
def _resize(
    account: address, market: uint256, delta: int256, price: uint256, displacement: int256
) -> markets.Moved:
    old: int256 = self.sizes[account][market]
    self.sizes[account][market] = old + delta
    return markets._move(market, old, delta, price, displacement)


@internal
def _accrue(market: uint256, price: uint256):
    """
    @notice Charge a market's funding up to now.
    """
    displacement: int256 = markets._displacement(market, markets._terms[market])
    markets._move(market, 0, 0, price, displacement)


@internal
def _close(account: address, market: uint256, size: int256, price: uint256) -> int256:
    """
    @notice Close `size` of a position at the given price, without impact or fee. The
            caller books the proceeds with the pool.
    @return Proceeds, scale 1e36.
    """
    moved: markets.Moved = self._resize(
        account, market, -size, price, markets._displacement(market, markets._terms[market])
    )
    proceeds: int256 = linear._value(size, price, 0) + moved.funding
    self.cash[account] += proceeds
    log IPerpExchange.Traded(
        account=account, market=market, delta=-size, price=price, fee=0, skew=moved.skew
    )
    return proceeds


@internal
def _close_fraction(account: address, fraction: uint256, prices: uint256[10]) -> Closing:
    total: Closing = empty(Closing)
    for market: uint256 in range(marks.COUNT, bound=_MAX):
        size: int256 = self.sizes[account][market]
        if size == 0:
            continue
        part: int256 = convert(linear._share_up(convert(abs(size), uint256), fraction), int256)
        if size < 0:
            part = -part
        total.proceeds += self._close(account, market, part, prices[market])
        total.notional += linear._notional(part, prices[market])
    return total


@internal
def _clear_bad_debt(account: address, insurance: uint256) -> Debt:
    """
    @notice Clear what an account without positions owes: insurance pays first,
            then the pool. The caller books it.
    """
    cash: int256 = self.cash[account]
    if cash >= 0:
        return empty(Debt)
    debt: uint256 = convert(-cash, uint256)
    insured: uint256 = min(debt, insurance)
    self.cash[account] = 0
    log IPerpExchange.BadDebt(account=account, insurance_paid=insured, pool_paid=debt - insured)
    return Debt(insured=insured, pooled=debt - insured)


@internal
def _book_closing(account: address, proceeds: int256, is_all: bool):
    """
    @notice Book what closing without a penalty has paid the account, and when all
            is closed what it cannot pay.
    """
    debt: Debt = empty(Debt)
    if is_all and self.cash[account] < 0:
        debt = self._clear_bad_debt(account, staticcall ILiquidityPool(pool).insurance())
    self._book(-proceeds - convert(debt.pooled, int256), -convert(debt.insured, int256))


@internal
def _book(cash_change: int256, insurance_change: int256):
    """
    @notice Book with the pool what accounts have paid it, less what it has paid
            them; scale 1e36.
    """
    extcall ILiquidityPool(pool).book(cash_change, insurance_change)
