# SPDX-License-Identifier: AGPL-3.0-only
"""Guardian and timelock: what each may do, and what everybody else is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from .. import reasons
from ..deployment.governance import NO_PREDECESSOR, operation
from ..model.fixed import BPS, WAD, ceil_div
from ..model.policy.flow_terms import Kind
from ..model.token.modes import Mode
from ..plan.parameters import Parameters
from .record import Record
from .stage import DAY, DELAY, Stage

NOT_OWNER = "ownable: caller is not the owner"
NOT_GUARDIAN = reasons.TOKEN_NOT_GUARDIAN
ONLY_LOWER = reasons.TOKEN_ONLY_LOWER
NOT_FAILED = reasons.TOKEN_NOT_FAILED
NO_ROLE = "access_control: account is missing role"
NOT_READY = "timelock_controller: operation is not ready"
OUTSIDERS = ("holder", "keeper", "stranger", "proposer", "deployer")


def guardian(stage: Stage, record: Record) -> None:
    """It stops mints and lowers the cap, at once; nothing else, and nobody else."""
    token, who = stage.token, stage.who
    for role in OUTSIDERS:
        _refused(stage, record, role, NOT_GUARDIAN, "pause_mint")
    record.done("guardian", "pause_mint()", lambda: stage.sent("guardian", token, "pause_mint"))
    record.holds("the mode is MINT_PAUSED", stage.mode == Mode.MINT_PAUSED)
    record.refused(
        "stranger", "deposit", reasons.TOKEN_MINT_PAUSED, lambda: stage.deposit("stranger", 100)
    )
    record.done("holder", "redeem 1,000 shares", lambda: stage.redeem("holder", 1_000 * WAD))
    record.done("holder", "withdraw 1,000", lambda: stage.withdraw("holder", 1_000))
    for role in ("guardian", *OUTSIDERS):
        _refused(stage, record, role, NOT_OWNER, "resume_mint")
    cap = token.state().nav_cap
    _allowed(stage, record, "guardian", "set_nav_cap", cap // 2)
    _refused(stage, record, "guardian", ONLY_LOWER, "set_nav_cap", cap)
    _refused(stage, record, "stranger", NOT_GUARDIAN, "set_nav_cap", 0)
    parameters = Parameters(*token.state().parameters)
    for name, *args in (
        ("set_parameters", parameters),
        ("set_streaming_fee", 0, who["guardian"]),
        ("set_guardian", who["guardian"]),
        ("transfer_ownership", who["guardian"]),
    ):
        _refused(stage, record, "guardian", NOT_OWNER, str(name), *args)
    _refused(stage, record, "guardian", NOT_FAILED, "wind_down")
    record.refused(
        "guardian",
        "oracle.schedule_reconstitution(...)",
        NOT_OWNER,
        lambda: stage.sent("guardian", stage.oracle, "schedule_reconstitution", [WAD]),
    )
    _resume(stage, record, cap)


def _resume(stage: Stage, record: Record, cap: int) -> None:
    token = stage.token
    announced = [stage.announce(token, "resume_mint"), stage.announce(token, "set_nav_cap", cap)]
    stage.wait(DELAY)
    for wanted, what in zip(announced, ("resume_mint()", "set_nav_cap(...)"), strict=True):
        record.done(
            "timelock", f"{what}, 2 days after its announcement", partial(stage.execute, wanted)
        )
    record.holds("the mode is ACTIVE", stage.mode == Mode.ACTIVE)
    record.done("stranger", "deposit", lambda: stage.deposit("stranger", 100))


def timelock(stage: Stage, record: Record) -> None:
    """What an owner does is seen for two days, in which everybody can leave."""
    token, lock = stage.token, stage.timelock
    worse = replace(Parameters(*token.state().parameters), redeem_fee_bps=100)
    wanted = operation(token, "set_parameters", worse)
    call = wanted.arguments
    record.refused_each(
        ("guardian", "holder", "deployer"),
        "timelock.schedule(redemption fee 1%)",
        NO_ROLE,
        lambda role: stage.sent(role, lock, "schedule", *call, DELAY),
    )
    record.refused(
        "proposer",
        "timelock.schedule(...) a second under the delay",
        "timelock_controller: insufficient delay",
        lambda: stage.sent("proposer", lock, "schedule", *call, DELAY - 1),
    )
    record.refused(
        "proposer",
        "timelock.update_delay(0)",
        reasons.TIMELOCK_SELF,
        lambda: stage.sent("proposer", lock, "update_delay", 0),
    )
    record.refused(
        "proposer",
        "set_parameters(...) without the timelock",
        NOT_OWNER,
        lambda: stage.sent("proposer", token, "set_parameters", worse),
    )
    record.done(
        "proposer",
        "timelock.schedule(redemption fee 1%)",
        lambda: stage.sent("proposer", lock, "schedule", *call, DELAY),
    )
    announced_at = stage.chain.now()
    stage.wait(DAY)
    _leaves(stage, record, "second holder", 10, "a day later, at the old fee")
    stage.silence(announced_at + DELAY - 1 - stage.chain.now())
    stage.post()
    record.refused_each(
        ("proposer", "stranger"),
        "timelock.execute(...) a second early",
        NOT_READY,
        lambda role: stage.execute(wanted, role),
    )
    stage.wait(1)
    record.done("stranger", "timelock.execute(...) on the second", lambda: stage.execute(wanted))
    _leaves(stage, record, "holder", 100, "at the new fee, half of the shares", 2)
    _cancelled(stage, record)


def _leaves(
    stage: Stage, record: Record, role: str, fee_bps: int, what: str, part: int = 1
) -> None:
    """A redemption pays exactly what was previewed, at this fee or its own trade's cost;
    of a large one a part of the fee is paid back."""
    shares, had = stage.shares(role) // part, stage.balance(role)
    flow = stage.system.views.preview(stage.token, int(Kind.REDEEM), shares)
    record.done(
        role,
        f"redeem, {what}",
        lambda: stage.redeem(role, shares),
        lambda _: stage.money(stage.balance(role) - had),
    )
    record.holds("it pays what was previewed", stage.balance(role) - had == flow.assets)
    fee = ceil_div(flow.size * fee_bps, BPS)
    own = flow.charge > fee
    record.holds(
        f"and costs no more than {fee_bps / 100:g}%" if not own else "and costs its own trade",
        flow.charge <= fee or fee_bps < 100,
        f"{flow.charge * 100 / flow.size:.3f}%",
    )


def _cancelled(stage: Stage, record: Record) -> None:
    lock, token = stage.timelock, stage.token
    wanted = stage.announce(token, "set_guardian", stage.who["proposer"])
    call = wanted.arguments
    number = lock.hash_operation(call[0], 0, call[2], NO_PREDECESSOR, call[4])
    record.refused_each(
        ("guardian", "holder"),
        "timelock.cancel(a new guardian)",
        NO_ROLE,
        lambda role: stage.sent(role, lock, "cancel", number),
    )
    record.done(
        "proposer",
        "timelock.cancel(a new guardian)",
        lambda: stage.sent("proposer", lock, "cancel", number),
    )
    stage.wait(DELAY)
    record.refused(
        "stranger", "timelock.execute(what was cancelled)", NOT_READY, lambda: stage.execute(wanted)
    )
    record.holds("the guardian is the same", token.guardian() == stage.who["guardian"])


def _call(stage: Stage, role: str, function: str, *args: Any) -> Callable[[], Any]:
    return lambda: stage.sent(role, stage.token, function, *args)


def _refused(
    stage: Stage, record: Record, role: str, reason: str, function: str, *args: Any
) -> None:
    record.refused(role, _text(function, args), reason, _call(stage, role, function, *args))


def _allowed(stage: Stage, record: Record, role: str, function: str, *args: Any) -> None:
    record.done(role, _text(function, args), _call(stage, role, function, *args))


def _text(function: str, args: tuple[Any, ...]) -> str:
    return f"{function}({'...' if args else ''})"
