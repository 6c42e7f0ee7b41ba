# SPDX-License-Identifier: AGPL-3.0-only
"""`ape run pool deposit` and `redeem`: what providers ask for."""

from __future__ import annotations

from pathlib import Path

import click
from ape.api import AccountAPI, ProviderAPI

from ..errors import UserError
from ..model.exchange.pool import REQUEST_DELAY
from ..model.exchange.records import Request
from ..model.fixed import Revert
from ..trading import Exchange, View
from ..trading.provider import ready_at, requested, share_price
from .amounts import SHARE_DECIMALS, parse_amount
from .exchange import (
    from_block_option,
    frozen_prices,
    history_of,
    moment,
    need_prices,
    restriction_text,
)
from .funds import approve, drip, faucet_option, faucet_rows, missing_collateral
from .output import Rows, exact, span
from .pool_state import brings_text, request_text, share_price_text
from .remedies import remedy_of
from .session import Session
from .verb import account_options, deployment_options, verb

RULE = "the worse of the prices at the request and at the claim"


@verb("deposit", "ape run pool deposit 10000 --faucet")
@click.argument("amount")
@faucet_option
@from_block_option
@deployment_options
@account_options
def deposit(
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
    """Ask for a part of the pool, for AMOUNT of collateral.

    The collateral is paid in now and waits beside the pool's; shares come with
    `pool claim`, an hour later, or at once while no position is open. They are
    never more than the request would bring now. A request is binding.
    """
    session = Session.sending(provider, account, as_json, yes)
    system = session.load(deployment, registry)
    exchange = Exchange(system)
    assets = parse_amount("AMOUNT", amount, system.decimals)
    view = look(session, exchange, registry, from_block)
    asked = _requested(session, view, True, assets)
    missing = missing_collateral(session, system, assets, faucet)
    rows = [
        ("network", session.network),
        ("from", session.sender),
        *faucet_rows(system, missing),
        *_rows(session, exchange, view, True, assets, asked),
    ]
    session.confirm(f"deposit into the pool of {system.name}", rows)
    if missing:
        drip(session, system, missing)
    approve(session, system, exchange.pool, assets)
    session.out.say("send the request")
    sender = session.sender
    receipt = exchange.pool.requestDeposit(assets, sender, sender, sender=sender)
    _done(session, exchange, view, True, receipt)


@verb("redeem", "ape run pool redeem 500\nape run pool redeem all")
@click.argument("shares")
@from_block_option
@deployment_options
@account_options
def redeem(
    provider: ProviderAPI,
    account: AccountAPI | None,
    yes: bool,
    deployment: str | None,
    registry: Path | None,
    shares: str,
    from_block: int | None,
    as_json: bool,
) -> None:
    """Ask to leave the pool with SHARES, or `all` that are free.

    The shares wait in the pool's custody and bear what it loses; collateral
    comes with `pool claim`, an hour later, as far as the reserve for open
    positions allows. It is never more than the request would bring now. A
    request is binding.
    """
    session = Session.sending(provider, account, as_json, yes)
    system = session.load(deployment, registry)
    exchange = Exchange(system)
    wanted = None if shares == "all" else parse_amount("SHARES", shares, SHARE_DECIMALS)
    view = look(session, exchange, registry, from_block)
    free = view.books.account(session.sender).liquidity
    if free == 0:
        raise UserError(
            f"{session.sender} has no free shares of the pool",
            "`ape run pool state --provider` shows shares and requests",
        )
    asked_for = free if wanted is None else wanted
    if asked_for > free:
        raise UserError(
            f"{session.sender} has {exact(free, SHARE_DECIMALS)} free shares",
            "ask for fewer, or for all",
        )
    asked = _requested(session, view, False, asked_for)
    rows = [
        ("network", session.network),
        ("from", session.sender),
        *_rows(session, exchange, view, False, asked_for, asked),
    ]
    session.confirm(f"leave the pool of {system.name}", rows)
    session.out.say("send the request")
    sender = session.sender
    receipt = exchange.pool.requestRedeem(asked_for, sender, sender, sender=sender)
    _done(session, exchange, view, False, receipt)


def look(
    session: Session, exchange: Exchange, registry: Path | None, from_block: int | None
) -> View:
    """The books with the sender as a provider."""
    history = history_of(session, exchange, registry, from_block)
    return exchange.look((), frozen_prices(exchange, history), [session.sender])


def _requested(session: Session, view: View, enters: bool, amount: int) -> Request:
    need_prices(view)
    try:
        return requested(view, session.sender, enters, amount)
    except Revert as refusal:
        text = restriction_text(view)
        why = f"{text} ({refusal.reason})" if text else refusal.reason
        raise UserError(f"nothing can be asked for now: {why}", remedy_of(refusal.reason)) from None


def _rows(
    session: Session, exchange: Exchange, view: View, enters: bool, amount: int, asked: Request
) -> Rows:
    system = exchange.system
    rows = [("request", request_text(system, enters, amount))]
    if asked.amount != amount:
        rows.append(("with the old one", request_text(system, enters, asked.amount)))
    at = ready_at(view, asked)
    idle = view.books.is_idle()
    delay = "now: no position is open" if idle else f"{moment(at, view.now)}, or later"
    return [
        *rows,
        ("share price", share_price_text(system, view, share_price(view))),
        ("at the most", f"{brings_text(system, enters, asked.bound)}, written into the request"),
        ("claim from", delay),
        ("it brings", f"{RULE}, known at the claim"),
        ("taken back", "no: a request is binding"),
    ]


def _done(session: Session, exchange: Exchange, view: View, enters: bool, receipt: object) -> None:
    system = exchange.system
    name = "deposit_request" if enters else "redeem_request"
    request = Request(*exchange.pool.method(name)(session.sender))
    idle = view.books.is_idle()
    ready = request.since if idle else request.since + REQUEST_DELAY
    gas, tx = receipt.gas_used, receipt.tx_hash  # type: ignore[attr-defined]
    when = "now" if idle else f"in {span(REQUEST_DELAY)}"
    session.out.say(f"requested ({gas:,} gas); next: `ape run pool claim`, {when}")
    given, got = (system.decimals, SHARE_DECIMALS)[:: 1 if enters else -1]
    session.out.result(
        {
            "deployment": system.name,
            "account": session.sender,
            "kind": "deposit" if enters else "redeem",
            "amount": exact(request.amount, given),
            "bound": exact(request.bound, got),
            "since": request.since,
            "ready_at": ready,
            "tx": tx,
            "gas_used": gas,
        }
    )
