# SPDX-License-Identifier: AGPL-3.0-only
"""What `ape run deploy` says before it asks, and when it has deployed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...deployment import Given, System
from ...deployment.governance import days_text
from ...deployment.outline import periphery_steps
from ...deployment.round_trip import planned, present
from ...deployment.venues import KINDS
from ..flows import round_trip_rows, round_trip_values
from ..output import Rows, shown, utc
from ..session import Session
from .work import Work

# Measured for one and for seven components, rounded up; a kind may add to it.
GAS_FIXED, GAS_PER_COMPONENT = 24_000_000, 920_000
GAS_TIMELOCK = 2_500_000  # and the hand-over, rounded up


def preview_rows(session: Session, work: Work, prices: Path | None) -> Rows:
    """What is going to be deployed, and at which cost."""
    file, plan, given = work.file, work.plan, work.given
    token = file.deployment.token
    backend = session.backend
    rows = [
        ("network", session.network),
        ("from", f"{session.sender} ({session.balance_text(session.sender)})"),
        ("token", f"{plan.token_name} ({plan.token_symbol}), -{plan.multiple}x {file.index.name}"),
        ("components", ", ".join(plan.symbols)),
        ("collateral", f"{plan.collateral_symbol} {given.collateral or '(local)'}"),
        ("venue", KINDS[plan.venue.kind].text(given)),
        ("prices", work.price_text(prices)),
        (
            "fees",
            f"mint {token.mint_fee_bps} bp, redeem {token.redeem_fee_bps} bp, "
            f"{token.streaming_fee_per_year:f}% a year",
        ),
        *round_trip_rows(planned(plan)),
        ("owner", owner_text(given)),
        ("periphery", "none" if given.periphery is None else given.periphery.text),
    ]
    if work.stand_in:
        rows.append(("stand-ins", "local ones for every address above and in the file"))
    if session.is_live:
        count = len(plan.symbols)
        gas = GAS_FIXED + GAS_PER_COMPONENT * count
        gas += KINDS[plan.venue.kind].local_gas(given, count) + owner_gas(given)
        gas += sum(step.gas for step in periphery_steps(given, count))
        cost = shown(gas * backend.gas_price(), 18)
        rows.append(("gas", f"up to about {gas / 1e6:.0f} million, {cost} ETH now"))
    return rows


def show_result(session: Session, system: System, path: Path | None) -> None:
    """Addresses, cost, owner, and what to do next."""
    backend, out = session.backend, session.out
    rows = [(part, address) for part, address in system.addresses().items()]
    out.table(rows, f"{system.name} on {session.network}")
    when = utc(backend.block_timestamp())
    out.say(f"{backend.sent} transactions, {backend.gas_used:,} gas, {when}")
    out.say(owner_line(system, session.sender))
    if path is None:
        out.say("a rehearsal: this chain ends now. Start `anvil` in another terminal to keep one")
    else:
        out.say(f"recorded in {_relative(path)}; next: ape run mint --amount 1000 --faucet")
    result: dict[str, Any] = {
        "name": system.name,
        "round_trip": round_trip_values(present(system, system.report())),
        "network": session.network,
        "chain_id": backend.chain_id,
        "deployer": session.sender,
        "addresses": system.addresses(),
        "transactions": backend.sent,
        "gas_used": backend.gas_used,
        "recorded": None if path is None else str(path),
    }
    out.result(result)


def _relative(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def owner_text(given: Given) -> str:
    """Beforehand."""
    if given.governance is not None:
        return given.governance.text
    return given.owner or "the sender, without a timelock"


def owner_gas(given: Given) -> int:
    """Gas of timelock and hand-over, rounded up."""
    return 0 if given.governance is None else GAS_TIMELOCK


def owner_line(system: System, sender: str) -> str:
    """Afterwards, read back from the token."""
    owner = system.token.owner()
    if system.timelock is not None and owner == system.timelock.address:
        wait = days_text(system.timelock.get_minimum_delay())
        return f"owned by the timelock {owner}: every change waits {wait}"
    if owner == sender:
        return "you own it, without a timelock: changes take effect at once (docs/governance.md)"
    return f"owned by {owner}: whether changes wait is up to that account"
