# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title ShortProperties
@license AGPL-3.0-only
@notice What must hold of net asset value, shorts and leverage, for all numbers.
@dev Each quotient is held against its exact fraction by products alone:
     q is floor(x / y) exactly when q * y <= x < (q + 1) * y.
@custom:kill For tests only; never deployed elsewhere.
"""

from ...interfaces import ICollateralVault
from ...interfaces import IIndexOracle
from ..modules.policy import leverage_band
from ..modules.policy import targets
from ..modules.token import nav

_WAD: constant(uint256) = 10**18


# --- value ---


@pure
@external
def bid_and_ask(
    idle: uint256,
    equity: int256,
    reserve: uint256,
    short: uint256,
    mid: uint256,
    spread: uint256,
    virtual: uint256,
) -> bool:
    """
    @notice ask <= mid <= bid; N is what is held less the reserve, floored at 0;
            the exposure rounds down and its spread up.
    """
    v: nav.Valuation = self._valued(idle, equity, reserve, short, mid, spread, virtual)
    net: int256 = convert(idle, int256) + equity - convert(reserve, int256)
    if nav._ask(v) > nav._mid(v) or nav._mid(v) > nav._bid(v) or v.net != net:
        return False
    if convert(nav._mid(v), int256) != max(net, 0):
        return False
    if not self._is_floor(v.exposure, short * mid, _WAD * virtual):
        return False
    # Rounded up twice: of all that is exact, by less than one unit and one of 1e-36.
    exact: uint256 = short * mid * spread
    unit: uint256 = _WAD * virtual * _WAD
    return v.spread * unit >= exact and v.spread * unit < exact + unit + _WAD


# --- shorts and leverage ---


@pure
@external
def leverage_down(exposure: uint256, n: uint256) -> bool:
    """
    @notice Without value: 0 for no exposure, else without bound.
    """
    leverage: uint256 = nav._leverage_down(exposure, n)
    if n == 0:
        return leverage == (0 if exposure == 0 else max_value(uint256))
    return self._is_floor(leverage, exposure * _WAD, n)


@pure
@external
def scaled_down(short: uint256, numerator: uint256, denominator: uint256) -> bool:
    shorts: uint256[10] = empty(uint256[10])
    shorts[0] = short
    scaled: uint256[10] = targets._scaled_down(shorts, numerator, denominator, 1)
    return self._is_floor(scaled[0], short * numerator, denominator) and scaled[1] == 0


@pure
@external
def leverage_kept(short: uint256, mid: uint256, n: uint256, size: uint256) -> bool:
    """
    @notice A hedged deposit within the band leaves E / N where it was: not above,
            and by less than one smallest short below.
    """
    shorts: uint256[10] = empty(uint256[10])
    mids: uint256[10] = empty(uint256[10])
    shorts[0] = short
    mids[0] = mid
    unused: uint256[10] = empty(uint256[10])
    grown: uint256[10] = targets._grown_down(shorts, n, size, True, 1, unused, mids, 1, 1)
    before: uint256 = short * mid * (n + size)
    after: uint256 = grown[0] * mid * n
    return after <= before and before < after + mid * n


@pure
@external
def leverage_toward(
    short: uint256, n: uint256, size: uint256, multiple: uint256, mid: uint256
) -> bool:
    """
    @notice A hedged deposit out of the band brings E / N no further from the
            multiple, and not beyond it: with E in native units at price 1,
            E' / N' lies between E / N and L, but for one smallest short.
    @param short At scale 1e18, as is the price.
    """
    shorts: uint256[10] = empty(uint256[10])
    mids: uint256[10] = empty(uint256[10])
    units: uint256[10] = empty(uint256[10])
    shorts[0] = short
    mids[0] = mid
    units[0] = _WAD
    grown: uint256[10] = targets._grown_down(shorts, n, size, False, multiple, units, mids, 1, 1)
    exposure: uint256 = short * mid
    after: uint256 = grown[0] * mid
    target: uint256 = (n + size) * multiple * _WAD
    if exposure <= n * multiple * _WAD:
        # From below: nearer to it, not above.
        return after <= target and (after + mid) * n >= exposure * (n + size)
    return after * n <= exposure * (n + size) and after + mid >= target


@pure
@external
def index_shorts_down(
    worth: uint256, u0: uint256, u1: uint256, p0: uint256, p1: uint256, virtual: uint256
) -> bool:
    """
    @notice Each short is floor(worth * virtual * units / level), the level
            floor(sum of units * price / 1e18).
    """
    units: uint256[10] = empty(uint256[10])
    mids: uint256[10] = empty(uint256[10])
    units[0] = u0
    units[1] = u1
    mids[0] = p0
    mids[1] = p1
    level: uint256 = nav._level_down(units, mids, 2)
    if not self._is_floor(level, u0 * p0 + u1 * p1, _WAD):
        return False
    if level == 0:
        return True
    shorts: uint256[10] = targets._index_shorts_down(worth, units, mids, 2, virtual)
    return self._is_floor(shorts[0], worth * virtual * u0, level) and self._is_floor(
        shorts[1], worth * virtual * u1, level
    )


@pure
@external
def one_period_return(
    n: uint256, multiple: uint256, p0: uint256, p1: uint256, q0: uint256, q1: uint256
) -> bool:
    """
    @notice With the shorts of a reset, N' = N * (1 - L * (I' / I - 1)) while that
            is positive and 0 beyond: exactly so before the shorts are rounded,
            which misses by less than one smallest short of each component.
    @dev Units of 1e18, prices at scale 1e18: I = p0 + p1. At scale 1e18 * 1e18.
    """
    units: uint256[10] = empty(uint256[10])
    before: uint256[10] = empty(uint256[10])
    units[0] = _WAD
    units[1] = _WAD
    before[0] = p0
    before[1] = p1
    shorts: uint256[10] = targets._index_shorts_down(n * multiple, units, before, 2, 1)
    level: int256 = convert(p0 + p1, int256)
    s0: int256 = convert(shorts[0], int256)
    s1: int256 = convert(shorts[1], int256)
    move0: int256 = convert(q0, int256) - convert(p0, int256)
    move1: int256 = convert(q1, int256) - convert(p1, int256)
    # N' and what the formula says, both times I and 1e18.
    scale: int256 = convert(_WAD, int256)
    start: int256 = convert(n, int256) * scale
    real: int256 = (start - s0 * move0 - s1 * move1) * level
    promised: int256 = start * level - start * convert(multiple, int256) * (move0 + move1)
    tolerance: int256 = (abs(move0) + abs(move1)) * level
    return abs(real - promised) <= tolerance


@pure
@external
def within_band(exposure: uint256, n: uint256, multiple: uint256, band: uint256) -> bool:
    """
    @notice True exactly for |E / (L * N) - 1| <= band, the ends included.
    """
    said: bool = leverage_band._is_within(exposure, n, multiple, band)
    low: bool = exposure * 10_000 >= n * multiple * (10_000 - band)
    high: bool = exposure * 10_000 <= n * multiple * (10_000 + band)
    return said == (n > 0 and low and high)


@pure
@external
def turnover_up(before: uint256, after: uint256, mid: uint256, virtual: uint256) -> bool:
    a: uint256[10] = empty(uint256[10])
    b: uint256[10] = empty(uint256[10])
    mids: uint256[10] = empty(uint256[10])
    a[0] = before
    b[0] = after
    mids[0] = mid
    moved: uint256 = before - after if before > after else after - before
    return self._is_ceiling(
        targets._turnover_up(a, b, mids, 1, virtual), moved * mid, _WAD * virtual
    ) and targets._turnover_up(b, a, mids, 1, virtual) == targets._turnover_up(
        a, b, mids, 1, virtual
    )


@pure
@external
def granularity_up(mid: uint256, smallest: uint256, virtual: uint256) -> bool:
    mids: uint256[10] = empty(uint256[10])
    least: uint256[10] = empty(uint256[10])
    mids[0] = mid
    least[0] = smallest
    said: uint256 = targets._granularity_up(mids, least, 1, virtual)
    return said >= 4 and self._is_ceiling(said - 4, mid * smallest, _WAD * virtual)


# --- internal ---


@pure
@internal
def _valued(
    idle: uint256,
    equity: int256,
    reserve: uint256,
    short: uint256,
    mid: uint256,
    spread: uint256,
    virtual: uint256,
) -> nav.Valuation:
    shorts: uint256[10] = empty(uint256[10])
    prices: IIndexOracle.Prices = empty(IIndexOracle.Prices)
    shorts[0] = short
    prices.mid[0] = mid
    prices.spread[0] = spread
    return nav._valuation(
        ICollateralVault.Value(idle=idle, equity=equity, shorts=shorts),
        prices,
        reserve,
        1,
        virtual,
    )


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
