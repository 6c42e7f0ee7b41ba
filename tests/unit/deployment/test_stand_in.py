# SPDX-License-Identifier: AGPL-3.0-only
"""The files for real networks, deployed on a local one by their own code."""

from __future__ import annotations

from pathlib import Path

import pytest

from inverse_index.artifacts import project_root
from inverse_index.chain import LocalBackend
from inverse_index.config import load_deployment
from inverse_index.config.addresses import addresses_of
from inverse_index.deployment import System
from inverse_index.deployment.stand_in import (
    StandIns,
    check_can_stand_in,
    deploy_with_stand_ins,
    middle_prices,
)
from inverse_index.errors import UserError
from tests.support.assertions import reverts
from tests.support.constants import WAD

USDC = 10**6
FOLDER = project_root() / "deployments"


def deploy(chain: LocalBackend, owner: str, name: str) -> tuple[StandIns, System]:
    file = load_deployment(FOLDER / f"{name}.yaml")
    return deploy_with_stand_ins(chain, file, middle_prices(file), owner, chain.increase_time)


@pytest.fixture(scope="module")
def arbitrum(chain: LocalBackend, owner: str) -> tuple[StandIns, System]:
    return deploy(chain, owner, "arbitrum")


def test_middle_prices() -> None:
    prices = middle_prices(load_deployment(FOLDER / "arbitrum.yaml"))
    assert prices == {"ETH": 316_227_766_016, "BTC": 7_071_067_811_865, "LINK": 2_236_067_977}


def test_everything_that_the_file_names_is_replaced_and_nothing_else(
    arbitrum: tuple[StandIns, System], chain: LocalBackend
) -> None:
    parts, _ = arbitrum
    original = load_deployment(FOLDER / "arbitrum.yaml")
    before, after = addresses_of(original), addresses_of(parts.file)
    assert list(before) == list(after)
    assert parts.replaced == {field: (before[field], after[field]) for field in before}
    assert not set(before.values()) & set(after.values())
    assert all(chain.code(address) for address in after.values())
    assert parts.file.deployment.token == original.deployment.token
    assert parts.file.index == original.index
    blank = {field: None for field in ("network", "collateral", "oracle", "venue", "periphery")}
    changed = parts.file.deployment.model_copy(update=blank)
    assert changed == original.deployment.model_copy(update=blank)


def test_feeds_keep_the_files_heartbeats_and_bounds(arbitrum: tuple[StandIns, System]) -> None:
    parts, system = arbitrum
    feeds = parts.file.deployment.oracle.feeds
    for place, symbol in enumerate(("ETH", "BTC", "LINK", "USDC")):
        assert tuple(system.oracle.asset(place)) == tuple(vars(feeds[symbol].units()).values())
    assert system.oracle.asset(1).secondary_heartbeat == 90_000
    assert system.oracle.parameters().sequencer == parts.replaced["oracle.sequencer"][1]
    assert system.oracle.parameters().sequencer_grace == 3_600


def test_chunks_are_sized_at_the_feeds_prices(arbitrum: tuple[StandIns, System]) -> None:
    """20,000 of collateral of each component, whose decimals round it down."""
    parts, system = arbitrum
    prices = middle_prices(parts.file)
    for largest, symbol in zip(system.vault.max_trade(), prices, strict=False):
        assert largest * prices[symbol] // 10**8 == pytest.approx(20_000 * WAD, rel=1e-9)


def test_it_mints_rebalances_and_redeems(
    arbitrum: tuple[StandIns, System], chain: LocalBackend, depositor: str, keeper: str
) -> None:
    parts, system = arbitrum
    chain.increase_time(3_601)
    system.post_prices(middle_prices(parts.file), system.minter or "")
    system.give(depositor, 100_000 * USDC)
    system.collateral.approve(system.token, 100_000 * USDC, sender=depositor)
    system.token.deposit(100_000 * USDC, depositor, sender=depositor)
    assert all(short > 0 for short in system.vault.value(system.oracle.read().mid).shorts[:3])
    risen = {s: p * 103 // 100 for s, p in middle_prices(parts.file).items()}
    chain.increase_time(86_400)
    system.post_prices(risen, system.minter or "")
    system.follow_prices(risen, system.minter or "")
    system.token.rebalance(keeper, sender=keeper)
    assert system.report().leverage == pytest.approx(WAD, rel=1e-3)
    shares = system.token.balanceOf(depositor)
    system.token.redeem(shares, depositor, depositor, sender=depositor)
    assert system.collateral.balanceOf(depositor) == pytest.approx(96_700 * USDC, rel=0.01)


def test_a_stale_feed_is_stale_after_the_files_heartbeat(
    arbitrum: tuple[StandIns, System], chain: LocalBackend
) -> None:
    parts, system = arbitrum
    system.post_prices(middle_prices(parts.file), system.minter or "")
    chain.increase_time(4_500)
    system.oracle.read()
    chain.increase_time(1)
    with reverts("oracle: stale price"):  # LINK's
        system.oracle.read()


@pytest.mark.parametrize("name", ["ethereum", "base", "sepolia"])
def test_the_other_files_deploy_too(chain: LocalBackend, owner: str, name: str) -> None:
    parts, system = deploy(chain, owner, name)
    assert system.oracle.usable() is True
    assert system.token.symbol() == parts.file.deployment.token.symbol
    assert system.oracle.parameters().sequencer_grace == 3_600


@pytest.mark.parametrize("name", ["local-1x", "aave-1x"])
def test_files_without_addresses_need_no_stand_ins(name: str) -> None:
    path = Path(project_root() / f"configs/{name}.yaml")
    with pytest.raises(UserError, match=r"--stand-in: .* is not for a network with Aave"):
        check_can_stand_in(load_deployment(path))
