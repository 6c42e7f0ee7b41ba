# SPDX-License-Identifier: AGPL-3.0-only
"""`ape run trade margin`: collateral into an account on the exchange, and out of it."""

from __future__ import annotations

from pathlib import Path

import click
from ape.api import AccountAPI, ProviderAPI

from .. import reasons
from ..deployment import System
from ..errors import UserError
from ..model.fixed import Revert
from ..trading import Exchange, View
from ..trading.rehearsal import free_margin, margins, missing_for_withdrawal
from .amounts import parse_amount
from .exchange import book, from_block_option, frozen_prices, history_of, money, native
from .funds import approve, drip, faucet_option, faucet_rows, missing_collateral
from .output import Rows, exact
from .remedies import remedy_of
from .session import Session
from .trade_preview import leverage_text, margin_values
from .verb import account_options, deployment_options, verb, verb_group

EXAMPLES = """
ape run trade margin add 1000 --faucet
ape run trade margin take 250
ape run trade margin take all
"""

margin = verb_group(
    "margin", EXAMPLES, "Add collateral to the margin of all your positions, or take it out."
)


@verb("add", "ape run trade margin add 1000 --faucet")
@click.argument("amount")
@faucet_option
@from_block_option
@deployment_options
@account_options
def add(
    provider: ProviderAPI,
    account: AccountAPI | None,
    yes: bool,
    deployment: str | None,
    registry: Path | None,
    amount: str,
    faucet: bool,
    from_block: int | None,
    as_json: bool,
) -> None:
    """Add AMOUNT of collateral to your margin. It needs no price.

    Nobody can add to another's account. The exchange may take exactly this
    amount, nothing later.
    """
    session = Session.sending(provider, account, as_json, yes)
    system = session.load(deployment, registry)
    exchange = Exchange(system)
    added = parse_amount("AMOUNT", amount, system.decimals)
    view = _look(session, exchange, registry, from_block)
    missing = missing_collateral(session, system, added, faucet)
    rows = [
        ("network", session.network),
        ("from", session.sender),
        *faucet_rows(system, missing),
        ("margin added", native(system, added)),
        *_change(session, system, view, added),
    ]
    session.confirm(f"add margin on the exchange of {system.name}", rows)
    if missing:
        drip(session, system, missing)
    approve(session, system, exchange.contract, added)
    session.out.say("send the margin")
    receipt = exchange.contract.deposit(added, sender=session.sender)
    _done(session, exchange, added, receipt, "added")


margin.add_command(add)


@verb("take", "ape run trade margin take 250\nape run trade margin take all")
@click.argument("amount")
@from_block_option
@deployment_options
@account_options
def take(
    provider: ProviderAPI,
    account: AccountAPI | None,
    yes: bool,
    deployment: str | None,
    registry: Path | None,
    amount: str,
    from_block: int | None,
    as_json: bool,
) -> None:
    """Take AMOUNT of your margin out, or `all` that is free.

    What is left must be the initial margin of what is open. Without a position
    it needs no price. With one, `all` leaves room for the funding of the next
    ten minutes.
    """
    session = Session.sending(provider, account, as_json, yes)
    system = session.load(deployment, registry)
    exchange = Exchange(system)
    wanted = None if amount == "all" else parse_amount("AMOUNT", amount, system.decimals)
    view = _look(session, exchange, registry, from_block)
    taken = _taken(session, system, view, wanted)
    rows = [
        ("network", session.network),
        ("from", session.sender),
        ("margin taken", native(system, taken)),
        *_change(session, system, view, -taken),
    ]
    session.confirm(f"take margin from the exchange of {system.name}", rows)
    session.out.say("send the withdrawal")
    receipt = exchange.contract.withdraw(taken, session.sender, sender=session.sender)
    _done(session, exchange, taken, receipt, "taken")


margin.add_command(take)


def _look(
    session: Session, exchange: Exchange, registry: Path | None, from_block: int | None
) -> View:
    history = history_of(session, exchange, registry, from_block)
    return exchange.look([session.sender], frozen_prices(exchange, history))


def _taken(session: Session, system: System, view: View, wanted: int | None) -> int:
    """Native; refused with what could be taken instead."""
    account = session.sender
    try:
        free = free_margin(view, account)
    except Revert as refusal:
        reason = refusal.reason
        raise UserError(
            f"margin behind a position cannot leave without prices ({reason})", remedy_of(reason)
        ) from refusal
    if wanted is None:
        if free == 0:
            raise UserError(f"{account} has no free margin", "`ape run positions` shows it")
        return free
    reason = missing_for_withdrawal(view, account, wanted)
    if reason == reasons.EXCHANGE_MARGIN:
        raise UserError(
            f"at most {native(system, free)} can be taken now ({reason})",
            "take less, or close a position first",
        )
    if reason:
        raise UserError(f"nothing can be taken now ({reason})", remedy_of(reason))
    return wanted


def _change(session: Session, system: System, view: View, change: int) -> Rows:
    """Before and after; without prices the cash alone is known."""
    account, books = session.sender, view.copy(session.sender)
    own = books.account(account)
    cash = own.cash
    try:
        before = margins(view, books, account)
    except Revert:
        after = money(system, cash + change * books.scale)
        return [("cash", f"{money(system, cash)} -> {after}"), ("prices", "none now")]
    own.cash += change * books.scale
    after_all = margins(view, books, account)
    rows = [("equity", f"{money(system, before.equity)} -> {money(system, after_all.equity)}")]
    if own.has_position:
        rows += [
            ("free margin", f"{money(system, before.free)} -> {money(system, after_all.free)}"),
            ("leverage after", leverage_text(after_all)),
        ]
    return rows


def _done(session: Session, exchange: Exchange, amount: int, receipt: object, done: str) -> None:
    system = exchange.system
    cash = exchange.contract.cash(session.sender)
    gas, tx = receipt.gas_used, receipt.tx_hash  # type: ignore[attr-defined]
    session.out.say(f"{done} {native(system, amount)} ({gas:,} gas)")
    session.out.result(
        {
            "deployment": system.name,
            "account": session.sender,
            done: exact(amount, system.decimals),
            "cash": book(cash),
            "margin": _margin_now(exchange, session.sender),
            "tx": tx,
            "gas_used": gas,
        }
    )


def _margin_now(exchange: Exchange, account: str) -> dict[str, object] | None:
    """None without prices, and once settled, when nothing is asked for any more."""
    if exchange.is_settled:
        return None
    view = exchange.look([account])
    return None if view.reason else margin_values(margins(view, view.books, account))
