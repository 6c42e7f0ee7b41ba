# SPDX-License-Identifier: AGPL-3.0-only
"""The local backend: receipts, reasons, time, order, isolation."""

from __future__ import annotations

import time

import pytest

from inverse_index.chain import Contract, LocalBackend, Reverted, contract_at, create_address, local
from inverse_index.chain.local import BLOCK_HASHES, GAS
from inverse_index.errors import UserError
from tests.support.assertions import no_event, only_event, reverts
from tests.support.constants import MAX_UINT256, ZERO


@pytest.fixture(scope="module")
def token(chain: LocalBackend, owner: str) -> Contract:
    return chain.deploy("HostileToken", 6, sender=owner)


def test_deploy_gives_the_address_that_was_predicted(chain: LocalBackend, owner: str) -> None:
    expected = create_address(owner, chain.nonce(owner))
    assert chain.deploy("LocalCollateral", "Dollar", "USD", 8, sender=owner).address == expected


def test_contract_at_reads_the_same_contract(chain: LocalBackend, token: Contract) -> None:
    assert contract_at(chain, "HostileToken", token.address.lower()) == token


def test_receipt_and_event(chain: LocalBackend, token: Contract, depositor: str) -> None:
    receipt = token.mint(depositor, 5, sender=depositor)
    only_event(receipt, token, "Transfer", sender=ZERO, receiver=depositor, value=5)
    no_event(receipt, token, "Approval")
    assert (receipt.status, receipt.timestamp) == (1, chain.now())
    assert receipt.block_number == chain.block_number()
    assert receipt.events(token)[0].value == 5
    assert 30_000 < receipt.gas_used < 100_000


def test_any_address_can_send_and_pays_nothing(chain: LocalBackend, token: Contract) -> None:
    stranger = "0x" + "12" * 20
    token.mint(stranger, 1, sender=stranger)
    assert (token.balanceOf(stranger), chain.balance(stranger)) == (1, 0)


def test_call_returns_the_value_and_changes_nothing(token: Contract, depositor: str) -> None:
    assert token.approve.call(depositor, 7, sender=depositor) is True
    assert token.allowance(depositor, depositor) == 0


def test_transaction_reverts_with_the_reason(token: Contract, depositor: str, keeper: str) -> None:
    with reverts("collateral: balance too small"):
        token.transfer(keeper, 1, sender=depositor)
    with reverts("collateral: allowance too small"):
        token.transferFrom(keeper, depositor, 1, sender=depositor)


def test_failed_transaction_keeps_its_receipt(token: Contract, depositor: str) -> None:
    with pytest.raises(Reverted) as caught:
        token.transfer(depositor, 1, sender=depositor)
    assert caught.value.receipt is not None
    assert caught.value.receipt.status == 0


def test_call_reverts_with_the_reason(chain: LocalBackend, owner: str) -> None:
    feed = chain.deploy("MockFeed", 8, 1, sender=owner)
    feed.set_mode(1, sender=owner)
    with reverts("mock: feed fails"):
        feed.latestRoundData()


def test_overflow_and_invalid_have_no_reason(
    chain: LocalBackend, token: Contract, depositor: str
) -> None:
    token.mint(depositor, MAX_UINT256, sender=depositor)
    with reverts(""):
        token.mint(depositor, 1, sender=depositor)
    feed = chain.deploy("MockFeed", 8, 1, sender=depositor)
    feed.set_mode(5, sender=depositor)
    with reverts(""):
        feed.latestRoundData()


def test_running_out_of_gas_says_so(chain: LocalBackend, token: Contract, depositor: str) -> None:
    data = token.encode("mint", depositor, 1)
    with pytest.raises(Reverted) as caught:
        chain.send(token.address, data, depositor, gas=hex(40_000))
    assert caught.value.reason == ""
    assert "OutOfGas" in str(caught.value) or "out of gas" in str(caught.value).lower()


def test_code_size_limit_holds(chain: LocalBackend, owner: str) -> None:
    returns_24577_bytes = bytes.fromhex("6160016000f3")
    with pytest.raises(Reverted) as caught:
        chain.send(None, returns_24577_bytes, owner)
    assert "size" in caught.value.detail.lower()


def test_the_reason_is_that_of_the_transactions_own_time(
    chain: LocalBackend, depositor: str
) -> None:
    """Reverts with the timestamp as its reason when called."""
    runtime = _error_with(bytes.fromhex("42"))
    target = chain.send(None, _creation(runtime), depositor).contract_address
    assert target is not None
    then = chain.now() + 777
    chain.set_next_timestamp(then)
    with pytest.raises(Reverted) as caught:
        chain.send(target, b"", depositor)
    assert caught.value.data[-32:] == then.to_bytes(32, "big")


def test_panic_is_decoded(chain: LocalBackend, depositor: str) -> None:
    code = "634e487b7160e01b5f5260116004526024" + "5ffd"
    target = chain.send(None, _creation(bytes.fromhex(code)), depositor).contract_address
    assert target is not None
    with reverts("panic 0x11"):
        chain.call(target, b"")


def test_time_stands_still(chain: LocalBackend, token: Contract, depositor: str) -> None:
    before = chain.now()
    time.sleep(1.1)
    assert token.mint(depositor, 1, sender=depositor).timestamp == before
    assert chain.increase_time(60) == before + 60
    assert token.mint(depositor, 1, sender=depositor).timestamp == before + 60
    chain.set_next_timestamp(before + 100)
    assert token.mint(depositor, 1, sender=depositor).timestamp == before + 100


def test_snapshot_restores_state_and_time(
    chain: LocalBackend, token: Contract, depositor: str
) -> None:
    before, snapshot = chain.now(), chain.snapshot()
    token.mint(depositor, 1, sender=depositor)
    chain.increase_time(1000)
    chain.revert(snapshot)
    assert (chain.now(), token.balanceOf(depositor)) == (before, 0)
    assert token.mint(depositor, 1, sender=depositor).timestamp == before
    with pytest.raises(UserError, match="no snapshot"):
        chain.revert(snapshot)


@pytest.mark.parametrize("amount", [1, 2])
def test_isolation_undoes_the_test_before(token: Contract, depositor: str, amount: int) -> None:
    assert token.totalSupply() == 0
    token.mint(depositor, amount, sender=depositor)


def test_send_many_keeps_order_and_timestamps(
    chain: LocalBackend, token: Contract, depositor: str, keeper: str
) -> None:
    """Each transfer needs the mint before it."""
    first, start = chain.block_number() + 1, chain.now()
    mint = token.encode("mint", depositor, 3)
    move = token.encode("transfer", keeper, 3)
    sending = []
    for i in range(60):
        sending.append((token.address, mint, depositor, start + 3600 * (i + 1)))
        sending.append((token.address, move, depositor))
    receipts = chain.send_many(sending)
    assert [r.block_number for r in receipts] == list(range(first, first + 120))
    assert [r.timestamp - start for r in receipts] == [3600 * (i // 2 + 1) for i in range(120)]
    assert (token.balanceOf(keeper), token.balanceOf(depositor)) == (180, 0)


def test_send_many_stops_at_the_first_revert(
    chain: LocalBackend, token: Contract, depositor: str
) -> None:
    mint = token.encode("mint", depositor, 1)
    too_much = token.encode("transfer", depositor, 2)
    calls = (mint, too_much, mint)
    with reverts("collateral: balance too small"):
        chain.send_many((token.address, data, depositor) for data in calls)
    assert token.totalSupply() == 1


def test_call_many(chain: LocalBackend, token: Contract, depositor: str) -> None:
    token.mint(depositor, 9, sender=depositor)
    names = ["totalSupply", "decimals"]
    data = chain.call_many([(token.address, token.encode(name)) for name in names])
    assert [token.decode_output(*pair) for pair in zip(names, data, strict=True)] == [9, 6]
    assert chain.call_many([]) == []
    with reverts("collateral: balance too small"):
        chain.call_many([(token.address, token.encode("transfer", depositor, 10), depositor)])


def test_nothing_at_the_address(chain: LocalBackend, depositor: str) -> None:
    nothing = contract_at(chain, "HostileToken", depositor)
    with pytest.raises(UserError, match="returned 0 bytes"):
        nothing.totalSupply()


def test_node_that_is_down() -> None:
    with pytest.raises(UserError, match=r"no answer from the chain at http://127\.0\.0\.1:1 "):
        LocalBackend("http://127.0.0.1:1")
    with pytest.raises(UserError, match="cannot use https://example"):
        LocalBackend("https://example")


def test_sender_without_funds(chain: LocalBackend) -> None:
    poor = "0x" + "34" * 20
    with pytest.raises(UserError, match="cannot pay"):
        chain.send(poor, b"", poor, value=1)
    chain.impersonate(poor, balance=1)
    assert chain.send(poor, b"", poor, value=1).status == 1


def test_private_keys_belong_to_the_accounts(chain: LocalBackend, attacker: str) -> None:
    from eth_account import Account

    assert Account.from_key(chain.private_key(attacker)).address == attacker
    with pytest.raises(UserError, match="no key"):
        chain.private_key(ZERO)


def test_state_can_be_set(chain: LocalBackend, token: Contract, depositor: str) -> None:
    chain.set_code(depositor, b"\x5f")
    assert chain.code(depositor) == b"\x5f"
    chain.set_storage(token.address, 0, 12)
    assert chain.storage(token.address, 0) == 12
    assert token.totalSupply() == 12


def test_gas_is_fixed() -> None:
    assert int(GAS, 16) == 30_000_000


def _creation(runtime: bytes) -> bytes:
    """Code that deploys the runtime (under 256 bytes)."""
    size = bytes([len(runtime)])
    return bytes.fromhex("60") + size + bytes.fromhex("600a5f3960") + size + b"\x5f\xf3" + runtime


def _error_with(opcode: bytes) -> bytes:
    """Reverts with one word that the opcode pushes."""
    return opcode + bytes.fromhex("5f5260205ffd")


def test_snapshot_outlives_the_pruned_history(
    chain: LocalBackend, token: Contract, depositor: str, keeper: str
) -> None:
    token.mint(depositor, 500, sender=depositor)
    before, snapshot = chain.block_number(), chain.snapshot()
    move = token.encode("transfer", keeper, 1)
    chain.send_many([(token.address, move, depositor)] * 300)
    assert token.balanceOf(keeper) == 300
    chain.revert(snapshot)
    assert (chain.block_number(), token.balanceOf(keeper)) == (before, 0)
    token.transfer(keeper, 2, sender=depositor)
    assert token.balanceOf(keeper) == 2


def test_blocks_stay_fast(chain: LocalBackend) -> None:
    """No contract of the node's own grows with every block."""
    assert chain.code(BLOCK_HASHES) == b""
    chain.mine()
    assert [chain.storage(BLOCK_HASHES, chain.block_number() - i) for i in range(3)] == [0, 0, 0]


def test_revert_waits_for_the_pool(
    chain: LocalBackend, token: Contract, depositor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction that still waits would take the next one of its number along."""
    snapshot = chain.snapshot()
    chain.rpc("evm_setAutomine", False)
    try:
        data = "0x" + token.encode("mint", depositor, 1).hex()
        chain.rpc(
            "eth_sendTransaction",
            {"from": depositor, "to": token.address, "data": data, "gas": GAS, "gasPrice": "0x0"},
        )
        monkeypatch.setattr(local, "POOL_SECONDS", 0.05)
        with pytest.raises(UserError, match="stuck in the pool"):
            chain.revert(snapshot)
        chain.mine()
        assert token.balanceOf(depositor) == 1
    finally:
        chain.rpc("evm_setAutomine", True)
    chain.revert(snapshot)
    assert token.balanceOf(depositor) == 0
    token.mint(depositor, 2, sender=depositor)
    assert token.balanceOf(depositor) == 2
