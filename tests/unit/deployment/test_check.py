# SPDX-License-Identifier: AGPL-3.0-only
"""The check after a deployment finds nothing, and then what was planted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from inverse_index.artifacts import artifact, project_root
from inverse_index.chain import LocalBackend, Receipt
from inverse_index.config import load_deployment
from inverse_index.deployment import Given, System, deploy_system, plan_deployment
from inverse_index.deployment.check import Expected, check_system
from inverse_index.deployment.facts import Origin, facts_of
from inverse_index.deployment.governance import Governance
from inverse_index.deployment.stand_in import deploy_with_stand_ins, middle_prices
from inverse_index.prices.start_prices import start_prices
from tests.support.constants import DAY


@dataclass
class Case:
    system: System
    expected: Expected
    chain: LocalBackend
    sent: dict[str, bytes]

    def different(self, **changes: Any) -> dict[str, tuple[str, str]]:
        """Expected and found of what differs."""
        expected = replace(self.expected, **changes)
        findings = check_system(self.system, expected, self.sent.__getitem__)
        return {each.what: (each.expected, each.found) for each in findings if not each.ok}


@contextmanager
def noted(chain: LocalBackend) -> Iterator[dict[str, bytes]]:
    """Calldata of what is sent meanwhile: the chain of the tests forgets old blocks."""
    sent: dict[str, bytes] = {}
    send = chain.send

    def noting(to: str | None, data: bytes, sender: str, value: int = 0) -> Receipt:
        receipt = send(to, data, sender, value)
        sent[receipt.tx_hash] = data
        return receipt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chain, "send", noting)
        yield sent


@pytest.fixture(scope="module")
def aave(chain: LocalBackend, owner: str) -> Case:
    file = load_deployment(project_root() / "deployments/arbitrum.yaml")
    prices = middle_prices(file)
    with noted(chain) as sent:
        parts, system = deploy_with_stand_ins(chain, file, prices, owner, chain.increase_time)
    plan = plan_deployment(parts.file, prices)
    facts = facts_of(system, Origin(file, plan, owner, {}))
    return Case(system, Expected(plan, Given.from_file(parts.file), facts), chain, sent)


@pytest.fixture(scope="module")
def perp(chain: LocalBackend, owner: str) -> Case:
    file = load_deployment(project_root() / "configs/local-1x.yaml")
    plan = plan_deployment(file, start_prices(file, None))
    with noted(chain) as sent:
        system = deploy_system(chain, plan, owner, Given())
    facts = facts_of(system, Origin(file, plan, owner, {}))
    return Case(system, Expected(plan, Given(), facts), chain, sent)


def test_nothing_differs(aave: Case, perp: Case) -> None:
    assert aave.different() == {}
    assert perp.different() == {}
    assert set(aave.expected.facts["contracts"]) == {
        "oracle",
        "aave_quoter",
        "policy",
        "reset_policy",
        "views",
        "lens",
        "vault",
        "token",
        "board",
        "market_maker",
        "level_feed",
        "nav_feed",
        "keeper_adapter",
        "router",
    }
    assert {"exchange", "board", "collateral"} <= set(perp.expected.facts["contracts"])


@pytest.mark.parametrize("name", ["aave", "perp"])
def test_somebody_elses_guardian_and_owner(
    name: str, request: pytest.FixtureRequest, owner: str, attacker: str
) -> None:
    case: Case = request.getfixturevalue(name)
    case.system.token.set_guardian(attacker, sender=owner)
    case.system.oracle.transfer_ownership(attacker, sender=owner)
    assert case.different() == {
        "token: guardian": (owner, attacker),
        "oracle: owner": (owner, attacker),
    }


def test_changed_parameters(aave: Case, owner: str) -> None:
    token = aave.system.token
    parameters = token.state().parameters._replace(slippage_bps=200, band_bps=1_100)
    token.set_parameters(parameters, sender=owner)
    token.set_nav_cap(10**18, sender=owner)
    assert aave.different() == {
        "token: slippage_bps": ("100", "200"),
        "token: band_bps": ("1000", "1100"),
        "token: NAV cap": (str(2 * 10**12), str(10**18)),
    }


def test_weights_that_are_announced(aave: Case, owner: str, chain: LocalBackend) -> None:
    weights = [10**18 - 2, 1, 1]
    aave.system.oracle.schedule_reconstitution(weights, sender=owner)
    (what,) = aave.different()
    assert what == "oracle: scheduled weights"


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("token", lambda code: code[:100] + bytes([code[100] ^ 1]) + code[101:]),
        ("vault", lambda code: code + b"\x00"),
        ("policy", lambda code: code[:-1]),
    ],
)
def test_other_code(aave: Case, part: str, change: Callable[[bytes], bytes]) -> None:
    address = aave.expected.facts["contracts"][part]["address"]
    code = aave.chain.code(address)
    aave.chain.set_code(address, change(code))
    found = aave.different()
    name = aave.expected.facts["contracts"][part]["contract"]
    assert found[f"{part}: code"][0].startswith(f"{name}, {artifact(name).runtime_size} + ")
    assert found[f"{part}: code"][1].startswith("other, ")


def test_immutables_are_masked_and_told_by_their_functions(aave: Case) -> None:
    """Another guardian of the vault's health: only what shows it differs."""
    vault = aave.system.vault
    code = aave.chain.code(vault.address)
    old = aave.expected.plan.venue.min_health.to_bytes(32)  # type: ignore[union-attr]
    assert old in code
    aave.chain.set_code(vault.address, code.replace(old, (11 * 10**17).to_bytes(32)))
    assert aave.different() == {"vault: min health": (str(115 * 10**16), str(11 * 10**17))}


def test_a_custodian_that_somebody_else_can_make_pay(perp: Case, attacker: str) -> None:
    """The pool's public exchange is right, and so is its code: only the other custodian,
    who may call `pay`, is the attacker."""
    pool, exchange = perp.system.venue.pool, perp.system.venue.exchange  # type: ignore[attr-defined]
    code, own = perp.chain.code(pool.address), bytes.fromhex(exchange.address[2:])
    places = [i for i in range(len(code)) if code.startswith(own, i)]
    assert len(places) > 1
    for place in places:
        forged = code[:place] + bytes.fromhex(attacker[2:]) + code[place + 20 :]
        perp.chain.set_code(pool.address, forged)
        if pool.partner() == attacker:
            break
    assert pool.exchange() == exchange.address
    assert perp.different() == {"pool: who can make it pay": (exchange.address, attacker)}


def test_somebody_elses_exchange(perp: Case, chain: LocalBackend, owner: str) -> None:
    """Its code and its pool's are compared, too: it can pay out all that it holds."""
    exchange, pool = perp.system.venue.exchange, perp.system.venue.pool  # type: ignore[attr-defined]
    given = replace(perp.expected.given, venue={"exchange": exchange.address})
    assert perp.different(given=given) == {}
    chain.set_code(pool.address, chain.code(pool.address) + b"\x00")
    assert set(perp.different(given=given)) == {"pool: code"}


def test_a_record_of_other_arguments(aave: Case) -> None:
    contracts = dict(aave.expected.facts["contracts"])
    vault = contracts["vault"]
    contracts["vault"] = {**vault, "arguments": vault["arguments"][:-1] + "f"}
    found = aave.different(facts={**aave.expected.facts, "contracts": contracts})
    assert set(found) == {"vault: created with", "vault: paths"}


def test_a_record_of_another_contract(aave: Case, chain: LocalBackend, owner: str) -> None:
    """A sound policy is recorded, and the token asks another one."""
    parts = [chain.deploy(name, sender=owner) for name in ("TokenViews", "ResetPolicy")]
    another = chain.deploy("TokenPolicy", *parts, sender=owner)
    contracts = dict(aave.expected.facts["contracts"])
    contracts["policy"] = {**contracts["policy"], "address": another.address}
    found = aave.different(facts={**aave.expected.facts, "contracts": contracts})
    assert found == {"policy: address": (aave.system.policy.address, another.address)}


def test_another_file(aave: Case, perp: Case) -> None:
    """What a file says and the chain does not."""
    plan = replace(aave.expected.plan, oracle=replace(aave.expected.plan.oracle, step_delay=7_200))
    assert aave.different(plan=plan) == {"oracle: step_delay": ("7200", "3600")}
    feeds = dict(aave.expected.given.feeds or {})
    feeds["BTC"] = replace(feeds["BTC"], secondary_heartbeat=DAY)
    given = replace(aave.expected.given, feeds=feeds)
    assert aave.different(given=given) == {"oracle: BTC secondary_heartbeat": ("86400", "90000")}
    venue = perp.expected.plan.venue
    market = replace(venue.markets[1], taker_fee=1)  # type: ignore[union-attr]
    markets = (venue.markets[0], market, *venue.markets[2:])  # type: ignore[union-attr]
    plan = replace(perp.expected.plan, venue=replace(venue, markets=markets))
    assert perp.different(plan=plan) == {"exchange: AAVE taker_fee": ("1", str(5 * 10**14))}


def test_raised_heartbeats(aave: Case, perp: Case, owner: str) -> None:
    """What the owner has set and the file does not say. [O-READ-15]"""
    for case in (aave, perp):
        case.system.oracle.set_heartbeats(1, 7 * DAY, 6 * DAY, sender=owner)
    symbol, other = aave.system.symbols[1], perp.system.symbols[1]
    assert aave.different() == {
        f"oracle: {symbol} primary_heartbeat": ("90000", "604800"),
        f"oracle: {symbol} secondary_heartbeat": ("90000", "518400"),
    }
    assert perp.different() == {
        f"oracle: {other} primary_heartbeat": ("90000", "604800"),
        f"oracle: {other} secondary_heartbeat": ("90000", "518400"),
    }


def test_a_timelock(chain: LocalBackend, owner: str, guardian: str, attacker: str) -> None:
    """Its delay and its members, and that the deployer has nothing left."""
    file = load_deployment(project_root() / "configs/local-1x.yaml")
    plan = plan_deployment(file, start_prices(file, None))
    given = Given(governance=Governance(2 * DAY, (guardian,)))
    with noted(chain) as sent:
        system = deploy_system(chain, plan, owner, given)
    facts = facts_of(system, Origin(file, plan, owner, {}))
    case = Case(system, Expected(plan, given, facts), chain, sent)
    assert case.different() == {}
    assert "timelock" in facts["contracts"]
    other = Given(governance=Governance(3 * DAY, (attacker,)))
    found = case.different(given=other)
    assert found.pop("timelock: delay") == (str(3 * DAY), str(2 * DAY))
    lacking = [f"timelock: {attacker} has {role}" for role in ("PROPOSER", "CANCELLER")]
    assert list(found) == lacking
    assert case.different(given=Given())["timelock"] == ("False", "True")
