# SPDX-License-Identifier: AGPL-3.0-only
"""Whole replays: outputs complete, chain and model equal, differences explained."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inverse_index.artifacts import project_root
from inverse_index.errors import UserError
from inverse_index.prices import find_data_dir, parse_option
from inverse_index.replay import ReplayOptions
from inverse_index.replay.session import Outputs, read_deployment, read_history, run_replay

CONFIGS = project_root() / "configs"
HOURLY = "hourly_close_binance_14assets_2021-2025.csv"
KEYS = {
    "periods",
    "rebalances",
    "index_return",
    "token_return",
    "ideal_return",
    "tracking_bps",
    "cost_bps",
    "max_leverage",
    "conservation_error",
    "model_mismatches",
}


def replay(
    out: Path, config: str, prices: Path | None = None, index: str | None = None, **options: object
) -> Outputs:
    span = {key: options.pop(key, None) for key in ("start", "end", "days")}
    file = read_deployment(CONFIGS / config, CONFIGS / "indices" / index if index else None)
    limits = {
        key: parse_option(str(span[key]), f"--{key}") if span[key] else None
        for key in ("start", "end")
    }
    history = read_history(file, prices, **limits, days=span["days"])  # type: ignore[arg-type]
    return run_replay(file, history, ReplayOptions(**options), out)  # type: ignore[arg-type]


def assert_exact(summary: dict[str, object]) -> None:
    assert summary["mismatch_examples"] == []
    assert summary["model_mismatches"] == 0
    assert summary["conservation_error"] == 0


@pytest.fixture(scope="module")
def hourly() -> Path:
    folder = find_data_dir()
    if folder is None:
        pytest.skip("no real price files: set INVERSE_INDEX_DATA or put them in ../shared/data")
    return folder / HOURLY


def test_default_costs_and_flows(tmp_path: Path) -> None:
    outputs = replay(tmp_path, "local-1x.yaml", days=20)
    summary = outputs.summary
    assert set(summary) >= KEYS
    assert set(summary["rebalances"]) >= {"epoch", "drift", "emergency"}
    assert set(summary["cost_bps"]) == {"fees", "impact", "funding", "keeper", "netting"}
    assert_exact(summary)
    assert summary["hours"] == 481
    assert summary["periods"] == sum(summary["rebalances"].values()) >= 20
    assert sum(summary["flows"].values()) > 10
    assert summary["residual_bps"]["max"] <= 0.1
    assert json.loads(outputs.json.read_text()) == summary
    assert "plotly" in outputs.html.read_text()
    assert outputs.png.read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "chart.html",
        "chart.png",
        "summary.json",
    ]


def test_same_seed_same_history(tmp_path: Path) -> None:
    first, second, third = (
        replay(tmp_path / str(i), "local-1x.yaml", days=4, seed=seed).summary
        for i, seed in enumerate((3, 3, 4))
    )
    for each in (first, second, third):
        del each["seconds"]
    assert first == second
    assert first["flows"] != third["flows"]


@pytest.mark.parametrize("config", ["aave-1x.yaml", "aave-2x.yaml"])
def test_on_the_real_aave_and_uniswap(tmp_path: Path, config: str) -> None:
    """Interest and swap fees are items of their own, and explain the rest."""
    summary = replay(tmp_path, config, days=10).summary
    assert summary["venue"] == "aave"
    assert list(summary["cost_bps"]) == [
        "fees",
        "interest",
        "swap fees",
        "impact",
        "liquidation",
        "keeper",
        "netting",
    ]
    assert_exact(summary)
    assert summary["periods"] == sum(summary["rebalances"].values()) >= 10
    assert summary["residual_bps"]["max"] <= 1e-4
    assert summary["cost_bps"]["interest"] < 0 < summary["cost_bps"]["swap fees"]


def test_liquidators_come_before_the_keeper(tmp_path: Path) -> None:
    """An index that nearly doubles in an hour: Aave's liquidators close the loan of
    a -2x, their bonus is an item of its own, and the keeper opens it again."""
    summary = replay(tmp_path, "aave-2x.yaml", index="eth.yaml", days=3).summary
    assert_exact(summary)
    assert summary["liquidations"] == 1
    assert summary["max_leverage"] > 5
    assert summary["cost_bps"]["liquidation"] > 1_000
    assert summary["residual_bps"]["max"] <= 1e-4


def test_paths_over_several_pools(tmp_path: Path) -> None:
    """Two components lead through a third one and through another token."""
    text = (CONFIGS / "aave-1x.yaml").read_text().replace("indices/", f"{CONFIGS}/indices/")
    through = "  components: {CRV: {via: WETH}, SNX: {via: LINK, decimals: 8}}\n"
    through += "  tokens: {WETH: {local: {price: 1999.5}}}\n"
    path = tmp_path / "paths.yaml"
    text = text.replace("max_trade: 150000", "max_trade: 90000")  # two share LINK's pool
    path.write_text(text.replace("  idle_buffer", f"{through}  idle_buffer"))
    file = read_deployment(path, None)
    history = read_history(file, None, days=3)
    summary = run_replay(file, history, ReplayOptions(), tmp_path / "out").summary
    assert_exact(summary)
    assert summary["residual_bps"]["max"] <= 1e-4


def test_without_costs_and_flows_it_tracks(tmp_path: Path) -> None:
    summary = replay(tmp_path, "local-costless.yaml", days=20, flows=False, anchor=100_000).summary
    assert_exact(summary)
    assert summary["flows"] == {"deposit hedged": 1}
    assert summary["tracking_bps"]["p99"] <= 0.01
    assert summary["token_return"] == pytest.approx(summary["ideal_return"], abs=1e-5)


def test_a_history_of_one_row(tmp_path: Path) -> None:
    prices = tmp_path / "prices.csv"
    prices.write_text("timestamp,ETH\n2024-01-01 00:00:00,2000\n2024-01-01 01:00:00,2000\n")
    with pytest.raises(UserError, match="only 1 row"):
        replay(tmp_path / "out", "local-1x.yaml", prices, "eth.yaml", end="2024-01-01 00:00:00")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be made"):
        replay(tmp_path / "file" / "out", "local-1x.yaml", days=2)


@pytest.mark.history
def test_three_times_survives_the_best_day(tmp_path: Path, hourly: Path) -> None:
    """24 May 2021: +37.7% in a day, more than a third."""
    summary = replay(
        tmp_path,
        "local-3x.yaml",
        hourly,
        "defi7-held.yaml",
        start="2021-04-24",
        end="2021-06-23",
    ).summary
    assert_exact(summary)
    assert summary["rebalances"]["drift"] > 50
    assert 4 < summary["max_leverage"] < 6
    assert -1 < summary["token_return"] < -0.5
    assert summary["residual_bps"]["max"] <= 0.1


@pytest.mark.history
def test_costless_real_history_tracks(tmp_path: Path, hourly: Path) -> None:
    summary = replay(
        tmp_path,
        "local-costless.yaml",
        hourly,
        start="2022-05-01",
        end="2022-07-01",
        flows=False,
        anchor=100_000,
    ).summary
    assert_exact(summary)
    assert summary["periods"] >= 61
    assert summary["tracking_bps"]["p99"] <= 0.01


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("pool_liquidity: 20000000", "pool_liquidity: 6100000"), "pool: account above its limit"),
        (("maintenance_margin: 5%", "maintenance_margin: 3.1%"), "exchange: short interest capped"),
    ],
)
def test_what_the_market_cannot_carry_is_counted(
    tmp_path: Path, change: tuple[str, str], reason: str
) -> None:
    """At -3x with a pool or a cap for hardly more than the first shorts: resets in part and
    refused ones, for the exchange's reason, on the chain as on the model; the replay goes
    on."""
    text = (CONFIGS / "local-3x.yaml").read_text()
    text = text.replace(*change).replace("max_long: 4000000", "max_long: 3000000")
    text = text.replace("max_trade: 150000", "max_trade: 100000")
    assert change[1] in text
    written = tmp_path / "poor.yaml"
    written.write_text(text.replace("index: indices", f"index: {CONFIGS}/indices"))
    file = read_deployment(written, CONFIGS / "indices" / "eth.yaml")
    history = read_history(file, None, days=30)
    outputs = run_replay(file, history, ReplayOptions(), tmp_path)
    assert_exact(outputs.summary)
    refused = outputs.summary["blocked"]
    assert all(each.endswith(reason) for each in refused), refused
    assert outputs.summary["partial_resets"] + sum(refused.values()) > 10
    assert outputs.summary["hours"] == len(history)


@pytest.mark.parametrize(
    ("config", "anchor"), [("inverse-eth.yaml", 1_000), ("inverse-btc.yaml", 40)]
)
def test_the_dollar_in_a_coin(tmp_path: Path, config: str, anchor: int) -> None:
    """An inverse futures market with its token: chain and model equal, and -1x of the
    dollar's price in the coin between resets."""
    summary = replay(tmp_path, config, days=15, anchor=anchor).summary
    assert_exact(summary)
    assert (summary["multiple"], summary["blocked"]) == (1, {})
    assert summary["tracking_bps"]["max"] < 20
    assert summary["residual_bps"]["max"] < 0.01


def test_the_dollar_in_real_ether(tmp_path: Path, hourly: Path) -> None:
    summary = replay(
        tmp_path, "inverse-eth.yaml", hourly, anchor=1_000, start="2021-05-01", end="2021-06-01"
    ).summary
    assert_exact(summary)
    assert summary["index_return"] > 0 > summary["token_return"]  # ether fell by a tenth
