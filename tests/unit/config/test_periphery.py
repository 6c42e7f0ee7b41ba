# SPDX-License-Identifier: AGPL-3.0-only
"""The `periphery:` block: what it gives, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from inverse_index.config import PeripheryConfig, load_deployment
from inverse_index.config.networks import NETWORKS
from inverse_index.deployment import Given
from inverse_index.errors import UserError
from tests.unit.config.test_load_deployment import CONFIGS, OTHER, refused, written
from tests.unit.config.test_networks import changed
from tests.unit.config.test_networks import refused as refused_change

ROUTER, POOL, FACTORY = ("0x" + each * 20 for each in ("22", "33", "44"))
WETH = NETWORKS["arbitrum"].weth
THERE = {"kind": "aave", "pool": POOL, "factory": FACTORY}


def given(path: Path) -> PeripheryConfig | None:
    return Given.from_file(load_deployment(path)).periphery


def test_what_it_gives(tmp_path: Path) -> None:
    assert given(written(tmp_path)) is None
    found = given(written(tmp_path, periphery={"feeds": 18, "keeper_adapter": OTHER}))
    assert found == PeripheryConfig(feeds=18, keeper_adapter=OTHER)
    assert (found.given, found.missing) == ({"keeper_adapter": OTHER}, [])
    assert found.text == f"feeds with 18 decimals, keeper adapter {OTHER}"
    block = {"keeper_adapter": True, "router": True}  # written as the text `true`
    found = given(written(tmp_path, periphery=block, venue={"kind": "aave"}))
    assert found == PeripheryConfig(keeper_adapter=True, router=True)
    assert (found.given, found.missing) == ({}, ["weth"])
    assert found.text == "keeper adapter (new), router (new)"
    found = given(written(tmp_path, periphery={"router": ROUTER, "weth": OTHER}, venue=THERE))
    assert found == PeripheryConfig(router=ROUTER, weth=OTHER)
    assert (found.given, found.missing) == ({"router": ROUTER, "weth": OTHER}, [])
    assert PeripheryConfig().text == "none"


@pytest.mark.parametrize(("name", "router"), [("local-1x", None), ("aave-1x", True)])
def test_the_default_files(name: str, router: bool | None) -> None:
    found = given(CONFIGS / f"{name}.yaml")
    assert found == PeripheryConfig(feeds=8, keeper_adapter=True, router=router)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_files_for_networks(name: str) -> None:
    found = given(CONFIGS.parent / "deployments" / f"{name}.yaml")
    weth = NETWORKS[name].weth
    assert found == PeripheryConfig(feeds=8, keeper_adapter=True, router=True, weth=weth)


@pytest.mark.parametrize(
    ("block", "venue", "message"),
    [
        ({"feeds": 6}, {}, "feeds: got '6', expected 8 or 18 decimals"),
        (
            {"keeper_adapter": "yes"},
            {},
            "keeper_adapter: got 'yes', expected `true` to have one deployed, or an address: "
            "0x and 40 hex digits",
        ),
        (
            {"keeper_adapter": "0x" + "00" * 20},
            {},
            f"keeper_adapter: got '0x{'00' * 20}', expected `true` to have one deployed, or an "
            "address: 0x and 40 hex digits, not the zero address",
        ),
        (
            {"keeper_adapters": True},
            {},
            "keeper_adapters: unknown key (did you mean keeper_adapter?)",
        ),
        ({"weth": OTHER}, {}, "weth: given, but there is no router that would use it"),
        (
            {"router": True},
            {},
            "router: given, but the venue 'perp' has no Uniswap (venue.kind: aave has)",
        ),
        (
            {"router": ROUTER},
            {"kind": "aave"},
            f"router: got {ROUTER}, but venue.factory is left out, and a router serves one "
            "Uniswap alone",
        ),
    ],
)
def test_what_it_refuses(
    tmp_path: Path, block: dict[str, Any], venue: dict[str, Any], message: str
) -> None:
    parts = {"venue": venue} if venue else {}
    assert refused(written(tmp_path, periphery=block, **parts)) == f"periphery.{message}"


@pytest.mark.parametrize(
    ("block", "field"),
    [
        ({"router": ROUTER, "weth": ROUTER}, "weth"),
        ({"router": POOL}, "router"),
        ({"router": True, "weth": FACTORY}, "weth"),
        ({"router": True, "keeper_adapter": POOL}, "keeper_adapter"),
    ],
)
def test_an_address_with_another_part_to_play(
    tmp_path: Path, block: dict[str, Any], field: str
) -> None:
    path = written(tmp_path, periphery=block, venue=THERE)
    with pytest.raises(UserError) as caught:
        load_deployment(path)
    start = f"{path}: periphery.{field}: got {block[field]}, which is "
    assert caught.value.message.startswith(start)


def test_wrapped_ether_may_be_a_component_or_the_collateral(tmp_path: Path) -> None:
    """On a network ETH is a component; a collateral may be WETH itself."""
    block = {"router": True, "weth": OTHER}
    assert given(written(tmp_path, periphery=block, venue=THERE, collateral={"address": OTHER}))
    file = load_deployment(CONFIGS.parent / "deployments/arbitrum.yaml")
    assert file.deployment.venue.given()["components.ETH.address"] == WETH


def test_on_a_network_the_router_needs_that_networks_weth(tmp_path: Path) -> None:
    line = f'  weth: "{WETH}"'
    assert refused_change(changed(tmp_path, line, "")) == (
        "missing periphery.weth, which a file for arbitrum needs"
    )
    assert refused_change(changed(tmp_path, line, f'  weth: "{OTHER}"')) == (
        f"periphery.weth: got {OTHER}, but WETH on Arbitrum One is {WETH}"
    )
    both = f"  router: {ROUTER} #"
    assert load_deployment(changed(tmp_path, "  router: true", both)).deployment.periphery
