# SPDX-License-Identifier: AGPL-3.0-only
"""What a rebalance may do while a price steps, unconfirmed: the module `step_guard`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..oracle.prices import Prices, Restriction
from ..token import nav
from .flow_terms import Terms

PATIENCE = 10 * 86_400  # of a wind-down, after it closing waits for no confirmation

Estimate = Callable[[tuple[int, ...], tuple[int, ...], Sequence[int]], int]


def is_unconfirmed(prices: Prices) -> bool:
    """Whether a step restricts the prices."""
    return Restriction.STEP in prices.restriction


def lowered_down(
    shorts: tuple[int, ...],
    valuation: nav.Valuation,
    mid: Sequence[int],
    worth: int,
    multiple: int,
    estimate: Estimate,
) -> tuple[int, ...]:
    """The shorts, scaled to the multiple of what will be left of `worth` after the
    cost of the trade; none raised."""
    exposure = valuation.exposure
    if exposure == 0:
        return shorts
    wanted = nav.scaled_down(shorts, min(worth * multiple, exposure), exposure)
    left = max(worth - estimate(shorts, wanted, mid), 0)
    return nav.scaled_down(shorts, min(left * multiple, exposure), exposure)


def allowance_down(terms: Terms, shares: int) -> int:
    """The part of N at mid less that of N at ask, while prices are restricted: a
    redemption's ask has paid for as much of its trade's cost."""
    if not terms.restriction:
        return 0
    paid = nav.assets_up(shares, terms.ask, terms.supply, terms.virtual)
    return max(nav.assets_down(shares, max(terms.net, 0), terms.supply, terms.virtual) - paid, 0)
