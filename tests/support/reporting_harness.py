# SPDX-License-Identifier: AGPL-3.0-only
"""The oracle behind Chainlink's later aggregators, as mainnet has them: four
oracles observe, two of them sign, one transmits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_abi.abi import encode
from eth_keys.datatypes import PrivateKey
from eth_utils.crypto import keccak

from inverse_index.chain import Contract, Receipt
from inverse_index.protocols.chainlink import deploy_reporting_aggregator
from tests.support.chainlink_harness import ChainlinkHarness, Source

ORACLES = 4
FAULTY = 1  # of them at most: two sign, three observe
LOWEST, HIGHEST = 10**6, 10**14  # a cent and a million dollars, 8 decimals
KEYS = [keccak(text=f"key of oracle {i}") for i in range(ORACLES)]
# Where the digest is in `latestConfigDetails`.
DIGEST = 2


class ReportingHarness(ChainlinkHarness):
    """As ChainlinkHarness. The submitter transmits; proxies are let in."""

    def aggregator(self, decimals: int = 8) -> Contract:
        chain, owner = self.chain, self.owner
        made = deploy_reporting_aggregator(chain, owner, decimals, "TEST / USD", LOWEST, HIGHEST)
        transmitters = [self.submitter, *chain.accounts[-ORACLES + 1 :]]
        made.setPayees(transmitters, [owner] * ORACLES, sender=owner)
        signers = [PrivateKey(key).public_key.to_checksum_address() for key in KEYS]
        made.setConfig(signers, transmitters, FAULTY, 1, b"", sender=owner)
        return made

    def let_in(self, aggregator: Contract, proxy: Contract) -> None:
        aggregator.addAccess(proxy, sender=self.owner)

    def switch(self, asset: int, source: int, to: Contract | str) -> Source:
        """The proxy is let in first. Without an answer these give zeros."""
        found = self.source(asset, source)
        if isinstance(to, Contract):
            self.let_in(to, found.proxy)
        super().switch(asset, source, to)
        if isinstance(to, Contract):
            self.given(asset, source, found.round(0, 0))
        return found

    def publish(self, aggregator: Contract, number: int, answer: int) -> Receipt:
        """Its epoch is the round's number."""
        return self.transmit(aggregator, [answer] * (2 * FAULTY + 1), number)

    def transmit(
        self,
        aggregator: Contract,
        observations: Sequence[int],
        epoch: int,
        signers: Sequence[bytes] = KEYS[: FAULTY + 1],
        sender: str | None = None,
    ) -> Receipt:
        """A report of these observations, in order of the observers."""
        given = report(aggregator, observations, epoch)
        receipt: Receipt = aggregator.transmit(
            given, *signed(given, signers), sender=sender or self.submitter
        )
        return receipt


def report(aggregator: Contract, observations: Sequence[int], epoch: int) -> bytes:
    """Context, observers, observations; the round of the epoch is its first."""
    digest = aggregator.latestConfigDetails()[DIGEST]
    context = bytes(11) + digest + epoch.to_bytes(4, "big") + b"\x01"
    observers = bytes(range(len(observations))).ljust(32, b"\0")
    return encode(["bytes32", "bytes32", "int192[]"], [context, observers, observations])


def signed(given: bytes, signers: Sequence[bytes]) -> tuple[list[bytes], list[bytes], bytes]:
    """r and s of each signature, and all v in a word."""
    made: list[Any] = [PrivateKey(key).sign_msg_hash(keccak(given)) for key in signers]
    word = bytes(each.v for each in made).ljust(32, b"\0")
    return (
        [each.r.to_bytes(32, "big") for each in made],
        [each.s.to_bytes(32, "big") for each in made],
        word,
    )
