# SPDX-License-Identifier: AGPL-3.0-only
"""The mutants there are, in an order that a seed decides."""

from __future__ import annotations

import hashlib
from functools import cache

from inverse_index.artifacts import deployables, project_root, source_paths

from .operators import Mutant, mutants

# The money: token, oracle, exchange and both vaults, with what they ask.
CONTRACTS = (
    "InverseIndexToken",
    "TokenPolicy",
    "ResetPolicy",
    "TokenViews",
    "IndexOracle",
    "PerpExchange",
    "LiquidityPool",
    "PerpVault",
    "AaveVault",
    "AaveQuoter",
)
EXCLUDED = ("contracts/modules/lib/errors.vy",)  # texts only


@cache
def sources() -> dict[str, tuple[str, ...]]:
    """Every source under test, with the contracts that it goes into; its own first."""
    users: dict[str, list[str]] = {}
    for name in CONTRACTS:
        for path in source_paths(name):
            if path.startswith("contracts/") and path not in EXCLUDED:
                users.setdefault(path, []).append(name)
    return {path: tuple(names) for path, names in sorted(users.items())}


@cache
def askers() -> dict[str, frozenset[str]]:
    """Every deployable, those for tests too, that a source goes into."""
    found: dict[str, set[str]] = {path: set() for path in sources()}
    for name in deployables():
        for path in found.keys() & source_paths(name).keys():
            found[path].add(name)
    return {path: frozenset(names) for path, names in found.items()}


@cache
def text_of(path: str) -> str:
    return (project_root() / path).read_text()


def population() -> list[Mutant]:
    """Every mutant of every source, in a fixed order."""
    return [each for path in sources() for each in mutants(path, text_of(path))]


def drawn(seed: int) -> list[Mutant]:
    """The population, shuffled: any first part of it is a random sample. A mutant's
    place hangs on its own text and function, so a change elsewhere leaves the sample."""

    def place(mutant: Mutant) -> bytes:
        parts = (seed, mutant.path, mutant.function, mutant.before, mutant.after)
        return hashlib.sha256(repr(parts).encode()).digest()

    return sorted(population(), key=place)
