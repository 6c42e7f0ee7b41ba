# SPDX-License-Identifier: AGPL-3.0-only
"""What a node tells of a deployment file's addresses before anything is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from inverse_index.artifacts import project_root
from inverse_index.chain import LocalBackend
from inverse_index.cli.deploy.given import check_given, live_prices
from inverse_index.config import DeploymentFile, load_deployment
from inverse_index.deployment import Given
from inverse_index.deployment.stand_in import StandIns, deploy_stand_ins, middle_prices
from inverse_index.errors import UserError


@pytest.fixture(scope="module")
def parts(chain: LocalBackend, owner: str) -> StandIns:
    file = load_deployment(project_root() / "deployments/arbitrum.yaml")
    return deploy_stand_ins(chain, file, middle_prices(file), owner, chain.increase_time)


def with_component(file: DeploymentFile, symbol: str, **changes: Any) -> DeploymentFile:
    venue: Any = file.deployment.venue
    component = venue.components[symbol].model_copy(update=changes)
    venue = venue.model_copy(update={"components": {**venue.components, symbol: component}})
    return replace(file, deployment=file.deployment.model_copy(update={"venue": venue}))


def refused(chain: LocalBackend, file: DeploymentFile) -> str:
    with pytest.raises(UserError) as caught:
        check_given(chain, file, Given.from_file(file))  # type: ignore[arg-type]
    return caught.value.message.removeprefix(f"{file.path}: ")


def test_what_is_there_is_accepted(chain: LocalBackend, parts: StandIns) -> None:
    check_given(chain, parts.file, Given.from_file(parts.file))  # type: ignore[arg-type]


def test_a_networks_addresses_are_not_here(chain: LocalBackend, parts: StandIns) -> None:
    file = load_deployment(parts.file.path)
    assert refused(chain, file) == (
        f"collateral: no contract at {file.deployment.collateral.address} on this network"
    )


def test_a_component_with_other_decimals(chain: LocalBackend, parts: StandIns) -> None:
    file = with_component(parts.file, "BTC", decimals=18)
    assert refused(chain, file) == (
        "venue.components.BTC.address: has 8 decimals, the file says 18"
    )


def test_a_pool_that_does_not_exist(chain: LocalBackend, parts: StandIns) -> None:
    file = with_component(parts.file, "LINK", fee_bps=5)
    assert refused(chain, file) == (
        "venue.components.LINK.fee_bps: Uniswap has no pool LINK / ETH at 5 basis points"
    )
    file = with_component(parts.file, "ETH", fee_bps=100)
    assert refused(chain, file) == (
        "venue.components.ETH.fee_bps: Uniswap has no pool ETH / USDC at 100 basis points"
    )


def test_a_token_that_aave_does_not_know(chain: LocalBackend, parts: StandIns, owner: str) -> None:
    token = chain.deploy("LocalCollateral", "Other", "OTH", 18, sender=owner)
    file = with_component(parts.file, "ETH", address=token.address)
    assert refused(chain, file) == (
        f"venue.components.ETH.address: Aave has no reserve of {token.address}"
    )


def test_a_contract_that_is_no_aave(chain: LocalBackend, parts: StandIns) -> None:
    venue: Any = parts.file.deployment.venue
    venue = venue.model_copy(update={"pool": parts.board.address})
    deployment = parts.file.deployment.model_copy(update={"venue": venue})
    message = refused(chain, replace(parts.file, deployment=deployment))
    assert message.startswith("venue.pool: getReserveData fails (")


def test_live_prices_are_what_the_feeds_answer(
    chain: LocalBackend, parts: StandIns, owner: str
) -> None:
    """Not the built-in scenario's: `max_trade` becomes units at them."""
    given = Given.from_file(parts.file)
    assert live_prices(chain, given) == {**middle_prices(parts.file), "USDC": 10**8}
    parts.board.post_one(0, 2_500 * 10**8, sender=owner)
    prices = live_prices(chain, given)
    assert prices is not None and prices["ETH"] == 2_500 * 10**8
    finer = replace(given.feeds["ETH"], primary_decimals=10)  # type: ignore[index]
    assert live_prices(chain, replace(given, feeds={"ETH": finer})) == {"ETH": 25 * 10**8}
    assert live_prices(chain, Given()) is None
