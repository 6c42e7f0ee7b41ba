# SPDX-License-Identifier: AGPL-3.0-only
"""`ape run keeper`: rebalance when it is due and worth it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from ape.api import AccountAPI, ProviderAPI

from ..deployment import System
from ..keeper import Blocked, Keeper, Replacing
from ..keeper.replacement import WallClock
from .amounts import parse_span
from .failure import BLOCKED, Failure
from .keeping import (
    agreed_policy,
    fee_options,
    fee_policy,
    hear_kill,
    reward_options,
    sending_text,
    watch_options,
)
from .output import exact, percent, shown, span, utc
from .remedies import remedy_of
from .session import Session, resolve_address
from .verb import account_options, deployment_options, verb

QUIET = ("wait", "blocked")

EXAMPLES = """
ape run keeper
ape run keeper --dry-run --json
ape run keeper --watch --interval 30s --min-reward 0.5
ape run keeper --watch --native-price 3000 --margin-bps 2000 --account hot --yes
"""


@verb("keeper", EXAMPLES)
@watch_options
@reward_options("a rebalance")
@fee_options
@click.option("--reward-to", metavar="ADDRESS", help="Who gets the reward.  [default: the sender]")
@deployment_options
@account_options
def cli(
    provider: ProviderAPI,
    account: AccountAPI | None,
    yes: bool,
    deployment: str | None,
    registry: Path | None,
    watch: bool,
    interval: str,
    dry_run: bool,
    min_reward: str | None,
    native_price: str | None,
    margin_bps: int,
    max_base_fee: str | None,
    priority_fee: str,
    max_fee: str,
    bump_after: str,
    reward_to: str | None,
    as_json: bool,
) -> None:
    """Rebalance a token when it is due, and earn the reward.

    Looks once, or with --watch again and again. The reward rises with time, so
    a keeper can wait until it pays; an emergency is sent at any price. Anyone
    may run one. With --json it writes one line per event. Looking once, it ends
    with code 4 when a rebalance is due but the oracle or the venue refuses.
    """
    session = Session.sending(provider, account, as_json, yes, test_account=1)
    system = session.load(deployment, registry)
    fees = fee_policy(priority_fee, max_fee, bump_after)
    policy = agreed_policy(
        session,
        system,
        "keeper",
        fees,
        min_reward=min_reward,
        native_price=native_price,
        margin_bps=margin_bps,
        max_base_fee=max_base_fee,
        dry_run=dry_run,
    )
    tell = _teller(session, system)
    pool = session.backend

    def note(event: str, **more: Any) -> None:
        tell({"event": event, **more})

    keeper = Keeper(
        system,
        session.sender,
        policy,
        receiver=None if reward_to is None else resolve_address(reward_to),
        sender=Replacing(pool, fees, WallClock(), note),
        pool=pool,
        tell=tell,
        dry_run=dry_run,
    )
    if watch:
        _watch(session, system, keeper, parse_span("--interval", interval))
        return
    action = keeper.once()
    if isinstance(action, Blocked):
        raise Failure(BLOCKED, f"blocked ({action.why})", remedy_of(action.why), as_json)


def _teller(session: Session, system: System) -> Callable[[dict[str, Any]], None]:
    """JSON lines, or text in which a wait for the same thing is not repeated."""
    last: object = None

    def tell(event: dict[str, Any]) -> None:
        nonlocal last
        session.out.line(machine(event, system))
        what = (event["event"], event.get("until"), event.get("why"))
        if event["event"] not in QUIET or what != last:
            session.out.say(human(event, system))
        last = what

    return tell


def _watch(session: Session, system: System, keeper: Keeper, interval: int) -> None:
    """Until Ctrl-C or a polite kill."""
    hear_kill()
    started = time.monotonic()
    session.out.say(f"watching {system.name}; Ctrl-C ends it")
    summary = keeper.watch(interval)
    waiting = getattr(keeper.sender, "waiting", [])
    end = {
        "event": "end",
        "seconds": round(time.monotonic() - started),
        "rounds": summary.rounds,
        "rebalances": summary.rebalances,
        "reward": summary.reward,
        "gas_used": summary.gas_used,
        "failures": summary.failures,
        "unmined": list(waiting),
    }
    session.out.line(machine(end, system))
    session.out.say(human(end, system))


# events in words, and as values for machines

_COLLATERAL = ("reward", "cost", "gas_cost")
_WAD = (
    "leverage_before",
    "leverage_after",
    "index_return",
    "token_return",
    "tracking_difference",
)


def machine(event: dict[str, Any], system: System) -> dict[str, Any]:
    """Amounts and ratios as exact decimal strings; the rest as it is."""
    values = dict(event)
    for name in _COLLATERAL:
        if values.get(name) is not None:
            values[name] = exact(values[name], system.decimals)
    for name in _WAD:
        if name in values:
            values[name] = exact(values[name], 18)
    return values


def human(event: dict[str, Any], system: System) -> str:
    """One line."""
    at = f"{utc(event['time'])}  " if "time" in event else ""
    return at + _text(event, system)


def _text(event: dict[str, Any], system: System) -> str:
    kind, symbol, decimals = event["event"], system.collateral_symbol, system.decimals

    def amount(name: str) -> str:
        return f"{shown(event[name], decimals)} {symbol}"

    if kind == "rebalanced":
        rest = "" if event["complete"] else "; a part, the rest follows"
        return (
            f"rebalanced ({event['why']}): leverage {shown(event['leverage_before'], 18, 4)} -> "
            f"{shown(event['leverage_after'], 18, 4)}, index {percent(event['index_return'])}, "
            f"token {percent(event['token_return'])}, cost {amount('cost')}, "
            f"reward {amount('reward')}, {event['gas_used']:,} gas{rest}"
        )
    if kind == "settled":
        return "settled: nothing is left to close, redemptions need no price"
    if kind == "would rebalance":
        gas = "" if event["gas_cost"] is None else f", gas about {amount('gas_cost')}"
        return f"would rebalance ({event['why']}): reward {amount('reward')}{gas}"
    if kind == "wait":
        until = event["until"]
        when = "" if until is None else f" until {utc(until)} (in {span(until - event['time'])})"
        return f"wait{when}: {event['why']}"
    if kind == "end":
        unmined = f"; not mined yet: {', '.join(event['unmined'])}" if event["unmined"] else ""
        return (
            f"ended after {span(event['seconds'])}: {event['rounds']} looks, "
            f"{event['rebalances']} rebalances, {amount('reward')} earned, "
            f"{event['gas_used']:,} gas, {event['failures']} failures{unmined}"
        )
    return sending_text(event)
