# SPDX-License-Identifier: AGPL-3.0-only
"""Heartbeats of seven days: what feeds that fall silent cost then."""

from __future__ import annotations

from collections.abc import Callable

from .. import reasons
from ..chain import Contract
from ..deployment.governance import Operation
from ..model.fixed import BPS
from .leaving import aside, cost_of_leaving
from .record import Figure, Record
from .stage import DAY, DELAY, Stage, part_bps, per_share

MAX_HEARTBEAT = 7 * DAY  # a constant of the contracts, which a test compares
FALL_PERCENT = 5


def silent_feeds(stage: Stage, record: Record) -> None:
    """Every feed falls silent for six days, the market falls, and who knows it comes in at
    the old price, with as much as needs no trade."""

    def raised(act: Callable[[Contract, int, int, int], object]) -> None:
        for i in range(len(stage.plan.symbols) + 1):
            second = MAX_HEARTBEAT if stage.oracle.asset(i).secondary_heartbeat else 0
            act(stage.oracle, i, MAX_HEARTBEAT, second)

    def announced(oracle: Contract, *args: int) -> object:
        return stage.announce(oracle, "set_heartbeats", *args)

    leaving = cost_of_leaving(stage, lambda: raised(announced))
    wanted: list[Operation] = []
    raised(lambda oracle, *args: wanted.append(stage.announce(oracle, "set_heartbeats", *args)))
    stage.wait(DELAY)
    for each in wanted:
        stage.execute(each)
    record.refused(
        "proposer",
        "a heartbeat over 7 days",
        reasons.ORACLE_HEARTBEAT,
        lambda: stage.oracle.set_heartbeats.call(
            0, MAX_HEARTBEAT + 1, 0, sender=stage.timelock.address
        ),
    )
    stage.silence(6 * DAY)
    p, report = stage.plan.parameters, stage.system.report()
    paid = report.mid * p.tolerance_bps // BPS // stage.unit

    def share(first: Callable[[], object]) -> int:
        first()
        stage.move(-FALL_PERCENT)
        return per_share(stage)

    without = aside(stage, lambda: share(lambda: None))
    lost = without - share(lambda: stage.deposit("stranger", paid))
    record.figure(
        Figure(
            "set_heartbeats",
            f"7 days; feeds silent for 6, the market falls by {FALL_PERCENT}%",
            leaving,
            part_bps(lost, without),
            "a deposit within the tolerance",
            p.tolerance_bps * FALL_PERCENT / 100 * stage.plan.multiple,
            "MAX_HEARTBEAT; a flow within the tolerance, the market's move",
        )
    )
