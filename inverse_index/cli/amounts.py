# SPDX-License-Identifier: AGPL-3.0-only
"""What people type, as exact integers; the option is named in every error."""

from __future__ import annotations

import re
from typing import Final

from ..config.units import PERCENT_DECIMALS, parse_units
from ..errors import UserError

SHARE_DECIMALS: Final = 18
FEED_DECIMALS: Final = 8
WAD: Final = 10**18
BPS: Final = 10_000

_SPAN: Final = re.compile(r"(\d+)\s*([smhd]?)", re.ASCII)
_SECONDS: Final = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
_LONGEST: Final = 10 * 365 * 86_400


def parse_amount(option: str, text: str, decimals: int) -> int:
    """A positive amount in human units, such as 1000 or 12.5; thousands may have commas."""
    amount = _parse(option, text.replace(",", ""), decimals)
    if amount == 0:
        raise UserError(f"{option}: 0 is too small", "use a larger amount")
    return amount


def parse_bound(option: str, text: str, decimals: int) -> int:
    """An amount of 0 or more in human units."""
    return _parse(option, text.replace(",", ""), decimals)


def parse_gwei(option: str, text: str) -> int:
    """Wei."""
    return _parse(option, text, 9)


def parse_span(option: str, text: str) -> int:
    """Seconds of 90, 90s, 15m, 12h or 1d."""
    match = _SPAN.fullmatch(text.strip().lower())
    seconds = int(match[1]) * _SECONDS[match[2]] if match else 0
    if not 0 < seconds <= _LONGEST:
        raise UserError(f"{option}: '{text}' is no length of time", "write 90s, 15m, 12h or 1d")
    return seconds


def parse_part(option: str, text: str) -> int:
    """WAD ratio of `50%`, above 0 and at most 100%."""
    ratio = _percentage(option, text)
    if not 0 < ratio <= WAD:
        raise UserError(f"{option}: {text} is no part", "use more than 0% and at most 100%")
    return ratio


def parse_slippage(option: str, text: str) -> int:
    """WAD ratio of `0.5%`, 0 or more and below 100%."""
    ratio = _percentage(option, text)
    if not 0 <= ratio < WAD:
        raise UserError(f"{option}: {text} is out of range", "use 0% or more, below 100%")
    return ratio


def _percentage(option: str, text: str) -> int:
    if not text.strip().endswith("%"):
        raise UserError(f"{option}: '{text}' is no percentage", "write it as 0.5% or 50%")
    return _signed_percent(option, text)


def parse_move(option: str, text: str) -> tuple[str | None, int]:
    """Symbol (None: all) and WAD ratio of `5%`, `-3.5%` or `UNI=-3.5%`."""
    symbol, sign, move = text.rpartition("=")
    if not move.strip().endswith("%"):
        raise UserError(f"{option}: '{text}' is no move", "write 5%, -3.5% or UNI=-3.5%")
    ratio = _signed_percent(option, move)
    if ratio <= -WAD:
        raise UserError(f"{option}: {move} leaves no price", "use more than -100%")
    return (symbol.strip().upper() if sign else None), ratio


def parse_setting(option: str, text: str) -> tuple[str, int]:
    """Symbol and USD price (8 decimals) of `UNI=7.2`."""
    symbol, sign, price = text.partition("=")
    if not sign or not symbol.strip():
        raise UserError(f"{option}: '{text}' is no price", "write UNI=7.2")
    return symbol.strip().upper(), parse_amount(f"{option} {symbol}", price, FEED_DECIMALS)


def less_down(amount: int, bps: int) -> int:
    """The amount less so many basis points, rounded down."""
    return amount * (BPS - bps) // BPS


def more_up(amount: int, bps: int) -> int:
    """The amount and so many basis points of it, rounded up."""
    return -(-amount * (BPS + bps) // BPS)


def _parse(option: str, text: str, decimals: int) -> int:
    try:
        return parse_units(text, decimals)
    except UserError as error:
        raise UserError(f"{option}: {error.message}", error.remedy) from None


def _signed_percent(option: str, text: str) -> int:
    try:
        return parse_units(text.strip().removesuffix("%"), PERCENT_DECIMALS, signed=True)
    except UserError as error:
        raise UserError(f"{option}: {error.message}", error.remedy) from None
