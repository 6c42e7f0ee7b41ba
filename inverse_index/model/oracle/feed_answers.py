# SPDX-License-Identifier: AGPL-3.0-only
"""A feed's latest round, and the price that it gives or the reason why it gives none."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...reasons import FEED_FAILED, NOT_POSITIVE, OUT_OF_BOUNDS, ROUND_INCOMPLETE, STALE_PRICE
from ..fixed import Revert

MAX_ANSWER = 2**128


@dataclass(frozen=True, slots=True)
class Round:
    """Answer of one feed, as `latestRoundData` returns it."""

    round_id: int
    answer: int
    started_at: int
    updated_at: int
    answered_in: int


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed and its latest round; no round means that the call fails."""

    decimals: int
    heartbeat: int
    round: Round | None = None

    def at(self, answer: int, now: int) -> Feed:
        """The feed after a complete round at time `now`."""
        round_id = 1 if self.round is None else self.round.round_id + 1
        return replace(self, round=Round(round_id, answer, now, now, round_id))


@dataclass(slots=True)
class Asset:
    """Sources, bounds (WAD USD) and least half-spread (WAD) of a component or of the
    collateral."""

    primary: Feed
    secondary: Feed | None
    min_price: int
    max_price: int
    min_spread: int


def answer_of(feed: Feed, asset: Asset, now: int) -> tuple[int, int] | str:
    """WAD USD price and its time, or the reason why there is none."""
    latest = feed.round
    if latest is None:
        return FEED_FAILED
    incomplete = latest.round_id == 0 or latest.updated_at == 0 or latest.updated_at > now
    if incomplete or latest.answered_in < latest.round_id:
        return ROUND_INCOMPLETE
    if latest.answer <= 0:
        return NOT_POSITIVE
    if now - latest.updated_at > feed.heartbeat:
        return STALE_PRICE
    price = latest.answer * 10 ** (18 - feed.decimals)
    if latest.answer >= MAX_ANSWER or not asset.min_price <= price <= asset.max_price:
        return OUT_OF_BOUNDS
    return price, latest.updated_at


def usable(answer: tuple[int, int] | str) -> tuple[int, int]:
    if isinstance(answer, str):
        raise Revert(answer)
    return answer
