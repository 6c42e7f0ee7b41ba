# SPDX-License-Identifier: AGPL-3.0-only
"""The collateral that a verb pays: whether it is there, and who may take it."""

from __future__ import annotations

import click

from ..chain import Contract, Reverted
from ..deployment import System
from ..errors import UserError
from .output import Rows, shown
from .session import Session

faucet_option = click.option(
    "--faucet", is_flag=True, help="Mint collateral that you lack, if it is a local one."
)


def missing_collateral(session: Session, system: System, amount: int, faucet: bool) -> int:
    """Collateral to mint out of nothing; refused unless --faucet."""
    held: int = system.collateral.balanceOf(session.sender)
    missing = max(0, amount - held)
    if missing and not faucet:
        raise UserError(
            f"{session.sender} has {shown(held, system.decimals)} {system.collateral_symbol}, "
            f"{shown(amount, system.decimals)} are needed",
            "use less, or on a local chain --faucet",
        )
    return missing


def faucet_rows(system: System, missing: int) -> Rows:
    """What will be minted first."""
    if not missing:
        return []
    text = f"{shown(missing, system.decimals)} {system.collateral_symbol}, worthless"
    return [("faucet", text)]


def drip(session: Session, system: System, amount: int) -> None:
    """Mint it to the sender."""
    session.out.say(f"mint {shown(amount, system.decimals)} {system.collateral_symbol}")
    try:
        session.give(system, amount)
    except Reverted as error:
        raise UserError(
            f"{system.collateral_symbol} at {system.collateral.address} gives nothing away",
            "get it elsewhere and leave --faucet out",
        ) from error


def approve(session: Session, system: System, spender: Contract, amount: int) -> None:
    """Exactly the amount; some tokens want an old allowance removed first."""
    collateral = system.collateral
    allowed = collateral.allowance(session.sender, spender)
    if allowed >= amount:
        return
    session.out.say(f"approve {shown(amount, system.decimals)} {system.collateral_symbol}")
    if allowed:
        collateral.approve(spender, 0, sender=session.sender)
    collateral.approve(spender, amount, sender=session.sender)
