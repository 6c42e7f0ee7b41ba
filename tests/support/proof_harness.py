# SPDX-License-Identifier: AGPL-3.0-only
"""Checks properties on a chain: one call for up to hundreds of thousands of points."""

from __future__ import annotations

import random
from collections.abc import Sequence

from inverse_index.chain import Contract, LocalBackend
from tests.proofs.proof import SEED, WORD, Property, Refuted, words

GAS = hex(10**13)
NOW = 2**36  # seconds: 2,177 years of time to look back on
CHUNK = 200_000  # points of one call, about a second
PROBE = 1_024  # the longest list of points
BLOCKS, BLOCK = 4, 500  # of a grid that is only sampled


class ProofHarness:
    """Deploys what holds properties, once each."""

    def __init__(self, chain: LocalBackend, sender: str) -> None:
        self._chain = chain
        self._sender = sender
        self._contracts: dict[str, Contract] = {}

    def contract(self, name: str) -> Contract:
        """The deployed contract of this name."""
        if name not in self._contracts:
            self._contracts[name] = self._chain.deploy(name, sender=self._sender)
        return self._contracts[name]

    def whole(self, prop: Property) -> int:
        """Check every point of the grid; how many there are."""
        size = prop.size
        for first in range(0, size, CHUNK):
            self._survey(prop, first, min(CHUNK, size - first))
        return size

    def sample(self, prop: Property) -> int:
        """Check some runs of points of the grid, always the same ones."""
        size = prop.size
        if size <= BLOCKS * BLOCK:
            return self.whole(prop)
        source = random.Random(f"{SEED} {prop.name}")
        for _ in range(BLOCKS):
            self._survey(prop, source.randrange(size - BLOCK), BLOCK)
        return BLOCKS * BLOCK

    def wide(self, prop: Property) -> int:
        """Check the corners and random points of the documented ranges."""
        points = list(prop.wide_points())
        for first in range(0, len(points), PROBE):
            self._probe(prop, points[first : first + PROBE])
        return len(points)

    def _survey(self, prop: Property, first: int, count: int) -> None:
        axes = [[value % WORD for value in values] for values in prop.grid]
        self._ask("check_grid", prop, axes, first, count)

    def _probe(self, prop: Property, points: Sequence[Sequence[int]]) -> None:
        self._ask("check_points", prop, [words(point) for point in points])

    def _ask(self, how: str, prop: Property, *question: object) -> None:
        checker, target = self.contract("PropertyChecker"), self.contract(prop.contract)
        method = checker.method(how)
        data = method.encode(target.address, selector(target, prop.name), *question)
        call = {"to": checker.address, "data": "0x" + data.hex(), "gas": GAS}
        raw = self._chain.rpc("eth_call", call, "latest", {}, {"time": hex(NOW)})
        done, failed, point = method.decode(bytes.fromhex(raw[2:]))
        if failed:
            at = _told(arguments(target, prop.name), point)
            raise Refuted(f"{prop.contract}.{prop.name} fails after {done:,} at {at}")


def arguments(contract: Contract, name: str) -> list[dict[str, str]]:
    """Of a function, as the ABI has them."""
    entry = next(each for each in contract.abi if each.get("name") == name)
    found: list[dict[str, str]] = entry["inputs"]
    return found


def selector(contract: Contract, name: str) -> bytes:
    """Four bytes of a function."""
    return contract.method(name).overload(len(arguments(contract, name))).selector


def _told(inputs: list[dict[str, str]], point: Sequence[int]) -> str:
    values = []
    for each, word in zip(inputs, point, strict=False):
        negative = each["type"].startswith("int") and word >= WORD // 2
        values.append(f"{each['name']}={word - WORD if negative else word}")
    return ", ".join(values)
