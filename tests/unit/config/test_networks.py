# SPDX-License-Identifier: AGPL-3.0-only
"""The files for real networks, and what a file for a network has to name."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from eth_utils.address import is_checksum_address

from inverse_index.config import AaveVenueConfig, DeploymentFile, load_deployment
from inverse_index.config.addresses import addresses_of
from inverse_index.config.network_checks import check_chain
from inverse_index.config.networks import NETWORKS
from inverse_index.errors import UserError

FOLDER = Path(__file__).resolve().parents[3] / "deployments"
NAMES = sorted(NETWORKS)
WETH = "0x82aF49447D8a07e3bd95BD0d56f35241523fBab1"


def load(name: str) -> DeploymentFile:
    return load_deployment(FOLDER / f"{name}.yaml")


def changed(folder: Path, old: str, new: str) -> Path:
    """The file for Arbitrum with one change."""
    text = (FOLDER / "arbitrum.yaml").read_text()
    assert text.count(old) == 1, old
    text = text.replace("../configs", f"{FOLDER.parent}/configs")
    path = folder / "changed.yaml"
    path.write_text(text.replace(old, new))
    return path


def refused(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        load_deployment(path)
    return caught.value.message.removeprefix(f"{path}: ")


def test_there_is_a_file_for_every_network() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.yaml")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_file_names_everything(name: str) -> None:
    file = load(name)
    assert file.deployment.network == name
    addresses = addresses_of(file)
    assert addresses["collateral.address"] == NETWORKS[name].usdc
    assert ("oracle.sequencer" in addresses) == NETWORKS[name].is_rollup
    components = [f"venue.components.{symbol}.address" for symbol in file.index.symbols]
    assert {"venue.pool", "venue.factory", *components} <= set(addresses)
    assert file.deployment.token.leverage == 1


@pytest.mark.parametrize("name", NAMES)
def test_every_address_is_written_with_its_checksum_and_its_source(name: str) -> None:
    lines = (FOLDER / f"{name}.yaml").read_text().splitlines()
    found = [
        (i, match[0])
        for i, line in enumerate(lines)
        if (match := re.search(r"0x[0-9a-fA-F]{40}", line))
    ]
    assert len(found) == len(addresses_of(load(name)))
    for i, address in found:
        assert is_checksum_address(address)
        assert re.search(r"# \[[ACUD]\] ", f"{lines[i - 1]}\n{lines[i]}"), lines[i]


@pytest.mark.parametrize("name", NAMES)
def test_parameters_are_cautious(name: str) -> None:
    deployment = load(name).deployment
    venue = deployment.venue
    assert isinstance(venue, AaveVenueConfig)
    edge = 1 + Decimal(deployment.token.band_bps) / 10_000
    for leverage in (edge, deployment.token.emergency_leverage):
        supplied = 1 - 2 * venue.idle_buffer / 100 + leverage
        health = supplied * venue.collateral.reserve.liquidation_threshold / 100 / leverage
        assert health > venue.min_health > Decimal("1.1")
    for feed in deployment.oracle.feeds.values():
        assert feed.primary.heartbeat in (1_800, 4_500, 7_200, 90_000, 172_800)
        assert feed.max_price / feed.min_price <= 500
    assert deployment.oracle.feeds["USDC"].min_price == Decimal("0.5")


def test_a_wrong_checksum_is_told_with_the_right_one(tmp_path: Path) -> None:
    wrong = WETH.replace("aF", "af")
    assert refused(changed(tmp_path, f'address: "{WETH}"', f'address: "{wrong}"')) == (
        f"venue.components.ETH.address: got '{wrong}', expected an address: 0x and 40 hex "
        f"digits with a correct checksum (mistyped? of these digits it is {WETH})"
    )
    load_deployment(changed(tmp_path, f'address: "{WETH}"', f'address: "{WETH.lower()}"'))


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "network: arbitrum",
            "network: arbitrun",
            "network: got 'arbitrun', expected one of ethereum, arbitrum, base, sepolia "
            "(did you mean arbitrum?)",
        ),
        (
            "0xaf88d065e77c8cC2239327C5EDb3A432268e5831",
            "0xFF970A61A04b1cA14834A43f5dE4533eBDDB5CC8",
            "collateral.address: got 0xFF970A61A04b1cA14834A43f5dE4533eBDDB5CC8, but USDC on "
            "Arbitrum One is 0xaf88d065e77c8cC2239327C5EDb3A432268e5831",
        ),
        (
            '  sequencer: "0xFdB631F5EE196F0ed6FAa767959853A9F217697D"',
            "",
            "oracle.sequencer: got nothing, but Arbitrum One has a sequencer",
        ),
        (
            f'      address: "{WETH}"',
            "",
            "missing venue.components.ETH.address, which a file for arbitrum needs",
        ),
        (
            "network: arbitrum",
            "network: ethereum",
            "collateral.address: got 0xaf88d065e77c8cC2239327C5EDb3A432268e5831, but USDC on "
            "Ethereum is 0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
        ),
        (
            "min_health: 1.15 ",
            "min_health: 1.45 ",
            "venue.min_health: got 1.45, expected at most 1.4181, which is the health at a "
            "leverage of 1.1, where the band ends",
        ),
        (
            "liquidation_threshold: 78%",
            "liquidation_threshold: 60%",
            "venue.collateral.assumed.ltv: got 75%, expected at most the liquidation "
            "threshold of 60%",
        ),
        (
            "ltv: 75% ",
            "ltv: 50% ",
            "venue.collateral.assumed.ltv: leverage 1 needs a loan of 1 times the net assets, "
            "expected at most 0.95, which is 50% of what is supplied",
        ),
        (
            "max_trade: 20000 ",
            "max_trade: 20001 ",
            "venue.max_trade: got 20001, expected at most 20000, which is 2 * fee * depth of "
            "components.BTC (a larger trade invites a sandwich)",
        ),
    ],
)
def test_what_a_file_for_a_network_may_not_say(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    assert refused(changed(tmp_path, old, new)) == problem


def test_a_network_without_a_sequencer(tmp_path: Path) -> None:
    text = (FOLDER / "ethereum.yaml").read_text()
    path = tmp_path / "changed.yaml"
    text = text.replace("../configs", f"{FOLDER.parent}/configs")
    path.write_text(text.replace("  feeds:\n", f'  sequencer: "0x{"12" * 20}"\n  feeds:\n'))
    assert refused(path) == "oracle.sequencer: got an address, but Ethereum has no sequencer"


def test_the_chain_that_is_connected() -> None:
    file = load("arbitrum")
    check_chain(file, 42_161, (31_337,))
    with pytest.raises(UserError) as caught:
        check_chain(file, 1, (31_337,))
    assert caught.value.message == f"{file.path} is for Arbitrum One (chain 42161), this is chain 1"
    assert caught.value.remedy == "use --network arbitrum:mainnet:URL"
    with pytest.raises(UserError) as caught:
        check_chain(file, 31_337, (31_337,))
    assert caught.value.remedy.endswith("--stand-in to try the file out on a local network")
