# SPDX-License-Identifier: AGPL-3.0-only
"""checker: the answer and the call to make."""

from __future__ import annotations

from inverse_index.chain import Contract
from tests.support.constants import MAX_UINT256
from tests.support.system_harness import SystemHarness


def test_not_due(harness: SystemHarness, keeper_adapter: Contract, keeper: str) -> None:
    pays, call = keeper_adapter.checker(harness.token, keeper, 0)
    assert pays is False
    assert call == harness.token.rebalance.encode(keeper)


def test_the_call_that_it_returns_works(
    due: SystemHarness, keeper_adapter: Contract, keeper: str, trader: str
) -> None:
    reward = due.token.due().reward
    pays, call = keeper_adapter.checker(due.token, trader, reward)
    assert pays is True
    receipt = due.chain.send(due.token.address, call, keeper)
    due.model.token.rebalance(receipt.timestamp)
    assert due.system.collateral.balanceOf(trader) == reward
    due.check()
    assert keeper_adapter.checker(due.token, trader, 0)[0] is False


def test_the_least_reward(due: SystemHarness, keeper_adapter: Contract, keeper: str) -> None:
    """[K-1]"""
    reward = due.token.due().reward
    assert keeper_adapter.checker(due.token, keeper, reward + 1)[0] is False


def test_never_reverts(due: SystemHarness, keeper_adapter: Contract, keeper: str) -> None:
    """[K-2]"""
    due.chain.increase_time(8 * 86_400)
    assert keeper_adapter.checker(due.token, keeper, 0)[0] is False
    assert keeper_adapter.checker(due.system.collateral, keeper, 0)[0] is False
    assert keeper_adapter.checker("0x" + "00" * 20, "0x" + "00" * 20, 0)[0] is False
    assert keeper_adapter.checker(keeper, keeper, MAX_UINT256)[0] is False
