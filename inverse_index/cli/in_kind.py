# SPDX-License-Identifier: AGPL-3.0-only
"""`ape run redeem --in-kind`: shares and components in, collateral out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..chain import Contract, contract_at
from ..deployment import System
from ..errors import UserError
from .amounts import SHARE_DECIMALS, less_down
from .output import Rows, exact, shown
from .session import Session

ACCRUAL_BPS = 10  # debts grow between preview and transaction: what more is approved


@dataclass(frozen=True)
class Debt:
    """A component to bring, native units."""

    symbol: str
    token: Contract
    decimals: int
    amount: int

    @property
    def approved(self) -> int:
        """The amount and a little interest, rounded up."""
        return -(-self.amount * (10_000 + ACCRUAL_BPS) // 10_000)

    @property
    def text(self) -> str:
        return f"{shown(self.amount, self.decimals)} {self.symbol}"


@dataclass(frozen=True)
class Exchange:
    """Shares and components against collateral; `least` is what is accepted."""

    shares: int
    debts: tuple[Debt, ...]
    assets: int
    least: int


def redeem_in_kind(
    session: Session,
    system: System,
    shares: int,
    least: int | None,
    slippage_bps: int,
    deadline: int,
) -> None:
    """Show, ask, approve, send. No prices are needed."""
    assets, amounts = system.lens.in_kind(system.token, shares)
    debts = _debts(session, system, amounts)
    bound = less_down(assets, slippage_bps) if least is None else least
    order = Exchange(shares, debts, assets, bound)
    _check_brought(session, debts)
    session.confirm(f"redeem {system.name} in kind", _preview(session, system, order))
    for debt in debts:
        session.out.say(f"approve {debt.symbol}")
        debt.token.approve(system.vault, debt.approved, sender=session.sender)
    _send(session, system, order, deadline)


def _debts(session: Session, system: System, amounts: list[int]) -> tuple[Debt, ...]:
    addresses = system.vault.components()
    found = []
    for symbol, address, amount in zip(system.symbols, addresses, amounts, strict=False):
        if amount:
            token = contract_at(session.backend, "LocalCollateral", address)
            found.append(Debt(symbol, token, token.decimals(), amount))
    return tuple(found)


def _check_brought(session: Session, debts: tuple[Debt, ...]) -> None:
    for debt in debts:
        held = debt.token.balanceOf(session.sender)
        if held < debt.approved:
            raise UserError(
                f"{debt.text} are needed, {session.sender} has {shown(held, debt.decimals)}",
                f"bring {shown(debt.approved, debt.decimals)} {debt.symbol}"
                f" ({debt.token.address}; with a little interest), or redeem fewer shares",
            )


def _preview(session: Session, system: System, order: Exchange) -> Rows:
    symbol = system.collateral_symbol
    return [
        ("network", session.network),
        ("from", session.sender),
        ("you burn", f"{shown(order.shares, SHARE_DECIMALS)} shares"),
        *[("you bring", f"{debt.text} and a little interest") for debt in order.debts],
        ("you get", f"{shown(order.assets, system.decimals)} {symbol}"),
        ("at least", f"{shown(order.least, system.decimals)} {symbol}"),
        ("fee", "none"),
    ]


def _send(session: Session, system: System, order: Exchange, deadline: int) -> None:
    token, sender, decimals = system.token, session.sender, system.decimals
    session.out.say("send the redemption")
    receipt = token.redeem_in_kind(
        order.shares, sender, sender, order.least, deadline, sender=sender
    )
    (paid,) = [event for event in receipt.events(system.vault) if event.name == "PaidInKind"]
    brought: dict[str, Any] = {
        debt.symbol: exact(amount, debt.decimals)
        for debt, amount in zip(order.debts, filter(None, paid.brought), strict=True)
    }
    session.out.say(
        f"redeemed {shown(order.shares, SHARE_DECIMALS)} shares in kind for "
        f"{shown(paid.amount, decimals)} {system.collateral_symbol} ({receipt.gas_used:,} gas)"
    )
    session.out.result(
        {
            "deployment": system.name,
            "holder": sender,
            "shares": exact(order.shares, SHARE_DECIMALS),
            "assets": exact(paid.amount, decimals),
            "brought": brought,
            "tx": receipt.tx_hash,
            "gas_used": receipt.gas_used,
            "balance": exact(token.balanceOf(sender), SHARE_DECIMALS),
        }
    )
