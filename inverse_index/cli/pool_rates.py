# SPDX-License-Identifier: AGPL-3.0-only
"""`ape run pool accrue`: borrowing rates set by what the pool keeps now."""

from __future__ import annotations

from pathlib import Path

from ape.api import AccountAPI, ProviderAPI

from .. import reasons
from ..errors import UserError
from ..model.fixed import Revert
from ..trading import Exchange
from ..trading.rehearsal import DAY
from .exchange import from_block_option, frozen_prices, history_of
from .output import exact, percent
from .remedies import remedy_of
from .session import Session
from .verb import account_options, deployment_options, verb


@verb("accrue", "ape run pool accrue")
@from_block_option
@deployment_options
@account_options
def accrue(
    provider: ProviderAPI,
    account: AccountAPI | None,
    yes: bool,
    deployment: str | None,
    registry: Path | None,
    from_block: int | None,
    as_json: bool,
) -> None:
    """Set every market's borrowing rate by what the pool keeps now.

    Anybody may, at the cost of gas. Orders that add to a market set its rate;
    until the next one it stays what it was, even when the pool has become fuller
    or emptier. Funding up to now is charged on the way. It moves no position.
    """
    session = Session.sending(provider, account, as_json, yes)
    system = session.load(deployment, registry)
    exchange = Exchange(system)
    history = history_of(session, exchange, registry, from_block)
    view = exchange.look((), frozen_prices(exchange, history))
    before = [market.borrowing for market in view.books.markets]
    try:
        view.books.accrue(view.prices, view.now)
    except Revert as refused:
        raise UserError(
            f"no rate can be set now ({refused.reason})", _remedy(refused.reason)
        ) from refused
    after = [market.borrowing for market in view.books.markets]
    rows: list[tuple[str, str]] = [("network", session.network), ("from", session.sender)]
    for name, old, new in zip(view.names, before, after, strict=True):
        rows.append((name, f"{_a_day(old)} -> {_a_day(new)} a day"))
    session.confirm("set the borrowing rates", rows)
    receipt = exchange.contract.accrue(sender=session.sender)
    session.out.say(f"set ({receipt.gas_used:,} gas)")
    states = [exchange.contract.market_state(m) for m in range(len(before))]
    session.out.result(
        {
            "deployment": system.name,
            "markets": [
                {
                    "market": name,
                    "borrowing_per_day_before": exact(old * DAY, 18),
                    "borrowing_per_day": exact(state.borrowing * DAY, 18),
                }
                for name, old, state in zip(view.names, before, states, strict=True)
            ],
            "tx": receipt.tx_hash,
            "gas_used": receipt.gas_used,
        }
    )


def _a_day(rate: int) -> str:
    return percent(rate * DAY, 4).lstrip("+") if rate else "0%"


def _remedy(reason: str) -> str:
    if reason == reasons.EXCHANGE_SETTLED:
        return "a settled exchange charges nothing any more"
    return remedy_of(reason)
