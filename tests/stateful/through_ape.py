# SPDX-License-Identifier: AGPL-3.0-only
"""How much faster the raw path is: one machine on the same histories, first with
every transaction and every view an Ape contract call, then as it is.

    make fuzz-speed

Both run on Anvils of their own, one after the other; the ratio is what counts.
What has to revert is asked on the raw path in both.
"""

from __future__ import annotations

import logging
import os
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click
from hypothesis import seed
from hypothesis.stateful import run_state_machine_as_test
from rich.console import Console

from inverse_index.chain import Anvil, LocalBackend, Receipt
from inverse_index.deployment.reading import View
from tests.stateful.machine import Machine, Tally
from tests.stateful.machines import MACHINES, machine
from tests.stateful.profiles import fuzz
from tests.stateful.workers import START

REACH, BEYOND = 8, 20  # times as fast
console = Console(width=120)


class ThroughApe(LocalBackend):
    """A local chain whose calls go through Ape's provider and accounts."""

    on = False  # while everything is deployed

    def through(self, provider: Any) -> None:
        import ape

        self._provider = provider
        self._accounts = {each.address: each for each in ape.accounts.test_accounts}
        self.on = True

    def send(
        self, to: str | None, data: bytes, sender: str, value: int = 0, gas: str = "0x1c9c380"
    ) -> Receipt:
        if not self.on or to is None or sender not in self._accounts:
            return super().send(to, data, sender, value, gas)
        super().call(to, data, sender)  # Ape would look a revert up on the internet
        done = self._accounts[sender].call(self._transaction(to, data, int(gas, 16)))
        raw = self.rpc("eth_getTransactionReceipt", done.txn_hash)
        return self._succeeded(raw, {})

    def call(self, to: str, data: bytes, sender: str | None = None) -> bytes:
        if not self.on or sender is not None:
            return super().call(to, data, sender)
        return bytes(self._provider.send_call(self._transaction(to, data, 30_000_000)))

    def _transaction(self, to: str, data: bytes, gas: int) -> Any:
        return self._provider.network.ecosystem.create_transaction(
            receiver=to, data=data, gas_limit=gas
        )


class OneByOne:
    """What `Reading` reads in one call, as a call for each view."""

    def __init__(self, views: Sequence[View]) -> None:
        self._views = views

    def values(self) -> list[Any]:
        return [contract.method(name)(*args) for contract, name, args in self._views]


@contextmanager
def through_ape(name: str) -> Iterator[type[Machine]]:
    """The machine with its harness behind Ape."""
    with Anvil(timestamp=START) as node:
        os.environ["APE_FOUNDRY_HOST"] = node.url
        import ape

        with ThroughApe(node.url) as chain:
            kind = machine(name, chain)
            kind.fresh.reading = OneByOne(kind.fresh._views())
            logging.getLogger("ape").setLevel(logging.CRITICAL)
            with ape.networks.parse_network_choice("ethereum:local:foundry") as provider:
                chain.through(provider)
                yield kind


@contextmanager
def raw(name: str) -> Iterator[type[Machine]]:
    with Anvil(timestamp=START) as node, LocalBackend(node.url) as chain:
        yield machine(name, chain)


def timed(kind: type[Machine], seed_: int, examples: int) -> tuple[int, float]:
    """Steps and seconds, the first history not counted: it warms everything up."""
    run_state_machine_as_test(seed(seed_)(kind), settings=fuzz(2))
    kind.tally = Tally()
    started = time.perf_counter()
    run_state_machine_as_test(seed(seed_ + 1)(kind), settings=fuzz(examples))
    return kind.tally.steps, time.perf_counter() - started


@click.command(help=(__doc__ or "").partition("\n")[0])
@click.option(
    "--machine", "name", default="perp", show_default=True, type=click.Choice([*MACHINES])
)
@click.option("--examples", default=8, show_default=True, help="Histories of 60 steps.")
@click.option("--seed", "seed_", default=1, show_default=True)
def main(name: str, examples: int, seed_: int) -> None:
    rates = {}
    for label, way in (("through Ape", through_ape), ("raw", raw)):
        with warnings.catch_warnings(), way(name) as kind:
            warnings.simplefilter("ignore")
            steps, seconds = timed(kind, seed_, examples)
        rates[label] = steps / seconds
        console.print(f"{label}: {steps:,} steps in {seconds:.1f} s, {rates[label]:,.1f} steps/s")
    ratio = rates["raw"] / rates["through Ape"]
    console.print(f"ratio {ratio:.1f} (reach {REACH}, beyond {BEYOND})")
    sys.exit(0 if ratio >= REACH else 1)


if __name__ == "__main__":
    main()
