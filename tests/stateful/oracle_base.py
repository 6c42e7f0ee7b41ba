# SPDX-License-Identifier: AGPL-3.0-only
"""What the rules of the oracle's machine stand on: its harnesses, and what is true of
every reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD
from inverse_index.model.oracle.index_oracle import OracleParameters
from tests.stateful.machine import Machine
from tests.support.asset_plans import (
    BITCOIN,
    DOLLAR,
    ETHER,
    PARAMETERS,
    SPREAD,
    STEP,
    USD,
    AssetPlan,
    combined,
)
from tests.support.constants import BPS, DAY, MAX_UINT256
from tests.support.oracle_lens_harness import LONG, OracleLensHarness, between

Accepted = Sequence[tuple[int, int]]
HEARTBEAT = 3 * DAY
DEAD_DELAY = 10 * DAY
MIN_DELAY = 2 * DAY
MILLIONFOLD = 10**6


@dataclass(frozen=True)
class Configuration:
    """Components, collateral, parameters, and whether there is a sequencer."""

    components: tuple[AssetPlan, ...]
    collateral: AssetPlan
    parameters: OracleParameters
    sequencer: bool = True


def kept(plan: AssetPlan, **changes: Any) -> AssetPlan:
    """The plan with feeds that are heard for days."""
    return replace(plan, **{"heartbeat": HEARTBEAT, "secondary_heartbeat": HEARTBEAT, **changes})


CONFIGURATIONS = {
    # Ether with two sources of different decimals, bitcoin with one source, the
    # collateral with two; a sequencer; back to the weights every day.
    "a sequencer": Configuration(
        (kept(ETHER, secondary_decimals=18), kept(BITCOIN, decimals=18, secondary_decimals=None)),
        kept(DOLLAR, decimals=6),
        replace(PARAMETERS, reweight_interval=DAY),
    ),
    # Odd numbers: tight limits, a cheap component, other heartbeats.
    "odd parameters": Configuration(
        (
            kept(
                ETHER,
                price=3 * USD // 10**4,
                decimals=18,
                secondary_decimals=6,
                min_price=1,
                secondary_heartbeat=3_601,
                min_spread=0,
            ),
            kept(BITCOIN, decimals=6, secondary_decimals=18, heartbeat=DAY, min_spread=7 * 10**13),
            kept(ETHER, decimals=0, price=77 * USD, secondary_decimals=8, min_spread=1),
        ),
        kept(
            DOLLAR,
            decimals=18,
            secondary_decimals=6,
            min_price=USD // 2,
            max_price=2 * USD,
            min_spread=3 * 10**13,
        ),
        OracleParameters(
            fallback_spread=12_345 * 10**10,
            max_spread=15 * 10**15,
            step_limit=WAD // 100,
            step_delay=60,
            sequencer_grace=0,
            reweight_interval=3_600 * 7,
            reweight_offset=1_801,
        ),
    ),
    "nothing but primaries": Configuration(
        (kept(ETHER, secondary_decimals=None),),
        kept(DOLLAR, secondary_decimals=None),
        replace(PARAMETERS, step_limit=WAD, step_delay=DAY),
        sequencer=False,
    ),
}

small = st.integers(-150, 150)  # basis points
large = st.integers(-4_000, 6_000)
sources = st.integers(0, 7)
assets = st.integers(0, 3)
ages = st.sampled_from([0, 0, 0, 0, 1, DAY, HEARTBEAT, HEARTBEAT + 1, -1])
answers = st.one_of(
    st.sampled_from([0, -1, 1, 2**128 - 1, 2**128, 2**255 - 1, -(2**255)]),
    st.integers(-(2**255), 2**255 - 1),
)
numbers = st.sampled_from([0, 1, 2**80 - 1])
times = st.one_of(st.sampled_from([0, 1, MAX_UINT256]), st.integers(1_704_000_000, 1_706_000_000))
modes = st.integers(1, LONG)


def deploy_lens_harness(chain: LocalBackend, name: str) -> OracleLensHarness:
    """The oracle of a configuration, everything answering."""
    chosen = CONFIGURATIONS[name]
    return OracleLensHarness(
        chain,
        chain.accounts[0],
        chosen.components,
        chosen.collateral,
        parameters=chosen.parameters,
        sequencer=chosen.sequencer,
    )


class OracleBase(Machine):
    """The oracle, its feeds and its owner."""

    harness: OracleLensHarness
    accounts: tuple[str, ...]

    def __init__(self) -> None:
        super().__init__()
        self.last = [plan.price for plan in self.harness.plans]  # last sensible price
        self.all = [(i, n) for i in range(len(self.last)) for n in self.harness.sources(i)]

    # parts

    @property
    def model(self) -> Any:
        return self.harness.model

    @property
    def oracle(self) -> Any:
        return self.harness.oracle

    @property
    def now(self) -> int:
        return self.harness.now

    def asset(self, number: int) -> int:
        return number % len(self.last)

    def source(self, number: int) -> tuple[int, int]:
        return self.all[number % len(self.all)]

    def has_sequencer(self) -> bool:
        return self.harness.uptime is not None

    def is_scheduled(self) -> bool:
        return bool(self.model.scheduled_at)

    def is_usable(self) -> bool:
        return bool(self.model.usable(self.now))

    def moved(self, asset: int, by: int) -> int:
        """A sensible price that many basis points from the last one."""
        first = self.harness.plans[asset].price
        price = self.last[asset] * (BPS + by) // BPS
        return min(max(price, first // 50), first * 20)

    def move(self, asset: int, by: int) -> None:
        """All sources of an asset, together."""
        self.last[asset] = self.moved(asset, by)
        self.harness.price(asset, self.last[asset])

    def mend(self, by: int) -> None:
        """Everything works again, all prices moved a little."""
        if self.has_sequencer():
            self.harness.sequencer(0, self.now - self.harness.parameters.sequencer_grace)
        for asset in range(len(self.last)):
            self.move(asset, by)

    # after every step

    def check(self) -> None:
        self.harness.check()
        self.look()

    def look(self) -> None:
        """Bid and ask hold every usable source; the closing prices are those that
        are read, or the last accepted."""
        harness, model, now = self.harness, self.model, self.now
        closing = model.closing_prices(now)
        assert min(closing.mid) > 0
        dead = model.dead(now)
        self.note("dead", dead)
        reason = harness.reason()
        if reason:
            self.note(reason)
            assert (closing.updated_at, closing.restriction) == (0, 0)
            self.note("dead soon", not dead and bool(model.unusable_since))
            return
        prices = model.read(now)
        assert closing == prices and not dead
        self.note("usable")
        self.note("a step", bool(prices.restriction & STEP))
        self.note("wide", bool(prices.restriction & SPREAD))
        self.check_sources(prices)

    def check_sources(self, prices: Any) -> None:
        harness = self.harness
        floors = [plan.min_spread for plan in harness.plans]
        dollars = harness.usable_prices(len(self.last) - 1)
        for i, (mid, spread) in enumerate(zip(prices.mid, prices.spread, strict=True)):
            assert spread >= combined(floors[i], floors[-1])
            found = harness.usable_prices(i)
            assert mid == found[0] * WAD // dollars[0]
            # Beyond a millionfold, disagreement is cut off.
            if max(found) < MILLIONFOLD * min(found) and max(dollars) < MILLIONFOLD * min(dollars):
                assert all(between(p, d, mid, spread) for p in found for d in dollars)
            self.note("two of each", len(found) == len(dollars) == 2)
            self.note("one of two", len(found) < len(harness.sources(i)))
            self.note("bid of nothing", spread >= WAD)
            self.note("collateral off its peg", abs(dollars[0] - USD) > USD // 20)
