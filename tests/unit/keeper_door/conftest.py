# SPDX-License-Identifier: AGPL-3.0-only
"""A door, and a token whose rebalance is not due for another day."""

from __future__ import annotations

import pytest
from eth_abi import encode

from inverse_index.chain import Contract, LocalBackend
from tests.support.system_harness import Bench, deploy_bench

DAY = 86_400
MOST = 100 * 10**6  # the reward's cap of 10 bp of 100,000, less what minting cost


@pytest.fixture
def bench(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> Bench:
    """100,000 paid in, at the start of a day."""
    made = deploy_bench(chain, owner, keeper)
    made.fund(depositor)
    made.deposit(100_000 * 10**6, depositor)
    return made


@pytest.fixture
def due(bench: Bench) -> Bench:
    """Half an hour into the next day: half of the reward's cap."""
    bench.chain.set_next_timestamp((bench.now // DAY + 1) * DAY + 1_800)
    bench.chain.mine()
    return bench


@pytest.fixture
def door(bench: Bench) -> Contract:
    return bench.chain.deploy("KeeperDoor", sender=bench.owner)


@pytest.fixture
def forwarder(bench: Bench) -> Contract:
    """As Chainlink's registry: checks, then performs with limited gas."""
    return bench.chain.deploy("AutomationForwarder", sender=bench.owner)


def upkeep(bench: Bench, receiver: str, min_reward: int = 0) -> bytes:
    """The data of an upkeep of this token."""
    return encode(["address", "address", "uint256"], [bench.token.address, receiver, min_reward])
