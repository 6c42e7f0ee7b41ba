# SPDX-License-Identifier: AGPL-3.0-only
"""How prices move from one step to the next, by regime.

`moves(regime, k)` draws k moves in basis points of the price before, one for
each market. In a crash or a squeeze all go the same way. What is extreme is beyond
anything seen; without it nobody's debts would outgrow the pool.
"""

from __future__ import annotations

from hypothesis import strategies as st

# Smallest and largest move of a step, in basis points.
SPANS = {
    "calm": (-60, 60),
    "jump": (-900, 900),
    "gap": (-2_500, 2_500),
    "crash": (-6_500, -800),
    "squeeze": (800, 12_000),
    "extreme": (-9_500, 40_000),
}
REGIMES = tuple(SPANS)


def moves(regime: str, k: int) -> st.SearchStrategy[list[int]]:
    """Moves of k markets in one step of a regime, basis points."""
    low, high = SPANS[regime]
    return st.lists(st.integers(low, high), min_size=k, max_size=k)


def any_moves(k: int) -> st.SearchStrategy[list[int]]:
    """Moves of k markets in any regime."""
    return st.one_of(*(moves(regime, k) for regime in REGIMES))


def regime_of(drawn: list[int]) -> str:
    """The narrowest regime that these moves fit."""
    for regime in ("calm", "crash", "squeeze", "jump", "gap"):
        low, high = SPANS[regime]
        if all(low <= each <= high for each in drawn):
            return regime
    return "extreme"
