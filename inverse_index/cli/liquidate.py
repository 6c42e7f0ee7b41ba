# SPDX-License-Identifier: AGPL-3.0-only
"""`ape run liquidate`: close accounts below their maintenance margin, for a reward."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from ape.api import AccountAPI, ProviderAPI

from ..deployment import System
from ..keeper import Replacing
from ..keeper.replacement import WallClock
from ..trading import Exchange, Liquidator
from .amounts import parse_span
from .exchange import BOOK, from_block_option, history_of, money
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

QUIET = ("wait", "blocked", "spared", "left")

EXAMPLES = """
ape run liquidate
ape run liquidate --dry-run --json
ape run liquidate --watch --interval 15s --min-reward 0.5
ape run liquidate --watch --native-price 3000 --deleverage --accrue --account hot --yes
"""


@verb("liquidate", EXAMPLES)
@watch_options
@click.option(
    "--deleverage",
    "deleverages",
    is_flag=True,
    help="Also close longs while the pool does not cover the shorts; it pays nothing.",
)
@click.option(
    "--accrue",
    "accrues",
    is_flag=True,
    help="Also set borrowing rates anew that are half a day old; it pays nothing but what "
    "positions pay the pool.",
)
@reward_options("a liquidation")
@fee_options
@click.option("--reward-to", metavar="ADDRESS", help="Who gets the reward.  [default: the sender]")
@from_block_option
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
    deleverages: bool,
    accrues: bool,
    min_reward: str | None,
    native_price: str | None,
    margin_bps: int,
    max_base_fee: str | None,
    priority_fee: str,
    max_fee: str,
    bump_after: str,
    reward_to: str | None,
    from_block: int | None,
    as_json: bool,
) -> None:
    """Liquidate accounts of the embedded exchange that are below their margin.

    Finds them in the exchange's log, shows what each pays, and liquidates those
    that pay enough, once or with --watch again and again. The reward is half of
    the penalty, which is 1% of what is closed as far as the account can pay it; a
    bounty from the insurance makes up for one that is smaller than a thousandth.
    Anyone may run it. With --json it writes one line per event. Looking once, it
    ends with code 4 when there are no prices.
    """
    session = Session.sending(provider, account, as_json, yes, test_account=1)
    system = session.load(deployment, registry)
    exchange = Exchange(system)
    fees = fee_policy(priority_fee, max_fee, bump_after)
    policy = agreed_policy(
        session,
        system,
        "liquidator",
        fees,
        min_reward=min_reward,
        native_price=native_price,
        margin_bps=margin_bps,
        max_base_fee=max_base_fee,
        dry_run=dry_run,
    )
    tell = _teller(session, system)

    def note(event: str, **more: Any) -> None:
        tell({"event": event, **more})

    liquidator = Liquidator(
        exchange,
        history_of(session, exchange, registry, from_block),
        session.sender,
        policy,
        sender=Replacing(session.backend, fees, WallClock(), note),
        pool=session.backend,
        receiver=None if reward_to is None else resolve_address(reward_to),
        deleverages=deleverages,
        accrues=accrues,
        tell=tell,
        dry_run=dry_run,
    )
    if watch:
        _watch(session, system, liquidator, parse_span("--interval", interval))
        return
    blocked = liquidator.once()
    if blocked:
        raise Failure(BLOCKED, f"blocked ({blocked})", remedy_of(blocked), as_json)


def _teller(session: Session, system: System) -> Callable[[dict[str, Any]], None]:
    """JSON lines, or text in which what is said of an account, or of all, is not repeated."""
    last: dict[object, object] = {}

    def tell(event: dict[str, Any]) -> None:
        session.out.line(machine(event, system))
        whose, what = event.get("account"), (event["event"], event.get("why"))
        if event["event"] not in QUIET or what != last.get(whose):
            session.out.say(human(event, system))
        last[whose] = what

    return tell


def _watch(session: Session, system: System, liquidator: Liquidator, interval: int) -> None:
    """Until Ctrl-C or a polite kill."""
    hear_kill()
    started = time.monotonic()
    session.out.say(f"watching the exchange of {system.name}; Ctrl-C ends it")
    tally = liquidator.watch(interval)
    end = {
        "event": "end",
        "seconds": round(time.monotonic() - started),
        "rounds": tally.rounds,
        "liquidations": tally.liquidations,
        "deleverages": tally.deleverages,
        "accruals": tally.accruals,
        "reward": tally.reward,
        "gas_used": tally.gas_used,
        "failures": tally.failures,
        "unmined": list(getattr(liquidator.sender, "waiting", [])),
    }
    session.out.line(machine(end, system))
    session.out.say(human(end, system))


# events in words, and as values for machines

_DECIMALS = {
    "equity": BOOK,
    "maintenance": BOOK,
    "penalty": BOOK,
    "bad_debt": BOOK,
    "fraction": 18,
    "size": 18,
}
_COLLATERAL = ("reward", "gas_cost")


def machine(event: dict[str, Any], system: System) -> dict[str, Any]:
    """Amounts and ratios as exact decimal strings; the rest as it is."""
    scales = _DECIMALS | dict.fromkeys(_COLLATERAL, system.decimals)
    return {
        name: exact(value, scales[name]) if name in scales and value is not None else value
        for name, value in event.items()
    }


def human(event: dict[str, Any], system: System) -> str:
    """One line."""
    at = f"{utc(event['time'])}  " if "time" in event else ""
    return at + _text(event, system)


def _text(event: dict[str, Any], system: System) -> str:
    kind = event["event"]
    if kind in ("liquidated", "would liquidate"):
        gas = f", {event['gas_used']:,} gas" if "gas_used" in event else ""
        return f"{kind} {event['account']}: {_liquidation(event, system)}{gas}"
    if kind == "left":
        return f"left {event['account']}: {_liquidation(event, system)}; {event['why']}"
    if kind == "spared":
        return f"spared {event['account']}: {event['why']}"
    if kind in ("deleveraged", "would deleverage"):
        size = f"{shown(event['size'], 18)} {event['market']}"
        return f"{kind} {event['account']}: long {size} at the oracle's price"
    if kind in ("accrued", "would accrue"):
        return "borrowing rates set anew" if kind == "accrued" else "would set the rates anew"
    if kind == "wait":
        return f"nothing to do: {event['why']}"
    if kind == "end":
        unmined = f"; not mined yet: {', '.join(event['unmined'])}" if event["unmined"] else ""
        return (
            f"ended after {span(event['seconds'])}: {event['rounds']} looks, "
            f"{event['liquidations']} liquidations, {event['deleverages']} deleverages, "
            f"{event['accruals']} accruals, "
            f"{shown(event['reward'], system.decimals)} {system.collateral_symbol} earned, "
            f"{event['gas_used']:,} gas, {event['failures']} failures{unmined}"
        )
    return sending_text(event)


def _liquidation(event: dict[str, Any], system: System) -> str:
    symbol = system.collateral_symbol
    reward = f"{shown(event['reward'], system.decimals)} {symbol}"
    debt = f", bad debt {money(system, event['bad_debt'])}" if event["bad_debt"] else ""
    return (
        f"equity {money(system, event['equity'])} of {money(system, event['maintenance'])}, "
        f"{percent(event['fraction']).lstrip('+')} closed, penalty "
        f"{money(system, event['penalty'])}{debt}, reward {reward}"
    )
