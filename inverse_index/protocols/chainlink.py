# SPDX-License-Identifier: AGPL-3.0-only
"""Chainlink's price feeds and sequencer uptime feed on a local chain.

As in production a consumer reads a proxy, `EACAggregatorProxy`, whose owner
points it at one aggregator after the other. Each of them is a phase of the
proxy, and a round's id is `phase * 2**64 + the aggregator's own round`.

Of aggregators npm has the source of `FluxAggregator`: its oracles submit answers,
and the median of a round is its answer. The ones that followed it on mainnet,
`AccessControlledOffchainAggregator`, take reports that their oracles have signed.
Chainlink publishes them in the repository smartcontractkit/libocr alone; a clone
of it as `node_modules/libocr` is used where there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..chain.backend import Backend
from ..chain.contract import Contract, create
from ..chain.receipts import Receipt
from .npm import NpmArtifact, node_modules
from .solidity import solidity_artifact

ZERO_ADDRESS = "0x" + "00" * 20
PHASE = 2**64  # of a proxy's round ids
ALIAS = 0x1111000000000000000000000000000000001111  # from an L1 sender to its L2 self
MAX_ANSWER = 2**255 - 1

_NPM = "@chainlink/contracts/src"
_OLD, _MIDDLE, _NEW = "solc-0.6", "solc-0.7", "solc-0.8"
# Compiler and folder of each contract.
_CONTRACTS = {
    "FluxAggregator": (_OLD, f"{_NPM}/v0.6"),
    "EACAggregatorProxy": (_OLD, f"{_NPM}/v0.6"),
    "SimpleReadAccessController": (_OLD, f"{_NPM}/v0.6"),
    "AccessControlledOffchainAggregator": (_MIDDLE, "libocr/contract"),
    "Flags": (_NEW, f"{_NPM}/v0.8/dev"),
    "SimpleWriteAccessController": (_NEW, f"{_NPM}/v0.8/shared/access"),
    "ArbitrumSequencerUptimeFeed": (_NEW, f"{_NPM}/v0.8/l2ep/dev/arbitrum"),
    "OptimismSequencerUptimeFeed": (_NEW, f"{_NPM}/v0.8/l2ep/dev/optimism"),
}


def chainlink_artifact(name: str) -> NpmArtifact:
    """A contract of Chainlink's, compiled from its npm package."""
    compiler, folder = _CONTRACTS[name]
    return solidity_artifact(f"{folder}/{name}.sol", name, compiler)


def chainlink_deploy(backend: Backend, name: str, *args: Any, sender: str) -> Contract:
    """Deploy a contract of Chainlink's."""
    built = chainlink_artifact(name)
    return create(backend, name, built.abi, built.code, args, sender)


def deploy_aggregator(
    backend: Backend,
    sender: str,
    oracles: Sequence[str],
    decimals: int,
    description: str,
    *,
    quorum: int = 1,
    lowest: int = -MAX_ANSWER - 1,
    timeout: int = 1_800,
) -> Contract:
    """An aggregator without an answer. It pays nothing.

    quorum: submissions of one round that make an answer, of the oracles' at
    most. lowest: the smallest answer it takes. timeout: seconds until a round
    that has not enough may be passed over. Every oracle may start any round.
    """
    aggregator = chainlink_deploy(
        backend,
        "FluxAggregator",
        ZERO_ADDRESS,
        0,
        timeout,
        ZERO_ADDRESS,
        lowest,
        MAX_ANSWER,
        decimals,
        description,
        sender=sender,
    )
    admins = [sender] * len(oracles)
    aggregator.changeOracles([], list(oracles), admins, quorum, len(oracles), 0, sender=sender)
    return aggregator


def has_reporting() -> bool:
    """Whether the sources of the later aggregators are there."""
    return (node_modules() / "libocr" / "contract").is_dir()


def deploy_reporting_aggregator(
    backend: Backend, sender: str, decimals: int, description: str, lowest: int, highest: int
) -> Contract:
    """One of the later aggregators, without oracles, an answer or readers. It
    pays nothing. lowest, highest: the answers it takes."""
    billing = (0, 0, 0, 0, 0, ZERO_ADDRESS)
    return chainlink_deploy(
        backend,
        "AccessControlledOffchainAggregator",
        *billing,
        lowest,
        highest,
        ZERO_ADDRESS,
        ZERO_ADDRESS,
        decimals,
        description,
        sender=sender,
    )


def deploy_proxy(
    backend: Backend, sender: str, aggregator: Contract, controller: Contract | None = None
) -> Contract:
    """A proxy in its first phase; without a controller anybody reads it."""
    control = ZERO_ADDRESS if controller is None else controller.address
    return chainlink_deploy(backend, "EACAggregatorProxy", aggregator, control, sender=sender)


def next_phase(proxy: Contract, aggregator: Contract | str, sender: str) -> Receipt:
    """Point the proxy at another aggregator."""
    proxy.proposeAggregator(aggregator, sender=sender)
    receipt: Receipt = proxy.confirmAggregator(aggregator, sender=sender)
    return receipt


def deploy_arbitrum_uptime_feed(backend: Backend, sender: str, l1_sender: str) -> Contract:
    """Up since now, without anybody who may read it.

    Messages come from `alias_of(l1_sender)`. The sender owns feed and flags.
    """
    raising = chainlink_deploy(backend, "SimpleWriteAccessController", sender=sender)
    flags = chainlink_deploy(backend, "Flags", raising, raising, sender=sender)
    feed = chainlink_deploy(backend, "ArbitrumSequencerUptimeFeed", flags, l1_sender, sender=sender)
    raising.addAccess(feed, sender=sender)
    flags.addAccess(feed, sender=sender)
    feed.initialize(sender=sender)
    return feed


def deploy_optimism_uptime_feed(
    backend: Backend, sender: str, l1_sender: str, messenger: str
) -> Contract:
    """Up since now, without anybody who may read it.

    Messages come through the messenger, which says that `l1_sender` sent them.
    """
    return chainlink_deploy(
        backend, "OptimismSequencerUptimeFeed", l1_sender, messenger, False, sender=sender
    )


def alias_of(l1_sender: str) -> str:
    """From which address Arbitrum delivers what a contract on L1 has sent."""
    return f"0x{(int(l1_sender, 16) + ALIAS) % 2**160:040x}"
