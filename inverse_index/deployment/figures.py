# SPDX-License-Identifier: AGPL-3.0-only
"""Read what the model is compared with."""

from __future__ import annotations

from ..model.compare import ExchangeFigures
from .system import System


def exchange_figures(system: System) -> ExchangeFigures:
    """The exchange's stored state."""
    exchange = system.exchange
    return ExchangeFigures(
        held=exchange.held(),
        pool_cash=exchange.pool_cash(),
        insurance=exchange.insurance(),
        vault_cash=exchange.cash(system.vault),
        markets=[tuple(exchange.market_state(i)) for i in range(len(system.symbols))],
    )
