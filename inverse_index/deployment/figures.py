# SPDX-License-Identifier: AGPL-3.0-only
"""Read what the model is compared with, in one request where the chain can."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..chain import Contract, LocalBackend
from ..model.compare import ExchangeFigures
from .system import System

View = tuple[Contract, str, tuple[Any, ...]]


def exchange_figures(system: System) -> ExchangeFigures:
    """The exchange's stored state."""
    exchange = system.exchange
    views: list[View] = [(exchange, name, ()) for name in ("held", "pool_cash", "insurance")]
    views.append((exchange, "cash", (system.vault.address,)))
    views += [(exchange, "market_state", (i,)) for i in range(len(system.symbols))]
    held, pool_cash, insurance, vault_cash, *markets = read_many(system, views)
    return ExchangeFigures(
        held=held,
        pool_cash=pool_cash,
        insurance=insurance,
        vault_cash=vault_cash,
        markets=[tuple(market) for market in markets],
    )


def balances_of(system: System, token: Contract, holders: Sequence[str]) -> list[int]:
    """Balances of many holders."""
    return read_many(system, [(token, "balanceOf", (holder,)) for holder in holders])


def read_many(system: System, views: Sequence[View]) -> list[Any]:
    """Values of view functions at the same block."""
    backend = system.backend
    if not isinstance(backend, LocalBackend):
        return [contract.method(name)(*args) for contract, name, args in views]
    calls = [(contract.address, contract.encode(name, *args)) for contract, name, args in views]
    answers = backend.call_many(calls)
    return [
        contract.decode_output(name, data, len(args))
        for (contract, name, args), data in zip(views, answers, strict=True)
    ]
