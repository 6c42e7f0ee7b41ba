# SPDX-License-Identifier: AGPL-3.0-only
"""What a keeper sees of a token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..chain import Reverted
from ..chain.mempool import Mempool
from ..deployment import System
from ..model.oracle.prices import Restriction
from ..model.token.modes import Mode
from .decide import Seen, due_at


def look(system: System, keeper: str, pool: Mempool | None = None) -> Seen:
    """Report, and the reasons why prices or a due rebalance would fail.

    keeper: who would send. pool: where to ask for gas and base fee; without it
    both stay 0.
    """
    report = system.report()
    base_fee = (pool.base_fee() or pool.gas_price()) if pool else 0
    winding_down = Mode(report.state.mode) == Mode.WINDING_DOWN  # needs no price
    if not winding_down and not report.usable:
        return Seen(report, price_reason=price_reason(system), base_fee=base_fee)
    worthless = report.mid == 0 and not winding_down
    if worthless or not due_at(report, report.timestamp)[0]:
        return Seen(report, unobserved=_is_unobserved(system, report), base_fee=base_fee)
    gas, reason = _rehearse(system, keeper, pool)
    return Seen(report, reason=reason, gas=gas, base_fee=base_fee)


def price_reason(system: System) -> str:
    """Why the oracle's prices are unusable; "" when they are usable."""
    return _reason(system.oracle.read)[1]


def _is_unobserved(system: System, report: Any) -> bool:
    """Whether a price steps and no clock of a step still runs."""
    if not report.prices.restriction & Restriction.STEP:
        return False
    oracle = system.oracle
    delay = oracle.parameters().step_delay
    starts = [oracle.accepted(i)[1] for i in range(report.state.components + 1)]
    return not any(start and report.timestamp < start + delay for start in starts)


def _rehearse(system: System, keeper: str, pool: Mempool | None) -> tuple[int, str]:
    """Gas of a rebalance now (0 without a pool) and the reason of its failure."""
    token = system.token
    if pool is None:
        return 0, _reason(lambda: token.rebalance.call(sender=keeper))[1]
    data = token.rebalance.encode()
    gas, reason = _reason(lambda: pool.estimate_gas(token.address, data, keeper))
    return gas or 0, reason


def _reason(call: Callable[[], Any]) -> tuple[Any, str]:
    try:
        return call(), ""
    except Reverted as error:
        return None, str(error)
