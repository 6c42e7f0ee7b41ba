# SPDX-License-Identifier: AGPL-3.0-only
"""A replay's figures, as `summary.json` holds them.

Returns are fractions of 1, everything ending in `_bps` basis points of the
share's value at the start of its period; costs are summed over all periods and
negative when they are a gain.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil, prod
from statistics import median
from typing import Any

from .runner import Result
from .tracking import Period

CAUSES = ("epoch", "drift", "emergency", "reconstitution", "netting", "chunk")
BPS = 10_000


def summarise(result: Result, seconds: float) -> dict[str, Any]:
    """The summary of a finished replay."""
    periods, records = result.periods, result.records
    return {
        "title": records.title,
        "venue": result.venue,
        "multiple": records.target,
        "from": records.timestamps[0],
        "to": records.timestamps[-1],
        "hours": result.rows,
        "periods": len(periods),
        "rebalances": {cause: result.causes.get(cause, 0) for cause in CAUSES},
        "index_return": records.index[-1] / records.index[0] - 1,
        "token_return": records.token[-1] / records.token[0] - 1,
        "ideal_return": prod(1 + period.ideal_return for period in periods) - 1,
        "tracking_bps": spread(period.difference for period in periods),
        "residual_bps": spread(period.residual for period in periods),
        "cost_bps": costs(periods, result.items),
        "liquidations": result.liquidations,
        "partial_resets": result.partial_resets,
        "blocked": dict(sorted(result.blocked.items())),
        "max_leverage": result.max_leverage,
        "conservation_error": result.conservation_error,
        "model_mismatches": result.mismatches,
        "mismatch_examples": [str(each) for each in result.examples],
        "comparisons": result.comparisons,
        "flows": dict(sorted(result.flows.items())),
        "gas": {name: int(median(gas)) for name, gas in sorted(result.gas.items())},
        "seconds": round(seconds, 1),
    }


def costs(periods: Sequence[Period], items: Sequence[str]) -> dict[str, float]:
    """Sum of each item over all periods, bps; positive is a cost."""
    return {item: -BPS * sum(period.items[item] for period in periods) for item in items}


def spread(values: Iterable[float]) -> dict[str, float]:
    """Median, 99th percentile and maximum of the absolute values, bps."""
    ordered = sorted(abs(value) * BPS for value in values)
    if not ordered:
        return {"median": 0.0, "p99": 0.0, "max": 0.0}
    p99 = ordered[ceil(0.99 * len(ordered)) - 1]
    return {"median": median(ordered), "p99": p99, "max": ordered[-1]}
