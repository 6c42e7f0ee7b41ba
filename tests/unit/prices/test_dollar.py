# SPDX-License-Identifier: AGPL-3.0-only
"""The dollar as a component: which prices are asked for, and its own of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from inverse_index.artifacts import project_root
from inverse_index.errors import UserError
from inverse_index.model.fixed import WAD
from inverse_index.plan import plan_deployment
from inverse_index.prices import ONE_USD, PriceHistory
from inverse_index.prices.dollar import priced_symbols, with_dollar
from inverse_index.prices.start_prices import start_prices
from inverse_index.replay.session import read_deployment, read_history

CONFIGS = project_root() / "configs"


@pytest.mark.parametrize(
    ("symbols", "collateral", "asked"),
    [
        (["ETH", "BTC"], "USDC", ["ETH", "BTC"]),
        (["USD"], "ETH", ["ETH"]),
        (["USD", "BTC"], "ETH", ["BTC", "ETH"]),
        (["USD", "ETH"], "ETH", ["ETH"]),
    ],
)
def test_what_a_source_has_to_have(symbols: list[str], collateral: str, asked: list[str]) -> None:
    assert priced_symbols(symbols, collateral) == asked


def test_a_column_of_one() -> None:
    history = PriceHistory([1, 2], ["ETH"], [[5], [6]], 1)
    assert with_dollar(history, ["ETH"]) is history
    found = with_dollar(history, ["USD"])
    assert (found.symbols, found.prices) == (["ETH", "USD"], [[5, ONE_USD], [6, ONE_USD]])


@pytest.mark.parametrize(("name", "decimals"), [("inverse-eth", 18), ("inverse-btc", 8)])
def test_a_coin_margined_plan(name: str, decimals: int, tmp_path: Path) -> None:
    """The market's price is one over the coin's, in coin."""
    file = read_deployment(CONFIGS / f"{name}.yaml", None)
    coin = file.deployment.collateral.symbol
    prices = tmp_path / "prices.csv"
    prices.write_text(f"timestamp,{coin}\n2024-01-01 00:00:00,2000\n2024-01-01 01:00:00,2500\n")
    plan = plan_deployment(file, start_prices(file, prices))
    assert (plan.symbols, plan.collateral_symbol, plan.decimals) == (("USD",), coin, decimals)
    assert plan.mid("USD") == WAD // 2_500
    history = read_history(file, prices)
    assert history.column("USD") == [ONE_USD] * 2
    assert history.column(coin) == [2_000 * ONE_USD, 2_500 * ONE_USD]


def test_without_the_coins_price(tmp_path: Path) -> None:
    file = read_deployment(CONFIGS / "inverse-eth.yaml", None)
    prices = tmp_path / "prices.csv"
    prices.write_text("timestamp,BTC\n2024-01-01 00:00:00,2000\n2024-01-01 01:00:00,2500\n")
    with pytest.raises(UserError, match="ETH"):
        read_history(file, prices)
