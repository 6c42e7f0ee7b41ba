# SPDX-License-Identifier: AGPL-3.0-only
"""The search as a state machine: Hypothesis draws scenario and actions, climbs by what
they bring, and shortens what it finds.

It judges what holders lose. What the exchange's providers lose is `make search`'s.
`HYPOTHESIS_PROFILE=long EXAMPLES=20000 pytest tests/search/test_machine.py` draws new
histories, as many as EXAMPLES says; the default are the same ones every time.
"""

from __future__ import annotations

import os
from dataclasses import replace

from hypothesis import HealthCheck, Phase, settings, target
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.search.climb import least_of
from tests.search.genes import ATTACKERS, FLOWS, INWARDS, OUTWARDS, WAITS, Gene
from tests.search.scenarios import scenarios
from tests.search.scoring import Judge

OUT = ("withdraw", "redeem", "leave", "transfer", "in_kind")
KINDS = ("rebalance", "accrue", "wind_down", "report", "swap", "provide", "remove")
LONG = os.environ.get("HYPOTHESIS_PROFILE", "quick") == "long"
SETTINGS = settings(
    max_examples=int(os.environ.get("EXAMPLES", "2000")) if LONG else 300,
    report_multiple_bugs=False,
    stateful_step_count=12,
    phases=(Phase.generate, Phase.target, Phase.shrink),
    derandomize=not LONG,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
who = st.sampled_from(ATTACKERS)
places = st.integers(0, 9)


class SearchMachine(RuleBasedStateMachine):
    """An attacker in a scenario; what others do happens when he lets it."""

    @initialize(number=st.integers(0, 10**6))
    def start(self, number: int) -> None:
        self.judge = Judge(scenarios(number))
        self.genes: list[Gene] = []

    @rule(
        kind=st.sampled_from([*FLOWS, "transfer", "in_kind"]),
        who=who,
        how=st.sampled_from(["all", *OUTWARDS, *INWARDS]),
        x=st.floats(-6, 7, allow_nan=False),
        place=places,
    )
    def flow(self, kind: str, who: str, how: str, x: float, place: int) -> None:
        if kind in OUT:
            how, x = (how if how in (*OUTWARDS, "all") else "part"), min(x, 0.0)
        elif how not in INWARDS:
            how = "units"
        self.genes.append(Gene(kind, who, how, x, place))

    @rule(kind=st.sampled_from(KINDS), who=who, x=st.floats(0, 6, allow_nan=False), place=places)
    def act(self, kind: str, who: str, x: float, place: int) -> None:
        self.genes.append(Gene(kind, who, "units", x, place))

    @rule(again=st.integers(0, 20), how=st.sampled_from(["same", "other"]))
    def repeat(self, again: int, how: str) -> None:
        """One of the actions so far, by the same account or by the other."""
        if self.genes:
            gene = self.genes[again % len(self.genes)]
            other = ATTACKERS[gene.who == ATTACKERS[0]]
            self.genes.append(gene if how == "same" else replace(gene, who=other))

    @rule(seconds=st.sampled_from(WAITS))
    def wait(self, seconds: int) -> None:
        self.genes.append(Gene("wait", x=seconds))

    @rule()
    def event(self) -> None:
        self.genes.append(Gene("event"))

    def teardown(self) -> None:
        if not hasattr(self, "judge"):
            return
        found = self.judge.run(self.genes, closely=True)
        target(max(min(found.from_holders, 1e9), -1e9))
        assert found.stuck == {}
        assert found.from_holders <= least_of(self.judge.scenario)
