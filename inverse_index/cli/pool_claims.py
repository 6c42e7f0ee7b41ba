# SPDX-License-Identifier: AGPL-3.0-only
"""`ape run pool claim`, `cancel` and `fix`: what becomes of requests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from ape.api import AccountAPI, ProviderAPI

from .. import reasons
from ..deployment import System
from ..errors import UserError
from ..trading import Exchange, View
from ..trading.provider import Claim, can_cancel, claims
from .amounts import SHARE_DECIMALS, WAD, parse_slippage
from .exchange import from_block_option, frozen_prices, history_of, moment, native
from .output import Rows, exact
from .pool_requests import look
from .pool_state import brings_text, claim_rows, claim_values, request_text
from .remedies import remedy_of
from .session import Session, resolve_address
from .verb import account_options, deployment_options, slippage_option, verb

RULE = "a claim takes the worse of the prices at the request and now"


@verb("claim", "ape run pool claim\nape run pool claim --out --slippage 0%")
@click.option("--in", "entering", is_flag=True, help="Only shares for a deposit.")
@click.option("--out", "leaving", is_flag=True, help="Only collateral for shares.")
@slippage_option
@from_block_option
@deployment_options
@account_options
def claim(
    provider: ProviderAPI,
    account: AccountAPI | None,
    yes: bool,
    deployment: str | None,
    registry: Path | None,
    entering: bool,
    leaving: bool,
    slippage: str,
    from_block: int | None,
    as_json: bool,
) -> None:
    """Claim what your requests bring: shares for a deposit, collateral for shares.

    It takes the worse of two prices, that of the request and that of now, and
    shows both. Claims whatever can be claimed now, and says when the rest can.
    Claim early: once it can be claimed, anybody may have a worse price written
    into a request.
    """
    session = Session.sending(provider, account, as_json, yes)
    system = session.load(deployment, registry)
    exchange = Exchange(system)
    accepted = parse_slippage("--slippage", slippage)
    view = look(session, exchange, registry, from_block)
    both = entering == leaving
    pending = [each for each in claims(view, session.sender) if both or each.enters == entering]
    ready = [each for each in pending if each.claimable]
    if not ready:
        raise _nothing(session, view, pending)
    rows: list[tuple[str, str]] = [("network", session.network), ("from", session.sender)]
    for each in pending:
        rows += [("", ""), *claim_rows(system, view, each)]
    session.confirm(f"claim from the pool of {system.name}", [*rows, ("", ""), ("rule", RULE)])
    done = [_claim(session, exchange, each, accepted) for each in ready]
    session.out.result({"deployment": system.name, "account": session.sender, "claims": done})


def _nothing(session: Session, view: View, pending: list[Claim]) -> UserError:
    if not pending:
        return UserError(
            f"{session.sender} has asked for nothing", "`ape run pool deposit` or `redeem` does"
        )
    why = "; ".join(_wait(view, each) for each in pending)
    early = all(each.why == reasons.POOL_EARLY for each in pending)
    remedy = "come back then" if early else remedy_of(pending[0].why)
    return UserError(f"nothing can be claimed now: {why}", remedy)


def _wait(view: View, each: Claim) -> str:
    kind = "the deposit" if each.enters else "the exit"
    if each.why == reasons.POOL_EARLY:
        return f"{kind} from {moment(each.ready_at, view.now)}"
    return f"{kind} waits ({each.why})"


def _claim(session: Session, exchange: Exchange, each: Claim, slippage: int) -> dict[str, Any]:
    system, pool, sender = exchange.system, exchange.pool, session.sender
    brings = each.brings or 0
    least = brings - brings * slippage // WAD
    session.out.say(f"claim {request_text(system, each.enters, each.claimable)}")
    action = pool.deposit if each.enters else pool.redeem
    receipt = action(each.claimable, sender, sender, least, sender=sender)
    name = "Deposit" if each.enters else "Withdraw"
    (done,) = [event for event in receipt.events(pool) if event.name == name]
    got = done.shares if each.enters else done.assets
    session.out.say(
        f"{brings_text(system, each.enters, got)} for "
        f"{request_text(system, each.enters, each.claimable)} ({receipt.gas_used:,} gas)"
    )
    return {
        **claim_values(system, each),
        "claimed": exact(done.assets if each.enters else done.shares, _decimals(system, each, 0)),
        "brought": exact(got, _decimals(system, each, 1)),
        "tx": receipt.tx_hash,
        "gas_used": receipt.gas_used,
    }


def _decimals(system: System, each: Claim, side: int) -> int:
    """Of what goes in (0) or comes out (1)."""
    return (system.decimals, SHARE_DECIMALS)[side if each.enters else 1 - side]


@verb("cancel", "ape run pool cancel")
@from_block_option
@deployment_options
@account_options
def cancel(
    provider: ProviderAPI,
    account: AccountAPI | None,
    yes: bool,
    deployment: str | None,
    registry: Path | None,
    from_block: int | None,
    as_json: bool,
) -> None:
    """Take a pending deposit back, where it cannot be claimed.

    That is without prices, once the exchange is settled, and while the pool is
    exhausted; requests are binding otherwise, and exits always.
    """
    session = Session.sending(provider, account, as_json, yes)
    system = session.load(deployment, registry)
    exchange = Exchange(system)
    view = look(session, exchange, registry, from_block)
    pending = view.books.account(session.sender).joining.amount
    if pending == 0:
        raise UserError(
            f"{session.sender} has no pending deposit", "an exit cannot be taken back: claim it"
        )
    why = can_cancel(view, session.sender)
    if why:
        raise UserError(f"the deposit cannot be taken back ({why})", "`ape run pool claim`")
    rows: Rows = [
        ("network", session.network),
        ("from", session.sender),
        ("you get", native(system, pending)),
    ]
    session.confirm(f"take a deposit back from the pool of {system.name}", rows)
    receipt = exchange.pool.cancel_deposit(session.sender, sender=session.sender)
    session.out.say(f"got {native(system, pending)} back ({receipt.gas_used:,} gas)")
    session.out.result(
        {
            "deployment": system.name,
            "account": session.sender,
            "assets": exact(pending, system.decimals),
            "tx": receipt.tx_hash,
            "gas_used": receipt.gas_used,
        }
    )


@verb("fix", "ape run pool fix 0x90F79bf6EB2c4f870365E785982E1f101E93b906")
@click.argument("provider_address", metavar="PROVIDER")
@from_block_option
@deployment_options
@account_options
def fix(
    provider: ProviderAPI,
    account: AccountAPI | None,
    yes: bool,
    deployment: str | None,
    registry: Path | None,
    provider_address: str,
    from_block: int | None,
    as_json: bool,
) -> None:
    """Write the present price into PROVIDER's requests, where it is the worse one.

    Anybody may, for requests that could be claimed whole now: who could claim
    and waits has no gain from it. It moves nothing.
    """
    session = Session.sending(provider, account, as_json, yes)
    system = session.load(deployment, registry)
    exchange = Exchange(system)
    whose = resolve_address(provider_address)
    history = history_of(session, exchange, registry, from_block)
    view = exchange.look((), frozen_prices(exchange, history), [whose])
    whole = [each for each in claims(view, whose) if each.claimable == each.request.amount]
    if not whole or view.books.settled:
        why = reasons.EXCHANGE_SETTLED if view.books.settled else reasons.POOL_EARLY
        raise UserError(
            f"{whose} has no request that could be claimed whole now ({why})",
            "`ape run pool state --provider` shows from when on it can",
        )
    rows: list[tuple[str, str]] = [("network", session.network), ("from", session.sender)]
    for each in whole:
        rows += [("", ""), *claim_rows(system, view, each)]
    session.confirm(f"fix the price of {whose}", rows)
    receipt = exchange.pool.fix_price(whose, sender=session.sender)
    (done,) = [event for event in receipt.events(exchange.pool) if event.name == "PriceFixed"]
    session.out.say(f"fixed ({receipt.gas_used:,} gas)")
    session.out.result(
        {
            "deployment": system.name,
            "provider": whose,
            "shares": exact(done.shares, SHARE_DECIMALS),
            "assets": exact(done.assets, system.decimals),
            "tx": receipt.tx_hash,
            "gas_used": receipt.gas_used,
        }
    )
