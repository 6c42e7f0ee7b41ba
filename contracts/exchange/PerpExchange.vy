# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
# pragma optimize codesize
"""
@title PerpExchange
@license AGPL-3.0-only
@notice Perpetual futures on oracle prices against a liquidity pool: a market for
        each of the oracle's components, cross margin, funding, partial
        liquidation, and a reserve from which every short can be paid. The pool
        is `LiquidityPool`.
@dev The ledger is the one of `IPerpExchange`: scale 1e36, nothing rounded.
     Only four kinds of number are rounded, each before it enters the ledger:
     fill prices and fees (against the trader), the funding rate and its steps
     (toward zero), native amounts that leave (down).
     The pool takes the other side of every trade at the oracle's price. What an
     order pays beyond that, its impact, goes to the insurance fund and is not given
     back: nobody gains by moving a price, neither there and back nor before
     somebody else's order. Forced closings pay no impact.
     The pool must always hold the notional of every market's larger side, and a quarter
     of the smaller one's, to let open interest grow: shorts win at the most their whole
     notional, longs as much as that until the price has doubled, and never both. Each
     side pays for what is kept of it, by the second.
     When a further rise eats into what shorts could still win, longs are deleveraged.
     While the oracle restricts its prices, see `marks`, no price is used against an
     account, no open interest grows, and shares of the pool have no price.
     Once its oracle is dead, anybody can settle the exchange, for good, at the
     oracle's closing prices. From then on these frozen prices alone count;
     positions only shrink, without impact, fee or funding, so their worth is
     final and anybody may close them, which `liquidate` does for any account.
     When none is open the pool is divided. Divided any earlier, the pool would pay
     the first providers to leave for debts that the last would have to bear.
     A market kind other than linear replaces `perp_linear`, which holds all
     that depends on the payoff.
@custom:kill Nothing here can be switched off or taken back by anybody, and there is
             no owner. Positions can be reduced and margin withdrawn for as long
             as the oracle serves prices, and margin without positions when it
             does not. Once the oracle is dead anybody ends the exchange with
             `settle`: everything can then be closed and withdrawn without a price.
"""

from ...interfaces import IIndexOracle
from ...interfaces import ILiquidityPool
from ...interfaces import IPerpExchange

implements: IPerpExchange

from ..modules.lib import errors
from ..modules.exchange import custody
from ..modules.exchange import deleveraging
from ..modules.exchange import funding
from ..modules.exchange import ledger
from ..modules.exchange import linear
from ..modules.exchange import liquidation
from ..modules.exchange import margin as margins
from ..modules.exchange import markets
from ..modules.exchange import marks
from ..modules.exchange import reserve
from ..modules.exchange import settlement

initializes: custody
initializes: funding
initializes: markets[funding := funding]
initializes: marks[markets := markets]
initializes: ledger[funding := funding, markets := markets, marks := marks]
initializes: margins[funding := funding, ledger := ledger, markets := markets, marks := marks]
initializes: reserve[ledger := ledger, markets := markets, marks := marks]
initializes: settlement[markets := markets, marks := marks]
initializes: liquidation[custody := custody, ledger := ledger, margin := margins, marks := marks]
initializes: deleveraging[ledger := ledger, markets := markets, marks := marks, reserve := reserve]

exports: (
    custody.asset,
    custody.held,
    custody.partner,
    custody.pay,
    markets.market,
    markets.market_count,
    markets.market_state,
    marks.oracle,
    settlement.settle,
    settlement.settled,
    ledger.pool,
    ledger.cash,
    ledger.size,
    ledger.account_value,
    ledger.quote,
    margins.margin,
    reserve.accrue,
    reserve.spare_reserve,
    reserve.obligations,
    liquidation.liquidate,
    deleveraging.deleverage,
)


# @dev What filling an order has done to the ledger.
struct Outcome:
    fill: IPerpExchange.Fill
    cost: int256  # scale 1e36, paid for the position
    impact: int256  # scale 1e36, the part of it above the oracle's price, never negative
    grown: bool  # one side's open interest has grown


# @dev One part in ten of the fees goes to the insurance fund.
_INSURANCE_CUT: constant(uint256) = 10


@deploy
def __init__(pool_: address, oracle_: address, markets_: DynArray[IPerpExchange.Market, 10]):
    """
    @notice The pool comes first, made for the address that this exchange will have;
            its collateral is the exchange's.
    @param pool_ `LiquidityPool` whose exchange is this contract.
    @param oracle_ Prices of the markets in that collateral.
    @param markets_ One for each of the oracle's components, for good.
    """
    assert staticcall ILiquidityPool(pool_).exchange() == self, errors.EXCHANGE_POOL
    custody.__init__(staticcall ILiquidityPool(pool_).asset(), pool_)
    ledger.__init__(pool_)
    marks.__init__(oracle_)
    assert len(markets_) == marks.COUNT, errors.EXCHANGE_MARKETS
    markets._list(markets_)


# --- margin ---


@external
def deposit(amount: uint256):
    """
    @notice Pull collateral from the caller into its own margin. Nobody can add
            to another's: a gift would move the value of a vault's shares.
    """
    ledger.cash[msg.sender] += convert(amount * custody.SCALE, int256)
    custody._pull(amount)
    log IPerpExchange.Deposited(account=msg.sender, amount=amount)


@external
def withdraw(amount: uint256, receiver: address):
    """
    @notice Take margin out, down to the initial requirement. Needs no price
            when there is no position.
    """
    assert amount != 0, errors.EXCHANGE_ZERO
    ledger.cash[msg.sender] -= convert(amount * custody.SCALE, int256)
    margins._check_withdrawal(msg.sender)
    log IPerpExchange.Withdrawn(account=msg.sender, receiver=receiver, amount=amount)
    custody._pay(receiver, amount)


# --- trading ---


@external
def trade(orders: DynArray[IPerpExchange.Order, 10]) -> DynArray[IPerpExchange.Fill, 10]:
    """
    @notice Fill orders at oracle price plus impact, at most one per market.
            Orders that let no side's open interest grow need no margin but
            equity and no liquidity. No other ones fill once settled, and while
            the oracle restricts its prices; the price is then the worse one.
    """
    assert len(orders) != 0, errors.EXCHANGE_NO_ORDERS
    read: IIndexOracle.Prices = marks._read()
    restricted: bool = read.restriction != empty(IIndexOracle.Restriction)
    fills: DynArray[IPerpExchange.Fill, 10] = []
    seen: uint256 = 0
    total: Outcome = empty(Outcome)
    for order: IPerpExchange.Order in orders:
        markets._check_listed(order.market)
        assert seen & (1 << order.market) == 0, errors.EXCHANGE_REPEATED
        seen |= 1 << order.market
        base: uint256 = read.mid[order.market]
        charged: uint256 = marks._charged(order.market, base, read.restriction)
        if restricted:
            base = marks._extreme(order.market, order.delta > 0)
        outcome: Outcome = self._fill(msg.sender, order, charged, base)
        fills.append(outcome.fill)
        total.cost += outcome.cost
        total.impact += outcome.impact
        total.fill.fee += outcome.fill.fee
        total.grown = total.grown or outcome.grown
    # The insurance fund gets a part of the fees, and all impact: the pool trades at the
    # oracle's price, so no provider earns by making others' orders dear.
    paid: int256 = total.cost + convert(total.fill.fee, int256)
    insured: int256 = total.impact + convert(total.fill.fee // _INSURANCE_CUT, int256)
    ledger.cash[msg.sender] -= paid
    if total.grown:
        assert not restricted, errors.EXCHANGE_RESTRICTED
        notional: uint256 = margins._check_initial(msg.sender, read.mid)
        rate: uint256 = reserve._book_kept(paid - insured, insured, read.mid, notional)
        for order: IPerpExchange.Order in orders:
            markets._set_borrowing(order.market, rate)
    else:
        assert ledger._equity(msg.sender, read.mid) >= 0, errors.EXCHANGE_BANKRUPT
        ledger._book(paid - insured, insured)
        if restricted:  # nobody knows what the pool is worth, nor what a part of it costs
            for order: IPerpExchange.Order in orders:
                markets._set_borrowing(order.market, 0)
    return fills


# --- internal ---


@internal
def _fill(account: address, order: IPerpExchange.Order, charged: uint256, base: uint256) -> Outcome:
    """
    @param charged Price at which funding is charged.
    @param base The oracle's price, or a worse one.
    """
    quoted: markets.Quoted = markets._quote(order.market, order.delta, base)
    self._check_limit(order, quoted.price)
    moved: markets.Moved = ledger._resize(
        account, order.market, order.delta, charged, quoted.displacement
    )
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
        cost=linear._value(order.delta, quoted.price, 0) - moved.funding,
        impact=linear._value(order.delta, quoted.price, convert(base, int256)),
        grown=moved.grown,
    )


@pure
@internal
def _check_limit(order: IPerpExchange.Order, price: uint256):
    within: bool = price <= order.limit if order.delta > 0 else price >= order.limit
    assert within, errors.EXCHANGE_LIMIT
