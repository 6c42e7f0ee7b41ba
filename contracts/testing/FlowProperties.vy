# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title FlowProperties
@license AGPL-3.0-only
@notice What must hold of flows, triggers and rewards, for all numbers.
@custom:kill For tests only; never deployed elsewhere.
"""

from ...interfaces import IInverseIndexToken
from ...interfaces import ITokenPolicy

from ..modules.policy import wind_down_bound
from ..modules.policy import flow_terms
from ..modules.policy import leverage_band
from ..modules.policy import netting
from ..modules.policy import reward as reward_module
from ..modules.policy import token_terms

_WAD: constant(uint256) = 10**18
_BPS: constant(uint256) = 10_000
_BPS_WAD: constant(uint256) = 10**14


# --- fees of flows ---


@pure
@external
def fee_up(assets: uint256, fee_bps: uint256) -> bool:
    return self._is_ceiling(flow_terms._fee_up(assets, fee_bps), assets * fee_bps, _BPS)


@pure
@external
def before_fee_up(assets: uint256, fee_bps: uint256) -> bool:
    """
    @notice The smallest amount that leaves the assets after its fee.
    """
    size: uint256 = flow_terms._before_fee_up(assets, fee_bps)
    if size - flow_terms._fee_up(size, fee_bps) < assets:
        return False
    if size == 0:
        return True
    return size - 1 - flow_terms._fee_up(size - 1, fee_bps) < assets


@pure
@external
def part_up(exposure: uint256, size: uint256, ask: uint256) -> bool:
    """
    @notice The exposure's part, of an exposure one unit larger, rounded up.
    """
    terms: token_terms.Terms = empty(token_terms.Terms)
    terms.exposure = exposure
    terms.ask = ask
    return self._is_ceiling(flow_terms._part_up(terms, size), (exposure + 1) * size, max(ask, 1))


@pure
@external
def bound_cost_up(notional: uint256, slippage_bps: uint256, components: uint256) -> bool:
    terms: token_terms.Terms = empty(token_terms.Terms)
    terms.p.slippage_bps = slippage_bps
    terms.components = components
    cost: uint256 = flow_terms._bound_cost_up(notional, terms.p.slippage_bps, terms.components)
    return self._is_ceiling(cost - components - 2, notional * slippage_bps, _BPS)


@pure
@external
def before_bound_cost_up(
    assets: uint256, ask: uint256, exposure: uint256, slippage_bps: uint256, components: uint256
) -> bool:
    """
    @notice A size that leaves the assets after the bound of its trade's cost,
            where that is at most a half.
    """
    terms: token_terms.Terms = self._terms(ask, exposure, slippage_bps, components)
    if ask * _BPS < 2 * (exposure + 1) * slippage_bps:
        return True
    size: uint256 = flow_terms._before_bound_cost_up(terms, assets)
    return self._left(terms, size) >= convert(assets, int256)


@pure
@external
def not_far_before_bound_cost(
    assets: uint256, ask: uint256, exposure: uint256, slippage_bps: uint256, components: uint256
) -> bool:
    """
    @notice Five units less would not do, where the cost is at most a half.
    """
    terms: token_terms.Terms = self._terms(ask, exposure, slippage_bps, components)
    if ask * _BPS < 2 * (exposure + 1) * slippage_bps:
        return True
    size: uint256 = flow_terms._before_bound_cost_up(terms, assets)
    return size < 5 or self._left(terms, size - 5) < convert(assets, int256)


# --- netting ---


@pure
@external
def nets(n: uint256, tolerance_bps: uint256, unhedged: int256, size: int256) -> bool:
    """
    @notice Exactly |A| <= tN and |unhedged + A| <= 2tN, or no more than before.
    """
    terms: token_terms.Terms = self._netting(tolerance_bps, unhedged)
    said: bool = netting._nets(terms.unhedged, terms.p.tolerance_bps, size, n)
    limit: int256 = convert(n * tolerance_bps, int256)
    bps: int256 = convert(_BPS, int256)
    small: bool = size * bps <= limit and -size * bps <= limit
    after: int256 = (unhedged + size) * bps
    inside: bool = after <= 2 * limit and -after <= 2 * limit
    no_worse: bool = abs(unhedged + size) <= abs(unhedged)
    return said == (size == 0 or (small and (inside or no_worse)))


@pure
@external
def netting_headroom(n: uint256, tolerance_bps: uint256, unhedged: int256, out: uint256) -> bool:
    """
    @notice The headroom nets; more than one unit above it does not.
    """
    terms: token_terms.Terms = self._netting(tolerance_bps, unhedged)
    sign: int256 = -1 if out == 1 else 1
    headroom: int256 = convert(netting._headroom(terms, n, sign * unhedged), int256)
    if not netting._nets(terms.unhedged, terms.p.tolerance_bps, sign * headroom, n):
        return False
    return not netting._nets(terms.unhedged, terms.p.tolerance_bps, sign * (headroom + 2), n)


# --- whole flows ---


@view
@external
def flow_round_trip(
    assets: uint256,
    n: uint256,
    spread: uint256,
    supply: uint256,
    in_bps: uint256,
    out_bps: uint256,
    kind: uint256,
) -> bool:
    """
    @notice In at the bid and out at the ask, fees taken: never more than paid.
    @param kind Bit 0: mint instead of deposit. Bit 1: withdraw instead of redeem.
    """
    terms: token_terms.Terms = self._at(n, spread, supply, in_bps, out_bps)
    f: ITokenPolicy.Flow = flow_terms._deposit(terms, assets)
    if f.shares > 2**128:
        return True  # beyond the largest NAV cap
    if kind & 1 != 0:
        deposited: uint256 = f.assets
        f = flow_terms._mint(terms, f.shares)
        if f.netted and f.assets > deposited:
            return False
    after: token_terms.Terms = self._at(n + f.size, spread, supply + f.shares, in_bps, out_bps)
    back: ITokenPolicy.Flow = flow_terms._redeem(after, f.shares)
    if kind & 2 != 0 and back.netted:
        redeemed: uint256 = back.shares
        back = flow_terms._withdraw(after, back.assets)
        if back.netted and back.shares > redeemed:
            return False
    return back.assets <= f.assets


@view
@external
def withdrawable_down(
    shares: uint256,
    n: uint256,
    spread: uint256,
    supply: uint256,
    exposure: uint256,
    out_bps: uint256,
    slippage_bps: uint256,
    tolerance_bps: uint256,
) -> bool:
    """
    @notice What it says can be withdrawn burns no more than the shares.
    """
    terms: token_terms.Terms = self._at(n, spread, supply, 0, out_bps)
    terms.exposure = exposure
    terms.p.slippage_bps = slippage_bps
    terms.p.tolerance_bps = tolerance_bps
    terms.components = 1
    assets: uint256 = flow_terms._withdrawable_down(terms, shares)
    if assets == 0:
        return True
    f: ITokenPolicy.Flow = flow_terms._withdraw(terms, assets)
    return f.shares <= shares and f.shares < supply


# --- triggers ---


@view
@external
def ramp(elapsed: uint256, later: uint256, length: uint256) -> bool:
    """
    @notice 0 at the start, 1 from the end of the ramp on, floor of the fraction
            between, and never falling.
    """
    now_: uint256 = reward_module._ramp(block.timestamp - elapsed, length)
    then: uint256 = reward_module._ramp(block.timestamp - elapsed - later, length)
    if elapsed >= length:
        return now_ == _WAD and then == _WAD
    return self._is_floor(now_, elapsed * _WAD, length) and then >= now_ and then <= _WAD


@view
@external
def ramp_of_the_future(ahead: uint256, length: uint256) -> bool:
    return reward_module._ramp(block.timestamp + ahead, length) == 0


@pure
@external
def reward_down(
    share: uint256, n: uint256, reward_bps: uint256, reward_cap: uint256, unit: uint256
) -> bool:
    """
    @notice Never above its part of either cap, and the whole cap at share 1 but
            for the rounding of N's part.
    """
    p: IInverseIndexToken.Parameters = empty(IInverseIndexToken.Parameters)
    p.reward_bps = reward_bps
    p.reward_cap = reward_cap
    reward: uint256 = reward_module._amount_down(share, n, p, unit)
    whole: uint256 = reward_module._amount_down(_WAD, n, p, unit)
    if reward * _BPS * _WAD > n * reward_bps * share or reward * _WAD > reward_cap * unit * share:
        return False
    if share > _WAD or reward > whole:
        return False
    return (whole + 1) * _BPS > n * reward_bps or whole == reward_cap * unit


@pure
@external
def drift_depth(
    leverage: uint256, more: uint256, multiple: uint256, band_bps: uint256, emergency_bps: uint256
) -> bool:
    """
    @notice 0 in the band, 1 from the emergency on, floor of the fraction between,
            and as fast below the band; never falling away from it.
    """
    if emergency_bps <= multiple * (_BPS + band_bps):
        return True  # no parameters
    p: IInverseIndexToken.Parameters = empty(IInverseIndexToken.Parameters)
    p.band_bps = band_bps
    p.emergency_bps = emergency_bps
    depth: uint256 = reward_module._depth_share(leverage, multiple, p)
    farther: uint256 = reward_module._depth_share(leverage + more, multiple, p)
    edge: uint256 = multiple * (_BPS + band_bps) * _BPS_WAD
    lower: uint256 = multiple * (_BPS - band_bps) * _BPS_WAD
    end: uint256 = emergency_bps * _BPS_WAD
    if leverage + more <= lower and farther > depth:
        return False
    if leverage >= lower and farther < depth:
        return False
    if leverage < lower:
        return self._is_floor(depth, min(lower - leverage, end - edge) * _WAD, end - edge)
    if leverage <= edge:
        return depth == 0
    if leverage >= end:
        return depth == _WAD
    return self._is_floor(depth, (leverage - edge) * _WAD, end - edge)


@pure
@external
def drift(exposure: uint256, n: uint256, multiple: uint256, band_bps: uint256) -> bool:
    """
    @notice Due exactly beyond the band, its ends not included; without value
            always.
    """
    due: bool = not leverage_band._is_within(exposure, n, multiple, band_bps)
    low: uint256 = n * multiple * (_BPS - band_bps)
    high: uint256 = n * multiple * (_BPS + band_bps)
    return due == (n == 0 or exposure * _BPS < low or exposure * _BPS > high)


@view
@external
def wind_down_bound_grows(days: uint256, more: uint256, slippage_bps: uint256) -> bool:
    """
    @notice Doubles each day, never falls, and after two weeks and a day at most
            is no bound.
    """
    now_: uint256 = self._bound_at(days, slippage_bps)
    later: uint256 = self._bound_at(days + more, slippage_bps)
    if later < now_ or (days <= 30 and now_ != slippage_bps * 2**days):
        return False
    bound: uint256 = wind_down_bound._bound_wad(now_)
    if now_ < 2 * _BPS:
        return bound == now_ * _BPS_WAD and days <= 14
    return bound == max_value(uint256)


# --- internal ---


@view
@internal
def _bound_at(days: uint256, slippage_bps: uint256) -> uint256:
    state: IInverseIndexToken.State = empty(IInverseIndexToken.State)
    state.parameters.slippage_bps = slippage_bps
    state.winding_down_since = block.timestamp - days * 86_400
    return wind_down_bound._bound_bps(state)


@pure
@internal
def _terms(
    ask: uint256, exposure: uint256, slippage_bps: uint256, components: uint256
) -> token_terms.Terms:
    terms: token_terms.Terms = empty(token_terms.Terms)
    terms.ask = ask
    terms.exposure = exposure
    terms.p.slippage_bps = slippage_bps
    terms.components = components
    return terms


@pure
@internal
def _netting(tolerance_bps: uint256, unhedged: int256) -> token_terms.Terms:
    terms: token_terms.Terms = empty(token_terms.Terms)
    terms.p.tolerance_bps = tolerance_bps
    terms.unhedged = unhedged
    return terms


@pure
@internal
def _at(
    n: uint256, spread: uint256, supply: uint256, in_bps: uint256, out_bps: uint256
) -> token_terms.Terms:
    """
    @return Terms of a token without exposure, all flows of which net.
    """
    terms: token_terms.Terms = empty(token_terms.Terms)
    terms.p.mint_fee_bps = in_bps
    terms.p.redeem_fee_bps = out_bps
    terms.p.tolerance_bps = _BPS * _BPS
    terms.net = convert(n, int256)
    terms.bid = n + spread
    terms.ask = n - min(n, spread)
    terms.supply = supply
    terms.multiple = 1
    terms.virtual = 10**12
    return terms


@pure
@internal
def _left(terms: token_terms.Terms, size: uint256) -> int256:
    """
    @return Of a hedged redemption after the bound of its trade's cost.
    """
    cost: uint256 = flow_terms._at_bound_up(terms, flow_terms._part_up(terms, size))
    return convert(size, int256) - convert(cost, int256)


@pure
@internal
def _is_floor(q: uint256, x: uint256, y: uint256) -> bool:
    low: uint256 = q * y
    return low <= x and x - low < y


@pure
@internal
def _is_ceiling(q: uint256, x: uint256, y: uint256) -> bool:
    high: uint256 = q * y
    return high >= x and high - x < y
