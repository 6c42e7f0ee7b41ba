# SPDX-License-Identifier: AGPL-3.0-only
"""Holders who come and go: seeded, so that a replay can be repeated."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from ..model.policy.flow_terms import Kind
from ..model.token.core import TokenModel

SMALL = 0.8  # share of flows far below the tolerance
FLOWS_PER_HOUR = 0.1


@dataclass(frozen=True)
class Wish:
    """What one holder wants: collateral for DEPOSIT and WITHDRAW, else shares."""

    kind: Kind
    holder: str
    amount: int


class Holders:
    """A crowd with an anchor that stays, and others that mint and redeem.

    Four flows in five are small, a part of a thousandth of N, and net against
    each other; the others are a few percent of N and hedge themselves.
    """

    def __init__(self, names: Sequence[str], seed: int) -> None:
        self._names = list(names)
        self._random = random.Random(seed)

    def next(self, token: TokenModel, now: int) -> Wish | None:
        """At most one flow per hour, inside what the token admits."""
        chance = self._random
        if chance.random() >= FLOWS_PER_HOUR or not token.oracle.usable(now):
            return None
        holder = chance.choice(self._names)
        small = chance.random() < SMALL
        part = chance.uniform(0.0001, 0.002) if small else chance.uniform(0.005, 0.05)
        size = int(token.context(now).v.mid * part)
        kind = chance.choice([Kind.DEPOSIT, Kind.MINT, Kind.WITHDRAW, Kind.REDEEM])
        return self._possible(token, kind, holder, size, now)

    def _possible(
        self, token: TokenModel, kind: Kind, holder: str, size: int, now: int
    ) -> Wish | None:
        amount = size
        if kind in (Kind.MINT, Kind.REDEEM):
            amount = size * 10**18 * 10**18 // (token.nav_per_share(now) * token.unit)
        amount = min(amount, token.maximum(kind, holder, now))
        smallest = token.unit if kind in (Kind.DEPOSIT, Kind.WITHDRAW) else 10**18
        return Wish(kind, holder, amount) if amount >= smallest else None
