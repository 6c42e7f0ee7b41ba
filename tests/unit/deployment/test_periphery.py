# SPDX-License-Identifier: AGPL-3.0-only
"""Price feeds, keeper adapter and router of a deployment: they work, and are read back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from eth_abi import encode

from inverse_index.artifacts import project_root
from inverse_index.chain import LocalBackend, contract_at
from inverse_index.cli.deploy.given import check_periphery
from inverse_index.config import DeploymentFile, PeripheryConfig, load_deployment
from inverse_index.deployment import Given, Plan, System, deploy_system, plan_deployment
from inverse_index.deployment.check import Expected
from inverse_index.deployment.facts import Origin, facts_of
from inverse_index.deployment.periphery import level_description
from inverse_index.deployment.stand_in import deploy_stand_ins, deploy_with_stand_ins, middle_prices
from inverse_index.errors import UserError
from inverse_index.prices.start_prices import start_prices
from inverse_index.protocols.uniswap import UniswapMarket, create_pool, full_range, sqrt_price_x96
from inverse_index.protocols.weth import deploy_weth
from tests.support.assertions import only_event, reverts
from tests.support.constants import DAY, MAX_UINT256, WAD
from tests.unit.deployment.test_check import Case, noted

USDC = 10**6
NO_PERMIT = (0, bytes(32), bytes(32))
ARBITRUM = project_root() / "deployments/arbitrum.yaml"


def deployed(chain: LocalBackend, owner: str, name: str) -> Case:
    """A default file, its redemptions free, so that they pay all that a share is valued at."""
    file = load_deployment(project_root() / f"configs/{name}.yaml")
    plan = plan_deployment(file, start_prices(file, None))
    plan = replace(plan, parameters=replace(plan.parameters, redeem_fee_bps=0))
    given = Given.from_file(file)
    with noted(chain) as sent:
        system = deploy_system(chain, plan, owner, given)
    facts = facts_of(system, Origin(file, plan, owner, {}))
    return Case(system, Expected(plan, given, facts), chain, sent)


@pytest.fixture(scope="module")
def perp(chain: LocalBackend, owner: str, depositor: str) -> Case:
    return paid_in(deployed(chain, owner, "local-1x"), depositor)


@pytest.fixture(scope="module")
def aave(chain: LocalBackend, owner: str, depositor: str) -> Case:
    return paid_in(deployed(chain, owner, "aave-1x"), depositor)


@pytest.fixture(params=["perp", "aave"])
def case(request: pytest.FixtureRequest, perp: Case, aave: Case, chain: LocalBackend) -> Case:
    """`chain` is named so that what a test does is undone; both cases, so that neither
    is made inside a test and undone with it."""
    return {"perp": perp, "aave": aave}[request.param]


def paid_in(case: Case, depositor: str) -> Case:
    system = case.system
    system.give(depositor, 100_000 * USDC)
    system.collateral.approve(system.token, MAX_UINT256, sender=depositor)
    system.token.deposit(100_000 * USDC, depositor, sender=depositor)
    return case


def rise(case: Case, percent: int, seconds: int) -> None:
    system = case.system
    case.chain.increase_time(seconds)
    prices = {s: p * (100 + percent) // 100 for s, p in case.expected.plan.prices.items()}
    prices["USDC"] = 10**8
    sender = case.expected.deployer
    system.post_prices(prices, sender)
    system.follow_prices(prices, sender)


# what is there


def test_each_file_gets_what_it_names(perp: Case, aave: Case) -> None:
    feeds_and_adapter = ["level_feed", "nav_feed", "keeper_adapter"]
    assert list(perp.system.periphery()) == feeds_and_adapter
    assert list(aave.system.periphery()) == [*feeds_and_adapter, "router", "weth"]
    assert {*feeds_and_adapter, "router"} <= set(aave.expected.facts["contracts"])
    assert perp.different() == aave.different() == {}


def test_a_record_gives_it_back(case: Case, chain: LocalBackend) -> None:
    system = case.system
    record = system.record()
    loaded = System.from_record(chain, system.name, record)
    assert loaded.periphery() == system.periphery()
    assert loaded.record() == record
    old = {
        **record,
        "addresses": {
            part: address
            for part, address in record["addresses"].items()
            if part not in system.periphery()
        },
    }
    assert System.from_record(chain, system.name, old).periphery() == {}


# feeds


@pytest.mark.parametrize("percent", [0, 4, -7])
def test_feeds_answer_the_level_and_what_a_redemption_pays(case: Case, percent: int) -> None:
    """Eight decimals of what a share is worth; the redemption pays in six."""
    rise(case, percent, 600)
    system = case.system
    assert system.level_feed is not None and system.nav_feed is not None
    _, level, _, published, _ = system.level_feed.latestRoundData()
    assert level == system.oracle.level() // 10**10
    _, share, _, _, _ = system.nav_feed.latestRoundData()
    assert share // 100 == system.token.previewRedeem(WAD)
    assert share == pytest.approx(10**8 * (100 - percent) // 100, rel=0.01)
    assert published == system.oracle.read().updated_at


def test_feeds_say_what_they_are(perp: Case, aave: Case) -> None:
    for case in (perp, aave):
        system = case.system
        assert system.level_feed is not None and system.nav_feed is not None
        assert system.level_feed.description() == f"{case.expected.plan.index_name} / USDC"
        assert system.nav_feed.description() == "IDX1 / USDC"
        assert system.level_feed.decimals() == system.nav_feed.decimals() == 8


def test_a_long_name_is_cut(perp: Case) -> None:
    plan: Plan = replace(perp.expected.plan, index_name="I" * 56 + " long")
    assert level_description(plan) == "I" * 56 + " / USDC"
    assert len(level_description(replace(plan, index_name="I" * 64))) == 64


# keeper adapter


def test_the_door_finds_a_rebalance_due_and_makes_it(case: Case, keeper: str) -> None:
    system = case.system
    keeper_adapter, token = system.keeper_adapter, system.token
    assert keeper_adapter is not None
    call = token.encode("rebalance", keeper)
    assert keeper_adapter.checker(token, keeper, 1) == (False, call)
    rise(case, 3, DAY + 1_800)  # half of the way from no reward to its cap
    reward = token.due().reward
    assert reward > 0
    assert keeper_adapter.checker(token, keeper, reward) == (True, call)
    data = encode(["address", "address", "uint256"], [token.address, keeper, reward])
    assert keeper_adapter.checkUpkeep(data) == (True, data)
    receipt = keeper_adapter.performUpkeep(data, sender=keeper)
    rebalanced = [each for each in token.events(receipt) if each.name == "Rebalanced"]
    assert [(each.keeper, each.reward) for each in rebalanced] == [(keeper_adapter.address, reward)]
    assert system.collateral.balanceOf(keeper) == reward
    assert system.report().leverage == pytest.approx(WAD, rel=1e-3)
    assert keeper_adapter.checker(token, keeper, 0) == (False, call)


# router


def test_the_router_mints_out_of_collateral(aave: Case, trader: str) -> None:
    system = aave.system
    assert system.router is not None
    system.give(trader, 1_000 * USDC)
    system.collateral.approve(system.router, 1_000 * USDC, sender=trader)
    expected = system.token.previewDeposit(1_000 * USDC)
    order = (system.token, 1_000 * USDC, trader, expected, MAX_UINT256, NO_PERMIT)
    receipt = system.router.deposit(*order, sender=trader)
    assert system.token.balanceOf(trader) == expected > 990 * WAD
    only_event(
        receipt, system.token, "Transfer", sender="0x" + "00" * 20, receiver=trader, value=expected
    )
    assert kept(aave) == [0, 0, 0]


def test_the_router_mints_through_the_venues_pools(aave: Case, trader: str) -> None:
    """A component, over the very pool that the vault trades with."""
    system, chain = aave.system, aave.chain
    venue: Any = system.venue
    assert system.router is not None
    uni = contract_at(chain, "LocalCollateral", venue.tokens["UNI"])
    amount = 10_000 * USDC * 10**12 * 10**8 // aave.expected.plan.prices["UNI"]  # 18 decimals
    uni.mint(trader, amount, sender=trader)
    uni.approve(system.router, amount, sender=trader)
    before = venue.pools["UNI"].slot0().sqrtPriceX96
    order = (system.token, [(uni, 500)], amount, trader, 9_900 * WAD, MAX_UINT256, NO_PERMIT)
    system.router.swap_and_deposit(*order, sender=trader)
    assert 9_900 * WAD < system.token.balanceOf(trader) < 10_000 * WAD
    assert venue.pools["UNI"].slot0().sqrtPriceX96 != before
    assert uni.balanceOf(trader) == uni.balanceOf(system.router) == 0
    assert kept(aave) == [0, 0, 0]


def test_the_router_mints_out_of_ether_and_back(aave: Case, trader: str, owner: str) -> None:
    system, chain = aave.system, aave.chain
    assert system.router is not None and system.weth is not None
    open_pool(aave, owner)
    chain.set_balance(trader, 100 * WAD)
    path = [(system.weth, 500)]
    order = (system.token, path, trader, 19_800 * WAD, MAX_UINT256)
    system.router.deposit_eth(*order, sender=trader, value=10 * WAD)
    shares = system.token.balanceOf(trader)
    assert 19_800 * WAD < shares < 20_000 * WAD  # at 2,000 each
    system.token.approve(system.router, shares, sender=trader)
    before = chain.balance(trader)
    order = (system.token, path, shares, trader, 98 * WAD // 10, MAX_UINT256, NO_PERMIT)
    system.router.redeem_eth(*order, sender=trader)
    assert 98 * WAD // 10 <= chain.balance(trader) - before < 10 * WAD
    assert kept(aave) == [0, 0, 0]
    with reverts("router: only WETH sends ETH"):
        chain.send(system.router.address, b"", trader, 1)


def kept(case: Case) -> list[int]:
    """What the router has: collateral, wrapped ETH and shares."""
    system = case.system
    assert system.weth is not None
    return [
        each.balanceOf(system.router) for each in (system.collateral, system.weth, system.token)
    ]


def open_pool(case: Case, owner: str) -> None:
    """WETH at 2,000 of collateral, ten million deep on each side."""
    system, chain = case.system, case.chain
    venue: Any = system.venue
    weth, usdc = system.weth, system.collateral
    assert weth is not None
    chain.set_balance(owner, 20_000 * WAD)
    weth.deposit(sender=owner, value=10_000 * WAD)
    weth.transfer(venue.maker, 10_000 * WAD, sender=owner)
    amounts = {weth.address: 5_000 * WAD, usdc.address: 10_000_000 * USDC}
    first, second = sorted(amounts, key=lambda address: int(address, 16))
    price = sqrt_price_x96(amounts[second], amounts[first])
    market = UniswapMarket(venue.factory, venue.maker)
    pool = create_pool(market, weth, usdc, 500, price, sender=owner)
    liquidity = int((amounts[first] * amounts[second]) ** 0.5)
    venue.maker.provide(pool, *full_range(10), liquidity, sender=owner)


# the check


def test_parts_that_others_have_deployed(chain: LocalBackend, owner: str, aave: Case) -> None:
    """One keeper adapter and one router serve every token of a network."""
    system, venue = aave.system, aave.system.venue
    assert (
        system.keeper_adapter is not None and system.router is not None and system.weth is not None
    )
    periphery = PeripheryConfig(
        keeper_adapter=system.keeper_adapter.address, router=system.router.address
    )
    given = Given(periphery=periphery)
    file = load_deployment(project_root() / "configs/local-1x.yaml")
    plan = plan_deployment(file, start_prices(file, None))
    with noted(chain) as sent:
        other = deploy_system(chain, plan, owner, given)
    facts = facts_of(other, Origin(file, plan, owner, {}))
    case = Case(other, Expected(plan, given, facts), chain, sent)
    assert other.periphery() == {
        part: system.addresses()[part] for part in ("keeper_adapter", "router", "weth")
    }
    assert not {"keeper_adapter", "router"} & set(facts["contracts"])
    assert case.different() == {}
    wanted = PeripheryConfig(keeper_adapter=owner, router=system.router.address, weth=owner)
    assert set(case.different(given=replace(given, periphery=wanted))) == {
        "keeper_adapter: address",
        "keeper_adapter: code",
        "router: weth",
    }
    code = chain.code(system.router.address)
    chain.set_code(system.router.address, code[:200] + bytes([code[200] ^ 1]) + code[201:])
    assert set(case.different()) == {"router: code"}
    assert venue.addresses()["uniswap_factory"] == system.router.factory()


def test_what_the_file_says_and_the_chain_does_not(perp: Case, aave: Case) -> None:
    given = replace(perp.expected.given, periphery=None)
    assert perp.different(given=given) == {
        part: ("False", "True") for part in ("level_feed", "nav_feed", "keeper_adapter")
    }
    given = replace(perp.expected.given, periphery=PeripheryConfig(feeds=18, keeper_adapter=True))
    assert perp.different(given=given) == {
        "level_feed: decimals": ("18", "8"),
        "nav_feed: decimals": ("18", "8"),
    }
    plan = replace(aave.expected.plan, index_name="Another")
    assert aave.different(plan=plan) == {
        "level_feed: description": ("Another / USDC", f"{aave.expected.plan.index_name} / USDC")
    }


@pytest.mark.parametrize(
    ("part", "shows"),
    [("level_feed", "oracle"), ("nav_feed", "token"), ("router", "factory"), ("router", "weth")],
)
def test_other_immutables(aave: Case, part: str, shows: str, attacker: str) -> None:
    contract = getattr(aave.system, part)
    old = contract.method(shows)()
    code = aave.chain.code(contract.address)
    word = bytes(12) + bytes.fromhex(old[2:])
    assert word in code
    aave.chain.set_code(
        contract.address, code.replace(word, bytes(12) + bytes.fromhex(attacker[2:]))
    )
    assert aave.different() == {f"{part}: {shows}": (old, attacker)}


# files for networks


def test_stand_ins_for_parts_that_the_file_names(chain: LocalBackend, owner: str) -> None:
    """A file with a keeper adapter and a router of the network: local ones take their place."""
    file = load_deployment(ARBITRUM)
    named = {"keeper_adapter": "0x" + "11" * 20, "router": "0x" + "22" * 20}
    wanted = file.deployment.periphery
    assert wanted is not None
    periphery = PeripheryConfig(feeds=18, weth=wanted.weth, **named)
    deployment = file.deployment.model_copy(update={"periphery": periphery})
    found = deploy_stand_ins(
        chain,
        replace(file, deployment=deployment),
        middle_prices(file),
        owner,
        chain.increase_time,
    ).replaced
    assert {
        field: network for field, (network, _) in found.items() if field.startswith("periphery.")
    } == {
        "periphery.keeper_adapter": named["keeper_adapter"],
        "periphery.router": named["router"],
        "periphery.weth": wanted.weth,
    }
    router = found["periphery.router"][1]
    assert chain.code(router) and chain.code(found["periphery.keeper_adapter"][1])


@pytest.fixture(scope="module")
def arbitrum(chain: LocalBackend, owner: str) -> tuple[DeploymentFile, System]:
    file = load_deployment(ARBITRUM)
    parts, system = deploy_with_stand_ins(
        chain, file, middle_prices(file), owner, chain.increase_time
    )
    return parts.file, system


def test_a_node_is_asked_before_anything_is_sent(
    arbitrum: tuple[DeploymentFile, System], chain: LocalBackend, owner: str
) -> None:
    file, system = arbitrum
    assert (
        system.keeper_adapter is not None and system.router is not None and system.weth is not None
    )
    weth, keeper_adapter, router = (
        system.weth.address,
        system.keeper_adapter.address,
        system.router.address,
    )
    usdc, oracle = system.collateral.address, system.oracle.address
    second = chain.deploy("Router", deploy_weth(chain, owner), usdc, sender=owner).address

    def said(**fields: Any) -> str | None:
        given = replace(Given.from_file(file), periphery=PeripheryConfig(**fields))
        try:
            check_periphery(chain, file, given)
        except UserError as error:
            return error.message.removeprefix(f"{file.path}: periphery.")
        return None

    assert said(keeper_adapter=True, router=True, weth=weth) is None
    assert said(keeper_adapter=keeper_adapter, router=router, weth=weth) is None
    assert said(router=True, weth=owner) == f"weth: no contract at {owner} on this network"
    assert said(router=True, weth=usdc) == "weth: has 6 decimals, wrapped ETH has 18"
    said_of_oracle = said(router=True, weth=oracle)
    assert said_of_oracle is not None and said_of_oracle.startswith("weth: decimals fails (")
    nothing = " of these sources on this network"
    assert said(keeper_adapter=owner) == f"keeper_adapter: {owner} is no KeeperAdapter{nothing}"
    assert said(keeper_adapter=router) == f"keeper_adapter: {router} is no KeeperAdapter{nothing}"
    assert said(router=keeper_adapter) == f"router: {keeper_adapter} is no Router{nothing}"
    factory = Given.from_file(file).venue["factory"]
    assert said(router=second) == f"router: its factory is {usdc}, expected {factory}"
    token = system.token.address
    assert said(router=router, weth=token) == f"router: its weth is {weth}, expected {token}"
    check_periphery(chain, file, replace(Given.from_file(file), periphery=None))


def test_the_system_on_stand_ins_uses_the_local_weth(
    arbitrum: tuple[DeploymentFile, System],
) -> None:
    file, system = arbitrum
    assert file.deployment.periphery is not None
    assert system.weth is not None and system.router is not None
    assert system.router.weth() == system.weth.address == file.deployment.periphery.weth
    assert len(system.periphery()) == 5
