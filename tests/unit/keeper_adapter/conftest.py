# SPDX-License-Identifier: AGPL-3.0-only
"""A keeper adapter, and a token whose rebalance is not due for another day."""

from __future__ import annotations

import pytest
from eth_abi import encode

from inverse_index.chain import Contract, LocalBackend
from tests.support.constants import DAY
from tests.support.system_harness import SystemHarness, deploy_harness

MOST = 100 * 10**6  # the reward's cap of 10 bp of 100,000, less what minting cost


@pytest.fixture
def harness(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> SystemHarness:
    """100,000 paid in, at the start of a day."""
    made = deploy_harness(chain, owner, keeper)
    made.fund(depositor)
    made.deposit(100_000 * 10**6, depositor)
    return made


@pytest.fixture
def due(harness: SystemHarness) -> SystemHarness:
    """Half an hour into the next day: half of the reward's cap."""
    harness.chain.set_next_timestamp((harness.now // DAY + 1) * DAY + 1_800)
    harness.chain.mine()
    return harness


@pytest.fixture
def keeper_adapter(harness: SystemHarness) -> Contract:
    return harness.chain.deploy("KeeperAdapter", sender=harness.owner)


@pytest.fixture
def forwarder(harness: SystemHarness) -> Contract:
    """As Chainlink's registry: checks, then performs with limited gas."""
    return harness.chain.deploy("AutomationForwarder", sender=harness.owner)


def upkeep(harness: SystemHarness, receiver: str, min_reward: int = 0) -> bytes:
    """The data of an upkeep of this token."""
    return encode(["address", "address", "uint256"], [harness.token.address, receiver, min_reward])
