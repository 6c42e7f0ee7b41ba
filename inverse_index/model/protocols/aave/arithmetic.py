# SPDX-License-Identifier: AGPL-3.0-only
"""Arithmetic of Aave v3, in every bit, and the codes with which it refuses.

Rays have 27 decimals, wads 18, percentages are basis points. Every product and
quotient of this file is rounded half up, as Aave does, unless the name says
otherwise; interest terms are rounded down.
"""

from __future__ import annotations

from ...fixed import MAX_UINT256, WAD, Revert

RAY = 10**27
WAD_RAY_RATIO = 10**9
BPS = 10_000
SECONDS_PER_YEAR = 365 * 86_400
MAX_UINT128 = 2**128 - 1

# Aave's codes.
INVALID_MINT_AMOUNT = "24"
INVALID_BURN_AMOUNT = "25"
INVALID_AMOUNT = "26"
RESERVE_INACTIVE = "27"
RESERVE_FROZEN = "28"
RESERVE_PAUSED = "29"
BORROWING_NOT_ENABLED = "30"
NOT_ENOUGH_BALANCE = "32"
COLLATERAL_IS_ZERO = "34"
HEALTH_FACTOR_TOO_LOW = "35"
COLLATERAL_TOO_LOW = "36"
NO_DEBT = "39"
NO_EXPLICIT_AMOUNT = "40"
HEALTH_FACTOR_NOT_BELOW = "45"
NOT_LIQUIDATABLE_COLLATERAL = "46"
NOT_BORROWED = "47"
BORROW_CAP_EXCEEDED = "50"
SUPPLY_CAP_EXCEEDED = "51"
LTV_VALIDATION_FAILED = "57"
# What the compiler and the cast library say.
PANIC = "panic 0x11"
CAST = "SafeCast: value doesn't fit in 128 bits"
SILENT = ""  # assembly that reverts without data

_HALF_RAY = RAY // 2
_HALF_BPS = BPS // 2
_YEAR_SQUARED = SECONDS_PER_YEAR**2


def ray_mul(a: int, b: int) -> int:
    """`a * b / RAY`."""
    product = a * b + _HALF_RAY
    if product > MAX_UINT256:
        raise Revert(SILENT)
    return product // RAY


def ray_div(a: int, b: int) -> int:
    """`a * RAY / b`."""
    return _div(a, RAY, b)


def wad_div(a: int, b: int) -> int:
    """`a * WAD / b`."""
    return _div(a, WAD, b)


def percent_mul(value: int, percentage_bps: int) -> int:
    """`value * percentage / BPS`."""
    product = value * percentage_bps + _HALF_BPS
    if product > MAX_UINT256:
        raise Revert(SILENT)
    return product // BPS


def percent_div(value: int, percentage_bps: int) -> int:
    """`value * BPS / percentage`."""
    return _div(value, BPS, percentage_bps)


def wad_to_ray(value: int) -> int:
    """Nine decimals more."""
    result = value * WAD_RAY_RATIO
    if result > MAX_UINT256:
        raise Revert(SILENT)
    return result


def checked(value: int) -> int:
    """The value, if a uint256 can hold it; as Solidity checks its own operators."""
    if not 0 <= value <= MAX_UINT256:
        raise Revert(PANIC)
    return value


def checked128(value: int) -> int:
    """The value, if a uint128 can hold it; as Solidity checks its own operators."""
    if not 0 <= value <= MAX_UINT128:
        raise Revert(PANIC)
    return value


def cast128(value: int) -> int:
    """The value, if it may be cast to a uint128."""
    if value > MAX_UINT128:
        raise Revert(CAST)
    return value


def linear_interest(rate_ray: int, seconds: int) -> int:
    """Factor by which supplies grow, ray; the interest rounded down."""
    return RAY + rate_ray * seconds // SECONDS_PER_YEAR


def compounded_interest(rate_ray: int, seconds: int) -> int:
    """Factor by which variable debt grows, ray.

    The first four terms of the binomial series of (1 + rate per second) to the
    seconds. The powers of the rate are divided by the year before they are
    multiplied by the seconds; each term is rounded down.
    """
    if seconds == 0:
        return RAY
    squared = ray_mul(rate_ray, rate_ray) // _YEAR_SQUARED
    cubed = ray_mul(squared, rate_ray) // SECONDS_PER_YEAR
    pairs = seconds * (seconds - 1)
    second = pairs * squared // 2
    third = pairs * (seconds - 2) * cubed // 6
    return RAY + rate_ray * seconds // SECONDS_PER_YEAR + second + third


def variable_rate(
    usage_ray: int, optimal_ray: int, base_ray: int, slope1_ray: int, slope2_ray: int
) -> int:
    """Yearly variable rate, ray, at a share `usage_ray` of the liquidity lent out."""
    if usage_ray > optimal_ray:
        excess = ray_div(usage_ray - optimal_ray, RAY - optimal_ray)
        return base_ray + slope1_ray + ray_mul(slope2_ray, excess)
    return base_ray + ray_div(ray_mul(slope1_ray, usage_ray), optimal_ray)


def liquidity_rate(debt: int, rate_ray: int, usage_ray: int, reserve_factor_bps: int) -> int:
    """Yearly rate of the suppliers, ray; debt native, no stable debt anywhere."""
    if debt == 0:
        return 0
    scaled = wad_to_ray(debt)
    overall = ray_div(ray_mul(scaled, rate_ray), scaled)
    return percent_mul(ray_mul(overall, usage_ray), BPS - reserve_factor_bps)


def _div(a: int, unit: int, b: int) -> int:
    if b == 0:
        raise Revert(SILENT)
    numerator = a * unit + b // 2
    if numerator > MAX_UINT256:
        raise Revert(SILENT)
    return numerator // b
