# SPDX-License-Identifier: AGPL-3.0-only
"""What the oracle's tests deploy: assets, parameters, arguments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from inverse_index.model.fixed import WAD
from inverse_index.model.oracle.index_oracle import OracleParameters
from inverse_index.model.oracle.prices import Restriction
from tests.support.constants import ZERO

USD = WAD
COLLATERAL = -1
STEP, SPREAD = int(Restriction.STEP), int(Restriction.SPREAD)
FAILS, FAILS_EMPTY, SHORT, EMPTY, BURNS = 1, 2, 3, 4, 5  # modes of MockFeed

# 0.5% on one of two sources, 2% at most; 20% is a step for an hour.
PARAMETERS = OracleParameters(
    fallback_spread=WAD // 200,
    max_spread=WAD // 50,
    step_limit=WAD // 5,
    step_delay=3_600,
    sequencer_grace=3_600,
)


@dataclass(frozen=True, slots=True)
class AssetPlan:
    """Both sources start at `price`; prices and bounds are WAD USD."""

    price: int
    decimals: int = 8
    heartbeat: int = 3_600
    secondary_decimals: int | None = 8
    secondary_heartbeat: int = 7_200
    min_price: int = USD // 1_000
    max_price: int = 10**6 * USD
    min_spread: int = WAD // 1_000


DOLLAR = AssetPlan(USD)
ETHER = AssetPlan(2_000 * USD)
BITCOIN = AssetPlan(40_000 * USD)


def combined(a: int, b: int) -> int:
    """Half-spread of a quotient: (1 + a) * (1 + b) - 1, WAD, rounded up."""
    return a + b + -(-a * b // WAD)


def ten(values: Sequence[int]) -> list[int]:
    """The values, with zeros after the last."""
    return [*values, *[0] * (10 - len(values))]


def equal_weights(count: int) -> list[int]:
    """WAD; the first takes the rest of the division."""
    return [WAD - WAD // count * (count - 1)] + [WAD // count] * (count - 1)


def parameter_tuple(parameters: OracleParameters, sequencer: str = ZERO) -> tuple[Any, ...]:
    """As the contract takes them."""
    p = parameters
    return (
        p.fallback_spread,
        p.max_spread,
        p.step_limit,
        p.step_delay,
        sequencer,
        p.sequencer_grace,
        p.reweight_interval,
        p.reweight_offset,
    )


def raw(price_wad: int, decimals: int) -> int:
    """A WAD price as the answer of a feed."""
    return price_wad // 10 ** (18 - decimals)


def returning(*words: int) -> bytes:
    """Code that stores each word in memory and returns them all."""
    code = b""
    for place, word in enumerate(words):
        code += b"\x7f" + (word % 2**256).to_bytes(32, "big")  # PUSH32 word
        code += b"\x61" + (32 * place).to_bytes(2, "big") + b"\x52"  # PUSH2 place, MSTORE
    size = (32 * len(words)).to_bytes(2, "big")
    return code + b"\x61" + size + b"\x5f\xf3" if words else b""  # PUSH2 size, PUSH0, RETURN


def reverting(*words: int) -> bytes:
    """As `returning`, but the words are what it reverts with."""
    return returning(*words)[:-1] + b"\xfd"  # REVERT


def hungry(price: int, at: int, least: int = 200_000) -> bytes:
    """Code of a feed that reverts at once unless it has `least` gas."""
    answer = returning(1, raw(price, 8), at, at, 1)
    start = b"\x62" + least.to_bytes(3, "big") + b"\x5a\x10"  # PUSH3 least, GAS, LT
    place = len(start) + 4 + len(answer)
    jump = b"\x61" + place.to_bytes(2, "big") + b"\x57"  # PUSH2 place, JUMPI
    return start + jump + answer + b"\x5b\x5f\x5f\xfd"  # JUMPDEST, REVERT
