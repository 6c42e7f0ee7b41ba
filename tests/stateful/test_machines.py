# SPDX-License-Identifier: AGPL-3.0-only
"""Every state machine for a little while, on the same histories each time; the
long runs are `make fuzz`."""

from __future__ import annotations

import pytest
from hypothesis.stateful import run_state_machine_as_test

from inverse_index.chain import LocalBackend
from tests.stateful.machine import Machine
from tests.stateful.machines import MACHINES, machine
from tests.stateful.profiles import quick

pytestmark = pytest.mark.stateful


@pytest.mark.parametrize("name", MACHINES)
def test_machine(chain: LocalBackend, name: str) -> None:
    """[T-FLOW-1] [T-FLOW-5] [Q-1] [O-IDX-9] [X-POOL-5]"""
    kind: type[Machine] = machine(name, chain)
    run_state_machine_as_test(kind, settings=quick())
    assert kind.tally.steps > 200
    assert len(kind.tally.rules) > 10
