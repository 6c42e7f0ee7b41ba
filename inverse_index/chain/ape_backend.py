# SPDX-License-Identifier: AGPL-3.0-only
"""Any network and any account that Ape knows, behind the common interface.

Ape prepares and signs; calls, gas estimates and receipts are read from the
network itself, so that reasons are the contract's own, word for word.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ape.api import AccountAPI, ProviderAPI, TransactionAPI
from ape.exceptions import (
    AccountsError,
    ApeException,
    ProviderError,
    SignatureError,
    TransactionNotFoundError,
)
from requests.exceptions import RequestException
from web3.exceptions import Web3Exception

from ..errors import Unreachable, UserError
from .abi import checksum
from .contract import Contract, deploy
from .mempool import NonceUsed, Underpriced
from .past import Logged, log_filter
from .receipts import Log, Receipt, Reverted, decode_reason

GAS_MARGIN_PERCENT = 125  # of the estimate: state may move before the block
POLL_LIVE, POLL_LOCAL = 1.0, 0.01  # seconds
LIMIT_EXCEEDED = -32005  # code of a node that asks for patience
UNDERPRICED = ("underpriced", "already known", "already imported")
NONCE_USED = ("nonce too low", "nonce is too low")
NO_FUNDS = ("insufficient funds", "exceeds account balance", "exceeds balance")


class ApeBackend:
    """Backend on Ape's connected provider with one or several Ape accounts.

    Local chains are read at the pending block: on a development node that mines
    only when something is sent, time is older in the latest one.
    """

    def __init__(self, provider: ProviderAPI, *accounts: AccountAPI) -> None:
        self._provider = provider
        self._block = "pending" if provider.network.is_dev else "latest"
        self.sent = 0  # transactions
        self.gas_used = 0
        self._accounts = {checksum(str(account.address)): account for account in accounts}

    @property
    def accounts(self) -> Sequence[str]:
        return tuple(self._accounts)

    def add_account(self, account: AccountAPI) -> None:
        """Let another account send, too."""
        self._accounts.setdefault(checksum(str(account.address)), account)

    @property
    def chain_id(self) -> int:
        return int(self._rpc("eth_chainId"), 16)

    @property
    def is_live(self) -> bool:
        """False for local chains and local forks."""
        return not self._provider.network.is_dev

    def deploy(self, artifact_name: str, *args: Any, sender: str) -> Contract:
        return deploy(self, artifact_name, args, sender)

    def call(self, to: str, data: bytes, sender: str | None = None) -> bytes:
        call = _call(to, data, sender, 0)
        return bytes.fromhex(self._rpc("eth_call", call, self._block)[2:])

    def code(self, address: str) -> bytes:
        return bytes.fromhex(self._rpc("eth_getCode", address, "latest")[2:])

    def block_timestamp(self) -> int:
        return self._timestamp(self._block)

    def nonce(self, address: str) -> int:
        return int(self._rpc("eth_getTransactionCount", address, "latest"), 16)

    def balance(self, address: str) -> int:
        """In wei."""
        return int(self._rpc("eth_getBalance", address, "latest"), 16)

    def gas_price(self) -> int:
        """In wei, as the node suggests."""
        return int(self._rpc("eth_gasPrice"), 16)

    def estimate_gas(self, to: str | None, data: bytes, sender: str, value: int = 0) -> int:
        """Gas that the transaction takes now; raises Reverted."""
        return int(self._rpc("eth_estimateGas", _call(to, data, sender, value), self._block), 16)

    def send(self, to: str | None, data: bytes, sender: str, value: int = 0) -> Receipt:
        """Estimate, sign, send and wait. A revert that the estimate shows costs nothing."""
        account = self._account(sender)
        gas = self.estimate_gas(to, data, sender, value) * GAS_MARGIN_PERCENT // 100
        with self._outside(sender):
            transaction = self._provider.network.ecosystem.create_transaction(
                **({} if to is None else {"receiver": to}),
                data=data,
                value=value,
                gas_limit=min(gas, self._provider.max_gas),
            )
            transaction.raise_on_revert = False
            transaction.required_confirmations = 0  # mined is enough to go on
            signs_itself = type(account).call is AccountAPI.call
            if signs_itself:
                raw = self._signed(account, account.prepare_transaction(transaction))
            else:  # impersonated accounts, multisigs
                tx_hash = str(account.call(transaction).txn_hash)
        if signs_itself:
            tx_hash = self._send_raw(raw, sender)
        receipt = self._receipt(tx_hash)
        if receipt.status != 1:
            raise self._explain(receipt, _call(to, data, sender, value))
        return receipt

    def _send_raw(self, raw: str, sender: str) -> str:
        try:
            return str(self._rpc("eth_sendRawTransaction", raw))
        except (Underpriced, NonceUsed) as error:
            raise UserError(
                f"another transaction of {sender} is under way ({error})", "wait until it is mined"
            ) from error

    def _signed(self, account: AccountAPI, transaction: TransactionAPI) -> str:
        """Raw transaction. Ape's own sending is passed by: it prints traces."""
        transaction.sender = account.address
        signed = account.sign_transaction(transaction)
        if signed is None:
            raise SignatureError("the transaction was not signed", transaction=transaction)
        return "0x" + bytes(signed.serialize_transaction()).hex()

    # not waited for: `Mempool`

    def base_fee(self) -> int | None:
        """Of the latest block, in wei; None where there is none."""
        fee = self._rpc("eth_getBlockByNumber", "latest", False).get("baseFeePerGas")
        return None if fee is None else int(fee, 16)

    def submit(
        self,
        to: str,
        data: bytes,
        sender: str,
        *,
        nonce: int,
        gas: int,
        max_fee: int,
        priority_fee: int | None,
    ) -> str:
        account = self._account(sender)
        fees = (
            {"gas_price": max_fee}
            if priority_fee is None
            else {"max_fee": max_fee, "max_priority_fee": priority_fee}
        )
        with self._outside(sender):
            transaction = self._provider.network.ecosystem.create_transaction(
                receiver=to, data=data, gas_limit=gas, nonce=nonce, chain_id=self.chain_id, **fees
            )
            raw = self._signed(account, transaction)
        return str(self._rpc("eth_sendRawTransaction", raw))

    def receipt(self, tx_hash: str) -> Receipt | None:
        """None while it is not mined; raises Reverted."""
        raw = self._rpc("eth_getTransactionReceipt", tx_hash)
        if raw is None:
            return None
        receipt = self._parsed(raw)
        if receipt.status != 1:
            sent = self._rpc("eth_getTransactionByHash", tx_hash)
            call = {"to": sent["to"], "from": sent["from"], "data": sent["input"]}
            raise self._explain(receipt, call)
        return receipt

    def sent_data(self, tx_hash: str) -> bytes:
        """Calldata of a transaction; of one that creates, code and arguments. Empty
        where the network knows no such transaction."""
        sent = self._rpc("eth_getTransactionByHash", tx_hash)
        return b"" if sent is None else bytes.fromhex(sent["input"][2:])

    # the past: `Past`

    def block_number(self) -> int:
        return int(self._rpc("eth_blockNumber"), 16)

    def logs(
        self, address: str, topics: Sequence[bytes | None], first: int, last: int
    ) -> list[Logged]:
        found = self._rpc("eth_getLogs", log_filter(address, topics, first, last))
        return [Logged(int(raw["blockNumber"], 16), _log(raw)) for raw in found]

    def call_at(self, to: str, data: bytes, block: int) -> bytes:
        call = _call(to, data, None, 0)
        return bytes.fromhex(self._rpc("eth_call", call, hex(block))[2:])

    # development nodes

    def advance_time(self, seconds: int) -> None:
        """Mine a block that many seconds later."""
        if self.is_live:
            raise UserError("time cannot be moved on a live network", "use a local network")
        self._rpc("evm_increaseTime", seconds)
        self._rpc("evm_mine")

    def _account(self, sender: str) -> AccountAPI:
        account = self._accounts.get(checksum(sender))
        if account is None:
            known = ", ".join(self._accounts) or "none is loaded"
            raise UserError(
                f"no account {sender} to send from ({known})", "choose it with --account"
            )
        return account

    def _receipt(self, tx_hash: str) -> Receipt:
        """Waits as long as Ape's configuration of the network says."""
        deadline = time.monotonic() + self._provider.network.transaction_acceptance_timeout
        while (raw := self._rpc("eth_getTransactionReceipt", tx_hash)) is None:
            if time.monotonic() > deadline:
                raise UserError(
                    f"transaction {tx_hash} is not mined yet",
                    "wait, then look at it before sending again",
                )
            time.sleep(POLL_LIVE if self.is_live else POLL_LOCAL)
        return self._parsed(raw)

    def _parsed(self, raw: dict[str, Any]) -> Receipt:
        self.sent += 1
        self.gas_used += int(raw["gasUsed"], 16)
        created = raw.get("contractAddress")
        return Receipt(
            tx_hash=str(raw["transactionHash"]),
            status=int(raw["status"], 16),
            gas_used=int(raw["gasUsed"], 16),
            block_number=int(raw["blockNumber"], 16),
            timestamp=self._timestamp(raw["blockNumber"]),
            logs=tuple(_log(log) for log in raw["logs"]),
            contract_address=checksum(created) if created and raw.get("to") is None else None,
        )

    def _timestamp(self, block: str) -> int:
        return int(self._rpc("eth_getBlockByNumber", block, False)["timestamp"], 16)

    def _explain(self, receipt: Receipt, call: dict[str, str]) -> Reverted:
        """Repeated at its block; other transactions of the block may blur the reason."""
        try:
            self._rpc("eth_call", call, hex(receipt.block_number))
        except Reverted as error:
            return Reverted(error.reason, error.detail, error.data, receipt)
        return Reverted(
            "", f"transaction {receipt.tx_hash} failed, out of gas perhaps", b"", receipt
        )

    def _rpc(self, method: str, *params: Any) -> Any:
        """Result as the node gives it; raises Reverted and UserError."""
        with self._outside(None):
            answer = self._provider.web3.provider.make_request(method, list(params))
        if "error" not in answer:
            return answer["result"]
        raise self._failure(method, answer["error"])

    def _failure(self, method: str, error: Any) -> Exception:
        message = str(error.get("message", error)) if isinstance(error, dict) else str(error)
        code = error.get("code") if isinstance(error, dict) else None
        data = _revert_data(error)
        if code == LIMIT_EXCEEDED or "too many requests" in message.lower():
            return Unreachable(f"the network asks for patience ({_line(message)})", "wait")
        if method == "eth_sendRawTransaction" and _says(message, UNDERPRICED):
            return Underpriced(message)
        if method == "eth_sendRawTransaction" and _says(message, NONCE_USED):
            return NonceUsed(message)
        if not data and _lacks_funds(message):  # with data a contract says so
            return _no_funds("the sender")
        if data or "revert" in message.lower():
            return Reverted(decode_reason(data) or _reason_in(message), message, data)
        return UserError(
            f"the network refused {method}: {message}", "check the network and try again"
        )

    @contextmanager
    def _outside(self, sender: str | None) -> Iterator[None]:
        """What is not the contracts' doing, as one line with its remedy."""
        try:
            yield
        except SignatureError as error:
            raise UserError("the transaction was not signed", "approve it in the wallet") from error
        except TransactionNotFoundError as error:
            raise UserError(
                f"the transaction was sent but is not mined yet ({error})",
                "wait, then look at it before sending again",
            ) from error
        except ProviderError as error:
            raise self._unreachable(error) from error
        except (AccountsError, ApeException, Web3Exception) as error:
            if _lacks_funds(str(error)):
                raise _no_funds(sender or "the sender") from error
            raise UserError(
                f"Ape could not send: {_line(error)}", "check account and network"
            ) from error
        except (RequestException, OSError) as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: Exception) -> Unreachable:
        network = self._provider.network_choice
        return Unreachable(
            f"no answer from {network} ({type(error).__name__})",
            "check the connection, or choose another provider with --network",
        )


def _call(to: str | None, data: bytes, sender: str | None, value: int) -> dict[str, str]:
    call = {"data": "0x" + data.hex()}
    if to is not None:
        call["to"] = to
    if sender is not None:
        call["from"] = sender
    if value:
        call["value"] = hex(value)
    return call


def _log(raw: dict[str, Any]) -> Log:
    topics = tuple(bytes.fromhex(topic[2:]) for topic in raw["topics"])
    return Log(checksum(raw["address"]), topics, bytes.fromhex(raw["data"][2:]))


def _revert_data(error: Any) -> bytes:
    """Nodes put it in `data`, or one level deeper, or not at all."""
    data = error.get("data") if isinstance(error, dict) else None
    if isinstance(data, dict):
        data = data.get("data")
    if isinstance(data, str) and data.startswith("0x"):
        return bytes.fromhex(data[2:])
    return b""


def _reason_in(message: str) -> str:
    _, found, reason = message.partition("execution reverted: ")
    return reason if found else ""


def _lacks_funds(message: str) -> bool:
    return _says(message, NO_FUNDS)


def _says(message: str, signs: Sequence[str]) -> bool:
    return any(sign in message.lower() for sign in signs)


def _no_funds(sender: str) -> UserError:
    return UserError(
        f"{sender} cannot pay for this transaction", "send it some of the network's own coin"
    )


def _line(error: object) -> str:
    return " ".join(str(error).split())[:300]
