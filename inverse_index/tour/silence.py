# SPDX-License-Identifier: AGPL-3.0-only
"""Heartbeats of seven days: what feeds that fall silent cost then."""

from __future__ import annotations

from collections.abc import Callable

from .. import reasons
from ..chain import Contract
from ..deployment.governance import Operation
from ..model.fixed import BPS
from .harness import DAY, DELAY, Harness, part_bps, per_share
from .leaving import aside, cost_of_leaving
from .record import Figure, Record

MAX_HEARTBEAT = 7 * DAY  # a constant of the contracts, which a test compares
FALL_PERCENT = 5


def silent_feeds(harness: Harness, record: Record) -> None:
    """Every feed falls silent for six days, the market falls, and who knows it comes in at
    the old price, with as much as needs no trade."""

    def raised(act: Callable[[Contract, int, int, int], object]) -> None:
        for i in range(len(harness.plan.symbols) + 1):
            second = MAX_HEARTBEAT if harness.oracle.asset(i).secondary_heartbeat else 0
            act(harness.oracle, i, MAX_HEARTBEAT, second)

    def announced(oracle: Contract, *args: int) -> object:
        return harness.announce(oracle, "set_heartbeats", *args)

    leaving = cost_of_leaving(harness, lambda: raised(announced))
    wanted: list[Operation] = []
    raised(lambda oracle, *args: wanted.append(harness.announce(oracle, "set_heartbeats", *args)))
    harness.wait(DELAY)
    for each in wanted:
        harness.execute(each)
    record.refused(
        "proposer",
        "a heartbeat over 7 days",
        reasons.ORACLE_HEARTBEAT,
        lambda: harness.oracle.set_heartbeats.call(
            0, MAX_HEARTBEAT + 1, 0, sender=harness.timelock.address
        ),
    )
    harness.silence(6 * DAY)
    p, report = harness.plan.parameters, harness.system.report()
    paid = report.mid * p.tolerance_bps // BPS // harness.unit

    def share(first: Callable[[], object]) -> int:
        first()
        harness.move(-FALL_PERCENT)
        return per_share(harness)

    without = aside(harness, lambda: share(lambda: None))
    lost = without - share(lambda: harness.deposit("stranger", paid))
    record.figure(
        Figure(
            "set_heartbeats",
            f"7 days; feeds silent for 6, the market falls by {FALL_PERCENT}%",
            leaving,
            part_bps(lost, without),
            "a deposit within the tolerance",
            p.tolerance_bps * FALL_PERCENT / 100 * harness.plan.multiple,
            "MAX_HEARTBEAT; a flow within the tolerance, the market's move",
        )
    )
