# SPDX-License-Identifier: AGPL-3.0-only
"""What a deployment file must name on the network that it is for."""

from __future__ import annotations

from inverse_index.config.deployment import DeploymentFile
from inverse_index.config.networks import NETWORKS, Network
from inverse_index.errors import UserError


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
