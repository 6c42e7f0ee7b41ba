# SPDX-License-Identifier: AGPL-3.0-only
"""Contract sizes: below the limits, and as committed."""

from __future__ import annotations

from inverse_index.chain import LocalBackend
from tools import sizes

LIMIT = 24_576  # bytes of a deployed contract, immutables included: EIP-170
ROOM = 1_500  # bytes that stay free


def test_below_the_limits() -> None:
    assert sizes.too_large(sizes.measured()) == []


def test_room_to_repair() -> None:
    """Every contract that is deployed can still take a check or two more."""
    free = {name: LIMIT - size["runtime"] for name, size in sizes.measured().items()}
    full = {name: left for name, left in free.items() if left < ROOM}
    assert full == {}, f"fewer than {ROOM:,} bytes free: {full}"


def test_as_committed() -> None:
    now, before = sizes.measured(), sizes.committed()
    changed = [name for name in now.keys() | before.keys() if now.get(name) != before.get(name)]
    assert not changed, f"sizes have changed: `make sizes` writes them anew ({sorted(changed)})"


def test_the_limits() -> None:
    fits = {"runtime": 24_576, "immutables": 0, "initcode": 49_152 - 4_096}
    assert sizes.too_large({"A": fits}) == []
    assert sizes.too_large({"A": {**fits, "runtime": 24_577}}) == [
        "A: 24,577 bytes, the limit is 24,576"
    ]
    (found,) = sizes.too_large({"A": {**fits, "initcode": 49_152 - 4_095}})
    assert found.startswith("A: 45,057 bytes of initcode leave less than 4,096")


def test_the_runtime_size_is_what_a_chain_holds(chain: LocalBackend, owner: str) -> None:
    """Immutables included."""
    made = {
        "LocalCollateral": chain.deploy("LocalCollateral", "Gold", "GLD", 6, sender=owner),
        "KeeperAdapter": chain.deploy("KeeperAdapter", sender=owner),
    }
    for name, contract in made.items():
        assert len(chain.code(contract.address)) == sizes.measured()[name]["runtime"]
    assert sizes.measured()["LocalCollateral"]["immutables"] > 0
