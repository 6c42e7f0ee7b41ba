# SPDX-License-Identifier: AGPL-3.0-only
"""The token's state machine: actions here, rules about them in `rules`.

Every action is carried out on the chain and on the model. Inputs are valid by
construction, so an unexpected revert fails the run; calls that must revert are
rules of their own.
"""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from inverse_index.model import nav
from inverse_index.model.terms import Kind
from tests.systems import Bench

DAY = 86_400
HOLDERS = 3

holders = st.integers(0, HOLDERS - 1)
parts = st.one_of(  # parts of N or of a balance, in millionths: mostly small
    st.integers(1, 5_000), st.integers(1, 100_000), st.integers(1, 1_000_000)
)
calm = st.integers(-2, 2)
jumps = st.integers(-35, 35)


class TokenBase(RuleBasedStateMachine):
    """One deployed bench, put back to its start before each example."""

    fresh: Bench  # set by the test: deployed and funded, nothing minted
    accounts: tuple[str, ...]

    def __init__(self) -> None:
        super().__init__()
        chain = self.fresh.chain
        self.snapshot = chain.snapshot()
        self.bench = copy.copy(self.fresh)
        self.bench.model = copy.deepcopy(self.fresh.model)
        self.bench.prices = dict(self.fresh.prices)
        self.reached: set[str] = set()

    def teardown(self) -> None:
        self.bench.chain.revert(self.snapshot)

    @initialize(anchor=st.integers(1_000, 500_000))
    def open(self, anchor: int) -> None:
        self.bench.deposit(anchor * self.unit, self.accounts[0])

    # parts

    @property
    def token(self) -> Any:
        return self.bench.token

    @property
    def model(self) -> Any:
        return self.bench.model.token

    @property
    def unit(self) -> int:
        return self.bench.system.unit

    @property
    def now(self) -> int:
        return self.bench.now

    def value_per_share(self) -> tuple[int, int]:
        """N and shares, both with the virtual ones, at mid: an exact fraction."""
        c = self.model.context(self.now)
        base = nav.virtual_assets(self.model.virtual)
        return c.v.mid + base, c.supply + self.model.virtual * base

    def most(self, kind: Kind, holder: str) -> int:
        """The token's own maximum, where chain and model agree."""
        on_chain = self.bench.system.quoter.maximum(self.token, int(kind), holder)
        assert on_chain == self.model.maximum(kind, holder, self.now)
        return int(on_chain)

    def alive(self) -> bool:
        """Somebody holds something of value, and prices can be used."""
        usable = self.bench.model.oracle.usable(self.now)
        return usable and self.model.supply > 0 and self.model.context(self.now).v.net > 0

    # after every step

    @invariant()
    def chain_equals_model(self) -> None:
        self.bench.check()
