# SPDX-License-Identifier: AGPL-3.0-only
"""Exact conversion between what people write and what contracts store.

Everything goes through ``decimal.Decimal`` in a context that traps every loss
of precision, so a value either converts exactly or is refused. The two places
that must round say which way in their names (``_down``, ``_up``).
"""

from __future__ import annotations

import re
from decimal import ROUND_DOWN, Context, Decimal, localcontext
from typing import Final

from inverse_index.errors import UserError

WAD: Final = 10**18
WAD_DECIMALS: Final = 18
BPS_DECIMALS: Final = 14  # one basis point is 1e14 WAD
PERCENT_DECIMALS: Final = 16  # one percent is 1e16 WAD
SECONDS_PER_DAY: Final = 86_400
SECONDS_PER_YEAR: Final = 365 * SECONDS_PER_DAY
MAX_UINT256: Final = 2**256 - 1

# 78 digits hold every uint256; the exponents that are read stay far below this.
_PRECISION: Final = 200
_MAX_EXPONENT: Final = 80
_NUMBER: Final = re.compile(
    r"([+-]?)(\d+(?:_\d+)*(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d{1,3}))?", re.ASCII
)

Number = str | int | Decimal


def parse_decimal(value: Number) -> Decimal:
    """Read a plain decimal number exactly.

    Accepts digits with an optional point, ``_`` between digits and a small
    exponent. Floats, NaN and infinities are refused.
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise UserError(
            f"{value!r} is not an exact number", "write it as a plain decimal, such as 0.25"
        )
    text = str(value).strip()
    match = _NUMBER.fullmatch(text)
    if match is None or abs(int(match[3] or 0)) > _MAX_EXPONENT or len(text) > _PRECISION // 2:
        raise UserError(f"'{text}' is not a number", "write it as a plain decimal, such as 0.25")
    return Decimal(text)


def parse_units(value: Number, decimals: int, *, signed: bool = False) -> int:
    """Whole units to the integer with ``decimals`` decimals, exactly.

    A digit that the scale cannot hold is an error, never rounded away.
    """
    number = parse_decimal(value)
    if number < 0 and not signed:
        raise UserError(f"{value} is negative", "use an amount of 0 or more")
    with localcontext(Context(prec=_PRECISION)):
        scaled = number.scaleb(decimals)
        if scaled != scaled.to_integral_value():
            raise UserError(
                f"{value} has more than {decimals} decimal places",
                f"round it to {decimals} decimal places",
            )
        result = int(scaled)
    if abs(result) > MAX_UINT256:
        raise UserError(f"{value} is too large for a contract", "use a smaller amount")
    return result


def format_units(amount: int, decimals: int, *, thousands: bool = False) -> str:
    """Integer with ``decimals`` decimals to its exact shortest decimal text."""
    sign = "-" if amount < 0 else ""
    whole, part = divmod(abs(amount), 10**decimals)
    tail = f"{part:0{decimals}d}".rstrip("0") if part else ""
    head = f"{whole:,}" if thousands else str(whole)
    return sign + head + (f".{tail}" if tail else "")


def wad(value: Number) -> int:
    """Ratio, price or level to WAD, exactly."""
    return parse_units(value, WAD_DECIMALS)


def bps_wad(value: Number) -> int:
    """Basis points to WAD, exactly (1 bps = 1e14)."""
    return parse_units(value, BPS_DECIMALS)


def percent_wad(value: Number) -> int:
    """Percentage, with or without its sign (``"0.95%"``), to WAD, exactly."""
    text = value.strip().removesuffix("%") if isinstance(value, str) else value
    return parse_units(text, PERCENT_DECIMALS)


def format_percent(ratio_wad: int) -> str:
    """WAD ratio to an exact percentage text: 2 * 10**15 gives ``0.2%``."""
    return format_units(ratio_wad, PERCENT_DECIMALS) + "%"


def yearly_rate_wad_down(ratio_wad: int) -> int:
    """Per-second WAD rate of a fee that grows the supply by ``ratio_wad`` a year.

    rate = ln(1 + r) / seconds per year (365 days), rounded down, so that a
    full year never charges more than stated: supply * exp(rate * t).
    """
    with localcontext(Context(prec=60)):
        growth = (1 + Decimal(ratio_wad) / WAD).ln()
        rate = growth * WAD / SECONDS_PER_YEAR
        return int(rate.to_integral_value(rounding=ROUND_DOWN))


def daily_rate_wad_down(ratio_wad: int) -> int:
    """Per-second WAD rate of ``ratio_wad`` a day without compounding, rounded down."""
    return ratio_wad // SECONDS_PER_DAY


def hourly_recovery_down(ratio_wad: int) -> int:
    """Per-second WAD of ``ratio_wad`` an hour, rounded down to a multiple of 1,000."""
    return ratio_wad // 3_600_000 * 1_000


def units_at_price_down(value_wad: int, price_wad: int) -> int:
    """Component units (WAD) that ``value_wad`` of collateral buys, rounded down."""
    return value_wad * WAD // price_wad


def units_at_price_up(value_wad: int, price_wad: int) -> int:
    """Component units (WAD) that ``value_wad`` of collateral buys, rounded up."""
    return -(-value_wad * WAD // price_wad)
