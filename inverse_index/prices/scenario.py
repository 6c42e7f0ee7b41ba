# SPDX-License-Identifier: AGPL-3.0-only
"""A seeded market for use without a price file.

It is invented, but its figures are estimated from real hourly closes of UNI,
AAVE, LINK, MKR, SNX, COMP and CRV, January 2021 to June 2025 (38,963 hourly
log returns; "basket" is their equal-weight mean), then rounded:

=============================  ==============================  =================
figure                         in the real data                here
=============================  ==============================  =================
volatility of the basket       1.07% an hour                   factor 1.04% and
                                                               a 7th of own var.
beta to the basket             0.85 (MKR) to 1.13 (CRV)        rounded to 0.05
own volatility an hour         0.55% (LINK) to 0.85% (CRV)     divided by
(residual of that regression)                                  sqrt(6/7), rounded
mean pairwise correlation      0.66                            follows: 0.67
clustering                     GARCH(1,1) 0.10, 0.88           0.10, 0.88
volatility by stretch          calm third of the days 0.49%,   0.5, 1.0, 2.2
                               middle 1.00%, top tenth 2.24%
own volatility by stretch      0.67, 1.00, 1.68 of the mean    0.67, 1.0, 1.7
common jumps (beyond 4 sigma   0.11 a day, median 4.4%,        1 in 216 hours,
of the GARCH forecast)         70% of them down                2.5-6.5%, 70% down
own jumps (beyond 8 sigma)     0.017 per asset-day, 6.8%       1 in 1400, 5-9%
worst 3 days, best 2 days      log -0.49 and +0.30             drift -0.40, +0.28
=============================  ==============================  =================

The stretches follow a fixed plan (``PLAN``), so that every seed shows a calm
market, a crash and a squeeze. All arithmetic is on integers and all chance
comes from the raw 64-bit output of PCG64: a seed gives the same prices on
every machine. A normal variate is a sum of twelve 16-bit uniforms. Returns are
simple, in units of 1e-9.

The default seed is chosen, not typical: over its 120 days the basket ends
almost where it started, by way of a fall of two fifths and a squeeze of more
than a quarter, so that what a daily reset costs its holder stands out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isqrt
from typing import Final

import numpy as np

from inverse_index.errors import UserError
from inverse_index.prices.history import MAX_PRICE, PriceHistory
from inverse_index.prices.times import HOUR

DEFAULT_SEED: Final = 222
DEFAULT_DAYS: Final = 120
DEFAULT_START: Final = 1_704_067_200  # 2024-01-01 00:00 UTC
DEFAULT_SYMBOLS: Final = ("UNI", "AAVE", "LINK", "MKR", "SNX", "COMP", "CRV")
MAX_DAYS: Final = 3_660

NANO: Final = 10**9  # scale of returns, volatilities and betas
PERCENT: Final = NANO // 100
_FINE: Final = 10**10  # prices are carried with 18 decimals between rows
_LIMIT: Final = NANO // 2  # no single hour moves a price by more than 50%
_JUMP_MEAN: Final = 83_333  # 0.4 * 4.5% / 216: jumps are mostly down, on average nothing is lost
_MAX_VARIANCE: Final = 25 * NANO  # of the GARCH state, whose mean is 1


@dataclass(frozen=True)
class Profile:
    """One asset: first price in USD (8 decimals), beta and own volatility (1e-9)."""

    price: int
    beta: int
    own: int


@dataclass(frozen=True)
class Stretch:
    """A part of the plan: length in 120ths of the whole, hourly volatility of
    the common factor, factor of the own volatility, and whole drift (1e-9)."""

    name: str
    length: int
    volatility: int
    own_scale: int
    drift: int = 0


PROFILES: Final = {
    "UNI": Profile(8 * 10**8, 1_000_000_000, 6_700_000),
    "AAVE": Profile(120 * 10**8, 1_050_000_000, 6_500_000),
    "LINK": Profile(14 * 10**8, 950_000_000, 5_900_000),
    "MKR": Profile(1_500 * 10**8, 850_000_000, 7_700_000),
    "SNX": Profile(3 * 10**8, 1_100_000_000, 8_100_000),
    "COMP": Profile(60 * 10**8, 1_000_000_000, 7_300_000),
    "CRV": Profile(6 * 10**7, 1_150_000_000, 9_100_000),
}
# Any other symbol: the mean of the seven.
TYPICAL: Final = Profile(100 * 10**8, 1_000_000_000, 7_300_000)

PLAN: Final = (
    Stretch("normal", 20, 10_000_000, NANO),
    Stretch("calm", 25, 5_000_000, 670_000_000),
    Stretch("normal", 15, 10_000_000, NANO),
    Stretch("crash", 3, 22_000_000, 1_700_000_000, -400_000_000),
    Stretch("storm", 5, 22_000_000, 1_700_000_000),
    Stretch("normal", 17, 10_000_000, NANO),
    Stretch("squeeze", 2, 22_000_000, 1_700_000_000, 280_000_000),
    Stretch("calm", 15, 5_000_000, 670_000_000),
    Stretch("normal", 18, 10_000_000, NANO),
)
_PARTS: Final = sum(stretch.length for stretch in PLAN)


class _Chance:
    """Uniform and normal integers from the raw output of PCG64."""

    def __init__(self, seed: int) -> None:
        self._generator = np.random.PCG64(seed)
        self._buffer: list[int] = []

    def raw(self) -> int:
        """The next 64 random bits."""
        if not self._buffer:
            self._buffer = self._generator.random_raw(4_096).tolist()
            self._buffer.reverse()
        return self._buffer.pop()

    def below(self, bound: int) -> int:
        """Uniform from 0 to ``bound - 1`` (bias under 1e-9 for small bounds)."""
        return (self.raw() * bound) >> 64

    def normal(self) -> int:
        """Standard normal (sum of twelve uniforms), scale 1e-9."""
        total = 0
        for _ in range(3):
            bits = self.raw()
            total += (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48)
        return _toward_zero((total - 6 * 0xFFFF) * NANO, 0x10000)


def scenario(
    symbols: Iterable[str] = DEFAULT_SYMBOLS,
    days: int = DEFAULT_DAYS,
    seed: int = DEFAULT_SEED,
    start: int = DEFAULT_START,
) -> PriceHistory:
    """Hourly prices of an invented market: ``days * 24 + 1`` rows from ``start``."""
    names = list(symbols)
    _check(names, days, seed)
    chance = _Chance(seed)
    profiles = [PROFILES.get(name, TYPICAL) for name in names]
    fine = [profile.price * _FINE for profile in profiles]
    rows = [[price // _FINE for price in fine]]
    variance = NANO
    for stretch, hours in _schedule(days * 24):
        drift = _toward_zero(stretch.drift, hours) if hours else 0
        for _ in range(hours):
            shock = chance.normal()
            common = drift + _common_return(chance, stretch, variance, shock)
            variance = _next_variance(variance, shock)
            fine = [
                _moved(price, _own_return(chance, stretch, p, common))
                for price, p in zip(fine, profiles, strict=True)
            ]
            rows.append([price // _FINE for price in fine])
    times = [start + i * HOUR for i in range(len(rows))]
    return PriceHistory(times, names, rows, HOUR, f"seeded scenario (seed {seed})")


def stretches(days: int = DEFAULT_DAYS, start: int = DEFAULT_START) -> list[tuple[str, int, int]]:
    """Name, start and end (unix seconds) of each stretch of the plan."""
    found: list[tuple[str, int, int]] = []
    moment = start
    for stretch, hours in _schedule(days * 24):
        found.append((stretch.name, moment, moment + hours * HOUR))
        moment += hours * HOUR
    return found


def _check(names: list[str], days: int, seed: int) -> None:
    if not names or len(set(names)) != len(names):
        raise UserError(
            "the scenario needs at least one symbol, each once", "correct the list of symbols"
        )
    if not 1 <= days <= MAX_DAYS:
        raise UserError(
            f"the scenario's length is {days} days, expected 1 to {MAX_DAYS}",
            "correct the number of days",
        )
    if seed < 0:
        raise UserError(f"the scenario's seed is {seed}, expected 0 or more", "use another seed")


def _schedule(hours: int) -> list[tuple[Stretch, int]]:
    """Hours of each stretch; they sum to ``hours``."""
    plan: list[tuple[Stretch, int]] = []
    done = parts = 0
    for stretch in PLAN:
        parts += stretch.length
        until = hours * parts // _PARTS
        plan.append((stretch, until - done))
        done = until
    return plan


def _common_return(chance: _Chance, stretch: Stretch, variance: int, shock: int) -> int:
    """Return of the common factor in one hour, drift apart, scale 1e-9."""
    volatility = stretch.volatility * isqrt(variance * NANO) // NANO
    jump_scale = min(stretch.own_scale, NANO)
    return _times(volatility, shock) + _times(_common_jump(chance) + _JUMP_MEAN, jump_scale)


def _common_jump(chance: _Chance) -> int:
    """Once in 216 hours 2.5 to 6.5%, 7 in 10 down; else nothing."""
    if chance.below(216):
        return 0
    size = PERCENT * (250 + chance.below(401)) // 100
    return -size if chance.below(10) < 7 else size


def _own_return(chance: _Chance, stretch: Stretch, profile: Profile, common: int) -> int:
    """Return of one asset in one hour, scale 1e-9."""
    own = _times(_times(profile.own, stretch.own_scale), chance.normal())
    if chance.below(1_400) == 0:
        size = PERCENT * (500 + chance.below(401)) // 100
        own += size if chance.below(2) else -size
    return _times(profile.beta, common) + own


def _next_variance(variance: int, shock: int) -> int:
    """GARCH(1,1) state of mean 1, scale 1e-9: 0.02 + 0.10 shock^2 h + 0.88 h."""
    squared = shock * shock // NANO * variance // NANO
    return min((2 * NANO + 10 * squared + 88 * variance) // 100, _MAX_VARIANCE)


def _moved(price: int, change: int) -> int:
    """Price after a simple return, kept inside what a feed can state."""
    bounded = max(-_LIMIT, min(_LIMIT, change))
    moved = price * (NANO + bounded) // NANO
    return max(_FINE, min(MAX_PRICE * _FINE, moved))


def _times(a: int, b: int) -> int:
    return _toward_zero(a * b, NANO)


def _toward_zero(a: int, b: int) -> int:
    """Quotient rounded toward zero, so that up and down are treated alike."""
    return a // b if a >= 0 else -(-a // b)
