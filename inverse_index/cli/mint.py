# SPDX-License-Identifier: AGPL-3.0-only
"""`ape run mint`: collateral in, shares out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from ape.api import AccountAPI, ProviderAPI

from .. import reasons
from ..deployment import System
from ..deployment.round_trip import present
from ..errors import UserError
from ..model.policy.flow_terms import Kind
from ..model.token.modes import Mode
from .amounts import SHARE_DECIMALS, less_down, more_up, parse_amount, parse_bound
from .flows import check_one, flow_rows, netted_text, round_trip_values, why_no_mint
from .funds import approve, drip, faucet_option, faucet_rows, missing_collateral
from .output import Rows, exact, shown
from .remedies import remedy_of
from .session import Session
from .verb import account_options, bound_options, deployment_options, verb

EXAMPLES = """
ape run mint --amount 1000
ape run mint --amount 1000 --faucet --network ethereum:local:foundry
ape run mint --shares 12.5 --slippage-bps 20 --deadline 120
"""


@dataclass(frozen=True)
class Order:
    """What will be sent. assets: taken at most; shares: minted at least."""

    kind: Kind
    amount: int
    assets: int
    shares: int
    flow: Any

    @property
    def bound(self) -> int:
        return self.shares if self.kind == Kind.DEPOSIT else self.assets


@verb("mint", EXAMPLES)
@click.option("--amount", metavar="COLLATERAL", help="Pay this much collateral in.")
@click.option("--shares", metavar="SHARES", help="Or mint exactly so many shares.")
@click.option("--min-shares", metavar="SHARES", help="With --amount: fewer revert.")
@click.option("--max-assets", metavar="COLLATERAL", help="With --shares: more reverts.")
@bound_options
@faucet_option
@deployment_options
@account_options
def cli(
    provider: ProviderAPI,
    account: AccountAPI | None,
    yes: bool,
    deployment: str | None,
    registry: Path | None,
    amount: str | None,
    shares: str | None,
    min_shares: str | None,
    max_assets: str | None,
    slippage_bps: int,
    deadline: int,
    faucet: bool,
    as_json: bool,
) -> None:
    """Mint shares for collateral at the net asset value.

    Shows first what you get. A small mint is netted: it waits for the next
    rebalance and pays the flat fee. A large one trades at once and pays for its
    trade. The token may take exactly what this mint needs, nothing later.
    """
    check_one(**{"--amount": amount, "--shares": shares})
    session = Session.sending(provider, account, as_json, yes)
    system = session.load(deployment, registry)
    latest = session.backend.block_timestamp() + deadline
    order = _order(system, amount, shares, min_shares, max_assets, slippage_bps)
    missing = missing_collateral(session, system, order.assets, faucet)
    session.confirm(f"mint {system.name}", _preview(session, system, order, missing))
    if missing:
        drip(session, system, missing)
    approve(session, system, system.token, order.assets)
    _send(session, system, order, latest)


def _order(
    system: System,
    amount: str | None,
    shares: str | None,
    min_shares: str | None,
    max_assets: str | None,
    slippage_bps: int,
) -> Order:
    if amount is not None:
        check_one(**{"--amount": amount, "--max-assets": max_assets})
        assets = parse_amount("--amount", amount, system.decimals)
        flow = _quoted(system, Kind.DEPOSIT, assets)
        least = less_down(flow.shares, slippage_bps)
        if min_shares is not None:
            least = parse_bound("--min-shares", min_shares, SHARE_DECIMALS)
        return Order(Kind.DEPOSIT, assets, assets, least, flow)
    check_one(**{"--shares": shares, "--min-shares": min_shares})
    wanted = parse_amount("--shares", str(shares), SHARE_DECIMALS)
    flow = _quoted(system, Kind.MINT, wanted)
    most = more_up(flow.assets, slippage_bps)
    if max_assets is not None:
        most = parse_bound("--max-assets", max_assets, system.decimals)
    return Order(Kind.MINT, wanted, most, wanted, flow)


def _quoted(system: System, kind: Kind, amount: int) -> Any:
    """The flow as it would be now; more than the token admits is refused."""
    if Mode(system.token.state().mode) >= Mode.WINDING_DOWN:
        reason = reasons.TOKEN_WINDING_DOWN
        raise UserError(f"nothing can be minted any more ({reason})", remedy_of(reason))
    flow = system.views.preview(system.token, int(kind), amount)
    maximum = system.token.maxDeposit if kind == Kind.DEPOSIT else system.token.maxMint
    most = maximum(system.token)
    if most == 0:
        reason = why_no_mint(system.report())
        raise UserError(f"nothing can be minted now ({reason})", remedy_of(reason))
    if amount > most:
        deposit = kind == Kind.DEPOSIT
        text = (
            f"{shown(most, system.decimals)} {system.collateral_symbol}"
            if deposit
            else f"{shown(most, SHARE_DECIMALS)} shares"
        )
        raise UserError(f"at most {text} can be minted in one go now", "mint in parts")
    return flow


def _preview(session: Session, system: System, order: Order, missing: int) -> Rows:
    decimals, symbol = system.decimals, system.collateral_symbol
    rows = [("network", session.network), ("from", session.sender)]
    rows += faucet_rows(system, missing)
    if order.kind == Kind.DEPOSIT:
        rows += [
            ("you pay", f"{shown(order.assets, decimals)} {symbol}"),
            ("you get", f"{shown(order.flow.shares, SHARE_DECIMALS)} shares"),
            ("at least", f"{shown(order.shares, SHARE_DECIMALS)} shares"),
        ]
    else:
        rows += [
            ("you get", f"{shown(order.shares, SHARE_DECIMALS)} shares"),
            ("you pay", f"{shown(order.flow.assets, decimals)} {symbol}"),
            ("at most", f"{shown(order.assets, decimals)} {symbol}"),
        ]
    return [*rows, *flow_rows(system, order.flow)]


def _send(session: Session, system: System, order: Order, deadline: int) -> None:
    token, sender = system.token, session.sender
    action = token.deposit if order.kind == Kind.DEPOSIT else token.mint
    session.out.say("send the mint")
    receipt = action(order.amount, sender, order.bound, deadline, sender=sender)
    (done,) = [event for event in receipt.events(token) if event.name == "Deposit"]
    netted = any(event.name == "FlowNetted" for event in receipt.events(token))
    decimals, symbol = system.decimals, system.collateral_symbol
    session.out.say(
        f"minted {shown(done.shares, SHARE_DECIMALS)} shares for {shown(done.assets, decimals)} "
        f"{symbol} ({netted_text(netted)}, {receipt.gas_used:,} gas)"
    )
    session.out.result(
        {
            "deployment": system.name,
            "holder": sender,
            "assets": exact(done.assets, decimals),
            "shares": exact(done.shares, SHARE_DECIMALS),
            "netted": netted,
            "tx": receipt.tx_hash,
            "gas_used": receipt.gas_used,
            "balance": exact(token.balanceOf(sender), SHARE_DECIMALS),
            "round_trip": round_trip_values(present(system, system.report())),
        }
    )
