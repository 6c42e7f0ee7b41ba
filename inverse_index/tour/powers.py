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
from .harness import DAY, DELAY, Harness
from .record import Record

NOT_OWNER = "ownable: caller is not the owner"
NOT_GUARDIAN = reasons.TOKEN_NOT_GUARDIAN
ONLY_LOWER = reasons.TOKEN_ONLY_LOWER
NOT_FAILED = reasons.TOKEN_NOT_FAILED
NO_ROLE = "access_control: account is missing role"
NOT_READY = "timelock_controller: operation is not ready"
OUTSIDERS = ("holder", "keeper", "stranger", "proposer", "deployer")


def guardian(harness: Harness, record: Record) -> None:
    """It stops mints and lowers the cap, at once; nothing else, and nobody else."""
    token, who = harness.token, harness.who
    for role in OUTSIDERS:
        _refused(harness, record, role, NOT_GUARDIAN, "pause_mint")
    record.done("guardian", "pause_mint()", lambda: harness.sent("guardian", token, "pause_mint"))
    record.holds("the mode is MINT_PAUSED", harness.mode == Mode.MINT_PAUSED)
    record.refused(
        "stranger", "deposit", reasons.TOKEN_MINT_PAUSED, lambda: harness.deposit("stranger", 100)
    )
    record.done("holder", "redeem 1,000 shares", lambda: harness.redeem("holder", 1_000 * WAD))
    record.done("holder", "withdraw 1,000", lambda: harness.withdraw("holder", 1_000))
    for role in ("guardian", *OUTSIDERS):
        _refused(harness, record, role, NOT_OWNER, "resume_mint")
    cap = token.state().nav_cap
    _allowed(harness, record, "guardian", "set_nav_cap", cap // 2)
    _refused(harness, record, "guardian", ONLY_LOWER, "set_nav_cap", cap)
    _refused(harness, record, "stranger", NOT_GUARDIAN, "set_nav_cap", 0)
    parameters = Parameters(*token.state().parameters)
    for name, *args in (
        ("set_parameters", parameters),
        ("set_streaming_fee", 0, who["guardian"]),
        ("set_guardian", who["guardian"]),
        ("transfer_ownership", who["guardian"]),
    ):
        _refused(harness, record, "guardian", NOT_OWNER, str(name), *args)
    _refused(harness, record, "guardian", NOT_FAILED, "wind_down")
    record.refused(
        "guardian",
        "oracle.schedule_reconstitution(...)",
        NOT_OWNER,
        lambda: harness.sent("guardian", harness.oracle, "schedule_reconstitution", [WAD]),
    )
    _resume(harness, record, cap)


def _resume(harness: Harness, record: Record, cap: int) -> None:
    token = harness.token
    announced = [
        harness.announce(token, "resume_mint"),
        harness.announce(token, "set_nav_cap", cap),
    ]
    harness.wait(DELAY)
    for wanted, what in zip(announced, ("resume_mint()", "set_nav_cap(...)"), strict=True):
        record.done(
            "timelock", f"{what}, 2 days after its announcement", partial(harness.execute, wanted)
        )
    record.holds("the mode is ACTIVE", harness.mode == Mode.ACTIVE)
    record.done("stranger", "deposit", lambda: harness.deposit("stranger", 100))


def timelock(harness: Harness, record: Record) -> None:
    """What an owner does is seen for two days, in which everybody can leave."""
    token, lock = harness.token, harness.timelock
    worse = replace(Parameters(*token.state().parameters), redeem_fee_bps=100)
    wanted = operation(token, "set_parameters", worse)
    call = wanted.arguments
    record.refused_each(
        ("guardian", "holder", "deployer"),
        "timelock.schedule(redemption fee 1%)",
        NO_ROLE,
        lambda role: harness.sent(role, lock, "schedule", *call, DELAY),
    )
    record.refused(
        "proposer",
        "timelock.schedule(...) a second under the delay",
        "timelock_controller: insufficient delay",
        lambda: harness.sent("proposer", lock, "schedule", *call, DELAY - 1),
    )
    record.refused(
        "proposer",
        "timelock.update_delay(0)",
        reasons.TIMELOCK_SELF,
        lambda: harness.sent("proposer", lock, "update_delay", 0),
    )
    record.refused(
        "proposer",
        "set_parameters(...) without the timelock",
        NOT_OWNER,
        lambda: harness.sent("proposer", token, "set_parameters", worse),
    )
    record.done(
        "proposer",
        "timelock.schedule(redemption fee 1%)",
        lambda: harness.sent("proposer", lock, "schedule", *call, DELAY),
    )
    announced_at = harness.chain.now()
    harness.wait(DAY)
    _leaves(harness, record, "second holder", 10, "a day later, at the old fee")
    harness.silence(announced_at + DELAY - 1 - harness.chain.now())
    harness.post()
    record.refused_each(
        ("proposer", "stranger"),
        "timelock.execute(...) a second early",
        NOT_READY,
        lambda role: harness.execute(wanted, role),
    )
    harness.wait(1)
    record.done("stranger", "timelock.execute(...) on the second", lambda: harness.execute(wanted))
    _leaves(harness, record, "holder", 100, "at the new fee, half of the shares", 2)
    _cancelled(harness, record)


def _leaves(
    harness: Harness, record: Record, role: str, fee_bps: int, what: str, part: int = 1
) -> None:
    """A redemption pays exactly what was previewed, at this fee or its own trade's cost;
    of a large one a part of the fee is paid back."""
    shares, had = harness.shares(role) // part, harness.balance(role)
    flow = harness.system.views.preview(harness.token, int(Kind.REDEEM), shares)
    record.done(
        role,
        f"redeem, {what}",
        lambda: harness.redeem(role, shares),
        lambda _: harness.money(harness.balance(role) - had),
    )
    record.holds("it pays what was previewed", harness.balance(role) - had == flow.assets)
    fee = ceil_div(flow.size * fee_bps, BPS)
    own = flow.charge > fee
    record.holds(
        f"and costs no more than {fee_bps / 100:g}%" if not own else "and costs its own trade",
        flow.charge <= fee or fee_bps < 100,
        f"{flow.charge * 100 / flow.size:.3f}%",
    )


def _cancelled(harness: Harness, record: Record) -> None:
    lock, token = harness.timelock, harness.token
    wanted = harness.announce(token, "set_guardian", harness.who["proposer"])
    call = wanted.arguments
    number = lock.hash_operation(call[0], 0, call[2], NO_PREDECESSOR, call[4])
    record.refused_each(
        ("guardian", "holder"),
        "timelock.cancel(a new guardian)",
        NO_ROLE,
        lambda role: harness.sent(role, lock, "cancel", number),
    )
    record.done(
        "proposer",
        "timelock.cancel(a new guardian)",
        lambda: harness.sent("proposer", lock, "cancel", number),
    )
    harness.wait(DELAY)
    record.refused(
        "stranger",
        "timelock.execute(what was cancelled)",
        NOT_READY,
        lambda: harness.execute(wanted),
    )
    record.holds("the guardian is the same", token.guardian() == harness.who["guardian"])


def _call(harness: Harness, role: str, function: str, *args: Any) -> Callable[[], Any]:
    return lambda: harness.sent(role, harness.token, function, *args)


def _refused(
    harness: Harness, record: Record, role: str, reason: str, function: str, *args: Any
) -> None:
    record.refused(role, _text(function, args), reason, _call(harness, role, function, *args))


def _allowed(harness: Harness, record: Record, role: str, function: str, *args: Any) -> None:
    record.done(role, _text(function, args), _call(harness, role, function, *args))


def _text(function: str, args: tuple[Any, ...]) -> str:
    return f"{function}({'...' if args else ''})"
