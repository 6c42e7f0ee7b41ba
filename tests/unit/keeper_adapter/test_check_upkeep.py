# SPDX-License-Identifier: AGPL-3.0-only
"""checkUpkeep: True exactly when it is due and pays enough; never a revert but for
data that are none."""

from __future__ import annotations

import pytest
from eth_abi import encode

from inverse_index.chain import Contract
from tests.support.assertions import reverts
from tests.support.system_harness import SystemHarness

from .conftest import upkeep

MALFORMED = "adapter: data is not token, receiver, min reward"
A, B = "0x" + "aa" * 20, "0x" + "bb" * 20


def test_not_due(harness: SystemHarness, keeper_adapter: Contract, keeper: str) -> None:
    """[K-1]"""
    data = upkeep(harness, keeper)
    assert harness.token.due().triggers == 0
    assert keeper_adapter.checkUpkeep(data) == (False, data)


def test_due(due: SystemHarness, keeper_adapter: Contract, keeper: str) -> None:
    """[K-1]"""
    data = upkeep(due, keeper)
    assert keeper_adapter.checkUpkeep(data) == (True, data)


def test_the_least_reward(due: SystemHarness, keeper_adapter: Contract, keeper: str) -> None:
    """[K-1]"""
    reward = due.token.due().reward
    assert reward > 40 * 10**6
    assert keeper_adapter.checkUpkeep(upkeep(due, keeper, reward))[0] is True
    assert keeper_adapter.checkUpkeep(upkeep(due, keeper, reward + 1))[0] is False
    due.chain.increase_time(1)  # it rises
    assert keeper_adapter.checkUpkeep(upkeep(due, keeper, reward + 1))[0] is True


def test_prices_that_cannot_be_used(
    due: SystemHarness, keeper_adapter: Contract, keeper: str
) -> None:
    """[K-2]"""
    due.chain.increase_time(8 * 86_400)
    assert not due.system.oracle.usable()
    assert keeper_adapter.checkUpkeep(upkeep(due, keeper))[0] is False


def test_what_is_no_token(due: SystemHarness, keeper_adapter: Contract, keeper: str) -> None:
    """An account, a contract without `due`, one that answers too little, one that
    burns its gas. [K-2]"""
    silent = due.chain.deploy("MockFeed", 8, 1, sender=due.owner)
    places = [A, due.system.collateral.address, silent.address]
    for code in ("60016000f3", "6001600052602060 00f3".replace(" ", ""), "fe"):
        place = "0x" + (len(places) + 0xC0).to_bytes(20, "big").hex()
        due.chain.set_code(place, bytes.fromhex(code))
        places.append(place)
    for place in places:
        data = encode(["address", "address", "uint256"], [place, keeper, 0])
        assert keeper_adapter.checkUpkeep(data) == (False, data), place


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x01",
        encode(["address", "address"], [A, B]),
        encode(["address", "address", "uint256"], [A, B, 1])[:-1],
        encode(["address", "address", "uint256"], [A, B, 1]) + b"\x00",
        encode(["uint256", "address", "uint256"], [2**160 + 5, B, 1]),
        encode(["address", "uint256", "uint256"], [A, 2**255, 1]),
        encode(["uint256", "address", "uint256"], [0, B, 1]),
        encode(["address", "uint256", "uint256"], [A, 0, 1]),
    ],
    ids=[
        "empty",
        "a byte",
        "no minimum",
        "too short",
        "too long",
        "token too wide",
        "receiver too wide",
        "no token",
        "no receiver",
    ],
)
def test_data_that_are_none(
    harness: SystemHarness, keeper_adapter: Contract, keeper: str, data: bytes
) -> None:
    """[K-3]"""
    with reverts(MALFORMED):
        keeper_adapter.checkUpkeep(data)
    with reverts(MALFORMED):
        keeper_adapter.performUpkeep(data, sender=keeper)


def test_it_keeps_nothing(harness: SystemHarness, keeper_adapter: Contract) -> None:
    """No function but these: no owner, no state, nothing to withdraw. [K-7]"""
    names = {entry["name"] for entry in keeper_adapter.abi if entry["type"] == "function"}
    assert names == {"checkUpkeep", "performUpkeep", "checker"}
    assert all(harness.chain.storage(keeper_adapter.address, slot) == 0 for slot in range(4))
