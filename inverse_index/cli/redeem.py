# SPDX-License-Identifier: AGPL-3.0-only
"""`ape run redeem`: shares in, collateral out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from ape.api import AccountAPI, ProviderAPI

from ..deployment import System
from ..deployment.round_trip import present
from ..errors import UserError
from ..keeper.look import price_reason
from ..model.policy.flow_terms import Kind
from ..model.token.modes import Mode
from .amounts import SHARE_DECIMALS, less_down, more_up, parse_amount, parse_bound
from .flows import check_one, flow_rows, netted_text, round_trip_values
from .in_kind import redeem_in_kind
from .output import Rows, exact, shown
from .session import Session
from .verb import account_options, bound_options, deployment_options, verb

EXAMPLES = """
ape run redeem --all
ape run redeem --shares 10 --min-assets 950
ape run redeem --shares 10 --in-kind
ape run redeem --amount 500 --network ethereum:local:foundry
"""


@dataclass(frozen=True)
class Order:
    """What will be sent. shares: burned at most; assets: paid at least."""

    kind: Kind
    amount: int
    shares: int
    assets: int
    flow: Any

    @property
    def bound(self) -> int:
        return self.assets if self.kind == Kind.REDEEM else self.shares


@verb("redeem", EXAMPLES)
@click.option("--shares", metavar="SHARES", help="Burn so many shares.")
@click.option("--amount", metavar="COLLATERAL", help="Or take exactly this much collateral out.")
@click.option("--all", "everything", is_flag=True, help="Or burn all shares that you have.")
@click.option(
    "--min-assets",
    metavar="COLLATERAL",
    help="Less reverts. It replaces the token's own slippage bound, so that you can leave at any"
    " depth. Not with --amount.",
)
@click.option(
    "--in-kind",
    is_flag=True,
    help="Bring your part of the components that the vault owes, take your part of its collateral:"
    " needs no prices and no market. For vaults that borrow.",
)
@bound_options
@deployment_options
@account_options
def cli(
    provider: ProviderAPI,
    account: AccountAPI | None,
    yes: bool,
    deployment: str | None,
    registry: Path | None,
    shares: str | None,
    amount: str | None,
    everything: bool,
    min_assets: str | None,
    in_kind: bool,
    slippage_bps: int,
    deadline: int,
    as_json: bool,
) -> None:
    """Redeem shares for collateral at the net asset value.

    Shows first what you get. Redemption is never paused. Inside the slippage
    bound it needs nothing else; beyond it say with --min-assets what you accept.
    While prices are unusable, --in-kind is the way out, where the vault borrows;
    else, once the oracle is dead, `ape run wind-down`. A settled token pays every
    share its part of what is left, without prices, fees and bounds.
    """
    check_one(**{"--shares": shares, "--amount": amount, "--all": "all" if everything else None})
    session = Session.sending(provider, account, as_json, yes)
    system = session.load(deployment, registry)
    latest = session.backend.block_timestamp() + deadline
    held = system.token.balanceOf(session.sender)
    if in_kind:
        check_one(**{"--in-kind": "yes", "--amount": amount})
        burn = held if everything else parse_amount("--shares", str(shares), SHARE_DECIMALS)
        _check_held(session, burn, held)
        least = None
        if min_assets is not None:
            least = parse_bound("--min-assets", min_assets, system.decimals)
        redeem_in_kind(session, system, burn, least, slippage_bps, latest)
        return
    if amount is not None:
        check_one(**{"--amount": amount, "--min-assets": min_assets})
        order = _withdrawal(session, system, amount, held, slippage_bps)
    else:
        burn = held if everything else parse_amount("--shares", str(shares), SHARE_DECIMALS)
        order = _redemption(session, system, burn, held, min_assets, slippage_bps)
    session.confirm(f"redeem {system.name}", _preview(session, system, order))
    _send(session, system, order, latest)


def _redemption(
    session: Session,
    system: System,
    shares: int,
    held: int,
    min_assets: str | None,
    slippage_bps: int,
) -> Order:
    _check_held(session, shares, held)
    _check_priced(system)
    flow = system.views.preview(system.token, int(Kind.REDEEM), shares)
    if min_assets is not None:
        least = parse_bound("--min-assets", min_assets, system.decimals)
        return Order(Kind.REDEEM, shares, shares, least, flow)
    most = system.token.maxRedeem(session.sender)
    if shares > most:
        raise UserError(
            f"{shown(most, SHARE_DECIMALS)} shares can be redeemed inside the slippage bound now",
            "redeem in parts, or accept the cost with --min-assets: all "
            f"{shown(shares, SHARE_DECIMALS)} bring about {shown(flow.assets, system.decimals)}",
        )
    return Order(Kind.REDEEM, shares, shares, less_down(flow.assets, slippage_bps), flow)


def _withdrawal(
    session: Session, system: System, amount: str, held: int, slippage_bps: int
) -> Order:
    assets = parse_amount("--amount", amount, system.decimals)
    _check_priced(system)
    flow = system.views.preview(system.token, int(Kind.WITHDRAW), assets)
    _check_held(session, flow.shares, held)
    most = min(held, more_up(flow.shares, slippage_bps))
    return Order(Kind.WITHDRAW, assets, most, assets, flow)


def _is_settled(system: System) -> bool:
    return Mode(system.token.state().mode) == Mode.SETTLED


def _check_priced(system: System) -> None:
    """A token that winds down needs prices until it is settled."""
    if Mode(system.token.state().mode) != Mode.WINDING_DOWN or system.oracle.usable():
        return
    raise UserError(
        f"{price_reason(system)}, and the positions are still being closed",
        "redeem once `ape run keeper` has closed them; "
        + (
            "an exchange of a dead oracle is settled first (`ape run wind-down --settle-exchange`)"
            if system.venue.kind == "perp"
            else "or now with --in-kind"
        ),
    )


def _check_held(session: Session, shares: int, held: int) -> None:
    if held == 0:
        raise UserError(f"{session.sender} has no shares", "choose the holder with --account")
    if shares > held:
        raise UserError(
            f"{session.sender} has {shown(held, SHARE_DECIMALS)} shares, "
            f"{shown(shares, SHARE_DECIMALS)} are needed",
            "redeem less, or --all",
        )


def _preview(session: Session, system: System, order: Order) -> Rows:
    decimals, symbol = system.decimals, system.collateral_symbol
    rows = [("network", session.network), ("from", session.sender)]
    if order.kind == Kind.REDEEM:
        rows += [
            ("you burn", f"{shown(order.shares, SHARE_DECIMALS)} shares"),
            ("you get", f"{shown(order.flow.assets, decimals)} {symbol}"),
            ("at least", f"{shown(order.assets, decimals)} {symbol}"),
        ]
    else:
        rows += [
            ("you get", f"{shown(order.assets, decimals)} {symbol}"),
            ("you burn", f"{shown(order.flow.shares, SHARE_DECIMALS)} shares"),
            ("at most", f"{shown(order.shares, SHARE_DECIMALS)} shares"),
        ]
    return [*rows, *flow_rows(system, order.flow, _is_settled(system))]


def _send(session: Session, system: System, order: Order, deadline: int) -> None:
    token, sender = system.token, session.sender
    action = token.redeem if order.kind == Kind.REDEEM else token.withdraw
    session.out.say("send the redemption")
    receipt = action(order.amount, sender, sender, order.bound, deadline, sender=sender)
    (done,) = [event for event in receipt.events(token) if event.name == "Withdraw"]
    netted = any(event.name == "FlowNetted" for event in receipt.events(token))
    how = "your part of what is left" if _is_settled(system) else netted_text(netted)
    decimals, symbol = system.decimals, system.collateral_symbol
    session.out.say(
        f"redeemed {shown(done.shares, SHARE_DECIMALS)} shares for {shown(done.assets, decimals)} "
        f"{symbol} ({how}, {receipt.gas_used:,} gas)"
    )
    session.out.result(
        {
            "deployment": system.name,
            "holder": sender,
            "shares": exact(done.shares, SHARE_DECIMALS),
            "assets": exact(done.assets, decimals),
            "netted": netted,
            "settled": _is_settled(system),
            "tx": receipt.tx_hash,
            "gas_used": receipt.gas_used,
            "balance": exact(token.balanceOf(sender), SHARE_DECIMALS),
            "round_trip": round_trip_values(present(system, system.report())),
        }
    )
