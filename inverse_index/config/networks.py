# SPDX-License-Identifier: AGPL-3.0-only
"""The networks that a deployment file may be for, and what it must name there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from inverse_index.config.fields import Rule, near, refuse
from inverse_index.errors import UserError

if TYPE_CHECKING:
    from inverse_index.config.deployment import DeploymentFile


@dataclass(frozen=True)
class Network:
    """choice: Ape's name, to which a provider is added. usdc: the collateral called
    USDC there. weth: its wrapped ETH. is_rollup: transactions wait while a sequencer is down."""

    name: str
    title: str
    chain_id: int
    choice: str
    usdc: str
    weth: str
    is_rollup: bool = False
    is_test: bool = False


NETWORKS: Final[Mapping[str, Network]] = {
    each.name: each
    for each in (
        Network(
            "ethereum",
            "Ethereum",
            1,
            "ethereum:mainnet",
            "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
            "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2",
        ),
        Network(
            "arbitrum",
            "Arbitrum One",
            42_161,
            "arbitrum:mainnet",
            "0xaf88d065e77c8cC2239327C5EDb3A432268e5831",
            "0x82aF49447D8a07e3bd95BD0d56f35241523fBab1",
            is_rollup=True,
        ),
        Network(
            "base",
            "Base",
            8_453,
            "base:mainnet",
            "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",
            "0x4200000000000000000000000000000000000006",
            is_rollup=True,
        ),
        Network(
            "sepolia",
            "Sepolia (test network; Aave's test tokens)",
            11_155_111,
            "ethereum:sepolia",
            "0x94a9D9AC8a22534E3FaCa9F4e7F2E2cf85d5E4C8",
            "0xC558DBdd856501FCd9aaF1E62eae57A9F0629a3c",
            is_test=True,
        ),
    )
}
_EXPECTED: Final = f"one of {', '.join(NETWORKS)}"


def _read_name(value: Any) -> str:
    if not isinstance(value, str):
        raise refuse(_EXPECTED)
    if value not in NETWORKS:
        raise refuse(_EXPECTED + near(value, list(NETWORKS)))
    return value


NAME_RULE: Final = Rule(_read_name, _EXPECTED)


def network_of(file: DeploymentFile) -> Network | None:
    """The network that the file is for, None for files of local networks."""
    name = file.deployment.network
    return None if name is None else NETWORKS[name]


def check_network(file: DeploymentFile) -> None:
    """A file for a network names everything that is there, and its USDC."""
    network = network_of(file)
    if network is None:
        return
    missing = missing_there(file)
    if missing:
        raise UserError(
            f"{file.path}: missing {', '.join(missing)}, which a file for {network.name} needs",
            "name them, or remove `network` to have local ones deployed",
        )
    _check_usdc(file, network)
    _check_weth(file, network)
    _check_sequencer(file, network)


def missing_there(file: DeploymentFile) -> list[str]:
    """Fields that a live network needs and that are left out."""
    deployment = file.deployment
    missing = [] if deployment.collateral.address else ["collateral.address"]
    missing += [] if deployment.oracle.feeds else ["oracle.feeds"]
    missing += [f"venue.{field}" for field in deployment.venue.missing(file.index.symbols)]
    if deployment.periphery is not None:
        missing += [f"periphery.{field}" for field in deployment.periphery.missing]
    return missing


def _check_usdc(file: DeploymentFile, network: Network) -> None:
    collateral = file.deployment.collateral
    if collateral.symbol == "USDC" and collateral.address != network.usdc:
        raise UserError(
            f"{file.path}: collateral.address: got {collateral.address}, but USDC on "
            f"{network.title} is {network.usdc}",
            "correct the address, or give the collateral its own symbol",
        )


def _check_weth(file: DeploymentFile, network: Network) -> None:
    """Test networks have several."""
    periphery = file.deployment.periphery
    weth = None if periphery is None else periphery.weth
    if weth is not None and weth != network.weth and not network.is_test:
        raise UserError(
            f"{file.path}: periphery.weth: got {weth}, but WETH on {network.title} is "
            f"{network.weth}",
            "correct the address",
        )


def _check_sequencer(file: DeploymentFile, network: Network) -> None:
    given = file.deployment.oracle.sequencer is not None
    if given != network.is_rollup:
        got, fix = ("an address", "remove it") if given else ("nothing", "name its uptime feed")
        has = "has a" if network.is_rollup else "has no"
        raise UserError(
            f"{file.path}: oracle.sequencer: got {got}, but {network.title} {has} sequencer", fix
        )


def check_chain(file: DeploymentFile, chain_id: int, local_chains: tuple[int, ...]) -> None:
    """The chain that is connected is the one that the file is for."""
    network = network_of(file)
    if network is None or chain_id == network.chain_id:
        return
    remedy = f"use --network {network.choice}:URL"
    if chain_id in local_chains:
        remedy += ", or --stand-in to try the file out on a local network"
    raise UserError(
        f"{file.path} is for {network.title} (chain {network.chain_id}), this is chain {chain_id}",
        remedy,
    )
