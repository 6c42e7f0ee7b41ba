# SPDX-License-Identifier: AGPL-3.0-only
"""Model of `marks`: prices at which the exchange values and fills, and what is left
possible of them while the oracle restricts them. WAD."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..fixed import Revert
from ..oracle.prices import Prices as OraclePrices
from ..oracle.prices import Restriction
from .markets import MAX_PRICE


@dataclass(frozen=True)
class Restricted:
    """Mids; the lowest and highest prices that a restriction leaves possible; and those at
    which funding is charged, the accepted ones before an unconfirmed step."""

    mid: Sequence[int]
    low: Sequence[int]
    high: Sequence[int]
    charged: Sequence[int]


Marks = Sequence[int] | Restricted
Prices = Marks | Revert


def marks_of(
    read: OraclePrices,
    extremes: Callable[[int], tuple[int, int]],
    accepted: Callable[[], Sequence[int]],
) -> Marks:
    """What an exchange makes of an oracle's prices. extremes: of a component, while they are
    restricted; accepted: mids, while a step is unconfirmed."""
    if not read.restriction:
        return read.mid
    found = [extremes(i) for i in range(len(read.mid))]
    low = [max(lowest, 1) for lowest, _ in found]
    high = [min(highest, MAX_PRICE) for _, highest in found]
    charged = tuple(accepted()) if Restriction.STEP in read.restriction else read.mid
    return Restricted(read.mid, low, high, charged[: len(read.mid)])
