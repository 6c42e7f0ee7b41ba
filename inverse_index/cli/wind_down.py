# SPDX-License-Identifier: AGPL-3.0-only
"""`ape run wind-down`: end a token, where it may be ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from ape.api import AccountAPI, ProviderAPI

from ..chain import Receipt
from ..deployment import System
from ..deployment.governance import operation
from ..errors import UserError
from ..model.token.modes import Mode
from .ending import Ending, clock_rows, ending_rows, mode_text, read_ending, value_row
from .output import Rows, utc
from .session import Session
from .verb import account_options, deployment_options, verb

EXAMPLES = """
ape run wind-down --dry-run
ape run wind-down --report
ape run wind-down --settle-exchange
ape run wind-down --yes --account hot --network ethereum:sepolia:https://YOUR-NODE
"""


@verb("wind-down", EXAMPLES)
@click.option("--dry-run", is_flag=True, help="Only show who may wind down now, and why.")
@click.option(
    "--report",
    "reporting",
    is_flag=True,
    help="Report to the oracle that its prices are unusable: starts the clock of ten days, or"
    " stops it when they are usable again.",
)
@click.option(
    "--settle-exchange",
    "settling",
    is_flag=True,
    help="Settle the embedded exchange of a dead oracle: prices are frozen, all get out.",
)
@deployment_options
@account_options
def cli(
    provider: ProviderAPI,
    account: AccountAPI | None,
    yes: bool,
    deployment: str | None,
    registry: Path | None,
    dry_run: bool,
    reporting: bool,
    settling: bool,
    as_json: bool,
) -> None:
    """Wind a token down for good.

    The owner may at any time: a timelock after its delay, and this verb prints
    what to propose to it. Anyone may when the oracle has been reported
    unusable for ten days and still is, when the venue has halted, or when a
    share is worth less than a hundredth of what it was at the last reset.

    From then on nobody mints, `ape run keeper` closes the positions in parts,
    and when none is left everybody redeems a part of what there is, without
    any price. Redemption works all the time.
    """
    if sum((dry_run, reporting, settling)) > 1:
        raise click.UsageError("--dry-run, --report and --settle-exchange exclude each other")
    if dry_run:
        session = Session.reading(provider, as_json)
    else:
        session = Session.sending(provider, account, as_json, yes)
    system = session.load(deployment, registry)
    report = system.report()
    ending = read_ending(system, report)
    rows = _conditions(session, system, ending, report.timestamp)
    if dry_run:
        session.out.table(rows, f"wind down {system.name}")
        session.out.result(_values(system, ending))
        return
    if reporting:
        receipt = _report(session, system, rows)
    elif settling:
        receipt = _settle(session, system, ending, rows)
    else:
        receipt = _wind_down(session, system, ending, rows)
    after = read_ending(system, system.report())
    session.out.result(
        {**_values(system, after), "tx": receipt.tx_hash, "gas_used": receipt.gas_used}
    )


def _report(session: Session, system: System, rows: Rows) -> Receipt:
    session.confirm(f"report the oracle of {system.name}", rows)
    receipt: Receipt = system.oracle.report_unusable(sender=session.sender)
    after = read_ending(system, system.report())
    session.out.say(
        "the oracle's clock "
        + (
            "stands still"
            if not after.dead_at
            else f"runs: dead {utc(after.dead_at)} unless prices come back"
        )
    )
    return receipt


def _settle(session: Session, system: System, ending: Ending, rows: Rows) -> Receipt:
    if system.venue.kind != "perp":
        raise UserError(
            f"{system.name} holds its shorts on Aave, which nobody settles",
            "leave --settle-exchange out",
        )
    session.confirm(f"settle the exchange of {system.name}", rows)
    exchange: Any = system.venue.exchange  # type: ignore[attr-defined]
    receipt: Receipt = exchange.settle(sender=session.sender)
    session.out.say("settled: positions close at the frozen prices, without cost")
    return receipt


def _wind_down(session: Session, system: System, ending: Ending, rows: Rows) -> Receipt:
    if ending.mode >= Mode.WINDING_DOWN:
        raise UserError(f"{system.name} is {mode_text(ending.mode)} already", _next(ending.mode))
    owner = system.token.owner()
    if owner != session.sender and not ending.by_anyone:
        raise UserError(
            f"{session.sender} may not wind {system.name} down: the owner is {owner}, and the token"
            " works",
            _remedy(system, ending, owner),
        )
    session.confirm(f"wind down {system.name}, for good", rows)
    receipt: Receipt = system.token.wind_down(sender=session.sender)
    session.out.say(f"winding down; next: {_next(Mode.WINDING_DOWN)}")
    return receipt


def _next(mode: Mode) -> str:
    if mode == Mode.SETTLED:
        return "`ape run redeem --all`"
    return "`ape run keeper --watch` closes the positions"


def _remedy(system: System, ending: Ending, owner: str) -> str:
    if system.timelock is not None and owner == system.timelock.address:
        return "propose it to the timelock: --dry-run shows the call"
    if ending.unusable_since is None:
        return "when prices are unusable, --report starts the clock; --dry-run shows the conditions"
    return "--dry-run shows the conditions"


def _conditions(session: Session, system: System, ending: Ending, now: int) -> Rows:
    owner = system.token.owner()
    rows = [
        ("network", session.network),
        ("token", system.token.address),
        ("mode", mode_text(ending.mode)),
        *ending_rows(ending, now),
        ("owner", _owner(system, owner)),
    ]
    if not clock_rows(ending, now):
        rows.append(("oracle", "not reported unusable"))
    rows.append(value_row(ending))
    rows.append(("venue", "has halted" if ending.halted else "works"))
    if ending.mode < Mode.WINDING_DOWN:
        rows.append(("anyone may now", ", ".join(ending.by_anyone) or "no, only the owner"))
        call = _proposal(system)
        rows += [("propose", call["schedule"])] if call else []
    return rows


def _owner(system: System, owner: str) -> str:
    if system.timelock is not None and owner == system.timelock.address:
        days = system.timelock.get_minimum_delay() / 86_400
        return f"the timelock {owner}, {days:g} days after a proposal"
    return f"{owner}, at once"


def _proposal(system: System) -> dict[str, str] | None:
    """Calldata for the timelock: `schedule` now, `execute` after the delay."""
    lock = system.timelock
    if lock is None or system.token.owner() != lock.address:
        return None
    call = operation(system.token, "wind_down").arguments
    return {
        "target": lock.address,
        "schedule": "0x" + lock.encode("schedule", *call, lock.get_minimum_delay()).hex(),
        "execute": "0x" + lock.encode("execute", *call).hex(),
    }


def _values(system: System, ending: Ending) -> dict[str, Any]:
    return {
        "deployment": system.name,
        "mode": mode_text(ending.mode).replace(" ", "_"),
        "owner": system.token.owner(),
        "by_anyone": ending.by_anyone,
        **ending.values,
        "proposal": _proposal(system) if ending.mode < Mode.WINDING_DOWN else None,
    }
