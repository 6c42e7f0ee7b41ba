# SPDX-License-Identifier: AGPL-3.0-only
"""The fast path to a local Anvil: raw requests, instant receipts, frozen time.

Time stands still: every block has the timestamp of the one before unless
`set_next_timestamp` or `increase_time` moved it. A view and a transaction that
follows it therefore see the same time. Any address can send; fees are zero.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from ..errors import UserError
from .abi import checksum
from .contract import Contract, deploy
from .past import Logged, log_filter
from .receipts import Log, Receipt, Reverted, decode_reason
from .rpc import Request, RpcError, Wire

GAS = hex(30_000_000)
MNEMONIC = "test test test test test test test test test test test junk"  # Anvil's default
EXECUTION_REVERTED = 3
POOL_SECONDS = 10.0
# EIP-2935's contract stores each block's parent hash; Anvil hashes all of its
# storage anew for each block, so that blocks take longer and longer to mine.
BLOCK_HASHES = "0x0000F90827F1C53a10cb7A02335B175320002935"

Sending = tuple[str, bytes, str] | tuple[str, bytes, str, int | None]
Calling = tuple[str, bytes] | tuple[str, bytes, str | None]


class LocalBackend:
    """Backend on an Anvil that nobody else uses."""

    def __init__(self, url: str, *, frozen_time: bool = True) -> None:
        self._wire = Wire(url)
        self.url = url
        self.rpc("anvil_autoImpersonateAccount", True)
        self.rpc("anvil_setNextBlockBaseFeePerGas", "0x0")
        self.set_code(BLOCK_HASHES, b"")
        if frozen_time:
            self.rpc("anvil_setBlockTimestampInterval", 0)

    def close(self) -> None:
        self._wire.close()

    def __enter__(self) -> LocalBackend:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def rpc(self, method: str, *params: Any) -> Any:
        """Result of any request."""
        return self._wire.request(method, *params)

    @cached_property
    def accounts(self) -> Sequence[str]:
        """Anvil's funded development accounts."""
        return tuple(checksum(address) for address in self.rpc("eth_accounts"))

    @cached_property
    def chain_id(self) -> int:
        return int(self.rpc("eth_chainId"), 16)

    def private_key(self, address: str) -> bytes:
        """Key of a development account, for signing permits."""
        key = self._keys.get(address)
        if key is None:
            raise UserError(f"no key for {address}", "use one of the development accounts")
        return key

    @cached_property
    def _keys(self) -> dict[str, bytes]:
        from eth_account import Account  # slow to import

        Account.enable_unaudited_hdwallet_features()
        paths = [f"m/44'/60'/0'/0/{i}" for i in range(len(self.accounts))]
        found = [Account.from_mnemonic(MNEMONIC, account_path=path) for path in paths]
        return {account.address: bytes(account.key) for account in found}

    # sending

    def deploy(self, artifact_name: str, *args: Any, sender: str) -> Contract:
        """Deploy a contract of this project."""
        return deploy(self, artifact_name, args, sender)

    def send(
        self, to: str | None, data: bytes, sender: str, value: int = 0, gas: str = GAS
    ) -> Receipt:
        """Send and mine at once; raises Reverted with the reason."""
        transaction = _transaction(to, data, sender, value, gas)
        try:
            raw = self.rpc("eth_sendTransactionSync", transaction)
        except RpcError as error:
            raise _refused(error, sender) from error
        return self._succeeded(raw, transaction)

    def send_many(self, transactions: Iterable[Sending]) -> list[Receipt]:
        """Send in order, each in its own block, up to the first that reverts.

        Each is (to, data, sender) or (to, data, sender, timestamp), the
        timestamp in seconds for its block and those after it.
        """
        receipts = []
        for to, data, sender, *rest in transactions:
            if rest and rest[0] is not None:
                self.set_next_timestamp(rest[0])
            receipts.append(self.send(to, data, sender))
        return receipts

    def _succeeded(self, raw: dict[str, Any], transaction: dict[str, Any]) -> Receipt:
        receipt = _receipt(raw)
        if receipt.status != 1:
            raise self._explain(receipt, transaction)
        return receipt

    def _explain(self, receipt: Receipt, transaction: dict[str, Any]) -> Reverted:
        """Why a mined transaction failed.

        A failed transaction leaves the state as it was and is alone in its
        block, so a call at this very block repeats it, time included. The
        trace decides where that does not fail as well (gas, code size), and
        for creations, which would be repeated at another address.
        """
        if "to" in transaction:
            try:
                self.rpc("eth_call", transaction, hex(receipt.block_number))
            except RpcError as error:
                if error.code == EXECUTION_REVERTED:
                    return Reverted(*_told(error), receipt)
        options = {"tracer": "callTracer", "tracerConfig": {"onlyTopCall": True}}
        trace = self.rpc("debug_traceTransaction", receipt.tx_hash, options)
        data = bytes.fromhex(trace.get("output", "0x")[2:])
        return Reverted(decode_reason(data), trace.get("error", ""), data, receipt)

    # reading

    def call(self, to: str, data: bytes, sender: str | None = None) -> bytes:
        try:
            return bytes.fromhex(self.rpc("eth_call", _call(to, data, sender), "latest")[2:])
        except RpcError as error:
            raise _reverted(error) from error

    def call_many(self, calls: Iterable[Calling]) -> list[bytes]:
        """Return data of each (to, data[, sender]), all in one request."""
        requests: list[Request] = [
            ("eth_call", (_call(to, data, rest[0] if rest else None), "latest"))
            for to, data, *rest in calls
        ]
        results = self._wire.batch(requests)
        for result in results:
            if isinstance(result, RpcError):
                raise _reverted(result) from result
        return [bytes.fromhex(result[2:]) for result in results]

    def block_timestamp(self) -> int:
        return int(self.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16)

    now = block_timestamp

    def block_number(self) -> int:
        return int(self.rpc("eth_blockNumber"), 16)

    def logs(
        self, address: str, topics: Sequence[bytes | None], first: int, last: int
    ) -> list[Logged]:
        found = self.rpc("eth_getLogs", log_filter(address, topics, first, last))
        return [Logged(int(raw["blockNumber"], 16), _log(raw)) for raw in found]

    def call_at(self, to: str, data: bytes, block: int) -> bytes:
        try:
            return bytes.fromhex(self.rpc("eth_call", _call(to, data, None), hex(block))[2:])
        except RpcError as error:
            raise _reverted(error) from error

    def balance(self, address: str) -> int:
        """In wei."""
        return int(self.rpc("eth_getBalance", address, "latest"), 16)

    def nonce(self, address: str) -> int:
        return int(self.rpc("eth_getTransactionCount", address, "latest"), 16)

    def code(self, address: str) -> bytes:
        return bytes.fromhex(self.rpc("eth_getCode", address, "latest")[2:])

    def storage(self, address: str, slot: int) -> int:
        return int(self.rpc("eth_getStorageAt", address, hex(slot), "latest"), 16)

    # the local chain's own powers

    def set_next_timestamp(self, timestamp: int) -> None:
        """Seconds for the next block and, time standing still, those after it."""
        self.rpc("evm_setNextBlockTimestamp", timestamp)

    def increase_time(self, seconds: int) -> int:
        """Mine a block that many seconds later; the new time."""
        timestamp = self.now() + seconds
        self.set_next_timestamp(timestamp)
        self.mine()
        return timestamp

    def mine(self) -> None:
        self.rpc("evm_mine")

    def snapshot(self) -> str:
        return str(self.rpc("evm_snapshot"))

    def revert(self, snapshot: str) -> None:
        """Back to the snapshot, which is used up by it."""
        self._settle()
        if not self.rpc("evm_revert", snapshot):
            raise UserError(f"no snapshot {snapshot}", "take one with snapshot() first")

    def _settle(self) -> None:
        """Wait until the pool has let go of what is mined.

        Anvil answers a little before it does. Reverted in between, the next
        transaction of the same sender and number would be dropped with it.
        """
        deadline = time.monotonic() + POOL_SECONDS
        while any(int(count, 16) for count in self.rpc("txpool_status").values()):
            if time.monotonic() > deadline:
                raise UserError(
                    f"transactions are stuck in the pool of {self.url}", "restart this Anvil"
                )

    def impersonate(self, address: str, balance: int = 10**20) -> str:
        """Let an address send, with a balance in wei; its checksummed form."""
        self.rpc("anvil_impersonateAccount", address)
        self.set_balance(address, balance)
        return checksum(address)

    def set_balance(self, address: str, amount: int) -> None:
        self.rpc("anvil_setBalance", address, hex(amount))

    def set_code(self, address: str, code: bytes) -> None:
        self.rpc("anvil_setCode", address, "0x" + code.hex())

    def set_storage(self, address: str, slot: int, value: int) -> None:
        self.rpc("anvil_setStorageAt", address, hex(slot), f"0x{value:064x}")


def _transaction(to: str | None, data: bytes, sender: str, value: int, gas: str) -> dict[str, Any]:
    transaction = {"from": sender, "data": "0x" + data.hex(), "gas": gas, "gasPrice": "0x0"}
    if to is not None:
        transaction["to"] = to
    if value:
        transaction["value"] = hex(value)
    return transaction


def _call(to: str, data: bytes, sender: str | None) -> dict[str, Any]:
    call = {"to": to, "data": "0x" + data.hex(), "gas": GAS}
    if sender is not None:
        call["from"] = sender
    return call


def _receipt(raw: dict[str, Any]) -> Receipt:
    created = raw["contractAddress"]
    return Receipt(
        tx_hash=raw["transactionHash"],
        status=int(raw["status"], 16),
        gas_used=int(raw["gasUsed"], 16),
        block_number=int(raw["blockNumber"], 16),
        timestamp=_number(raw["blockTimestamp"]),
        logs=tuple(_log(log) for log in raw["logs"]),
        contract_address=None if created is None else checksum(created),
    )


def _log(raw: dict[str, Any]) -> Log:
    topics = tuple(bytes.fromhex(topic[2:]) for topic in raw["topics"])
    return Log(checksum(raw["address"]), topics, bytes.fromhex(raw["data"][2:]))


def _number(value: int | str) -> int:
    return value if isinstance(value, int) else int(value, 16)


def _reverted(error: RpcError) -> Exception:
    """Reverted for what a contract did, the error itself otherwise."""
    if error.code != EXECUTION_REVERTED and "EVM error" not in error.message:
        return error
    return Reverted(*_told(error))


def _told(error: RpcError) -> tuple[str, str, bytes]:
    """Reason, what the node says, revert data."""
    data = bytes.fromhex(error.data[2:]) if isinstance(error.data, str) else b""
    return decode_reason(data), error.message, data


def _refused(error: RpcError, sender: str) -> Exception:
    if "nsufficient funds" in error.message:
        return UserError(f"{sender} cannot pay for this transaction", "fund it or send less")
    return error
