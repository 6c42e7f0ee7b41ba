# SPDX-License-Identifier: AGPL-3.0-only
"""Formulas that exchanges publish for inverse contracts, in exact fractions, and the
model of an exchange whose collateral is the coin.

The documents are BitMEX's "Inverse Perpetuals Guide", Deribit's "Inverse
Perpetual", "Funding Specifications" and "Example (futures)", and Binance's "A
Beginner's Guide to Futures Trading" and "How to Calculate Liquidation Price of
COIN-M Futures Contracts". None of them says how amounts are rounded, so
nothing here is.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from inverse_index.model.exchange.markets import MarketConfig, MarketModel
from inverse_index.model.exchange.perp_exchange import ExchangeModel
from inverse_index.model.exchange.records import Fill, Order
from inverse_index.model.fixed import MAX_UINT256, WAD

ONE = 10**36  # a whole coin in the ledger

Profit = Callable[[Fraction, Fraction, Fraction], Fraction]


def bitmex_profit(dollars: Fraction, entry: Fraction, exit_: Fraction) -> Fraction:
    """XBTUSD, coins: contracts are of 1 dollar, below zero for a short."""
    contracts, multiplier = dollars / 1, 1
    return contracts * multiplier * (1 / entry - 1 / exit_)


def deribit_profit(dollars: Fraction, entry: Fraction, exit_: Fraction) -> Fraction:
    """BTC-PERPETUAL, coins: contracts are of 10 dollars; worth at entry less worth at exit."""
    contracts = dollars / 10
    return 10 * contracts / entry - 10 * contracts / exit_


def binance_profit(dollars: Fraction, entry: Fraction, exit_: Fraction) -> Fraction:
    """BTCUSD_PERP of COIN-M, coins: a size without sign, multiplier 100, and a direction."""
    direction = 1 if dollars > 0 else -1
    return abs(dollars / 100) * 100 * direction * (1 / entry - 1 / exit_)


PROFITS: tuple[Profit, ...] = (bitmex_profit, deribit_profit, binance_profit)


def binance_liquidation(
    dollars: Fraction, entry: Fraction, wallet: Fraction, rate: Fraction
) -> Fraction | None:
    """Price at which one COIN-M position is liquidated, without a maintenance amount;
    None where the formula has no price above zero."""
    side = 1 if dollars > 0 else -1
    size, multiplier = abs(dollars / 100), 100
    below = wallet / multiplier + side * size / entry
    price = (size * rate + side * size) / below if below else Fraction(0)
    return price if price > 0 else None


def margin(dollars: Fraction, mark: Fraction, rate: Fraction) -> Fraction:
    """Coins: the rate times the position in coin, as all three have it."""
    return abs(dollars) / mark * rate


def funding_paid(dollars: Fraction, index: Fraction, rate_8h: Fraction, seconds: int) -> Fraction:
    """Coins that the position pays: 8-hour rate times its size in coin times the part of
    8 hours (Deribit); for one whole interval, BitMEX's rate times position value."""
    return rate_8h * (dollars / index) * Fraction(seconds, 8 * 3_600)


# the project's exchange, collateral the coin, market the dollar

# An order of a thousand million dollars moves the price by 100%: at most 25 million
# dollars of open interest on a side. 10% and 5% margin, no fee.
CONFIG = MarketConfig(
    skew_scale=10**9 * WAD,
    max_funding=10**10,
    taker_fee=0,
    recovery=10**12,
    initial_margin=10**17,
    maintenance_margin=5 * 10**16,
    max_long=25 * 10**6 * WAD,
)


def coin_price(dollar_price: int) -> Fraction:
    """Dollars per coin, from WAD coin per dollar."""
    return Fraction(WAD, dollar_price)


def dollar_price(coin: int) -> int:
    """WAD coin per dollar, from whole dollars per coin, rounded as the oracle does."""
    return WAD * WAD // (coin * WAD)


def open_exchange(decimals: int, pool_coins: int, config: MarketConfig = CONFIG) -> ExchangeModel:
    """An exchange of coin with these decimals, with one market and a provider's coins, at
    time zero and 60,000 dollars per coin."""
    exchange = ExchangeModel(decimals, 1, [MarketModel(config, 0)])
    price = [dollar_price(60_000)]
    exchange.request_deposit("provider", pool_coins * 10**decimals, price, 0)
    exchange.claim_deposit("provider", pool_coins * 10**decimals, 0, price, 0)
    return exchange


def go(exchange: ExchangeModel, name: str, delta: int, price: int, now: int = 0) -> Fill:
    """Trade WAD dollars at this oracle price, without a limit."""
    order = Order(0, delta, MAX_UINT256 if delta > 0 else 0)
    (fill,) = exchange.trade(name, [order], [price], now)
    return fill
