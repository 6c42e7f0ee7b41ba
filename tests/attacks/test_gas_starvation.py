# SPDX-License-Identifier: AGPL-3.0-only
"""Calls with just so little gas that a sound feed fails inside of them. The feeds
here are as bad for this as feeds can be: they give up at once, and leave nearly
all of the gas to whoever goes on without them."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract, LocalBackend, contract_at
from inverse_index.chain.rpc import RpcError
from inverse_index.model.fixed import WAD
from tests.attacks.table import settle
from tests.support.asset_plans import hungry
from tests.support.attack_grid import at_prices, attempt, wealth
from tests.support.constants import DAY, MAX_UINT256, USD
from tests.support.plans import make_aave_plan
from tests.support.system_harness import SystemHarness, deploy_harness
from tests.support.variants import Change, variant
from tests.unit.nav_feed.conftest import nav_feed

UNIT = 10**6
FAULTS = "contracts/modules/oracle/faults.vy"
ENOUGH_LEFT = Change(FAULTS, "assert msg.gas >= ENOUGH_GAS, errors.ORACLE_GAS", "pass")
LADDER = tuple(range(100_000, 1_300_000, 15_000))


def deployed(
    chain: LocalBackend, owner: str, keeper: str, actors: tuple[str, ...], two: bool, off: bool
) -> SystemHarness:
    """100,000 of the first one's in the token, margin of each on the exchange."""
    with variant(*([ENOUGH_LEFT] if off else [])):
        harness = deploy_harness(chain, owner, keeper, secondaries=two)
    exchange = harness.system.venue.exchange
    for actor in actors:
        harness.fund(actor)
        harness.system.collateral.approve(exchange, MAX_UINT256, sender=actor)
        exchange.deposit(10**6 * UNIT, sender=actor)
    harness.deposit(100_000 * UNIT, actors[0])
    return harness


def starve(harness: SystemHarness, contract: Contract, data: bytes, sender: str, gas: int) -> None:
    harness.chain.send(contract.address, data, sender, gas=hex(gas))


def feed(harness: SystemHarness, secondary: bool = False) -> str:
    """The component's."""
    asset = harness.system.oracle.asset(0)
    return str(asset.secondary if secondary else asset.primary)


def forgotten(harness: SystemHarness) -> None:
    """All feeds were silent, which somebody reported; they are back, at other prices,
    and nobody has said so."""
    chain = harness.chain
    chain.increase_time(8 * DAY)
    harness.system.oracle.report_unusable(sender=harness.keeper)
    chain.increase_time(11 * DAY)
    at_prices(harness, 850)
    answer(harness, False, 850, 200_000)
    assert not harness.system.oracle.dead()


def test_the_end_of_an_exchange_that_lives(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str
) -> None:
    """Buy at today's price, and settle at that of three weeks ago."""

    def brings(harness: SystemHarness, gas: int, size: int) -> int:
        exchange = harness.system.venue.exchange
        prices = harness.report().prices.mid
        had = exchange.account_value(attacker, prices)[0]
        exchange.trade([(0, size * WAD, MAX_UINT256)], sender=attacker)
        starve(harness, exchange, exchange.encode("settle"), attacker, gas)
        return int(exchange.account_value(attacker, prices)[0] - had) // 10**30

    found = []
    for off in (False, True):
        harness = deployed(chain, owner, keeper, (depositor, attacker), False, off)
        forgotten(harness)
        found.append(
            [
                attempt(chain, lambda g=gas, s=size, b=harness: brings(b, g, s))
                for size in (10, 200)
                for gas in LADDER
            ]
        )
    assert set(found[0]) == {None}
    settle("a settlement starved of gas", "exchange", "gas left after a fault", UNIT, *found)


def test_the_end_of_a_token_that_lives(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str
) -> None:
    """Report prices that are there, wind down a token whose oracle lives."""

    def ended(harness: SystemHarness, gas: int, contract: Contract, function: str) -> int:
        starve(harness, contract, contract.encode(function), attacker, gas)
        return 1

    reached = []
    for off in (False, True):
        harness = deployed(chain, owner, keeper, (depositor, attacker), False, off)
        forgotten(harness)
        reached.append(
            [
                attempt(chain, lambda g=gas, b=harness: ended(b, g, b.token, "wind_down"))
                for gas in LADDER
            ]
        )
        assert harness.token.state().winding_down_since == 0
    assert set(reached[0]) == {None} and 1 in reached[1]


@pytest.mark.parametrize("secondary", [False, True], ids=["primary", "secondary"])
def test_one_source_of_two(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str, secondary: bool
) -> None:
    """One source lags by most of what may be. Without the other one it counts alone,
    at a spread that knows nothing of the lag: mint so, and wait until it follows."""

    def brings(harness: SystemHarness, gas: int, bps: int) -> int:
        had = harness.system.collateral.balanceOf(attacker)
        data = harness.token.encode("deposit", 100_000 * UNIT * bps // 10_000, attacker)
        starve(harness, harness.token, data, attacker, gas)
        for each in (False, True):
            answer(harness, each, 1_000)
        return wealth(harness, attacker) - int(had)

    found = []
    for off in (False, True):
        harness = deployed(chain, owner, keeper, (depositor, attacker), True, off)
        answer(harness, secondary, 1_000, 200_000)
        answer(harness, not secondary, 1_018)
        found.append(
            [
                attempt(chain, lambda g=gas, b=harness, x=bps: brings(b, g, x))
                for bps in (10, 45)
                for gas in LADDER
            ]
        )
    which = "secondary" if secondary else "primary"
    settle(f"a {which} starved of gas", "exchange", "gas left after a fault", UNIT, *found)


def test_a_rebalance_is_whole_or_nothing(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str
) -> None:
    """Whatever gas it gets, it ends as with plenty, or it has not happened: here
    with sources that disagree, of which one gives up early. [O-DEAD-6]"""
    harness = deployed(chain, owner, keeper, (depositor, attacker), True, False)
    chain.increase_time(2 * DAY)
    answer(harness, False, 1_000, 200_000)
    answer(harness, True, 1_018)

    def outcome(gas: int) -> int:
        starve(harness, harness.token, harness.token.encode("rebalance", attacker), attacker, gas)
        return hash((harness.token.state().reset, harness.system.collateral.balanceOf(attacker)))

    found = [attempt(chain, lambda g=gas: outcome(g)) for gas in LADDER]
    assert set(found) == {None, attempt(chain, lambda: outcome(10_000_000))}


def test_the_age_of_an_answer(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str
) -> None:
    """A consumer of the feeds that is given little gas learns how old the price in
    use is, or nothing. The other source is younger. [O-DEAD-6]"""
    harness = deployed(chain, owner, keeper, (depositor, attacker), True, False)
    answer(harness, False, 1_000, 200_000)
    chain.increase_time(DAY)
    at_prices(harness, 1_000)  # all but the one whose code was set
    level = chain.deploy("LevelFeed", harness.system.oracle, 18, "INDEX / USDC", sender=owner)
    for made in (nav_feed(harness), level):
        data = "0x" + made.encode("latestRoundData").hex()
        found = set()
        for gas in range(60_000, 1_500_000, 4_000):
            call = {"from": attacker, "to": made.address, "data": data, "gas": hex(gas)}
            try:
                raw = chain.rpc("eth_call", call, "latest")
            except RpcError:
                continue
            found.add(made.decode_output("latestRoundData", bytes.fromhex(raw[2:]))[3])
        assert found == {chain.now() - DAY}


@pytest.mark.parametrize("action", ["rebalance", "redeem", "redeem_in_kind"])
def test_on_aave_whole_or_nothing(
    chain: LocalBackend, lent: SystemHarness, depositor: str, action: str
) -> None:
    """Aave's refusals are looked at, and where it cannot pay now its claim is handed
    over instead: one that has run out of gas leaves too little for that."""
    harness, token = lent, lent.token
    usdc, claims = harness.system.collateral, harness.system.venue.receipts["USDC"][0]
    part = token.balanceOf(depositor) // 5
    data = {
        "rebalance": token.encode("rebalance", depositor),
        "redeem": token.encode("redeem", part, depositor, depositor),
        "redeem_in_kind": token.encode(
            "redeem_in_kind", part, depositor, depositor, 0, MAX_UINT256
        ),
    }[action]

    def outcome(gas: int) -> int:
        had = usdc.balanceOf(depositor)
        starve(harness, token, data, depositor, gas)
        assert claims.balanceOf(depositor) == 0
        return int(usdc.balanceOf(depositor) - had)

    found = [attempt(chain, lambda g=gas: outcome(g)) for gas in range(150_000, 2_200_000, 40_000)]
    plenty = attempt(chain, lambda: outcome(10_000_000))
    assert set(found) == {None, plenty} and plenty


@pytest.fixture(scope="module")
def lent(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> SystemHarness:
    """On Aave, with the components to leave in kind; a rebalance is due."""
    harness = deploy_harness(chain, owner, keeper, make_aave_plan())
    harness.fund(depositor)
    harness.deposit(100_000 * UNIT, depositor)
    component = contract_at(chain, "LocalCollateral", harness.system.venue.tokens["C0"])
    component.mint(depositor, 10**30, sender=depositor)
    component.approve(harness.system.vault, MAX_UINT256, sender=depositor)
    chain.increase_time(2 * DAY)
    at_prices(harness, 1_000)
    return harness


def answer(harness: SystemHarness, secondary: bool, per_mille: int, least: int = 0) -> None:
    """A feed that says so many thousandths of the price, as long as it gets that gas."""
    price = harness.plan.prices["C0"] * per_mille // 1_000
    code = hungry(price * WAD // USD, harness.chain.now(), least)
    harness.chain.set_code(feed(harness, secondary), code)
