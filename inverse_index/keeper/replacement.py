# SPDX-License-Identifier: AGPL-3.0-only
"""A stuck transaction is replaced: the same nonce again, at a higher fee."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ..chain import Receipt
from ..chain.mempool import Mempool, NonceUsed, Underpriced
from ..errors import Unreachable, UserError
from .decide import GWEI

GAS_MARGIN_PERCENT = 130  # of the estimate: state may move before the block
POLL_SECONDS = 1.0

Note = Callable[..., None]


class Clock(Protocol):
    """Seconds that pass; not the chain's."""

    def time(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


class WallClock:
    """The machine's own."""

    def time(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


@dataclass(frozen=True, slots=True)
class FeePolicy:
    """Fees in wei per gas.

    priority_fee: at first. max_fee: never more than this, tip included.
    bump_after: seconds until a transaction that is not mined is replaced.
    bump_percent: by how much more; nodes ask for at least 10.
    give_up_after: seconds after the first sending.
    """

    priority_fee: int = GWEI
    max_fee: int = 500 * GWEI
    bump_after: float = 60.0
    bump_percent: int = 25
    give_up_after: float = 900.0


class Sender(Protocol):
    """Sends a call and returns its receipt; raises Reverted."""

    def send(self, to: str, data: bytes, sender: str) -> Receipt: ...


@dataclass(slots=True)
class _Fees:
    """What the current attempt pays; priority None for the old kind."""

    max_fee: int
    priority: int | None

    def raised(self, percent: int, cap: int) -> _Fees:
        """Both up by `percent`, rounded up, the whole at most `cap`."""
        top = min(_more(self.max_fee, percent), cap)
        tip = None if self.priority is None else min(_more(self.priority, percent), top)
        return _Fees(top, tip)


class Replacing:
    """Replaces a transaction that stays unmined until one of its kind is mined.

    waiting: hashes of the attempts of which none is known to be mined.
    """

    def __init__(
        self, pool: Mempool, policy: FeePolicy, clock: Clock, note: Note = lambda *_, **__: None
    ) -> None:
        self.pool = pool
        self.policy = policy
        self.clock = clock
        self.note = note
        self.waiting: list[str] = []

    def send(self, to: str, data: bytes, sender: str) -> Receipt:
        """The receipt of whichever attempt was mined; raises Reverted."""
        gas = self.pool.estimate_gas(to, data, sender) * GAS_MARGIN_PERCENT // 100
        nonce = self.pool.nonce(sender)  # one that got stuck earlier is replaced
        fees = self._first_fees()
        give_up = self.clock.time() + self.policy.give_up_after
        self.waiting = []
        while True:
            accepted = self._submit(to, data, sender, nonce, gas, fees)
            more = fees.raised(self.policy.bump_percent, self.policy.max_fee)
            if accepted or more == fees:
                receipt = self._await(min(give_up, self.clock.time() + self.policy.bump_after))
                if receipt is not None:
                    self.waiting = []
                    return receipt
            if self.clock.time() >= give_up:
                raise self._stuck(nonce, fees)
            fees = more

    def _first_fees(self) -> _Fees:
        """Room for the base fee to double."""
        base, policy = self.pool.base_fee(), self.policy
        if base is None:
            return _Fees(min(self.pool.gas_price(), policy.max_fee), None)
        top = min(2 * base + policy.priority_fee, policy.max_fee)
        return _Fees(top, min(policy.priority_fee, top))

    def _submit(self, to: str, data: bytes, sender: str, nonce: int, gas: int, fees: _Fees) -> bool:
        """False when a higher fee is needed to replace what waits already."""
        try:
            tx_hash = self.pool.submit(
                to,
                data,
                sender,
                nonce=nonce,
                gas=gas,
                max_fee=fees.max_fee,
                priority_fee=fees.priority,
            )
        except Underpriced:
            self.note("underpriced", nonce=nonce, max_fee=fees.max_fee)
            return False
        except NonceUsed:
            if self.waiting:
                return True  # one of them was mined meanwhile
            raise UserError(
                f"number {nonce} of {sender} was used by another transaction",
                "give the keeper an account of its own",
            ) from None
        self.note(
            "replaced" if self.waiting else "sent", tx=tx_hash, nonce=nonce, max_fee=fees.max_fee
        )
        self.waiting.append(tx_hash)
        return True

    def _await(self, deadline: float) -> Receipt | None:
        """The receipt of any attempt, None at the deadline."""
        while True:
            receipt = self._mined()
            if receipt is not None or self.clock.time() >= deadline:
                return receipt
            self.clock.sleep(min(POLL_SECONDS, max(deadline - self.clock.time(), 0.01)))

    def _mined(self) -> Receipt | None:
        """A network that does not answer now may well have mined it: ask again."""
        try:
            for tx_hash in self.waiting:
                receipt = self.pool.receipt(tx_hash)
                if receipt is not None:
                    return receipt
        except Unreachable as error:
            self.note("retry", why=str(error))
        return None

    def _stuck(self, nonce: int, fees: _Fees) -> UserError:
        attempts = ", ".join(self.waiting) or "none was accepted"
        return UserError(
            f"transaction {nonce} is not mined after {self.policy.give_up_after:g} seconds, "
            f"at last with {fees.max_fee / GWEI:g} gwei ({attempts})",
            "allow a higher --max-fee",
        )


def _more(amount: int, percent: int) -> int:
    return amount + -(-amount * percent // 100)
