# SPDX-License-Identifier: AGPL-3.0-only
"""First prices of local feeds."""

from __future__ import annotations

from pathlib import Path

from ..config import DeploymentFile
from ..config.units import format_units
from ..plan import Plan
from . import ONE_USD, PRICE_DECIMALS
from .dollar import DOLLAR, priced_symbols


def start_prices(file: DeploymentFile, path: Path | None) -> dict[str, int]:
    """USD with 8 decimals by symbol: the last row of a price file, or the first
    prices of the built-in scenario (100 USD for a symbol that it does not know)."""
    components = list(file.index.symbols)
    symbols = priced_symbols(components, file.deployment.collateral.symbol)
    dollar = {DOLLAR: ONE_USD} if DOLLAR in components else {}
    if path is None:
        from .scenario import PROFILES, TYPICAL  # numpy: slow to import

        return {symbol: PROFILES.get(symbol, TYPICAL).price for symbol in symbols} | dollar
    from . import load_prices

    history = load_prices(path, symbols)
    return dict(zip(symbols, history.prices[-1], strict=True)) | dollar


def describe_prices(plan: Plan, path: Path | None) -> str:
    """As in "UNI 8, AAVE 120 USD (scenario)"."""
    prices = [
        f"{symbol} {format_units(plan.prices[symbol], PRICE_DECIMALS)}" for symbol in plan.symbols
    ]
    source = "scenario" if path is None else f"last row of {path}"
    return f"{', '.join(prices)} USD ({source})"
