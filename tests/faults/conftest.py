# SPDX-License-Identifier: AGPL-3.0-only
"""Harnesses with a position, and the table that a run with -s ends with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from inverse_index.chain import LocalBackend
from tests.support.fault_actions import Row
from tests.support.fault_harness import FaultHarness
from tests.support.plans import make_aave_plan


@pytest.fixture(scope="package")
def _one(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, second_holder: str
) -> FaultHarness:
    return FaultHarness.deployed(chain, owner, keeper, (depositor, second_holder), make_aave_plan())


@pytest.fixture
def harness(_one: FaultHarness) -> Iterator[FaultHarness]:
    """One component; the model goes back with the chain."""
    saved = _one.saved()
    yield _one
    _one.restore(saved)


@pytest.fixture(scope="package")
def _two(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, second_holder: str
) -> FaultHarness:
    plan = make_aave_plan(2)
    return FaultHarness.deployed(chain, owner, keeper, (depositor, second_holder), plan)


@pytest.fixture
def pair(_two: FaultHarness) -> Iterator[FaultHarness]:
    """Two components; the model goes back with the chain."""
    saved = _two.saved()
    yield _two
    _two.restore(saved)


@pytest.fixture(scope="session")
def table() -> Iterator[list[Row]]:
    """Rows of fault, refusals and exits that worked."""
    rows: list[Row] = []
    yield rows
    if rows:
        head: Row = ("fault", "refused with", "exits that worked")
        widths = [max(len(row[i]) for row in [head, *rows]) for i in range(2)]
        print()
        for row in [head, *rows]:
            print(" | ".join([row[0].ljust(widths[0]), row[1].ljust(widths[1]), row[2]]))
