# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title markets
@license AGPL-3.0-only
@notice Configuration and state of the markets: terms and open interest.
@dev A trade touches three words of its market, one of them in `funding`:
       terms    skew scale (104 bits) | max funding (48) | taker fee (20), 1e-8 |
                recovery (36), 1e-15 per second | initial margin (24) | maintenance
                margin (23), margins in 1e-6 | settled (1)
       interest skew (104, signed) | displacement (52, signed), 1e-15 of the price,
                as of the last funding | short interest (100)
     A signed part above a lower one is added to it, not joined by bits: the parts
     come back by arithmetic shifts.
     A settled market has no fee, no funding and no impact, and only shrinks.
"""

from ....interfaces import IPerpExchange

from ..lib import errors
from . import funding
from . import linear

uses: funding


# @dev A quoted order: its fill price, its fee at scale 1e36, the displacement after.
struct Quoted:
    price: uint256
    fee: uint256
    displacement: int256


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
MAX_RECOVERY: constant(uint256) = 6 * 10**13  # WAD of the price per second, 21.6% an hour
# @dev A liquidation costs 1% of what it closes; margins must be able to pay it.
MIN_MARGIN: constant(uint256) = 10**16
# @dev Terms from this on are settled.
SETTLED: constant(uint256) = 2**255

_WAD: constant(uint256) = 10**18
_MAX: constant(uint256) = 10
_MASK_23: constant(uint256) = 2**23 - 1
_MASK_24: constant(uint256) = 2**24 - 1
_MASK_48: constant(uint256) = 2**48 - 1
_MASK_36: constant(uint256) = 2**36 - 1
_MASK_20: constant(uint256) = 2**20 - 1
_MASK_SHORT: constant(int256) = 2**100 - 1
# @dev Margins, fees and recoveries are multiples of these.
_MARGIN_UNIT: constant(uint256) = 10**12
_FEE_UNIT: constant(uint256) = 10**10
_RECOVERY_UNIT: constant(uint256) = 10**3
# @dev Where max funding, taker fee and recovery are in the terms.
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
        recovery=self._recovery(terms) * _RECOVERY_UNIT,
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
        skew=skew,
        short_interest=short,
        displacement=self._stored_displacement(market) * convert(_RECOVERY_UNIT, int256),
        funding=cumulative,
        funding_at=at,
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
        convert(min(bound, _WAD), int256) - convert(self._taker_fee(terms), int256),
        convert(_WAD - 1, int256),
    )
    unit: int256 = convert(_WAD // linear.IMPACT_UNIT, int256)
    return min(
        linear._largest_order_down(
            self._displacement(market, terms), self._skew_scale(terms), headroom // unit, buy
        ),
        2 * self._skew_scale(terms),
    )


# --- listing and settlement ---


@internal
def _list(configs: DynArray[IPerpExchange.Market, 10]):
    """
    @notice At construction, once.
    """
    for config: IPerpExchange.Market in configs:
        self._check_config(config)
        market: uint256 = self.market_count
        self.market_count = market + 1
        self._max_long[market] = config.max_long
        self._terms[market] = (
            config.skew_scale
            | config.max_funding << 104
            | (config.taker_fee // _FEE_UNIT) << 152
            | (config.recovery // _RECOVERY_UNIT) << 172
            | (config.initial_margin // _MARGIN_UNIT) << 208
            | (config.maintenance_margin // _MARGIN_UNIT) << 232
        )
        funding._store(market, 0, 0)
        log IPerpExchange.MarketListed(market=market, config=config)


@internal
def _settle(prices: uint256[10]):
    """
    @notice Accrue all funding at these prices, for the last time.
    """
    self._terms[0] = self._terms[0] | SETTLED
    for market: uint256 in range(self.market_count, bound=_MAX):
        funding._store_settled(market, funding._now(market, prices[market]))
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
    assert (
        config.taker_fee <= MAX_TAKER_FEE and config.taker_fee % _FEE_UNIT == 0
    ), errors.EXCHANGE_TAKER_FEE
    assert (
        config.recovery <= MAX_RECOVERY and config.recovery % _RECOVERY_UNIT == 0
    ), errors.EXCHANGE_RECOVERY
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
    assert market < self.market_count, errors.EXCHANGE_NOT_LISTED


@view
@internal
def _listed_terms(market: uint256) -> uint256:
    self._check_listed(market)
    return self._terms[market]


@pure
@internal
def _skew_scale(terms: uint256) -> uint256:
    return terms & (2**104 - 1)


@pure
@internal
def _taker_fee(terms: uint256) -> uint256:
    return ((terms >> 152) & _MASK_20) * _FEE_UNIT


@pure
@internal
def _recovery(terms: uint256) -> uint256:
    """
    @return 1e-15 of the price per second.
    """
    return (terms >> 172) & _MASK_36


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


@internal
def _store_interest(market: uint256, skew: int256, displacement: int256, short: uint256):
    self._interest[market] = (((skew << 52) + displacement) << 100) + convert(short, int256)


@view
@internal
def _stored_displacement(market: uint256) -> int256:
    return ((self._interest[market] >> 100) << 204) >> 204


@view
@internal
def _displacement(market: uint256, terms: uint256) -> int256:
    """
    @return Of now, 1e-15 of the price.
    """
    displacement: int256 = self._stored_displacement(market)
    if displacement == 0:
        return 0
    return linear._recovered(displacement, self._recovery(terms), funding._elapsed(market))


@view
@internal
def _open_interest(market: uint256) -> (int256, uint256):
    """
    @return Skew and short interest.
    """
    word: int256 = self._interest[market]
    upper: int256 = word >> 100
    displacement: int256 = (upper << 204) >> 204
    return (upper - displacement) >> 52, convert(word & _MASK_SHORT, uint256)


# --- orders ---


@view
@internal
def _quote(market: uint256, delta: int256, price: uint256) -> Quoted:
    """
    @param market Listed.
    @param price The oracle's, or a worse one.
    @return Fill price, impact included, fee and displacement. The fee is charged on the
            notional without impact.
    """
    terms: uint256 = self._terms[market]
    skew_scale: uint256 = self._skew_scale(terms)
    limit: int256 = 2 * convert(skew_scale, int256)
    assert delta != 0 and delta <= limit and delta >= -limit, errors.EXCHANGE_ORDER_SIZE
    quoted: Quoted = Quoted(price=price, fee=0, displacement=0)
    if terms < SETTLED:
        before: int256 = self._displacement(market, terms)
        quoted.displacement = linear._pushed_up(before, delta, skew_scale)
        quoted.price = linear._fill_price(price, before, quoted.displacement)
    quoted.fee = linear._share_up(linear._notional(delta, price), self._taker_fee(terms))
    return quoted


@internal
def _move(
    market: uint256, old: int256, delta: int256, price: uint256, displacement: int256
) -> Moved:
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
    self._store_interest(market, skew, displacement, short)
    if terms >= SETTLED:
        funding._store_settled(market, cumulative)
    else:
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
