# SPDX-License-Identifier: AGPL-3.0-only
"""What the verbs share that earn rewards: when to send, at which fees, and how to stop."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType
from typing import Any, TypeVar

import click

from ..config.units import wad
from ..deployment import System
from ..errors import UserError
from ..keeper import FeePolicy, Policy
from .amounts import parse_bound, parse_gwei, parse_span
from .output import shown
from .session import Session

F = TypeVar("F", bound=Callable[..., Any])


def watch_options(function: F) -> F:
    """`--watch`, `--interval`, `--dry-run`."""
    for option in (
        click.option("--dry-run", is_flag=True, help="Say what it would do, send nothing."),
        click.option(
            "--interval",
            default="30s",
            show_default=True,
            metavar="SPAN",
            help="Pause between two looks.",
        ),
        click.option(
            "--watch", is_flag=True, help="Go on until Ctrl-C; no failure outside ends it."
        ),
    ):
        function = option(function)
    return function


def reward_options(what: str) -> Callable[[F], F]:
    """`--min-reward`, `--native-price`, `--margin-bps`, `--max-base-fee`; what: earns it."""

    def decorate(function: F) -> F:
        for option in (
            click.option(
                "--max-base-fee", metavar="GWEI", help="Wait while the base fee is above this."
            ),
            click.option(
                "--margin-bps",
                type=click.IntRange(0, 1_000_000),
                default=0,
                show_default=True,
                help="With --native-price: by how much the reward must exceed it.",
            ),
            click.option(
                "--native-price",
                metavar="COLLATERAL",
                help="Price of the coin that pays for gas: the reward must then cover the gas.",
            ),
            click.option(
                "--min-reward",
                metavar="COLLATERAL",
                help=f"Wait until {what} pays this.  [default: 0 on local networks]",
            ),
        ):
            function = option(function)
        return function

    return decorate


def fee_options(function: F) -> F:
    """`--priority-fee`, `--max-fee`, `--bump-after`."""
    for option in (
        click.option(
            "--bump-after",
            default="60s",
            show_default=True,
            metavar="SPAN",
            help="Replace a transaction that is not mined by then, at a higher fee.",
        ),
        click.option(
            "--max-fee",
            default="500",
            show_default=True,
            metavar="GWEI",
            help="Never pay more per gas, also when a stuck transaction is replaced.",
        ),
        click.option(
            "--priority-fee", default="1", show_default=True, metavar="GWEI", help="Tip at first."
        ),
    ):
        function = option(function)
    return function


def fee_policy(priority_fee: str, max_fee: str, bump_after: str) -> FeePolicy:
    """Of those options."""
    return FeePolicy(
        priority_fee=parse_gwei("--priority-fee", priority_fee),
        max_fee=parse_gwei("--max-fee", max_fee),
        bump_after=parse_span("--bump-after", bump_after),
    )


def agreed_policy(
    session: Session,
    system: System,
    who: str,
    fees: FeePolicy,
    *,
    min_reward: str | None,
    native_price: str | None,
    margin_bps: int,
    max_base_fee: str | None,
    dry_run: bool,
) -> Policy:
    """Of those options; on a live network confirmed. who: sends by it."""
    policy = Policy(
        min_reward=_least_reward(session, system, who, min_reward, native_price, dry_run),
        max_base_fee=None if max_base_fee is None else parse_gwei("--max-base-fee", max_base_fee),
        native_price=None if native_price is None else wad(native_price),
        priority_fee=fees.priority_fee,
        margin_bps=margin_bps,
    )
    if session.is_live and not dry_run:
        session.confirm(f"{who} of {system.name}", _policy_rows(session, system, policy))
    return policy


def _least_reward(
    session: Session,
    system: System,
    who: str,
    text: str | None,
    native_price: str | None,
    dry_run: bool,
) -> int:
    """Of `--min-reward`; live networks have no default."""
    if text is not None:
        return parse_bound("--min-reward", text, system.decimals)
    if session.is_live and native_price is None and not dry_run:
        raise UserError(
            f"a {who} on a live network must know what it has to earn",
            "give --native-price, or --min-reward (0 sends at any loss)",
        )
    return 0


def _policy_rows(session: Session, system: System, policy: Policy) -> list[tuple[str, str]]:
    """Before a live network is sent to."""
    reward = f"{shown(policy.min_reward, system.decimals)} {system.collateral_symbol}"
    return [
        ("network", session.network),
        ("from", f"{session.sender} ({session.balance_text(session.sender)})"),
        ("smallest reward", reward),
        ("gas counted", "no" if policy.native_price is None else "yes"),
    ]


def hear_kill() -> None:
    """A polite kill ends like Ctrl-C."""
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def sending_text(event: dict[str, Any]) -> str:
    """Events of the sending core, and those that only have a reason."""
    kind = event["event"]
    if kind in ("sent", "replaced"):
        return f"{kind} {event['tx']} (number {event['nonce']}, up to {_gwei(event)})"
    if kind == "underpriced":
        return f"number {event['nonce']} waits already, {_gwei(event)} is too little to replace it"
    if kind == "retry" and "seconds" in event:
        return f"again in {event['seconds']:.0f} s: {event['why']}"
    return f"{kind}: {event['why']}"


def _gwei(event: dict[str, Any]) -> str:
    return f"{event['max_fee'] / 10**9:g} gwei"
