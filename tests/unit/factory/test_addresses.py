# SPDX-License-Identifier: AGPL-3.0-only
"""Where a set is, whoever else uses the same salt, and who has power over it."""

from __future__ import annotations

import pytest
from eth_abi import encode
from eth_utils.crypto import keccak

from inverse_index.artifacts import artifact
from inverse_index.chain import Contract, LocalBackend, contract_at
from inverse_index.chain.abi import checksum
from inverse_index.chain.contract import VIEWS
from inverse_index.deployment import Given
from inverse_index.deployment.factory import creation_code
from tests.support.assertions import only_event, reverts
from tests.support.factory_order import Order, order_of
from tests.support.plans import make_aave_plan, make_plan
from tests.support.system_harness import SystemHarness

from .conftest import harness_of

SALT = bytes(31) + b"\x03"
PROXY = bytes.fromhex("79365f5f37365f5ff0806013573d5f5f3e3d5ffd5b5f5260205ff35f52601a6006f3")
TRANSACTION_LIMIT = 2**24  # gas that one transaction may use on Ethereum since Fusaka


def address_of(digest: bytes) -> str:
    return checksum("0x" + digest[12:].hex())


def create2(creator: Contract, salt: bytes, initcode: bytes) -> str:
    maker = bytes.fromhex(creator.address[2:])
    return address_of(keccak(b"\xff" + maker + salt + keccak(initcode)))


def own_salt(deployer: str, salt: bytes, part: int) -> bytes:
    return keccak(encode(["address", "bytes32", "uint256"], [deployer, salt, part]))


def test_every_address_can_be_computed(on_aave: Order, factory: Contract, trader: str) -> None:
    """[G-FA-2]"""
    timelock, oracle = on_aave.oracle(SALT, trader)
    g = on_aave.governance
    terms = encode(
        ["uint256", "address[]", "address[]"], [g["delay"], g["proposers"], g["executors"]]
    )
    code = creation_code("Timelock") + terms
    assert timelock == create2(factory, own_salt(trader, SALT, 1), code)

    predicted = on_aave.simulated(SALT, oracle, trader)
    proxy = create2(factory, own_salt(trader, SALT, 4), PROXY)
    vault = address_of(keccak(b"\xd6\x94" + bytes.fromhex(proxy[2:]) + b"\x01"))
    assert predicted.vault == factory.vault_address(trader, SALT) == vault
    on_aave.finish(SALT, oracle, trader)
    assert factory.set_of(predicted.token) == predicted


def test_one_salt_of_two_deployers_and_twice_of_one(
    on_aave: Order, factory: Contract, trader: str, attacker: str
) -> None:
    """[G-FA-3]"""
    one = factory.vault_address(trader, SALT)
    on_aave.all_at_once(SALT, attacker)  # in front of the trader
    on_aave.all_at_once(SALT, trader)
    count = factory.token_count()
    first, second = (factory.set_of(factory.token_at(count - i)) for i in (2, 1))
    assert (first.deployer, second.deployer, second.vault) == (attacker, trader, one)
    pairs = list(zip(first, second, strict=True))[1:]
    assert all(a != b for a, b in pairs)
    with reverts("factory: salt was used before"):
        on_aave.all_at_once(SALT, trader)
    with reverts("factory: salt was used before"):
        on_aave.finish(SALT, second.oracle, trader)


def test_events_and_the_list(
    on_perp: Order, perp_set: SystemHarness, factory: Contract, owner: str, attacker: str
) -> None:
    """[G-FA-9]"""
    oracle = perp_set.system.oracle
    receipt = on_perp.finish(SALT, oracle, owner)
    last = factory.token_count() - 1
    made = factory.set_of(factory.token_at(last))
    only_event(
        receipt,
        factory,
        "SetDeployed",
        token=made.token,
        timelock=perp_set.system.timelock,
        deployer=owner,
        oracle=oracle,
        vault=made.vault,
        kind=1,
    )
    assert factory.is_token(made.token)
    assert not factory.is_token(made.vault)
    assert factory.set_of(attacker).token == factory.token_at(last + 1) == "0x" + "00" * 20

    timelock = factory.deploy_oracle.call(SALT, on_perp.governance, on_perp.index, sender=owner)[0]
    receipt = factory.deploy_oracle(SALT, on_perp.governance, on_perp.index, sender=owner)
    event = only_event(
        receipt,
        factory,
        "OracleDeployed",
        oracle=factory.events(receipt)[0].oracle,
        timelock=timelock,
        deployer=owner,
    )
    assert factory.origin_of(event.oracle) == (owner, timelock)


def test_the_factory_has_no_power_over_what_it_made(
    perp_set: SystemHarness, aave_set: SystemHarness, factory: Contract
) -> None:
    """[G-FA-1]"""
    actions = {
        entry["name"]
        for entry in artifact("Factory").abi
        if entry["type"] == "function" and entry["stateMutability"] not in VIEWS
    }
    assert actions == {"deploy_oracle", "deploy_on_perp", "deploy_on_aave", "deploy_all_on_aave"}
    for system in (perp_set.system, aave_set.system):
        timelock = system.timelock
        assert timelock is not None
        for role in ("PROPOSER_ROLE", "EXECUTOR_ROLE", "CANCELLER_ROLE", "DEFAULT_ADMIN_ROLE"):
            assert not timelock.hasRole(timelock.method(role)(), factory)
        assert factory.address not in (
            system.token.owner(),
            system.token.guardian(),
            system.oracle.owner(),
            system.token.state().fee.recipient,
        )
        assert system.collateral.balanceOf(factory) == system.token.balanceOf(factory) == 0


def test_a_used_proxy_is_harmless(
    chain: LocalBackend,
    on_aave: Order,
    aave_set: SystemHarness,
    factory: Contract,
    owner: str,
    attacker: str,
) -> None:
    """It creates what anyone sends it, at other addresses."""
    on_aave.finish(SALT, aave_set.system.oracle, owner)
    vault = factory.vault_address(owner, SALT)
    before = chain.code(vault)
    proxy = create2(factory, own_salt(owner, SALT, 4), PROXY)
    made = chain.call(proxy, bytes.fromhex("60015ff3"), attacker)
    chain.send(proxy, bytes.fromhex("60015ff3"), attacker)
    assert chain.code(vault) == before
    assert address_of(made) != vault
    assert contract_at(chain, "AaveVault", vault).token() == factory.token_at(
        factory.token_count() - 1
    )


@pytest.mark.parametrize("k", [1, 10])
def test_gas(
    chain: LocalBackend,
    factory: Contract,
    given: Given,
    owner: str,
    keeper: str,
    trader: str,
    k: int,
) -> None:
    """Each half fits into what a transaction may use on Ethereum, a whole set does
    unless it has nearly ten components."""
    aave = harness_of(chain, factory, owner, keeper, make_aave_plan(k), given, b"a" * 32)
    perp = harness_of(chain, factory, owner, keeper, make_plan(k), given, b"p" * 32)
    on_aave, on_perp = order_of(aave, factory, given), order_of(perp, factory, given)
    half = (on_aave.governance, on_aave.index)
    used = {
        "timelock and oracle": factory.deploy_oracle(SALT, *half, sender=owner),
        "vault and token on Aave": on_aave.finish(b"b" * 32, aave.system.oracle, owner),
        "vault and token on an exchange": on_perp.finish(b"q" * 32, perp.system.oracle, owner),
        "full set on Aave": on_aave.all_at_once(SALT, trader),
    }
    for name, receipt in used.items():
        print(f"{k} components, {name}: {receipt.gas_used:,} gas")
        assert receipt.gas_used < TRANSACTION_LIMIT or (k == 10 and name == "full set on Aave")
