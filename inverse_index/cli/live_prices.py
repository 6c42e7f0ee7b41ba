# SPDX-License-Identifier: AGPL-3.0-only
"""First prices of a deployment whose feeds exist: what they answer now."""

from __future__ import annotations

from ..artifacts import artifact
from ..chain import Contract
from ..chain.backend import Backend
from ..deployment import Given
from ..prices import PRICE_DECIMALS


def live_prices(backend: Backend, given: Given) -> dict[str, int] | None:
    """USD with 8 decimals by symbol, rounded down, of the primary feeds; None
    without feeds."""
    if given.feeds is None:
        return None
    return {
        symbol: _answer(backend, feed.primary) * 10**PRICE_DECIMALS // 10**feed.primary_decimals
        for symbol, feed in given.feeds.items()
    }


def _answer(backend: Backend, address: str) -> int:
    feed = Contract(backend, address, artifact("BoardFeed").abi, "feed")
    return int(feed.latestRoundData()[1])
