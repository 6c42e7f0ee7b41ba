# SPDX-License-Identifier: AGPL-3.0-only
"""Look, decide, act; once or for ever."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..chain import Receipt
from ..chain.mempool import Mempool
from ..deployment import System
from ..model.token.modes import Mode
from .decide import Action, Blocked, Observe, Policy, Rebalance, Wait, decide, trigger_names
from .look import look
from .replacement import Clock, Sender, WallClock
from .rounds import Tell, watch


@dataclass(slots=True)
class Summary:
    """What a keeper has done. reward: collateral; gas_used: of mined rebalances."""

    rounds: int = 0
    rebalances: int = 0
    reward: int = 0
    gas_used: int = 0
    failures: int = 0


class Direct:
    """Sends through the backend and waits, without replacement."""

    def __init__(self, system: System) -> None:
        self._backend = system.backend

    def send(self, to: str, data: bytes, sender: str) -> Receipt:
        return self._backend.send(to, data, sender)


class Keeper:
    """Rebalances one token when the policy says so.

    account: who sends. receiver: who gets the reward, the account by default.
    pool: where to ask for fees and gas; without it they count as 0.
    tell: gets every event as a dictionary with `event` and the chain's `time`.
    """

    def __init__(
        self,
        system: System,
        account: str,
        policy: Policy,
        *,
        receiver: str | None = None,
        sender: Sender | None = None,
        pool: Mempool | None = None,
        clock: Clock | None = None,
        tell: Tell = lambda event: None,
        dry_run: bool = False,
    ) -> None:
        self.system = system
        self.account = account
        self.policy = policy
        self.receiver = receiver or account
        self.sender = sender or Direct(system)
        self.pool = pool
        self.clock = clock or WallClock()
        self.tell = tell
        self.dry_run = dry_run
        self.summary = Summary()

    def once(self) -> Action:
        """One round; what was decided. Raises Reverted and UserError."""
        return self._round()[0]

    def watch(self, interval: float) -> Summary:
        """Rounds until Ctrl-C; no failure outside ends it.

        interval: longest pause in seconds, shorter when the next event is known.
        """
        return watch(self._timed_round, interval, self.clock, self.tell, self.summary)

    def _timed_round(self, interval: float) -> float:
        """Seconds to pause."""
        action, now = self._round()
        if isinstance(action, Wait) and action.until is not None:
            return max(1.0, min(interval, float(action.until - now)))
        return interval

    def _round(self) -> tuple[Action, int]:
        """What was decided, and the chain's time then."""
        self.summary.rounds += 1
        seen = look(self.system, self.account, self.pool)
        now: int = seen.report.timestamp
        action = decide(seen, self.policy, now)
        if isinstance(action, Rebalance):
            self._rebalance(action, now)
        elif isinstance(action, Observe):
            self._observe(action, now)
        elif isinstance(action, Blocked):
            self.tell({"event": "blocked", "time": now, "why": action.why})
        else:
            self.tell({"event": "wait", "time": now, "until": action.until, "why": action.why})
        return action, now

    def _rebalance(self, action: Rebalance, now: int) -> None:
        if self.dry_run:
            self.tell(
                {
                    "event": "would rebalance",
                    "time": now,
                    "why": action.why,
                    "reward": action.reward,
                    "gas_cost": action.cost,
                }
            )
            return
        token = self.system.token
        arguments = () if self.receiver == self.account else (self.receiver,)
        data = token.rebalance.encode(*arguments)
        receipt = self.sender.send(token.address, data, self.account)
        self._note_done(receipt)

    def _observe(self, action: Observe, now: int) -> None:
        if self.dry_run:
            self.tell({"event": "would refresh", "time": now, "why": action.why})
            return
        oracle = self.system.oracle
        receipt = self.sender.send(oracle.address, oracle.refresh.encode(), self.account)
        told = {"time": receipt.timestamp, "tx": receipt.tx_hash, "gas_used": receipt.gas_used}
        self.tell({"event": "refreshed", "why": action.why, **told})

    def _note_done(self, receipt: Receipt) -> None:
        events = receipt.events(self.system.token)
        for done in events:
            if done.name == "Rebalanced":
                self._note_trade(receipt, done)
        if any(e.name == "ModeSet" and e.mode == Mode.SETTLED for e in events):
            self.tell({"event": "settled", "time": receipt.timestamp, "tx": receipt.tx_hash})

    def _note_trade(self, receipt: Receipt, done: Any) -> None:
        self.summary.rebalances += 1
        self.summary.reward += done.reward
        self.summary.gas_used += receipt.gas_used
        told = {name: done.args[name] for name in _TOLD}
        self.tell(
            {
                "event": "rebalanced",
                "time": receipt.timestamp,
                "tx": receipt.tx_hash,
                "gas_used": receipt.gas_used,
                "why": trigger_names(done.triggers),
                **told,
            }
        )


_TOLD = (
    "complete",
    "leverage_before",
    "leverage_after",
    "index_return",
    "token_return",
    "tracking_difference",
    "cost",
    "reward",
)
