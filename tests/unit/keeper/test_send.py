# SPDX-License-Identifier: AGPL-3.0-only
"""Fee bumps and replacement against a real node that mines when told to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from inverse_index.chain import Contract, LocalBackend
from inverse_index.errors import UserError
from inverse_index.keeper import FeePolicy, Replacing
from inverse_index.keeper.decide import GWEI
from tests.support.assertions import reverts

ape = pytest.importorskip("ape")
pytestmark = [pytest.mark.scripts, pytest.mark.filterwarnings("ignore")]

from inverse_index.chain.ape_backend import ApeBackend  # noqa: E402

FEES = FeePolicy(priority_fee=GWEI, max_fee=10 * GWEI, bump_after=30, give_up_after=300)


class FakeTime:
    """Seconds pass only in sleep; `mine_after` of them, a block is mined."""

    def __init__(self, chain: LocalBackend, mine_after: float = 10**9) -> None:
        self.chain = chain
        self.now = 0.0
        self.mine_after = mine_after

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        before, self.now = self.now, self.now + seconds
        if before < self.mine_after <= self.now:
            self.chain.mine()


@pytest.fixture(scope="module")
def pool(chain: LocalBackend) -> Iterator[ApeBackend]:
    before = os.environ.get("APE_FOUNDRY_HOST")
    os.environ["APE_FOUNDRY_HOST"] = chain.url
    try:
        with ape.networks.parse_network_choice("ethereum:local:foundry") as provider:
            yield ApeBackend(provider, ape.accounts.test_accounts[5])
    finally:
        os.environ.pop("APE_FOUNDRY_HOST")
        if before is not None:
            os.environ["APE_FOUNDRY_HOST"] = before


@pytest.fixture(scope="module")
def collateral(chain: LocalBackend, owner: str) -> Contract:
    return chain.deploy("LocalCollateral", "Dollar", "USD", 6, sender=owner)


@pytest.fixture(autouse=True)
def manual_mining(chain: LocalBackend, pool: ApeBackend) -> Iterator[None]:
    chain.rpc("evm_setAutomine", False)
    yield
    chain.rpc("anvil_dropAllTransactions")
    chain.rpc("evm_setAutomine", True)


def send(
    pool: ApeBackend, collateral: Contract, clock: FakeTime, fees: FeePolicy = FEES
) -> tuple[Any, list[dict[str, Any]], Replacing]:
    notes: list[dict[str, Any]] = []
    sender = Replacing(
        pool, fees, clock, lambda event, **more: notes.append({"event": event, **more})
    )
    account = pool.accounts[0]
    data = collateral.mint.encode(account, 7)
    try:
        return sender.send(collateral.address, data, account), notes, sender
    except UserError as error:
        return error, notes, sender


def sent_fees(chain: LocalBackend, tx_hash: str) -> tuple[int, int, int]:
    """Number, fee cap and tip of a transaction."""
    raw = chain.rpc("eth_getTransactionByHash", tx_hash)
    names = ("nonce", "maxFeePerGas", "maxPriorityFeePerGas")
    return tuple(int(raw[name], 16) for name in names)  # type: ignore[return-value]


def test_mined_at_once(pool: ApeBackend, collateral: Contract, chain: LocalBackend) -> None:
    receipt, notes, sender = send(pool, collateral, FakeTime(chain, mine_after=1))
    assert receipt.status == 1
    assert [note["event"] for note in notes] == ["sent"]
    assert sent_fees(chain, receipt.tx_hash)[1:] == (GWEI, GWEI)  # the base fee is 0 here
    assert sender.waiting == []
    assert collateral.balanceOf(pool.accounts[0]) == 7


def test_replaced_at_a_higher_fee_under_the_same_number(
    pool: ApeBackend, collateral: Contract, chain: LocalBackend
) -> None:
    receipt, notes, _ = send(pool, collateral, FakeTime(chain, mine_after=65))
    assert [note["event"] for note in notes] == ["sent", "replaced", "replaced"]
    assert [note["max_fee"] for note in notes] == [GWEI, 1_250_000_000, 1_562_500_000]
    assert len({note["nonce"] for note in notes}) == 1
    assert receipt.tx_hash == notes[-1]["tx"]
    assert sent_fees(chain, receipt.tx_hash)[1:] == (1_562_500_000, 1_562_500_000)
    assert collateral.balanceOf(pool.accounts[0]) == 7  # once


def test_the_cap_holds_and_it_gives_up(
    pool: ApeBackend, collateral: Contract, chain: LocalBackend
) -> None:
    clock = FakeTime(chain)
    error, notes, sender = send(pool, collateral, clock, replace(FEES, max_fee=2 * GWEI))
    assert isinstance(error, UserError)
    assert "is not mined after 300 seconds, at last with 2 gwei" in error.message
    assert error.remedy == "allow a higher --max-fee"
    assert max(note["max_fee"] for note in notes) == 2 * GWEI
    assert clock.now == pytest.approx(300)
    assert sender.waiting == [note["tx"] for note in notes if note["event"] != "underpriced"]
    assert collateral.balanceOf(pool.accounts[0]) == 0


def test_what_got_stuck_earlier_is_outbid_without_delay(
    pool: ApeBackend, collateral: Contract, chain: LocalBackend, owner: str
) -> None:
    account = pool.accounts[0]
    chain.rpc("evm_setAutomine", True)
    collateral.mint(account, 1, sender=owner)  # so that both attempts cost the same gas
    chain.rpc("evm_setAutomine", False)
    nonce = pool.nonce(account)
    pool.submit(
        collateral.address,
        collateral.mint.encode(account, 1_000),
        account,
        nonce=nonce,
        gas=200_000,
        max_fee=2 * GWEI,
        priority_fee=2 * GWEI,
    )
    clock = FakeTime(chain, mine_after=2)
    receipt, notes, _ = send(pool, collateral, clock)
    events = [note["event"] for note in notes]
    assert events == ["underpriced"] * (len(notes) - 1) + ["sent"] and len(notes) > 1
    assert notes[-1]["max_fee"] > 2 * GWEI
    assert receipt.tx_hash == notes[-1]["tx"]
    assert clock.now < FEES.bump_after
    assert collateral.balanceOf(account) == 1 + 7


def test_an_attempt_that_fails_says_why(
    pool: ApeBackend, collateral: Contract, chain: LocalBackend, owner: str
) -> None:
    """The state changes between estimate and block."""
    account = pool.accounts[0]
    chain.rpc("evm_setAutomine", True)
    collateral.mint(account, 5, sender=owner)
    collateral.approve(owner, 5, sender=account)
    chain.rpc("evm_setAutomine", False)
    clock = FakeTime(chain, mine_after=1)
    sender = Replacing(pool, FEES, clock)
    data = collateral.transfer.encode(owner, 5)
    submit = pool.submit

    def after_a_rival(*args: Any, **more: Any) -> str:
        chain.rpc("evm_setAutomine", True)
        collateral.transferFrom(account, owner, 5, sender=owner)
        chain.rpc("evm_setAutomine", False)
        return submit(*args, **more)

    pool.submit = after_a_rival  # type: ignore[method-assign]
    try:
        with reverts("collateral: balance too small"):
            sender.send(collateral.address, data, account)
    finally:
        del pool.submit  # type: ignore[method-assign]


def test_a_call_that_would_fail_is_not_sent(
    pool: ApeBackend, collateral: Contract, chain: LocalBackend
) -> None:
    account = pool.accounts[0]
    sender = Replacing(pool, FEES, FakeTime(chain))
    with reverts("collateral: balance too small"):
        sender.send(collateral.address, collateral.transfer.encode(account, 10**30), account)
    assert chain.rpc("txpool_status")["pending"] == "0x0"


def test_a_number_used_elsewhere(
    pool: ApeBackend, collateral: Contract, chain: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = pool.accounts[0]
    used = pool.nonce(account)
    send(pool, collateral, FakeTime(chain, mine_after=1))
    monkeypatch.setattr(ApeBackend, "nonce", lambda self, address: used)
    error, notes, _ = send(pool, collateral, FakeTime(chain))
    assert isinstance(error, UserError)
    assert error.message == f"number {used} of {account} was used by another transaction"
    assert notes == []
