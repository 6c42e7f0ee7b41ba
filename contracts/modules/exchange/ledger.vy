# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title ledger
@license AGPL-3.0-only
@notice Accounts and pool of the exchange at scale 1e36, and what they are worth.
@dev See `IPerpExchange` for the ledger's two equations. Nothing in here rounds
     but margin requirements, up. Once settled, all that reads prices reads the
     frozen ones, whatever prices a caller passes in.
"""

from ....interfaces import IIndexOracle
from ....interfaces import IPerpExchange

from ..lib import errors
from . import linear
from . import markets

uses: markets

_MAX: constant(uint256) = 10

oracle: public(immutable(address))
COUNT: immutable(uint256)

cash: public(HashMap[address, int256])
pool_cash: public(int256)
insurance: public(uint256)
sizes: HashMap[address, int256[10]]
# @dev Prices of the settlement, WAD; of no meaning before.
_frozen: uint256[10]


@deploy
def __init__(oracle_: address):
    oracle = oracle_
    COUNT = staticcall IIndexOracle(oracle_).component_count()
    assert COUNT != 0 and COUNT <= _MAX, errors.EXCHANGE_COMPONENTS


# --- settlement ---


@external
def settle():
    """
    @notice Anyone, once, while the oracle is dead: freeze its closing prices
            for good.
    """
    assert not markets._settled(), errors.EXCHANGE_SETTLED
    assert staticcall IIndexOracle(oracle).dead(), errors.EXCHANGE_ORACLE_LIVES
    closing: IIndexOracle.Prices = staticcall IIndexOracle(oracle).closing_prices()
    prices: uint256[10] = empty(uint256[10])
    for m: uint256 in range(COUNT, bound=_MAX):
        # An end is worth more than a price that no trade was ever possible at.
        prices[m] = min(closing.mid[m], markets.MAX_PRICE)
    self._check_prices(prices)
    self._frozen = prices
    markets._settle(prices)
    log IPerpExchange.Settled(prices=prices)


@view
@external
def settled() -> bool:
    return markets._settled()


# --- views ---


@view
@external
def size(account: address, m: uint256) -> int256:
    markets._check_listed(m)
    return self.sizes[account][m]


@view
@external
def account_value(account: address, prices: uint256[10]) -> (int256, int256[10]):
    """
    @notice Equity (scale 1e36) of the account at the given prices, funding up
            to now accrued at them, and its size in every market.
    """
    used: uint256[10] = prices
    if markets._terms[0] >= markets.SETTLED:  # as `_settled`, without a call
        used = self._frozen
    else:
        self._check_prices(prices)
    sizes: int256[10] = empty(int256[10])
    equity: int256 = self.cash[account]
    for m: uint256 in range(COUNT, bound=_MAX):
        sizes[m] = self.sizes[account][m]
        equity += self._position_value(sizes[m], m, used[m])
    return equity, sizes


@view
@external
def margin(account: address) -> (int256, uint256, uint256):
    """
    @return Equity, initial and maintenance requirement at oracle prices, all
            at scale 1e36.
    """
    prices: uint256[10] = self._oracle_prices()
    return (
        self._equity(account, prices),
        self._initial_up(account, prices),
        self._maintenance_up(account, prices),
    )


@view
@external
def quote(
    account: address, orders: DynArray[IPerpExchange.Order, 10], prices: uint256[10]
) -> int256:
    """
    @notice Equity (scale 1e36) at the given prices after the orders fill now.
    """
    used: uint256[10] = self._used_prices(prices)
    equity: int256 = self._equity(account, used)
    for order: IPerpExchange.Order in orders:
        markets._check_listed(order.market)
        price: uint256 = used[order.market]
        quoted: markets.Quoted = markets._quote(order.market, order.delta, price)
        # Bought at the fill price and worth the given one.
        equity -= linear._value(order.delta, quoted.price, convert(price, int256))
        equity -= convert(quoted.fee, int256)
    return equity


@view
@external
def spare_reserve(prices: uint256[10]) -> int256:
    """
    @return Pool equity less the reserve for open positions, scale 1e36: the
            notional that shorts may still add; 0 once settled.
    """
    if markets._settled():
        return 0
    self._check_prices(prices)
    return self._spare_reserve(prices)


@view
@external
def pool_equity() -> int256:
    """
    @return Scale 1e36, at oracle prices.
    """
    return self._pool_equity(self._oracle_prices())


# --- prices ---


@view
@internal
def _used_prices(prices: uint256[10]) -> uint256[10]:
    if markets._settled():
        return self._oracle_prices()
    self._check_prices(prices)
    return prices


@view
@internal
def _oracle_prices() -> uint256[10]:
    if markets._terms[0] >= markets.SETTLED:  # as `_settled`, without a call
        return self._frozen
    read: IIndexOracle.Prices = staticcall IIndexOracle(oracle).read()
    self._check_prices(read.mid)
    return read.mid


@view
@internal
def _check_prices(prices: uint256[10]):
    for m: uint256 in range(COUNT, bound=_MAX):
        assert (prices[m] != 0 and prices[m] <= markets.MAX_PRICE), errors.EXCHANGE_PRICE_RANGE


# --- accounts ---


@view
@internal
def _equity(account: address, prices: uint256[10]) -> int256:
    equity: int256 = self.cash[account]
    for m: uint256 in range(COUNT, bound=_MAX):
        equity += self._position_value(self.sizes[account][m], m, prices[m])
    return equity


@view
@internal
def _position_value(size: int256, m: uint256, price: uint256) -> int256:
    if size == 0:
        return 0
    return linear._value(size, price, markets._funding_now(m, price))


@view
@internal
def _notional(account: address, prices: uint256[10]) -> uint256:
    total: uint256 = 0
    for m: uint256 in range(COUNT, bound=_MAX):
        total += linear._notional(self.sizes[account][m], prices[m])
    return total


@view
@internal
def _initial_up(account: address, prices: uint256[10]) -> uint256:
    """
    @return Initial margin requirement, scale 1e36, each market's rounded up.
    """
    total: uint256 = 0
    for m: uint256 in range(COUNT, bound=_MAX):
        size: int256 = self.sizes[account][m]
        if size != 0:
            total += markets._initial_up(m, linear._notional(size, prices[m]))
    return total


@view
@internal
def _maintenance_up(account: address, prices: uint256[10]) -> uint256:
    """
    @return Maintenance margin requirement, scale 1e36, each market's rounded up.
    """
    total: uint256 = 0
    for m: uint256 in range(COUNT, bound=_MAX):
        size: int256 = self.sizes[account][m]
        if size != 0:
            total += markets._maintenance_up(m, linear._notional(size, prices[m]))
    return total


@view
@internal
def _check_initial(account: address, prices: uint256[10]):
    """
    @dev Equity less the initial requirement, in one pass.
    """
    spare: int256 = self.cash[account]
    for m: uint256 in range(COUNT, bound=_MAX):
        size: int256 = self.sizes[account][m]
        if size != 0:
            price: uint256 = prices[m]
            spare += linear._value(size, price, markets._funding_now(m, price))
            spare -= convert(markets._initial_up(m, linear._notional(size, price)), int256)
    assert spare >= 0, errors.EXCHANGE_MARGIN


@view
@internal
def _check_withdrawal(account: address):
    if self._has_position(account):
        self._check_initial(account, self._oracle_prices())
    else:
        assert self.cash[account] >= 0, errors.EXCHANGE_MARGIN


@view
@internal
def _has_position(account: address) -> bool:
    for m: uint256 in range(COUNT, bound=_MAX):
        if self.sizes[account][m] != 0:
            return True
    return False


# --- changing positions ---


@internal
def _resize(account: address, m: uint256, delta: int256, price: uint256) -> markets.Moved:
    old: int256 = self.sizes[account][m]
    self.sizes[account][m] = old + delta
    return markets._move(m, old, delta, price)


@internal
def _close(account: address, m: uint256, size: int256, price: uint256) -> uint256:
    """
    @notice Close `size` of a position at oracle price plus impact, no fee.
    @return Fill price.
    """
    fill: uint256 = markets._fill_price(m, -size, price)
    moved: markets.Moved = self._resize(account, m, -size, price)
    proceeds: int256 = linear._value(size, fill, moved.funding)
    self.cash[account] += proceeds
    self.pool_cash -= proceeds
    log IPerpExchange.Traded(
        account=account, market=m, delta=-size, price=fill, fee=0, skew=moved.skew
    )
    return fill


# --- pool ---


@view
@internal
def _pool_equity(prices: uint256[10]) -> int256:
    equity: int256 = self.pool_cash
    for m: uint256 in range(COUNT, bound=_MAX):
        skew: int256 = 0
        short: uint256 = 0
        skew, short = markets._open_interest(m)
        equity -= self._position_value(skew, m, prices[m])
    return equity


@view
@internal
def _short_notional(prices: uint256[10]) -> uint256:
    total: uint256 = 0
    for m: uint256 in range(COUNT, bound=_MAX):
        skew: int256 = 0
        short: uint256 = 0
        skew, short = markets._open_interest(m)
        total += short * prices[m]
    return total


@view
@internal
def _spare_reserve(prices: uint256[10]) -> int256:
    """
    @dev Pool equity less the notional of both sides, in one pass.
    """
    spare: int256 = self.pool_cash
    for m: uint256 in range(COUNT, bound=_MAX):
        skew: int256 = 0
        short: uint256 = 0
        skew, short = markets._open_interest(m)
        price: uint256 = prices[m]
        spare -= self._position_value(skew, m, price)
        both: uint256 = markets._long_interest(skew, short) + short
        spare -= convert(both * price, int256)
    return spare
