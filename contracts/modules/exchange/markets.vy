# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title markets
@license AGPL-3.0-only
@notice Configuration and state of the markets: terms and open interest.
@dev A trade touches three words of its market, one of them in `funding`, four where
     there are longs:
       terms    see `market_terms`
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
from . import market_terms

uses: funding


# @dev A quoted order: its fill price, its fee at scale 1e36, the displacement after.
struct Quoted:
    price: uint256
    fee: uint256
    displacement: int256


# @dev A changed position: the funding that came with the units, scale 1e36, the skew
#      after, and whether a side's open interest has grown.
struct Moved:
    funding: int256
    skew: int256
    grown: bool


MAX_PRICE: constant(uint256) = 10**28  # WAD

_MAX: constant(uint256) = 10
_MASK_SHORT: constant(int256) = 2**100 - 1

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
        skew_scale=market_terms._skew_scale(terms),
        max_funding=market_terms._max_funding(terms),
        taker_fee=market_terms._taker_fee(terms),
        recovery=market_terms._recovery(terms) * market_terms.RECOVERY_UNIT,
        initial_margin=market_terms._initial_margin(terms),
        maintenance_margin=market_terms._maintenance_margin(terms),
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
    return IPerpExchange.MarketState(
        skew=skew,
        short_interest=short,
        displacement=self._stored_displacement(market)
        * convert(market_terms.RECOVERY_UNIT, int256),
        long_funding=funding._stored(market, True),
        short_funding=funding._stored(market, False),
        borrowing=funding._borrowing(market, skew > 0),
        funding_at=funding._at(market),
    )


# --- listing and settlement ---


@internal
def _list(configs: DynArray[IPerpExchange.Market, 10]):
    """
    @notice At construction, once.
    """
    for config: IPerpExchange.Market in configs:
        market_terms._check_config(config)
        market: uint256 = self.market_count
        self.market_count = market + 1
        self._max_long[market] = config.max_long
        self._terms[market] = market_terms._packed(config)
        funding._store(market, False, 0, 0, 0)
        log IPerpExchange.MarketListed(market=market, config=config)


@internal
def _settle(prices: uint256[10]):
    """
    @notice Accrue all funding at these prices, for the last time.
    """
    self._terms[0] = self._terms[0] | market_terms.SETTLED
    for market: uint256 in range(self.market_count, bound=_MAX):
        long_funding: int256 = self._long_funding(market, prices[market])
        funding._store_settled(market, True, long_funding)
        funding._store_settled(market, False, funding._now(market, False, prices[market]))
        self._terms[market] = self._terms[market] & ~market_terms.CHARGES | market_terms.SETTLED


@view
@internal
def _settled() -> bool:
    return self._terms[0] >= market_terms.SETTLED


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


@view
@internal
def _initial_up(market: uint256, notional: uint256) -> uint256:
    return linear._share_up(notional, market_terms._initial_margin(self._terms[market]))


@view
@internal
def _maintenance_up(market: uint256, notional: uint256) -> uint256:
    return linear._share_up(notional, market_terms._maintenance_margin(self._terms[market]))


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
    elapsed: uint256 = block.timestamp - funding._at(market)
    return linear._recovered(displacement, market_terms._recovery(terms), elapsed)


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
    skew_scale: uint256 = market_terms._skew_scale(terms)
    limit: int256 = 2 * convert(skew_scale, int256)
    assert delta != 0 and delta <= limit and delta >= -limit, errors.EXCHANGE_ORDER_SIZE
    quoted: Quoted = Quoted(price=price, fee=0, displacement=0)
    if terms < market_terms.SETTLED:
        before: int256 = self._displacement(market, terms)
        quoted.displacement = linear._pushed_up(before, delta, skew_scale)
        quoted.price = linear._fill_price(price, before, quoted.displacement)
    quoted.fee = linear._share_up(linear._notional(delta, price), market_terms._taker_fee(terms))
    return quoted


@internal
def _move(
    market: uint256, old: int256, delta: int256, price: uint256, displacement: int256
) -> Moved:
    """
    @notice Accrue funding at `price`, take a position's change into the open
            interest within its caps, set the new rates.
    """
    terms: uint256 = self._terms[market]
    new: int256 = old + delta
    longer: int256 = max(new, 0) - max(old, 0)
    shorter: int256 = delta - longer
    moved: Moved = empty(Moved)
    moved.grown = longer > 0 or shorter < 0
    assert not moved.grown or terms < market_terms.SETTLED, errors.EXCHANGE_REDUCE_ONLY
    short_funding: int256 = funding._now(market, False, price)
    long_funding: int256 = 0
    skew: int256 = 0
    short: uint256 = 0
    skew, short = self._open_interest(market)
    has_longs: bool = self._long_interest(skew, short) != 0 or longer != 0
    if has_longs:
        long_funding = self._long_funding(market, price)
    borrowing: uint256 = funding._borrowing(market, skew > 0)
    skew += delta
    short = convert(convert(short, int256) - shorter, uint256)
    moved.funding = longer * long_funding + shorter * short_funding
    moved.skew = skew
    self._store_interest(market, skew, displacement, short)
    if terms < market_terms.SETTLED:
        self._store_funding(market, terms, skew, short_funding, long_funding, has_longs, borrowing)

    if longer > 0:
        assert self._long_interest(skew, short) <= self._max_long[market], errors.EXCHANGE_LONG_CAP
    if shorter < 0:
        assert short <= self._max_short(terms), errors.EXCHANGE_SHORT_CAP
    return moved


@internal
def _set_borrowing(market: uint256, borrowing: uint256):
    """
    @notice The borrowing rate from now on. Funding has been accrued in this call.
    """
    terms: uint256 = self._terms[market]
    skew: int256 = 0
    short: uint256 = 0
    skew, short = self._open_interest(market)
    has_longs: bool = self._long_interest(skew, short) != 0
    long_funding: int256 = 0
    if has_longs:
        long_funding = funding._stored(market, True)
    self._store_funding(
        market, terms, skew, funding._stored(market, False), long_funding, has_longs, borrowing
    )


@internal
def _store_funding(
    market: uint256,
    terms: uint256,
    skew: int256,
    short_funding: int256,
    long_funding: int256,
    has_longs: bool,
    borrowing: uint256,
):
    """
    @notice Both sides' funding as of now and its rates. Each side pays for what the pool
            keeps of it: the one that has the larger interest the borrowing rate, the other
            one a part of it.
    """
    rate: int256 = linear._rate(
        skew, market_terms._skew_scale(terms), market_terms._max_funding(terms)
    )
    fee: int256 = convert(borrowing, int256)
    less: int256 = convert(borrowing // linear.PAIRED, int256)
    paid: int256 = fee if skew <= 0 else less
    funding._store(market, False, short_funding, rate - paid, paid)
    if has_longs:
        paid = fee if skew > 0 else less
        funding._store(market, True, long_funding, rate + paid, paid)


@view
@internal
def _long_funding(market: uint256, price: uint256) -> int256:
    """
    @return Cumulative funding of longs up to now. No time counts while there are none.
    """
    skew: int256 = 0
    short: uint256 = 0
    skew, short = self._open_interest(market)
    if self._long_interest(skew, short) == 0:
        return funding._stored(market, True)
    return funding._now(market, True, price)


@pure
@internal
def _max_short(terms: uint256) -> uint256:
    return linear._interest_cap(
        market_terms._skew_scale(terms), market_terms._maintenance_margin(terms)
    )


@pure
@internal
def _long_interest(skew: int256, short: uint256) -> uint256:
    return convert(skew + convert(short, int256), uint256)
