# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title markets
@license AGPL-3.0-only
@notice Configuration and state of the markets: terms and open interest.
@dev A trade touches three words of its market, one of them in `funding`:
       terms    skew scale (104 bits) | max funding (48) | taker fee (56) |
                initial margin (24) | maintenance margin (23), margins in 1e-6 |
                settled (1)
       interest skew (128, signed) | short interest (128)
     The signed part above is added to the lower one, not joined by bits: its parts
     come back by arithmetic shifts.
     A settled market has no fee, no funding and no impact, and only shrinks.
     That of market 0 is set even if no market is listed.
"""

from ....interfaces import IPerpExchange

from ..lib import errors
from . import funding
from . import linear

uses: funding


# @dev A quoted order: its fill price, its fee at scale 1e36.
struct Quoted:
    price: uint256
    fee: uint256


# @dev A changed position: the funding it was valued with, the skew after, and
#      whether a side's open interest has grown.
struct Moved:
    funding: int256
    skew: int256
    grown: bool


MAX_SKEW_SCALE: constant(uint256) = 10**30
MAX_PRICE: constant(uint256) = 10**28  # WAD
MAX_FUNDING: constant(uint256) = 10**13  # WAD per second, 86.4% a day
MAX_TAKER_FEE: constant(uint256) = 10**16
# @dev A liquidation costs 1% of what it closes; margins must be able to pay it.
MIN_MARGIN: constant(uint256) = 10**16
# @dev Terms from this on are settled.
SETTLED: constant(uint256) = 2**255

_WAD: constant(uint256) = 10**18
_MAX: constant(uint256) = 10
_MASK_23: constant(uint256) = 2**23 - 1
_MASK_24: constant(uint256) = 2**24 - 1
_MASK_48: constant(uint256) = 2**48 - 1
_MASK_56: constant(uint256) = 2**56 - 1
# @dev Margins are multiples of this.
_MARGIN_UNIT: constant(uint256) = 10**12
# @dev Where max funding and taker fee are in the terms.
_MASK_CHARGES: constant(uint256) = (2**104 - 1) * 2**104

market_count: public(uint256)
_terms: uint256[10]
_max_long: uint256[10]
_interest: int256[10]


# --- views ---


@view
@external
def market(market: uint256) -> IPerpExchange.Market:
    terms: uint256 = self._listed_terms(market)
    return IPerpExchange.Market(
        skew_scale=self._skew_scale(terms),
        max_funding=(terms >> 104) & _MASK_48,
        taker_fee=self._taker_fee(terms),
        initial_margin=self._initial_margin(terms),
        maintenance_margin=self._maintenance_margin(terms),
        max_long=self._max_long[market],
    )


@view
@external
def market_state(market: uint256) -> IPerpExchange.MarketState:
    """
    @return Stored state; funding as of `funding_at`.
    """
    self._check_listed(market)
    skew: int256 = 0
    short: uint256 = 0
    skew, short = self._open_interest(market)
    cumulative: int256 = 0
    rate: int256 = 0
    at: uint256 = 0
    cumulative, rate, at = funding._stored(market)
    return IPerpExchange.MarketState(
        skew=skew, short_interest=short, funding=cumulative, funding_at=at
    )


@view
@external
def depth(market: uint256, bound: uint256, buy: bool) -> uint256:
    """
    @return Largest order (WAD units) whose price impact plus fee stays within
            `bound` (WAD of notional) of the oracle price; interest caps apart.
            Any order costs nothing once settled.
    """
    terms: uint256 = self._listed_terms(market)
    if terms >= SETTLED:
        return 2 * self._skew_scale(terms)
    # Short of 100%: no order sells at a price of zero.
    headroom: int256 = min(
        convert(min(bound, 2 * _WAD), int256) - convert(self._taker_fee(terms), int256),
        convert(_WAD - 1, int256),
    )
    return linear._largest_order_down(self._skew(market), self._skew_scale(terms), headroom, buy)


# --- listing ---


@internal
def _list(config: IPerpExchange.Market, component_count: uint256) -> uint256:
    """
    @return The new market's number.
    """
    market: uint256 = self.market_count
    assert market < component_count, errors.EXCHANGE_ALL_LISTED
    self._check_config(config)
    self.market_count = market + 1
    self._max_long[market] = config.max_long
    self._terms[market] = (
        config.skew_scale
        | config.max_funding << 104
        | config.taker_fee << 152
        | (config.initial_margin // _MARGIN_UNIT) << 208
        | (config.maintenance_margin // _MARGIN_UNIT) << 232
    )
    funding._store(market, 0, 0)
    return market


@internal
def _settle(prices: uint256[10]):
    """
    @notice Accrue all funding at these prices, for the last time.
    """
    self._terms[0] = self._terms[0] | SETTLED
    for market: uint256 in range(self.market_count, bound=_MAX):
        funding._store(market, funding._now(market, prices[market]), 0)
        self._terms[market] = self._terms[market] & ~_MASK_CHARGES | SETTLED


@view
@internal
def _settled() -> bool:
    return self._terms[0] >= SETTLED


@pure
@internal
def _check_config(config: IPerpExchange.Market):
    assert (
        config.skew_scale != 0 and config.skew_scale <= MAX_SKEW_SCALE
    ), errors.EXCHANGE_SKEW_SCALE
    assert config.max_funding <= MAX_FUNDING, errors.EXCHANGE_MAX_FUNDING
    assert config.taker_fee <= MAX_TAKER_FEE, errors.EXCHANGE_TAKER_FEE
    assert (
        config.maintenance_margin >= MIN_MARGIN
        and config.initial_margin > config.maintenance_margin
        and config.initial_margin <= _WAD
        and config.initial_margin % _MARGIN_UNIT == 0
        and config.maintenance_margin % _MARGIN_UNIT == 0
    ), errors.EXCHANGE_MARGINS
    assert (
        config.max_long <= linear._interest_cap(config.skew_scale, config.maintenance_margin)
    ), errors.EXCHANGE_MAX_LONG


# --- configuration ---


@view
@internal
def _check_listed(market: uint256):
    assert market < _MAX and self._terms[market] << 1 != 0, errors.EXCHANGE_NOT_LISTED


@view
@internal
def _listed_terms(market: uint256) -> uint256:
    assert market < _MAX, errors.EXCHANGE_NOT_LISTED
    terms: uint256 = self._terms[market]
    assert terms << 1 != 0, errors.EXCHANGE_NOT_LISTED
    return terms


@pure
@internal
def _skew_scale(terms: uint256) -> uint256:
    return terms & (2**104 - 1)


@pure
@internal
def _taker_fee(terms: uint256) -> uint256:
    return (terms >> 152) & _MASK_56


@pure
@internal
def _initial_margin(terms: uint256) -> uint256:
    return ((terms >> 208) & _MASK_24) * _MARGIN_UNIT


@pure
@internal
def _maintenance_margin(terms: uint256) -> uint256:
    return ((terms >> 232) & _MASK_23) * _MARGIN_UNIT


@view
@internal
def _initial_up(market: uint256, notional: uint256) -> uint256:
    return linear._share_up(notional, self._initial_margin(self._terms[market]))


@view
@internal
def _maintenance_up(market: uint256, notional: uint256) -> uint256:
    return linear._share_up(notional, self._maintenance_margin(self._terms[market]))


# --- state ---


@view
@internal
def _skew(market: uint256) -> int256:
    return self._interest[market] >> 128


@view
@internal
def _open_interest(market: uint256) -> (int256, uint256):
    """
    @return Skew and short interest.
    """
    word: int256 = self._interest[market]
    skew: int256 = word >> 128
    return skew, convert(word - (skew << 128), uint256)


# --- orders ---


@view
@internal
def _quote(market: uint256, delta: int256, price: uint256) -> Quoted:
    """
    @notice Fill price of an order and its fee. The fee is charged on the
            notional at the oracle price, so that what a round trip costs does
            not shrink with the skew.
    """
    terms: uint256 = self._listed_terms(market)
    skew_scale: uint256 = self._skew_scale(terms)
    limit: int256 = 2 * convert(skew_scale, int256)
    assert delta != 0 and delta <= limit and delta >= -limit, errors.EXCHANGE_ORDER_SIZE
    fill: uint256 = price
    if terms < SETTLED:
        fill = linear._fill_price(price, self._skew(market), delta, skew_scale)
    assert fill != 0, errors.EXCHANGE_IMPACT
    fee: uint256 = linear._share_up(linear._notional(delta, price), self._taker_fee(terms))
    return Quoted(price=fill, fee=fee)


@view
@internal
def _fill_price(market: uint256, delta: int256, price: uint256) -> uint256:
    """
    @return Oracle price plus impact, WAD, rounded against the order.
    """
    terms: uint256 = self._terms[market]
    if terms >= SETTLED:
        return price
    return linear._fill_price(price, self._skew(market), delta, self._skew_scale(terms))


@view
@internal
def _impact_owed_up(market: uint256, price: uint256) -> uint256:
    skew: int256 = self._skew(market)
    if skew == 0:
        return 0
    return linear._impact_owed_up(skew, price, self._skew_scale(self._terms[market]))


@internal
def _move(market: uint256, old: int256, delta: int256, price: uint256) -> Moved:
    """
    @notice Accrue funding at `price`, take a position's change into the open
            interest within its caps, set the new rate.
    """
    terms: uint256 = self._terms[market]
    cumulative: int256 = funding._now(market, price)
    new: int256 = old + delta
    skew: int256 = 0
    short: uint256 = 0
    skew, short = self._open_interest(market)
    skew += delta
    more_long: bool = new > 0 and new > old
    more_short: bool = new < 0 and new < old
    grown: bool = more_long or more_short
    assert not grown or terms < SETTLED, errors.EXCHANGE_REDUCE_ONLY
    if old < 0 or new < 0:
        short = short + self._short(new) - self._short(old)
    self._interest[market] = (skew << 128) + convert(short, int256)
    rate: int256 = linear._rate(skew, self._skew_scale(terms), (terms >> 104) & _MASK_48)
    funding._store(market, cumulative, rate)

    if more_long:
        assert self._long_interest(skew, short) <= self._max_long[market], errors.EXCHANGE_LONG_CAP
    if more_short:
        assert short <= self._max_short(terms), errors.EXCHANGE_SHORT_CAP
    return Moved(funding=cumulative, skew=skew, grown=grown)


@pure
@internal
def _max_short(terms: uint256) -> uint256:
    return linear._interest_cap(self._skew_scale(terms), self._maintenance_margin(terms))


@pure
@internal
def _short(size: int256) -> uint256:
    return convert(max(-size, 0), uint256)


@pure
@internal
def _long_interest(skew: int256, short: uint256) -> uint256:
    return convert(skew + convert(short, int256), uint256)
