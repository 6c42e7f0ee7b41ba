# SPDX-License-Identifier: AGPL-3.0-only
"""performUpkeep: the rebalance, with the reward to whom the data name."""

from __future__ import annotations

import pytest
from eth_abi import encode

from inverse_index.chain import Contract, Reverted
from tests.support.assertions import only_event, reverts
from tests.support.system_harness import SystemHarness

from .conftest import upkeep

GAS_LIMIT = 1_000_000


def test_anyone_performs_the_receiver_earns(
    due: SystemHarness, keeper_adapter: Contract, trader: str, keeper: str
) -> None:
    """[K-4]"""
    reward = due.token.due().reward
    receipt = keeper_adapter.performUpkeep(upkeep(due, trader, reward), sender=keeper)
    done = due.model.token.rebalance(receipt.timestamp)
    due.check()
    assert due.system.collateral.balanceOf(trader) == reward == done.reward > 0
    assert due.system.collateral.balanceOf(keeper) == 0
    assert due.system.collateral.balanceOf(keeper_adapter) == 0
    (event,) = [e for e in due.token.events(receipt) if e.name == "Rebalanced"]
    assert (event.keeper, event.reward) == (keeper_adapter.address, reward)


def test_a_unit_more_than_it_pays(
    due: SystemHarness, keeper_adapter: Contract, keeper: str
) -> None:
    """[K-5]"""
    reward = due.token.due().reward
    before = due.token.state()
    with reverts("adapter: reward below minimum"):
        keeper_adapter.performUpkeep(upkeep(due, keeper, reward + 1), sender=keeper)
    assert due.token.state() == before
    assert due.system.collateral.balanceOf(keeper) == 0


def test_not_due(harness: SystemHarness, keeper_adapter: Contract, keeper: str) -> None:
    """[K-5]"""
    with reverts("token: rebalance not due"):
        keeper_adapter.performUpkeep(upkeep(harness, keeper), sender=keeper)


def test_after_somebody_else(
    due: SystemHarness, keeper_adapter: Contract, keeper: str, trader: str
) -> None:
    """What was checked before is not done twice, and costs less than half of it. [K-6]"""
    data = upkeep(due, keeper)
    assert keeper_adapter.checkUpkeep(data)[0] is True
    plain = due.token.rebalance(trader, sender=trader)
    with pytest.raises(Reverted) as caught:
        keeper_adapter.performUpkeep(data, sender=keeper)
    assert caught.value.reason == "token: rebalance not due"
    assert caught.value.receipt.gas_used < plain.gas_used // 2
    assert keeper_adapter.checkUpkeep(data) == (False, data)


def test_prices_that_cannot_be_used(
    due: SystemHarness, keeper_adapter: Contract, keeper: str
) -> None:
    due.chain.increase_time(8 * 86_400)
    with reverts("oracle: stale price"):
        keeper_adapter.performUpkeep(upkeep(due, keeper), sender=keeper)


def test_what_is_no_token(due: SystemHarness, keeper_adapter: Contract, keeper: str) -> None:
    with reverts(""):
        data = encode(["address"] * 2 + ["uint256"], [due.system.collateral.address, keeper, 0])
        keeper_adapter.performUpkeep(data, sender=keeper)


def test_through_a_registry(
    due: SystemHarness, keeper_adapter: Contract, forwarder: Contract, keeper: str, trader: str
) -> None:
    """A contract checks, performs once with a limit of gas, and then finds nothing."""
    reward = due.token.due().reward
    data = upkeep(due, trader, 1)
    assert forwarder.run.call(keeper_adapter, data, GAS_LIMIT, sender=keeper) is True
    receipt = forwarder.run(keeper_adapter, data, GAS_LIMIT, sender=keeper)
    assert (forwarder.performed(), forwarder.last_success()) == (1, True)
    assert 0 < forwarder.last_gas() < 400_000
    assert due.system.collateral.balanceOf(trader) == reward
    assert len([e for e in due.token.events(receipt) if e.name == "Rebalanced"]) == 1
    assert forwarder.run.call(keeper_adapter, data, GAS_LIMIT, sender=keeper) is False
    forwarder.run(keeper_adapter, data, GAS_LIMIT, sender=keeper)
    assert forwarder.performed() == 1
    forwarder.forward(keeper_adapter, data, GAS_LIMIT, sender=keeper)  # of an old check
    assert (forwarder.performed(), forwarder.last_success()) == (2, False)
    due.model.token.rebalance(due.now)
    due.check()


def test_with_too_little_gas_nothing_happens(
    due: SystemHarness, keeper_adapter: Contract, forwarder: Contract, keeper: str
) -> None:
    before = due.token.state()
    for gas in (20_000, 100_000, 200_000):
        forwarder.run(keeper_adapter, upkeep(due, keeper), gas, sender=keeper)
        assert forwarder.last_success() is False
        assert due.token.state() == before
    forwarder.run(keeper_adapter, upkeep(due, keeper), GAS_LIMIT, sender=keeper)
    assert forwarder.last_success() is True


def test_the_token_s_event_is_the_plain_one(
    due: SystemHarness, keeper_adapter: Contract, keeper: str
) -> None:
    """Every field but the keeper is as `rebalance` itself would log it."""
    snapshot = due.chain.snapshot()
    plain = due.token.rebalance(keeper, sender=keeper)
    (event,) = [e for e in due.token.events(plain) if e.name == "Rebalanced"]
    due.chain.revert(snapshot)
    due.chain.set_next_timestamp(plain.timestamp)
    receipt = keeper_adapter.performUpkeep(upkeep(due, keeper), sender=keeper)
    only_event(receipt, due.token, "Rebalanced", **{**event.args, "keeper": keeper_adapter.address})
    overhead = receipt.gas_used - plain.gas_used
    assert 0 < overhead < 6_000
