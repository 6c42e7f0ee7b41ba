# SPDX-License-Identifier: AGPL-3.0-only
"""The venue on the real Aave and Uniswap: deployed as its plan and model say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.deployment import Given, Registry, deploy_system
from inverse_index.deployment.venues.aave import AaveVenue
from inverse_index.errors import UserError
from inverse_index.model.compare import mismatches
from tests.support.assertions import reverts
from tests.support.plans import make_aave_plan
from tests.support.system_harness import SystemHarness, deploy_harness

PATHS = {
    "component": {"fee_bps": "30"},
    "components": {
        "C1": {"via": "WETH", "decimals": "8", "fee_bps": "5"},
        "C2": {"via": "C0", "fee_bps": "1", "local": {"depth": "1000000000"}},
    },
    "tokens": {"WETH": {"fee_bps": "100", "local": {"price": "1234.5"}}},
}


@pytest.fixture(scope="module")
def harness(chain: LocalBackend, owner: str, keeper: str) -> SystemHarness:
    return deploy_harness(chain, owner, keeper, make_aave_plan(3, venue=PATHS))


def venue_of(harness: SystemHarness) -> AaveVenue:
    venue = harness.system.venue
    assert isinstance(venue, AaveVenue)
    return venue


def test_chain_and_model_begin_alike(harness: SystemHarness) -> None:
    figures = venue_of(harness).figures(harness.system.vault)
    assert set(figures.reserves) == {"USDC", "C0", "C1", "C2"}
    assert set(figures.pools) == {"C0", "C1", "C2", "WETH"}
    assert len(list(harness.model.venue.pairs(figures))) == 4 * 10 + 4
    harness.check()
    assert venue_of(harness).leak(figures, harness.system.collateral, harness.system.vault) == 0


def test_reserves_are_lent_in_part(harness: SystemHarness) -> None:
    """70% of the collateral and 20% of each component, at their own rates."""
    figures = venue_of(harness).figures(harness.system.vault)
    usdc, one = figures.reserves["USDC"], figures.reserves["C1"]
    assert (usdc.total_supplied, usdc.total_owed) == (50 * 10**12, 35 * 10**12)
    assert usdc.variable_borrow_rate == 42_777_777_777_777_777_777_777_778  # 5.5% * 70 / 90
    assert (one.total_supplied, one.total_owed) == (500 * 10**8, 100 * 10**8)
    assert one.variable_borrow_rate == 10**25
    assert (one.supplied, one.owed) == (0, 0)


def test_interest_accrues_alike(harness: SystemHarness, depositor: str) -> None:
    harness.chain.increase_time(30 * 86_400)
    now = harness.now
    venue, model = venue_of(harness), harness.model.venue.aave
    for symbol in ("USDC", "C0", "C1", "C2"):
        address = venue.tokens[symbol]
        assert venue.pool.getReserveNormalizedIncome(address) == (
            model.normalized_income(symbol, now)
        )
        assert venue.pool.getReserveNormalizedVariableDebt(address) == (
            model.normalized_debt(symbol, now)
        )
    assert model.normalized_income("USDC", now) > 10**27


def test_pools_follow_the_oracle(harness: SystemHarness) -> None:
    """To the unit, far away, and with a collateral that loses its peg."""
    venue = venue_of(harness)
    before = venue.figures(harness.system.vault).pools
    for factor, peg in ((3, 98_000_000), (7, 101_000_000), (100, 10**8)):
        prices = {s: p * factor // 10 for s, p in harness.plan.prices.items()} | {"USDC": peg}
        harness.post(prices)
        pools = venue.figures(harness.system.vault).pools
        for symbol, at in pools.items():
            pool = harness.model.venue.pools[symbol]
            assert (at.sqrt_price_x96, at.tick, at.liquidity) == (
                pool.sqrt_price_x96,
                pool.tick,
                pool.liquidity,
            )
        assert pools["WETH"] == before["WETH"]  # in collateral it never moves
        price = (pools["C0"].sqrt_price_x96 / 2**96) ** 2
        native = price if venue.shapes[0].first else 1 / price
        assert native * 10**12 == pytest.approx(prices["C0"] / peg, rel=1e-9)


def test_the_vault_is_built_from_the_plan(harness: SystemHarness) -> None:
    vault, plan, tokens = harness.system.vault, harness.plan.venue, venue_of(harness).tokens
    assert vault.asset() == tokens["USDC"]
    assert vault.components()[:4] == [tokens["C0"], tokens["C1"], tokens["C2"], "0x" + "00" * 20]
    assert vault.max_trade()[:4] == [*plan.max_trade, 0]
    assert (vault.idle_buffer(), vault.min_health()) == (2 * 10**16, 105 * 10**16)


def test_collateral_is_real_usdc(harness: SystemHarness, depositor: str, owner: str) -> None:
    """The deployer mints it, and Circle's own rules hold."""
    system = harness.system
    assert system.minter == owner
    before = system.collateral.balanceOf(depositor)
    system.give(depositor, 7)
    assert system.collateral.balanceOf(depositor) == before + 7
    assert (system.collateral.name(), system.collateral.version()) == ("USD Coin", "2")
    with reverts("FiatToken: caller is not a minter"):
        system.collateral.mint(depositor, 1, sender=depositor)


def test_only_the_minter_gives(harness: SystemHarness, depositor: str) -> None:
    with pytest.raises(UserError) as caught:
        replace(harness.system, minter="0x" + "12" * 20).give(depositor, 1)
    assert caught.value.message == f"USDC is minted by {'0x' + '12' * 20} alone"


def test_what_is_saved_is_loaded(
    harness: SystemHarness, chain: LocalBackend, tmp_path: Path
) -> None:
    registry = Registry(31337, tmp_path)
    registry.save(harness.system)
    loaded = registry.load(chain)
    assert loaded.record() == harness.system.record()
    assert loaded.venue.figures(loaded.vault) == venue_of(harness).figures(harness.system.vault)
    assert loaded.venue.order == venue_of(harness).order
    assert loaded.report() == harness.system.report()
    assert set(loaded.addresses()) == {
        "collateral",
        "vault",
        "aave_pool",
        "uniswap_factory",
        "aave_quoter",
        "market_maker",
        "token C0",
        "token C1",
        "token C2",
        "token WETH",
        "board",
        "oracle",
        "policy",
        "reset_policy",
        "views",
        "lens",
        "token",
    }


def test_on_protocols_that_exist(harness: SystemHarness, chain: LocalBackend, owner: str) -> None:
    """As on a live network: nothing of the venue is deployed but our quoter."""
    old = venue_of(harness)
    given: dict[str, Any] = {
        f"components.{s}.address": old.tokens[s] for s in ("C0", "C1", "C2")
    } | {
        "tokens.WETH.address": old.tokens["WETH"],
        "pool": old.pool.address,
        "factory": old.factory.address,
    }
    collateral = old.tokens["USDC"]
    system = deploy_system(chain, harness.plan, owner, Given(collateral=collateral, venue=given))
    venue = system.venue
    assert isinstance(venue, AaveVenue)
    assert (venue.pool, venue.factory, venue.shapes) == (old.pool, old.factory, old.shapes)
    assert (venue.maker, venue.provider, system.minter) == (None, None, None)
    assert venue.figures(system.vault).pools == old.figures(system.vault).pools
    system.follow_prices(harness.plan.prices, owner)  # nobody moves pools of others
    assert venue.leak(venue.figures(system.vault), system.collateral, system.vault) == 0


def test_a_component_without_address_on_protocols_that_exist(
    harness: SystemHarness, chain: LocalBackend, owner: str
) -> None:
    old = venue_of(harness)
    given = {"pool": old.pool.address, "factory": old.factory.address}
    with pytest.raises(UserError) as caught:
        deploy_system(chain, harness.plan, owner, Given(collateral=old.tokens["USDC"], venue=given))
    assert caught.value.message == "venue.components.C0.address: missing"


def test_local_protocols_need_local_collateral(
    harness: SystemHarness, chain: LocalBackend, owner: str
) -> None:
    with pytest.raises(UserError) as caught:
        deploy_system(
            chain, harness.plan, owner, Given(collateral=venue_of(harness).tokens["USDC"])
        )
    assert caught.value.message == (
        "a local Aave needs a local collateral: nobody else's can be minted for it"
    )


@pytest.mark.parametrize("decimals", [8, 18])
def test_collateral_of_other_decimals(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, decimals: int
) -> None:
    harness = deploy_harness(chain, owner, keeper, make_aave_plan(2, decimals))
    assert (harness.system.minter, harness.system.collateral.decimals()) == (None, decimals)
    harness.fund(depositor)
    harness.deposit(1_000 * harness.system.unit, depositor)
    harness.check()


def test_a_token_lives_on_it(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> None:
    """Deposits, days, moves, rebalances, a redemption: equal in every integer."""
    harness = deploy_harness(chain, owner, keeper, make_aave_plan(2))
    harness.fund(depositor)
    harness.deposit(100_000 * 10**6, depositor)
    harness.check()
    for percent in (3, -4, 2):
        harness.move(percent, 86_400)
        harness.rebalance()
        harness.check()
    harness.redeem(harness.token.balanceOf(depositor) // 3, depositor)
    harness.check()
    system = harness.system
    figures = system.venue.figures(system.vault)
    assert figures.reserves["C0"].owed > 0
    assert system.venue.leak(figures, system.collateral, system.vault) == 0
    wrong = replace(figures, reserves={"C0": replace(figures.reserves["C0"], owed=1)}, pools={})
    found = mismatches(harness.model, harness.report(), wrong, harness.now)
    assert [each.name for each in found] == ["reserve C0 owed"]
