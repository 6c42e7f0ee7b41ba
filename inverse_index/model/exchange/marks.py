# SPDX-License-Identifier: AGPL-3.0-only
"""Model of `marks`: prices at which the exchange values and fills, and what is left
possible of them while the oracle restricts them. WAD."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..fixed import WAD, Revert, ceil_div
from ..oracle.prices import Prices as OraclePrices
from ..oracle.prices import Restriction
from .markets import MAX_PRICE


@dataclass(frozen=True)
class Restricted:
    """Mids, and the lowest and highest prices that a restriction leaves possible."""

    mid: Sequence[int]
    low: Sequence[int]
    high: Sequence[int]


Prices = Sequence[int] | Restricted | Revert


def marks_of(read: OraclePrices, accepted: Sequence[int]) -> Sequence[int] | Restricted:
    """What an exchange makes of an oracle's prices; accepted: its `accepted_mid`."""
    if not read.restriction:
        return read.mid
    low, high = [], []
    for mid, spread, other in zip(read.mid, read.spread, accepted, strict=False):
        highest = lowest = mid
        if Restriction.SPREAD in read.restriction:
            highest = ceil_div(mid * (WAD + spread), WAD)
            lowest = mid * WAD // (WAD + spread)
        if Restriction.STEP in read.restriction:
            highest, lowest = max(highest, other), min(lowest, other)
        high.append(min(highest, MAX_PRICE))
        low.append(max(lowest, 1))
    return Restricted(read.mid, low, high)
