# SPDX-License-Identifier: AGPL-3.0-only
"""What is refused, with its reason, and that nothing is left of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from inverse_index.chain import Contract, LocalBackend
from inverse_index.deployment.factory import PARTS, creation_code, store_code, store_initcode
from inverse_index.model.exchange.markets import MarketConfig
from tests.support.assertions import reverts
from tests.support.constants import DAY, HOUR, MAX_UINT256, ZERO
from tests.support.exchange_harness import deploy_exchange
from tests.support.factory_order import Order
from tests.support.system_harness import SystemHarness

SALT = bytes(31) + b"\x03"


def clocks(interval: int, offset: int) -> Callable[[Order], None]:
    def change(order: Order) -> None:
        order.index["parameters"] |= {"reweight_interval": interval, "reweight_offset": offset}

    return change


def terms(**changes: object) -> Callable[[Order], None]:
    return lambda order: order.configuration.update(changes)


def reversed_components(order: Order) -> None:
    order.terms[1].reverse()


def no_trade(order: Order) -> None:
    order.terms[1][0]["max_trade"] = 0


REFUSED = {
    "guardian": (terms(guardian=ZERO), "factory: guardian is zero or a part"),
    "recipient": (
        terms(fee_recipient=ZERO, fee_rate=0),
        "factory: fee recipient is zero or a part",
    ),
    "name": (terms(name=""), "factory: name or symbol is empty"),
    "symbol": (terms(symbol=""), "factory: name or symbol is empty"),
    "interval": (clocks(DAY + HOUR, 0), "factory: reweighting falls between epochs"),
    "offset": (clocks(DAY, HOUR), "factory: reweighting falls between epochs"),
    "order of components": (reversed_components, "factory: venue does not fill at these prices"),
    # the parts' own reasons come through
    "delay": (
        lambda order: order.governance.update(delay=2 * DAY - 1),
        "timelock: delay must be 2 to 30 days",
    ),
    "weights": (
        lambda order: order.index["weights"].pop(),
        "oracle: one weight per component",
    ),
    "max trade": (no_trade, "vault: max trade is zero"),
    "multiple": (terms(multiple=4), "token: multiple must be 1, 2 or 3"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_set_is_refused_and_leaves_nothing(
    chain: LocalBackend, on_aave: Order, factory: Contract, trader: str, name: str
) -> None:
    """[G-FA-4]"""
    change, reason = REFUSED[name]
    before = factory.token_count()
    with reverts("factory: salt was used before"):
        on_aave.all_at_once(_taken(on_aave, trader), trader)
    change(on_aave)
    with reverts(reason):
        on_aave.all_at_once(SALT, trader)
    assert factory.token_count() == before + 1
    assert chain.code(factory.vault_address(trader, SALT)) == b""


def _taken(order: Order, sender: str) -> bytes:
    """A salt that the sender has used, which shows that the order is fine as it is."""
    order.all_at_once(b"taken".ljust(32), sender)
    return b"taken".ljust(32)


@pytest.mark.parametrize("interval", [DAY, 7 * DAY])
def test_clocks_that_fit(on_aave: Order, trader: str, interval: int) -> None:
    """[G-FA-6]"""
    on_aave.configuration["epoch_offset"] = HOUR
    clocks(interval, (interval - DAY) + HOUR)(on_aave)
    on_aave.all_at_once(SALT, trader)


@pytest.mark.parametrize("part", ["timelock", "oracle", "vault"])
def test_no_part_is_guardian(
    on_aave: Order, aave_set: SystemHarness, factory: Contract, owner: str, part: str
) -> None:
    """[G-FA-5]"""
    addresses = aave_set.system.addresses() | {"vault": factory.vault_address(owner, SALT)}
    on_aave.configuration["guardian"] = addresses[part]
    with reverts("factory: guardian is zero or a part"):
        on_aave.finish(SALT, aave_set.system.oracle, owner)


@pytest.mark.parametrize("part", ["oracle", "vault"])
def test_no_part_but_the_timelock_receives_fees(
    on_aave: Order, aave_set: SystemHarness, factory: Contract, owner: str, part: str
) -> None:
    """[G-FA-5]"""
    addresses = aave_set.system.addresses() | {"vault": factory.vault_address(owner, SALT)}
    on_aave.configuration["fee_recipient"] = addresses[part]
    with reverts("factory: fee recipient is zero or a part"):
        on_aave.finish(SALT, aave_set.system.oracle, owner)
    on_aave.configuration["fee_recipient"] = addresses["timelock"]
    on_aave.finish(SALT, aave_set.system.oracle, owner)


def test_only_who_made_the_oracle_adds_a_token(
    chain: LocalBackend, on_aave: Order, aave_set: SystemHarness, owner: str, attacker: str
) -> None:
    """[G-FA-7]"""
    reason = "factory: oracle is not of the caller's making"
    oracle = aave_set.system.oracle
    with reverts(reason):
        on_aave.finish(SALT, oracle, attacker)
    i = on_aave.index
    foreign = chain.deploy("IndexOracle", *i.values(), sender=owner)
    with reverts(reason):
        on_aave.finish(SALT, foreign, owner)
    on_aave.finish(SALT, oracle, owner)


def test_an_exchange_of_another_oracle(
    on_perp: Order, perp_set: SystemHarness, owner: str, trader: str
) -> None:
    """[G-FA-8]"""
    _, other = on_perp.oracle(SALT, owner)
    with reverts("factory: exchange has another oracle"):
        on_perp.finish(SALT, other, owner)
    on_perp.finish(SALT, perp_set.system.oracle, owner)


def test_an_exchange_without_liquidity(
    chain: LocalBackend, on_perp: Order, perp_set: SystemHarness, owner: str
) -> None:
    """[G-FA-8]"""
    system = perp_set.system
    _, oracle = on_perp.oracle(SALT, owner)
    configs = [MarketConfig(**vars(each)) for each in perp_set.plan.venue.markets]  # type: ignore[union-attr]
    exchange, pool = deploy_exchange(chain, system.collateral, oracle, owner, configs)
    on_perp.terms[0]["exchange"] = exchange
    with reverts("factory: venue does not fill at these prices"):
        on_perp.finish(SALT, oracle, owner)
    system.give(owner, 1_000_000 * system.unit)
    system.collateral.approve(pool, MAX_UINT256, sender=owner)
    pool.requestDeposit(1_000_000 * system.unit, owner, owner, sender=owner)
    pool.deposit(1_000_000 * system.unit, owner, sender=owner)
    on_perp.finish(SALT, oracle, owner)


@pytest.mark.parametrize("percent", [95, 105])
def test_a_pool_away_from_the_oracle(
    on_aave: Order, aave_set: SystemHarness, owner: str, percent: int
) -> None:
    """Below it sales lose too much, above it purchases do."""
    system, prices = aave_set.system, aave_set.plan.prices
    moved = {"C0": prices["C0"] * percent // 100}
    system.follow_prices({**prices, **moved}, owner)
    with reverts("factory: venue does not fill at these prices"):
        on_aave.finish(SALT, system.oracle, owner)
    system.follow_prices(prices, owner)
    on_aave.finish(SALT, system.oracle, owner)


# the factory itself


@pytest.fixture(scope="module")
def stores(chain: LocalBackend, provider: str) -> list[list[str]]:
    return [store_code(chain, creation_code(name), provider) for name in PARTS]


def test_a_factory_needs_all_its_code(
    chain: LocalBackend, stores: list[list[str]], factory: Contract, owner: str, attacker: str
) -> None:
    """[G-FA-10]"""
    quoters = (factory.POLICY(), factory.AAVE_QUOTER())
    missing = "factory: a part's code is missing"
    for wrong in (stores[:4], [*stores[:4], []], [[attacker], *stores[1:]]):
        with reverts(missing):
            chain.deploy("Factory", wrong, *quoters, sender=owner)
    for pair in ((attacker, quoters[1]), (quoters[0], attacker)):
        with reverts("factory: policy or quoter has no code"):
            chain.deploy("Factory", stores, *pair, sender=owner)
    fine = chain.deploy("Factory", stores, *quoters, sender=owner)
    with reverts(missing):
        fine.code_hash(0)
    with reverts(missing):
        fine.code_hash(3)


@pytest.mark.parametrize("part", [0, 3])
def test_code_that_makes_nothing(
    chain: LocalBackend,
    stores: list[list[str]],
    factory: Contract,
    on_aave: Order,
    owner: str,
    part: int,
) -> None:
    """Of a part made either way (0: CREATE2, 3: through the proxy). [G-FA-10]"""
    receipt = chain.send(None, store_initcode(b"\x00"), owner)
    wrong = [list(each) for each in stores]
    wrong[part] = [str(receipt.contract_address)]
    quoters = (factory.POLICY(), factory.AAVE_QUOTER())
    on_aave.factory = chain.deploy("Factory", wrong, *quoters, sender=owner)
    with reverts("factory: a part could not be created"):
        on_aave.all_at_once(SALT, owner)
