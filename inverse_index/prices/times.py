# SPDX-License-Identifier: AGPL-3.0-only
"""Reading instants: unix seconds or ISO dates and times, all in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from inverse_index.errors import UserError

HOUR: Final = 3_600
DAY: Final = 86_400
EARLIEST: Final = 1_230_768_000  # 2009-01-01: no crypto price is older
LATEST: Final = 4_102_444_800  # 2100-01-01

EXPECTED: Final = "a UTC time such as 2021-05-24, 2021-05-24 13:00:00 or unix seconds"


def parse_time(text: str) -> int:
    """Unix seconds of a UTC instant; raises ValueError with what is wrong."""
    text = text.strip()
    seconds = (
        int(text) if text.isascii() and text.isdigit() and len(text) < 20 else _parse_iso(text)
    )
    if seconds >= EARLIEST * 1_000:
        raise ValueError(f"expected {EXPECTED} (these look like milliseconds)")
    if not EARLIEST <= seconds < LATEST:
        raise ValueError(f"expected {EXPECTED}, from 2009 to 2099")
    return seconds


def _parse_iso(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"expected {EXPECTED}") from error
    if moment.microsecond:
        raise ValueError(f"expected {EXPECTED}, without fractions of a second")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp())


def parse_option(text: str, option: str) -> int:
    """Unix seconds of a command-line option such as ``--from``."""
    try:
        return parse_time(text)
    except ValueError as error:
        raise UserError(f"{option}: got '{text}', {error}", "correct the option") from error


def format_time(seconds: int) -> str:
    """``2021-05-24 13:00:00``, or only the date at midnight."""
    moment = datetime.fromtimestamp(seconds, tz=UTC)
    return moment.strftime("%Y-%m-%d" if seconds % DAY == 0 else "%Y-%m-%d %H:%M:%S")


def format_span(seconds: int) -> str:
    """Length of time in the largest unit that divides it: ``3 days``, ``5 hours``."""
    for size, name in ((DAY, "day"), (HOUR, "hour"), (60, "minute"), (1, "second")):
        if seconds % size == 0:
            count = seconds // size
            return f"{count} {name}{'' if count == 1 else 's'}"
    raise AssertionError("every whole number is divisible by 1")
