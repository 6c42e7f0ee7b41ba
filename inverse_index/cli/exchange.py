# SPDX-License-Identifier: AGPL-3.0-only
"""What the verbs of the embedded exchange share: the exchange of a deployment, its history,
and amounts of its books in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ..deployment import System
from ..errors import Unreachable, UserError
from ..model.oracle.prices import Restriction
from ..trading import Exchange, History, View
from .output import exact, shown, span, utc
from .remedies import remedy_of
from .session import Session

BOOK = 36  # decimals of the books
F = TypeVar("F", bound=Callable[..., Any])


def from_block_option(function: F) -> F:
    return click.option(
        "--from-block",
        type=click.IntRange(0),
        metavar="BLOCK",
        help="First block of the exchange's log.  [default: as recorded; 0 on local networks]",
    )(function)


def history_of(
    session: Session, exchange: Exchange, registry: Path | None, from_block: int | None
) -> History:
    """Its log from the block of the deployment on."""
    first = from_block
    if first is None:
        first = _recorded_block(session, exchange.system, registry)
    if first is None and not session.is_live:
        first = 0
    return History(exchange, session.backend, first)


def _recorded_block(session: Session, system: System, registry: Path | None) -> int | None:
    facts = session.registry(registry).record(system.name).get("deployment", {})
    block = facts.get("contracts", {}).get("exchange", {}).get("block")
    return None if block is None else int(block)


def frozen_prices(exchange: Exchange, history: History) -> list[int]:
    """Of the settlement, if there was one."""
    return history.frozen_prices() if exchange.is_settled else []


def if_known(read: Callable[[], Any]) -> tuple[Any, str]:
    """What the log tells; None and the reason where the node does not answer about it."""
    try:
        return read(), ""
    except Unreachable:
        raise
    except UserError as error:
        return None, f"{error.message}; {error.remedy}"


def need_prices(view: View) -> None:
    """Refuses without prices."""
    if view.reason:
        raise UserError(f"there are no prices now ({view.reason})", remedy_of(view.reason))


def restriction_text(view: View) -> str:
    """Why the oracle restricts its prices; "" when it does not."""
    if not view.is_restricted:
        return ""
    texts = []
    if Restriction.STEP in view.restriction:
        texts.append("a price has made a large step that is not confirmed yet")
    if Restriction.SPREAD in view.restriction:
        texts.append("the price sources disagree")
    return " and ".join(texts)


def money(system: System, amount: int, places: int = 6) -> str:
    """Of scale 1e36, for people."""
    return f"{shown(amount, BOOK, places)} {system.collateral_symbol}"


def native(system: System, amount: int) -> str:
    """Of native units, for people."""
    return f"{shown(amount, system.decimals)} {system.collateral_symbol}"


def book(amount: int | None) -> str | None:
    """Of scale 1e36, exact, for machines."""
    return None if amount is None else exact(amount, BOOK)


def wad(amount: int | None) -> str | None:
    """Exact, for machines."""
    return None if amount is None else exact(amount, 18)


def moment(at: int, now: int) -> str:
    """For people."""
    return f"{utc(at)} (in {span(at - now)})" if at > now else f"{utc(at)} (now)"


def price_text(system: System, price: int | None, otherwise: str) -> str:
    """WAD, for people."""
    if price is None:
        return otherwise
    return f"{shown(price, 18)} {system.collateral_symbol}"
