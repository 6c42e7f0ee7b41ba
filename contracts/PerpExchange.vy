# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title PerpExchange
@license AGPL-3.0-only
@notice Perpetual futures on oracle prices against a liquidity pool: up to ten
        markets, cross margin, funding, partial liquidation, an insurance fund,
        and a reserve from which every short can be paid.
@dev The ledger is the one of `IPerpExchange`: scale 1e36, nothing rounded.
     Only four kinds of number are rounded, each before it enters the ledger:
     fill prices and fees (against the trader), the funding rate and its steps
     (toward zero), native amounts that leave (down).
     Every change of a position, forced ones included, is priced on the same
     line through the oracle price. What a market has taken in as impact is
     therefore a function of its skew alone, and nobody gains by moving the
     skew back and forth; liquidity is added and removed at a value without it.
     The pool takes the other side of every trade. It must always hold the
     value of all open interest to let it grow: shorts win at the most their
     whole notional, longs as much as that until the price has doubled. When a
     further rise eats into what shorts could still win, longs are deleveraged.
     A market kind other than linear replaces `perp_linear`, which holds all
     that depends on the payoff.
@custom:kill Nothing here can be switched off or taken back by anybody; the
             owner can list markets and has no other power. Positions can be
             reduced and margin withdrawn for as long as the oracle serves
             prices, and margin without positions when it does not.
"""


from ethereum.ercs import IERC20
from snekmate.auth import ownable
from snekmate.utils import math

from ..interfaces import IIndexOracle
from ..interfaces import IPerpExchange

implements: IPerpExchange

from .modules import errors
from .modules import perp_collateral as collateral
from .modules import perp_linear as linear
from .modules import perp_markets as markets

initializes: ownable
initializes: collateral
initializes: markets

exports: (
    ownable.owner,
    ownable.transfer_ownership,
    # `renounce_ownership` is left out: no market could be listed any more.
    collateral.asset,
    collateral.held,
    markets.market,
    markets.market_count,
    markets.market_state,
    markets.depth,
)


# @dev What filling an order has done to the ledger.
struct Outcome:
    fill: IPerpExchange.Fill
    cost: int256  # scale 1e36, paid to the pool
    grown: bool  # one side's open interest has grown


# @dev Seconds for which added liquidity stays.
LIQUIDITY_LOCK: public(constant(uint256)) = 3_600

_WAD: constant(uint256) = 10**18
_MAX: constant(uint256) = 10
# @dev One part in ten of the fees goes to the insurance fund.
_INSURANCE_CUT: constant(uint256) = 10
# @dev Divisors of the notional that a liquidation closes.
_PENALTY: constant(uint256) = 100
_BOUNTY: constant(uint256) = 1_000
# @dev Largest part of the insurance fund that one bounty may take.
_BOUNTY_SHARE: constant(uint256) = 100
# @dev Positions under ten whole units of collateral are not left behind.
_DUST: constant(uint256) = 10 * 10**36
# @dev A thousandth of a share and of a whole unit of collateral that nobody
#      owns: the price of a share starts at one and cannot be blown up.
_VIRTUAL_SHARES: constant(uint256) = 10**15
_VIRTUAL_ASSETS: constant(uint256) = 10**33

oracle: public(immutable(address))
_COUNT: immutable(uint256)

cash: public(HashMap[address, int256])
pool_cash: public(int256)
insurance: public(uint256)
total_liquidity: public(uint256)
liquidity: public(HashMap[address, uint256])
# @dev Time from which a provider's liquidity may be removed.
unlocked_at: public(HashMap[address, uint256])
_sizes: HashMap[address, int256[10]]


@deploy
def __init__(asset_: address, oracle_: address):
    """
    @param asset_ Collateral of at most 18 decimals.
    @param oracle_ Prices of the markets in that collateral.
    """
    ownable.__init__()
    collateral.__init__(asset_)
    oracle = oracle_
    _COUNT = staticcall IIndexOracle(oracle_).component_count()
    assert _COUNT != 0 and _COUNT <= _MAX, errors.EXCHANGE_COMPONENTS


# --- views ---


@view
@external
def size(account: address, m: uint256) -> int256:
    markets._check_listed(m)
    return self._sizes[account][m]


@view
@external
def account_value(account: address, prices: uint256[10]) -> (int256, int256[10]):
    """
    @notice Equity (scale 1e36) of the account at the given prices, funding up
            to now accrued at them, and its size in every market.
    """
    self._check_prices(prices)
    sizes: int256[10] = empty(int256[10])
    equity: int256 = self.cash[account]
    for m: uint256 in range(_COUNT, bound=_MAX):
        sizes[m] = self._sizes[account][m]
        equity += self._position_value(sizes[m], m, prices[m])
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
    self._check_prices(prices)
    equity: int256 = self._equity(account, prices)
    for order: IPerpExchange.Order in orders:
        markets._check_listed(order.market)
        price: uint256 = prices[order.market]
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
            notional that shorts may still add.
    """
    self._check_prices(prices)
    return self._spare_reserve(prices)


@view
@external
def pool_equity() -> int256:
    """
    @return Scale 1e36, at oracle prices.
    """
    return self._pool_equity(self._oracle_prices())


# --- margin ---


@external
def deposit(amount: uint256):
    """
    @notice Pull collateral from the caller into its own margin. Nobody can add
            to another's: a gift would move the value of a vault's shares.
    """
    value: uint256 = collateral._pull(amount)
    self.cash[msg.sender] += convert(value, int256)
    log IPerpExchange.Deposited(account=msg.sender, amount=amount)


@external
def withdraw(amount: uint256, receiver: address):
    """
    @notice Take margin out, down to the initial requirement. Needs no price
            when there is no position.
    """
    assert amount != 0, errors.EXCHANGE_ZERO
    self.cash[msg.sender] -= convert(amount * collateral.SCALE, int256)
    self._check_withdrawal(msg.sender)
    log IPerpExchange.Withdrawn(account=msg.sender, receiver=receiver, amount=amount)
    collateral._push(receiver, amount)


@external
def fund_insurance(amount: uint256):
    """
    @notice Give collateral to the insurance fund, for good.
    """
    self.insurance += collateral._pull(amount)
    log IPerpExchange.InsuranceFunded(payer=msg.sender, amount=amount)


# --- trading ---


@external
def trade(orders: DynArray[IPerpExchange.Order, 10]) -> DynArray[IPerpExchange.Fill, 10]:
    """
    @notice Fill orders at oracle price plus impact, at most one per market.
            Orders that let no side's open interest grow need no margin but
            equity, and no room.
    """
    assert len(orders) != 0, errors.EXCHANGE_NO_ORDERS
    prices: uint256[10] = self._oracle_prices()
    fills: DynArray[IPerpExchange.Fill, 10] = []
    seen: uint256 = 0
    cost: int256 = 0
    fees: uint256 = 0
    grown: bool = False
    for order: IPerpExchange.Order in orders:
        markets._check_listed(order.market)
        assert seen & (1 << order.market) == 0, errors.EXCHANGE_REPEATED
        seen |= 1 << order.market
        outcome: Outcome = self._fill(msg.sender, order, prices[order.market])
        fills.append(outcome.fill)
        cost += outcome.cost
        fees += outcome.fill.fee
        grown = grown or outcome.grown

    self._settle_trade(msg.sender, cost, fees)
    if grown:
        self._check_initial(msg.sender, prices)
        assert self._spare_reserve(prices) >= 0, errors.EXCHANGE_RESERVE
    else:
        assert self._equity(msg.sender, prices) >= 0, errors.EXCHANGE_BANKRUPT
    return fills


# --- keeping the exchange solvent ---


@external
def liquidate(account: address, receiver: address) -> uint256:
    """
    @notice Close a fraction of an account below maintenance margin, or all of
            it, and pay the caller's reward.
    @dev Closed at oracle price plus impact, without a fee. The penalty never
         exceeds what equity is left then. A bounty of a thousandth of what was closed, at most a
         hundredth of the insurance fund, makes up a reward that is smaller.
    @return Reward, native.
    """
    prices: uint256[10] = self._oracle_prices()
    equity: int256 = self._equity(account, prices)
    fraction: uint256 = self._fraction_to_close(account, equity, prices)
    closed: uint256 = 0
    impact: int256 = 0
    closed, impact = self._close_fraction(account, fraction, prices)

    penalty: uint256 = min(closed // _PENALTY, convert(max(equity - impact, 0), uint256))
    bounty: uint256 = min(closed // _BOUNTY, self.insurance // _BOUNTY_SHARE)
    reward: uint256 = max(penalty // 2, bounty) // collateral.SCALE
    self.cash[account] -= convert(penalty, int256)
    self.insurance = self.insurance + penalty - reward * collateral.SCALE
    log IPerpExchange.Liquidated(
        account=account, liquidator=msg.sender, fraction=fraction, penalty=penalty, reward=reward
    )
    if fraction == _WAD:
        self._settle_bad_debt(account)
    if reward != 0:
        collateral._push(receiver, reward)
    return reward


@external
def deleverage(account: address, m: uint256):
    """
    @notice Close an account's long at oracle price plus impact, without a fee,
            while the pool no longer covers what shorts could still win.
    """
    markets._check_listed(m)
    size: int256 = self._sizes[account][m]
    assert size > 0, errors.EXCHANGE_NO_LONG
    prices: uint256[10] = self._oracle_prices()
    assert self._pool_equity(prices) < convert(
        self._short_notional(prices), int256
    ), errors.EXCHANGE_COVERED
    price: uint256 = self._close(account, m, size, prices[m])
    log IPerpExchange.Deleveraged(account=account, market=m, size=size, price=price)
    if not self._has_position(account):
        self._settle_bad_debt(account)


# --- liquidity ---


@external
def add_liquidity(amount: uint256, min_shares: uint256) -> uint256:
    """
    @notice Become a part of the pool at its worth at oracle prices; stays for
            `LIQUIDITY_LOCK` seconds.
    @return Shares, rounded down.
    """
    assets: uint256 = self._pool_assets(self._oracle_prices())
    value: uint256 = collateral._pull(amount)
    shares: uint256 = self._mul_div_down(value, self.total_liquidity + _VIRTUAL_SHARES, assets)
    assert shares != 0 and shares >= min_shares, errors.EXCHANGE_MIN_SHARES
    self.pool_cash += convert(value, int256)
    self.total_liquidity += shares
    self.liquidity[msg.sender] += shares
    self.unlocked_at[msg.sender] = block.timestamp + LIQUIDITY_LOCK
    log IPerpExchange.LiquidityAdded(provider=msg.sender, amount=amount, shares=shares)
    return shares


@external
def remove_liquidity(shares: uint256, min_amount: uint256, receiver: address) -> uint256:
    """
    @notice Leave the pool at its worth at oracle prices, as far as the reserve
            for open positions allows.
    @return Collateral, rounded down.
    """
    assert shares != 0, errors.EXCHANGE_ZERO
    assert block.timestamp >= self.unlocked_at[msg.sender], errors.EXCHANGE_LOCKED
    assert shares <= self.liquidity[msg.sender], errors.EXCHANGE_SHARES
    prices: uint256[10] = self._oracle_prices()
    assets: uint256 = self._pool_assets(prices)
    value: uint256 = self._mul_div_down(
        shares, assets, self.total_liquidity + _VIRTUAL_SHARES
    )
    # The virtual assets are not there to be paid: after losses the last shares
    # would claim a part of them.
    amount: uint256 = min(value, max(assets, _VIRTUAL_ASSETS) - _VIRTUAL_ASSETS) // collateral.SCALE
    assert amount >= min_amount, errors.EXCHANGE_MIN_AMOUNT
    self.liquidity[msg.sender] -= shares
    self.total_liquidity -= shares
    self.pool_cash -= convert(amount * collateral.SCALE, int256)
    assert self._spare_reserve(prices) >= 0, errors.EXCHANGE_RESERVE
    log IPerpExchange.LiquidityRemoved(
        provider=msg.sender, receiver=receiver, amount=amount, shares=shares
    )
    collateral._push(receiver, amount)
    return amount


# --- owner ---


@external
def list_market(config: IPerpExchange.Market):
    """
    @notice Owner: list the oracle's next component. A listed market's
            configuration never changes.
    """
    ownable._check_owner()
    m: uint256 = markets._list(config, _COUNT)
    log IPerpExchange.MarketListed(market=m, config=config)


# --- prices ---


@view
@internal
def _oracle_prices() -> uint256[10]:
    read: IIndexOracle.Prices = staticcall IIndexOracle(oracle).read()
    self._check_prices(read.mid)
    return read.mid


@view
@internal
def _check_prices(prices: uint256[10]):
    for m: uint256 in range(_COUNT, bound=_MAX):
        assert (
            prices[m] != 0 and prices[m] <= markets.MAX_PRICE
        ), errors.EXCHANGE_PRICE_RANGE


# --- accounts ---


@view
@internal
def _equity(account: address, prices: uint256[10]) -> int256:
    equity: int256 = self.cash[account]
    for m: uint256 in range(_COUNT, bound=_MAX):
        equity += self._position_value(self._sizes[account][m], m, prices[m])
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
    for m: uint256 in range(_COUNT, bound=_MAX):
        total += linear._notional(self._sizes[account][m], prices[m])
    return total


@view
@internal
def _initial_up(account: address, prices: uint256[10]) -> uint256:
    """
    @return Initial margin requirement, scale 1e36, each market's rounded up.
    """
    total: uint256 = 0
    for m: uint256 in range(_COUNT, bound=_MAX):
        size: int256 = self._sizes[account][m]
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
    for m: uint256 in range(_COUNT, bound=_MAX):
        size: int256 = self._sizes[account][m]
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
    for m: uint256 in range(_COUNT, bound=_MAX):
        size: int256 = self._sizes[account][m]
        if size != 0:
            price: uint256 = prices[m]
            spare += linear._value(size, price, markets._funding_now(m, price))
            spare -= convert(
                markets._initial_up(m, linear._notional(size, price)), int256
            )
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
    for m: uint256 in range(_COUNT, bound=_MAX):
        if self._sizes[account][m] != 0:
            return True
    return False


# --- changing positions ---


@internal
def _fill(account: address, order: IPerpExchange.Order, price: uint256) -> Outcome:
    quoted: markets.Quoted = markets._quote(order.market, order.delta, price)
    self._check_limit(order, quoted.price)
    moved: markets.Moved = self._resize(account, order.market, order.delta, price)
    log IPerpExchange.Traded(
        account=account,
        market=order.market,
        delta=order.delta,
        price=quoted.price,
        fee=quoted.fee,
        skew=moved.skew,
    )
    return Outcome(
        fill=IPerpExchange.Fill(price=quoted.price, fee=quoted.fee),
        cost=linear._value(order.delta, quoted.price, moved.funding),
        grown=moved.grown,
    )


@pure
@internal
def _check_limit(order: IPerpExchange.Order, price: uint256):
    if order.delta > 0:
        assert price <= order.limit, errors.EXCHANGE_LIMIT
    else:
        assert price >= order.limit, errors.EXCHANGE_LIMIT


@internal
def _resize(account: address, m: uint256, delta: int256, price: uint256) -> markets.Moved:
    old: int256 = self._sizes[account][m]
    self._sizes[account][m] = old + delta
    return markets._move(m, old, delta, price)


@internal
def _settle_trade(account: address, cost: int256, fees: uint256):
    """
    @notice The account pays the pool the cost, and the pool and the insurance
            fund their parts of the fees.
    """
    fee: int256 = convert(fees, int256)
    cut: uint256 = fees // _INSURANCE_CUT
    self.cash[account] -= cost + fee
    self.pool_cash += cost + fee - convert(cut, int256)
    self.insurance += cut


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


# --- liquidation ---


@view
@internal
def _fraction_to_close(
    account: address, equity: int256, prices: uint256[10]
) -> uint256:
    """
    @return WAD part of every position, rounded up, after whose closing, impact
            and penalty paid, the rest has its initial margin; all of it when
            equity is under half of the maintenance margin or little would be
            left.
    """
    maintenance: int256 = convert(self._maintenance_up(account, prices), int256)
    assert equity < maintenance, errors.EXCHANGE_HEALTHY
    if 2 * equity < maintenance:
        return _WAD
    notional: uint256 = self._notional(account, prices)
    initial: int256 = convert(self._initial_up(account, prices), int256)
    # Impact per unit grows with the part closed: that of the whole is enough.
    costs: int256 = convert(math._ceil_div(notional, _PENALTY), int256) + self._closing_impact(
        account, prices
    )
    if costs >= equity:
        return _WAD
    fraction: uint256 = math._ceil_div(
        convert(initial - equity, uint256) * _WAD, convert(initial - costs, uint256)
    )
    if notional * (_WAD - fraction) < _DUST * _WAD:
        return _WAD
    return fraction


@view
@internal
def _closing_impact(account: address, prices: uint256[10]) -> int256:
    """
    @return What closing all positions costs against oracle prices, scale 1e36.
    """
    impact: int256 = 0
    for m: uint256 in range(_COUNT, bound=_MAX):
        size: int256 = self._sizes[account][m]
        if size != 0:
            fill: uint256 = markets._fill_price(m, -size, prices[m])
            impact += linear._value(size, prices[m], convert(fill, int256))
    return impact


@internal
def _close_fraction(
    account: address, fraction: uint256, prices: uint256[10]
) -> (uint256, int256):
    """
    @return Notional closed and what that cost against oracle prices, both at
            scale 1e36.
    """
    closed: uint256 = 0
    impact: int256 = 0
    for m: uint256 in range(_COUNT, bound=_MAX):
        size: int256 = self._sizes[account][m]
        if size == 0:
            continue
        part: int256 = convert(linear._share_up(convert(abs(size), uint256), fraction), int256)
        if size < 0:
            part = -part
        fill: uint256 = self._close(account, m, part, prices[m])
        closed += linear._notional(part, prices[m])
        impact += linear._value(part, prices[m], convert(fill, int256))
    return closed, impact


@internal
def _settle_bad_debt(account: address):
    """
    @notice Clear what an account without positions owes: insurance pays first,
            then the pool.
    """
    cash: int256 = self.cash[account]
    if cash >= 0:
        return
    debt: uint256 = convert(-cash, uint256)
    insured: uint256 = min(debt, self.insurance)
    self.cash[account] = 0
    self.insurance -= insured
    self.pool_cash -= convert(debt - insured, int256)
    log IPerpExchange.BadDebt(
        account=account, insurance_paid=insured, pool_paid=debt - insured
    )


# --- pool ---


@view
@internal
def _pool_equity(prices: uint256[10]) -> int256:
    equity: int256 = self.pool_cash
    for m: uint256 in range(_COUNT, bound=_MAX):
        skew: int256 = 0
        short: uint256 = 0
        skew, short = markets._open_interest(m)
        equity -= self._position_value(skew, m, prices[m])
    return equity


@view
@internal
def _short_notional(prices: uint256[10]) -> uint256:
    total: uint256 = 0
    for m: uint256 in range(_COUNT, bound=_MAX):
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
    for m: uint256 in range(_COUNT, bound=_MAX):
        skew: int256 = 0
        short: uint256 = 0
        skew, short = markets._open_interest(m)
        price: uint256 = prices[m]
        spare -= self._position_value(skew, m, price)
        both: uint256 = markets._long_interest(skew, short) + short
        spare -= convert(both * price, int256)
    return spare


@view
@internal
def _pool_assets(prices: uint256[10]) -> uint256:
    """
    @return What the pool's shares, the virtual ones included, stand for: its
            equity without the impact that it owes back to those who close.
    """
    worth: int256 = self._pool_equity(prices)
    for m: uint256 in range(_COUNT, bound=_MAX):
        worth -= convert(markets._impact_owed_up(m, prices[m]), int256)
    assets: int256 = worth + convert(_VIRTUAL_ASSETS, int256)
    assert (
        worth > 0 or (self.total_liquidity == 0 and assets > 0)
    ), errors.EXCHANGE_POOL_EXHAUSTED
    return convert(assets, uint256)


@pure
@internal
def _mul_div_down(x: uint256, y: uint256, denominator: uint256) -> uint256:
    return math._mul_div(x, y, denominator, False)
