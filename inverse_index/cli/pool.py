# SPDX-License-Identifier: AGPL-3.0-only
"""`ape run pool`: the embedded exchange's pool, for those who provide its liquidity."""

from __future__ import annotations

from pathlib import Path

import click
from ape.api import ProviderAPI

from ..trading import Exchange
from .exchange import from_block_option, frozen_prices, history_of, if_known
from .pool_claims import cancel, claim, fix
from .pool_rates import accrue
from .pool_requests import deposit, redeem
from .pool_state import show_state
from .session import Session, resolve_address
from .verb import deployment_options, verb, verb_group

EXAMPLES = """
ape run pool state
ape run pool deposit 10000 --faucet
ape run pool claim
ape run pool redeem all
"""

STATE = """
ape run pool state
ape run pool state --provider TEST::4 --json
"""

cli = verb_group(
    "pool",
    EXAMPLES,
    "Provide liquidity to the embedded exchange. The pool takes the other side of every trade: "
    "it wins what traders lose, pays what they win, and earns nine tenths of the fees and what "
    "positions pay for the liquidity that is kept for them. Providers "
    "come and go in two steps: a request, and an hour later a claim at the worse of the prices at "
    "both moments.",
)


@verb("state", STATE)
@click.option("--provider", "who", metavar="ADDRESS", help="Show this provider too: or an account.")
@from_block_option
@deployment_options
def state(
    provider: ProviderAPI,
    deployment: str | None,
    registry: Path | None,
    who: str | None,
    from_block: int | None,
    as_json: bool,
) -> None:
    """Show the pool's worth, the price of a share, what is reserved, and the markets.

    The reserve is what the pool keeps for open positions: of every market the
    notional of the larger side, which pays for it by the second, and a quarter of
    the smaller one's. What is spare can leave, and backs new positions.
    """
    session = Session.reading(provider, as_json)
    system = session.load(deployment, registry)
    exchange = Exchange(system)
    address = None if who is None else resolve_address(who)
    history = history_of(session, exchange, registry, from_block)
    view = exchange.look((), frozen_prices(exchange, history), [address] if address else [])
    flows, why = if_known(history.flows)
    show_state(session, system, view, address, flows, why)


for each in (state, deposit, redeem, claim, cancel, fix, accrue):
    cli.add_command(each)
