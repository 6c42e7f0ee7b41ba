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
     Once its oracle is dead, anybody can settle the exchange, for good, at the
     oracle's closing prices. From then on these frozen prices alone count;
     positions only shrink, without impact, fee or funding, so their worth is
     final and anybody may close them, which `liquidate` does for any account.
     When none is open the pool is divided. What the markets have taken in as
     impact stays with the pool: it is there in full, whoever traded against the
     skew has been paid out of it already, and the worth of every account is the
     same before and after. Divided any earlier, the pool would pay the first
     providers to leave for debts that the last would have to bear.
     A market kind other than linear replaces `perp_linear`, which holds all
     that depends on the payoff.
@custom:kill Nothing here can be switched off or taken back by anybody; the
             owner can list markets and has no other power. Positions can be
             reduced and margin withdrawn for as long as the oracle serves
             prices, and margin without positions when it does not. Once the
             oracle is dead anybody ends the exchange with `settle`: everything
             can then be closed and withdrawn without a price.
"""

from snekmate.auth import ownable

from ...interfaces import IPerpExchange

implements: IPerpExchange

from ..modules.lib import errors
from ..modules.exchange import collateral
from ..modules.exchange import ledger
from ..modules.exchange import linear
from ..modules.exchange import liquidation
from ..modules.exchange import liquidity as pool
from ..modules.exchange import markets

initializes: ownable
initializes: collateral
initializes: markets
initializes: ledger[markets := markets]
initializes: liquidation[collateral := collateral, ledger := ledger, markets := markets]
initializes: pool[collateral := collateral, ledger := ledger, markets := markets]

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
    ledger.oracle,
    ledger.settle,
    ledger.settled,
    ledger.cash,
    ledger.pool_cash,
    ledger.insurance,
    ledger.size,
    ledger.account_value,
    ledger.margin,
    ledger.quote,
    ledger.spare_reserve,
    ledger.pool_equity,
    liquidation.liquidate,
    liquidation.deleverage,
    pool.LIQUIDITY_LOCK,
    pool.total_liquidity,
    pool.liquidity,
    pool.unlocked_at,
    pool.add_liquidity,
    pool.remove_liquidity,
)


# @dev What filling an order has done to the ledger.
struct Outcome:
    fill: IPerpExchange.Fill
    cost: int256  # scale 1e36, paid to the pool
    grown: bool  # one side's open interest has grown


# @dev One part in ten of the fees goes to the insurance fund.
_INSURANCE_CUT: constant(uint256) = 10


@deploy
def __init__(asset_: address, oracle_: address):
    """
    @param asset_ Collateral of at most 18 decimals.
    @param oracle_ Prices of the markets in that collateral.
    """
    ownable.__init__()
    collateral.__init__(asset_)
    ledger.__init__(oracle_)


# --- margin ---


@external
def deposit(amount: uint256):
    """
    @notice Pull collateral from the caller into its own margin. Nobody can add
            to another's: a gift would move the value of a vault's shares.
    """
    value: uint256 = collateral._pull(amount)
    ledger.cash[msg.sender] += convert(value, int256)
    log IPerpExchange.Deposited(account=msg.sender, amount=amount)


@external
def withdraw(amount: uint256, receiver: address):
    """
    @notice Take margin out, down to the initial requirement. Needs no price
            when there is no position.
    """
    assert amount != 0, errors.EXCHANGE_ZERO
    ledger.cash[msg.sender] -= convert(amount * collateral.SCALE, int256)
    ledger._check_withdrawal(msg.sender)
    log IPerpExchange.Withdrawn(account=msg.sender, receiver=receiver, amount=amount)
    collateral._push(receiver, amount)


@external
def fund_insurance(amount: uint256):
    """
    @notice Give collateral to the insurance fund, for good.
    """
    ledger.insurance += collateral._pull(amount)
    log IPerpExchange.InsuranceFunded(payer=msg.sender, amount=amount)


# --- trading ---


@external
def trade(orders: DynArray[IPerpExchange.Order, 10]) -> DynArray[IPerpExchange.Fill, 10]:
    """
    @notice Fill orders at oracle price plus impact, at most one per market.
            Orders that let no side's open interest grow need no margin but
            equity, and no room. No other ones fill once settled.
    """
    assert len(orders) != 0, errors.EXCHANGE_NO_ORDERS
    prices: uint256[10] = ledger._oracle_prices()
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
        ledger._check_initial(msg.sender, prices)
        assert ledger._spare_reserve(prices) >= 0, errors.EXCHANGE_RESERVE
    else:
        assert ledger._equity(msg.sender, prices) >= 0, errors.EXCHANGE_BANKRUPT
    return fills


# --- owner ---


@external
def list_market(config: IPerpExchange.Market):
    """
    @notice Owner: list the oracle's next component. A listed market's
            configuration never changes but in `settle`.
    """
    ownable._check_owner()
    assert not markets._settled(), errors.EXCHANGE_SETTLED
    m: uint256 = markets._list(config, ledger.COUNT)
    log IPerpExchange.MarketListed(market=m, config=config)


# --- internal ---


@internal
def _fill(account: address, order: IPerpExchange.Order, price: uint256) -> Outcome:
    quoted: markets.Quoted = markets._quote(order.market, order.delta, price)
    self._check_limit(order, quoted.price)
    moved: markets.Moved = ledger._resize(account, order.market, order.delta, price)
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
def _settle_trade(account: address, cost: int256, fees: uint256):
    """
    @notice The account pays the pool the cost, and the pool and the insurance
            fund their parts of the fees.
    """
    fee: int256 = convert(fees, int256)
    cut: uint256 = fees // _INSURANCE_CUT
    ledger.cash[account] -= cost + fee
    ledger.pool_cash += cost + fee - convert(cut, int256)
    ledger.insurance += cut
