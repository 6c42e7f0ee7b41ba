# SPDX-License-Identifier: AGPL-3.0-only
"""Looks for accounts below their maintenance margin and liquidates what pays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..chain import Receipt, Reverted
from ..chain.mempool import Mempool
from ..keeper.decide import Policy, cost_of_gas_up
from ..keeper.replacement import Clock, Sender, WallClock
from ..keeper.rounds import Tell, watch
from .books import Exchange, View
from .history import History
from .survey import Due, Long, is_rate_old, longs_to_close, reasons_of, survey, why_wait


@dataclass(slots=True)
class Tally:
    """What a liquidator has done. reward: collateral, native."""

    rounds: int = 0
    liquidations: int = 0
    deleverages: int = 0
    accruals: int = 0
    reward: int = 0
    gas_used: int = 0
    failures: int = 0


class Liquidator:
    """Liquidates the accounts of one exchange when the policy says so.

    account: who sends. receiver: who gets the rewards, the account by default.
    deleverages: whether to close longs as well while the pool does not cover the shorts.
    accrues: whether to set borrowing rates anew that are half a day old.
    tell: gets every event as a dictionary with `event` and the chain's `time`.
    """

    def __init__(
        self,
        exchange: Exchange,
        history: History,
        account: str,
        policy: Policy,
        *,
        sender: Sender,
        pool: Mempool,
        receiver: str | None = None,
        deleverages: bool = False,
        accrues: bool = False,
        clock: Clock | None = None,
        tell: Tell = lambda event: None,
        dry_run: bool = False,
    ) -> None:
        self.exchange = exchange
        self.history = history
        self.account = account
        self.policy = policy
        self.sender = sender
        self.pool = pool
        self.receiver = receiver or account
        self.deleverages = deleverages
        self.accrues = accrues
        self.clock = clock or WallClock()
        self.tell = tell
        self.dry_run = dry_run
        self.tally = Tally()
        self._refusals: list[Reverted] = []

    def once(self) -> str:
        """One round; why nothing could be looked at, "" when all went well. Raises Reverted
        where a contract refused what was sent, and UserError."""
        blocked = self._round()
        if self._refusals:
            raise self._refusals[0]
        return blocked

    def watch(self, interval: float) -> Tally:
        """Rounds until Ctrl-C; no failure outside ends it."""
        return watch(self._timed_round, interval, self.clock, self.tell, self.tally)

    def _timed_round(self, interval: float) -> float:
        self._round()
        return interval

    def _round(self) -> str:
        self.tally.rounds += 1
        self._refusals = []
        view = self._look()
        if view.reason:
            self.tell({"event": "blocked", "time": view.now, "why": view.reason})
            return view.reason
        found = survey(view)
        for account, why in reasons_of(found.spared, view).items():
            self.tell({"event": "spared", "time": view.now, "account": account, "why": why})
        acted = any([self._liquidate(each, view.now) for each in found.due])
        if self.deleverages and not view.books.settled:
            acted = self._close_longs(self._look() if acted and not self.dry_run else view) or acted
        if self.accrues and is_rate_old(view):
            acted = self._accrue(view) or acted
        if not acted:
            why = f"{len(found.due)} of {found.open} accounts with positions are below maintenance"
            self.tell({"event": "wait", "time": view.now, "until": None, "why": why})
        return ""

    def _look(self) -> View:
        settled = self.exchange.is_settled
        frozen = self.history.frozen_prices() if settled else ()
        return self.exchange.look(self.history.traders(), frozen)

    def _close_longs(self, view: View) -> bool:
        """One by one, the largest first, until the pool covers the shorts; whether any."""
        acted = False
        while longs := longs_to_close(view):
            if not self._deleverage(longs[0], view):
                break
            acted = True
            if self.dry_run:
                break
            view = self._look()
        return acted

    def _liquidate(self, due: Due, now: int) -> bool:
        """Whether it was done, or would be."""
        exchange = self.exchange.contract
        data = exchange.liquidate.encode(due.account, self.receiver)
        told = _told(due)
        try:
            cost = self._cost(data)
        except Reverted as error:
            return self._note_refusal(error)
        why = why_wait(due.does.reward, cost, self.pool.base_fee() or 0, self.policy)
        if why:
            self.tell({"event": "left", "time": now, **told, "gas_cost": cost, "why": why})
            return False
        if self.dry_run:
            self.tell({"event": "would liquidate", "time": now, **told, "gas_cost": cost})
            return True
        receipt = self._send(data)
        if receipt is None:
            return False
        (done,) = [e for e in receipt.events(exchange) if e.name == "Liquidated"]
        self.tally.liquidations += 1
        self.tally.reward += done.reward
        debts = [e for e in receipt.events(exchange) if e.name == "BadDebt"]
        told |= {
            "fraction": done.fraction,
            "penalty": done.penalty,
            "reward": done.reward,
            "bad_debt": sum(each.insurance_paid + each.pool_paid for each in debts),
        }
        self._tell_done("liquidated", receipt, told)
        return True

    def _deleverage(self, long: Long, view: View) -> bool:
        """Earns nothing: it is done at any cost, when it is asked for."""
        exchange = self.exchange.contract
        told = {"account": long.account, "market": view.names[long.market], "size": long.size}
        if self.dry_run:
            self.tell({"event": "would deleverage", "time": view.now, **told})
            return True
        receipt = self._send(exchange.deleverage.encode(long.account, long.market))
        if receipt is None:
            return False
        self.tally.deleverages += 1
        self._tell_done("deleveraged", receipt, told)
        return True

    def _accrue(self, view: View) -> bool:
        """Earns nothing either."""
        if self.dry_run:
            self.tell({"event": "would accrue", "time": view.now})
            return True
        receipt = self._send(self.exchange.contract.accrue.encode())
        if receipt is None:
            return False
        self.tally.accruals += 1
        self._tell_done("accrued", receipt, {})
        return True

    def _cost(self, data: bytes) -> int | None:
        """Gas in collateral; None when it is not counted."""
        if self.policy.native_price is None:
            return None
        gas = self.pool.estimate_gas(self.exchange.contract.address, data, self.account)
        base_fee = self.pool.base_fee() or self.pool.gas_price()
        return cost_of_gas_up(gas, base_fee, self.policy, self.exchange.system.unit)

    def _send(self, data: bytes) -> Receipt | None:
        """None where somebody was faster, or prices have moved: the next account may still
        be due."""
        try:
            return self.sender.send(self.exchange.contract.address, data, self.account)
        except Reverted as error:
            self._note_refusal(error)
            return None

    def _note_refusal(self, error: Reverted) -> bool:
        """Never done."""
        self._refusals.append(error)
        self.tally.failures += 1
        self.tell({"event": "failed", "why": str(error)})
        return False

    def _tell_done(self, event: str, receipt: Receipt, told: dict[str, Any]) -> None:
        self.tally.gas_used += receipt.gas_used
        mined = {"time": receipt.timestamp, "tx": receipt.tx_hash, "gas_used": receipt.gas_used}
        self.tell({"event": event, **mined, **told})


def _told(due: Due) -> dict[str, Any]:
    does = due.does
    return {
        "account": due.account,
        "equity": due.equity,
        "maintenance": due.maintenance,
        "fraction": does.fraction,
        "penalty": does.penalty,
        "reward": does.reward,
        "bad_debt": does.insurance_paid + does.pool_paid,
    }
