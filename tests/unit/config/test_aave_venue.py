# SPDX-License-Identifier: AGPL-3.0-only
"""The venue on Aave and Uniswap in a deployment file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from inverse_index.config import (
    AaveVenueConfig,
    ReserveParameters,
    choose_deployment,
    load_deployment,
)
from inverse_index.errors import UserError
from tests.unit.config.test_load_deployment import CONFIGS, OTHER, refused, written

RAY = 10**27
POOL = "0x" + "22" * 20
TOKEN, WETH = "0x" + "44" * 20, "0x" + "55" * 20


def venue(folder: Path, token: dict[str, Any] | None = None, **parts: Any) -> AaveVenueConfig:
    path = written(folder, token=token or {}, venue={"kind": "aave", **parts})
    found = load_deployment(path).deployment.venue
    assert isinstance(found, AaveVenueConfig)
    return found


@pytest.mark.parametrize(("name", "multiple"), [("aave-1x", 1), ("aave-2x", 2)])
def test_the_projects_files_are_valid(name: str, multiple: int) -> None:
    file = load_deployment(CONFIGS / f"{name}.yaml")
    assert file.deployment.venue.kind == "aave"
    assert file.deployment.token.leverage == multiple
    assert len(file.index.symbols) == 7


def test_the_projects_files_state_the_defaults(tmp_path: Path) -> None:
    stated = load_deployment(CONFIGS / "aave-1x.yaml").deployment.venue
    assert stated == venue(tmp_path)


def test_reserves_in_integers(tmp_path: Path) -> None:
    found = venue(tmp_path)
    assert found.component_of("A").local.units == ReserveParameters(
        ltv_bps=7_000,
        liquidation_threshold_bps=7_500,
        liquidation_bonus_bps=10_600,
        reserve_factor_bps=2_000,
        optimal_usage_ray=8 * RAY // 10,
        base_rate_ray=0,
        slope1_ray=4 * RAY // 100,
        slope2_ray=8 * RAY // 10,
        supply_cap=0,
        borrow_cap=0,
        borrowing=True,
    )
    assert found.collateral.reserve.units == ReserveParameters(
        ltv_bps=7_500,
        liquidation_threshold_bps=7_800,
        liquidation_bonus_bps=10_500,
        reserve_factor_bps=1_000,
        optimal_usage_ray=9 * RAY // 10,
        base_rate_ray=0,
        slope1_ray=55 * RAY // 1_000,
        slope2_ray=4 * RAY // 10,
        supply_cap=0,
        borrow_cap=0,
        borrowing=True,
    )
    assert (found.idle_buffer_wad, found.min_health_wad) == (5 * 10**16, 105 * 10**16)
    assert (found.component.local.borrowed_bps, found.collateral.local.borrowed_bps) == (
        2_000,
        7_000,
    )
    assert found.max_trade_units(8 * 10**18) == 18_750 * 10**18


def test_a_component_changes_the_common_parameters(tmp_path: Path) -> None:
    found = venue(
        tmp_path,
        component={"fee_bps": "30", "decimals": "8", "local": {"ltv": "0%"}},
        components={"B": {"decimals": "6", "address": OTHER, "local": {"base_rate": "1%"}}},
    )
    first, second = found.component_of("A"), found.component_of("B")
    assert (first.fee_pips, first.decimals, first.local.units.ltv_bps) == (3_000, 8, 0)
    assert (second.fee_pips, second.decimals, second.local.units.ltv_bps) == (3_000, 6, 0)
    assert (first.address, second.address) == (None, OTHER)


def test_paths(tmp_path: Path) -> None:
    found = venue(
        tmp_path,
        components={"A": {"via": "B"}, "B": {"via": "WETH"}},
        tokens={"WETH": {"local": {"price": "1500"}}},
    )
    assert found.path("A") == ("A", "B", "WETH")
    assert found.path("B") == ("B", "WETH")
    assert found.path("WETH") == ("WETH",)


def test_what_exists_and_what_a_live_network_needs(tmp_path: Path) -> None:
    assert venue(tmp_path).given() == {}
    assert venue(tmp_path).missing(["A", "B"]) == [
        "pool",
        "factory",
        "components.A.address",
        "components.B.address",
    ]
    found = venue(
        tmp_path,
        pool=POOL,
        factory=OTHER,
        components={"A": {"address": TOKEN}},
        tokens={"WETH": {"address": WETH}, "DAI": {}},
    )
    assert found.given() == {
        "pool": POOL,
        "factory": OTHER,
        "components.A.address": TOKEN,
        "tokens.WETH.address": WETH,
    }
    assert found.missing(["A", "B"]) == ["components.B.address", "tokens.DAI.address"]


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ({"pool": POOL}, "factory: got nothing, expected pool and factory, or none of them"),
        ({"factory": POOL}, "pool: got nothing, expected pool and factory, or none of them"),
        (
            {"component": {"fee_bps": "6"}},
            "component.fee_bps: got '6', expected 1, 5, 30 or 100 basis points",
        ),
        (
            {"component": {"fee_bps": "500"}},
            "component.fee_bps: got '500', expected 1, 5, 30 or 100 basis points",
        ),
        (
            {"max_trade": "200000.01"},
            "max_trade: got 200000.01, expected at most 200000, which is 2 * fee * depth of "
            "component (a larger trade invites a sandwich)",
        ),
        (
            {"tokens": {"WETH": {"fee_bps": "1"}}},
            "max_trade: got 150000, expected at most 40000, which is 2 * fee * depth of "
            "tokens.WETH (a larger trade invites a sandwich)",
        ),
        (
            {"components": {"A": {"local": {"depth": "1000000"}}}},
            "max_trade: got 150000, expected at most 1000, which is 2 * fee * depth of "
            "components.A (a larger trade invites a sandwich)",
        ),
        (
            {"components": {"A": {"via": "B"}, "B": {"via": "A"}}},
            "components.B.via: got A, which leads back to A",
        ),
        (
            {"component": {"via": "A"}, "components": {"A": {}}},
            "components.A.via: got A, which leads back to A",
        ),
        (
            {
                "components": {"A": {"via": "W"}},
                "tokens": {"W": {"via": "X"}, "X": {"via": "Y"}, "Y": {}},
            },
            "tokens.X.via: got Y, expected a path of at most 3 pools from A",
        ),
        (
            {"components": {"A": {"via": "C"}}},
            "components.A.via.C: unknown symbol, expected one of A, B",
        ),
        ({"components": {"C": {}}}, "components.C: unknown symbol, expected one of A, B"),
        (
            {"components": {"A": {"local": {"dept": "1"}}}},
            "components.A.local.dept: unknown key (did you mean depth?)",
        ),
        ({"market": {}}, "market: unknown key"),
        (
            {"collateral": {"local": {"ltv": "78.01%"}}},
            "collateral.local.ltv: got 78.01%, expected at most the liquidation threshold of 78%",
        ),
        (
            {"component": {"local": {"liquidation_threshold": "95%"}}},
            "component.local.liquidation_bonus: got 6%, expected less: with a threshold of 95% a "
            "liquidation would take more than there is",
        ),
        (
            {"component": {"local": {"ltv": "70.001%"}}},
            "component.local.ltv: got '70.001%', expected a percentage from 0% to 100%, written "
            "with its sign (70.001 has more than 2 decimal places)",
        ),
        ({"min_health": "1"}, "min_health: got '1', expected a number from 1.01 to 2"),
        (
            {"min_health": "1.5"},
            "min_health: got 1.5, expected at most 1.4181, which is the health at a leverage of "
            "1.1, where the band ends",
        ),
        (
            {"collateral": {"local": {"ltv": "52.63%"}}},
            "collateral.local.ltv: leverage 1 needs a loan of 1 times the net assets, expected "
            "at most 0.9999, which is 52.63% of what is supplied",
        ),
        (
            {"collateral": {"local": {"liquidity": "0.0000001"}}},
            "collateral.local.liquidity: got 0.0000001, expected at most 6 decimal places, as the "
            "collateral has",
        ),
        (
            {"pool": POOL, "factory": OTHER, "component": {"local": {"depth": "9000000000"}}},
            "component.local: given, but `pool` names a venue that exists (what the checks are to "
            "take for granted of it belongs into `assumed`)",
        ),
        (
            {"collateral": {"assumed": {"ltv": "75%", "liquidation_threshold": "78%"}}},
            "collateral.assumed: given, but the venue is deployed locally (what it is deployed "
            "with belongs into `local`)",
        ),
        (
            {
                "pool": POOL,
                "factory": OTHER,
                "components": {"A": {"assumed": {"depth": "1000000"}}},
            },
            "max_trade: got 150000, expected at most 1000, which is 2 * fee * depth of "
            "components.A (a larger trade invites a sandwich)",
        ),
    ],
)
def test_refused(tmp_path: Path, parts: dict[str, Any], problem: str) -> None:
    path = written(tmp_path, venue={"kind": "aave", **parts})
    assert refused(path).removeprefix("venue.") == problem


def test_three_times_is_more_than_aave_lends(tmp_path: Path) -> None:
    token = {"leverage": "3", "emergency_leverage": "5"}
    assert refused(written(tmp_path, token=token, venue={"kind": "aave"})) == (
        "venue.collateral.local.ltv: leverage 3 needs a loan of 3 times the net assets, "
        "expected at most 2.925, which is 75% of what is supplied"
    )


def test_a_deployed_market_has_parameters_of_its_own(tmp_path: Path) -> None:
    token = {"leverage": "3", "emergency_leverage": "5"}
    assert venue(tmp_path, token, pool=POOL, factory=OTHER).pool == POOL


def test_what_is_assumed_of_a_deployed_market_is_checked(tmp_path: Path) -> None:
    there = {"pool": POOL, "factory": OTHER}
    terms = {"ltv": "50%", "liquidation_threshold": "60%"}
    parts = {"kind": "aave", **there, "collateral": {"assumed": terms}}
    assert refused(written(tmp_path, venue=parts)).startswith(
        "venue.collateral.assumed.ltv: leverage 1 needs a loan of 1 times the net assets"
    )
    terms = {"ltv": "74%", "liquidation_threshold": "77%"}
    found = venue(tmp_path, **there, collateral={"assumed": terms}).collateral
    assert (found.reserve.units.ltv_bps, found.local.units.ltv_bps) == (7_400, 7_500)


def test_a_venue_chooses_its_file() -> None:
    assert choose_deployment(None, None).name == "local-1x"
    assert choose_deployment(None, "perp").name == "local-1x"
    assert choose_deployment(None, "aave").name == "aave-1x"
    assert choose_deployment(CONFIGS / "aave-2x.yaml", None).name == "aave-2x"
    assert choose_deployment(CONFIGS / "aave-2x.yaml", "aave").name == "aave-2x"


def test_a_venue_that_the_file_is_not_for() -> None:
    path = CONFIGS / "local-3x.yaml"
    with pytest.raises(UserError) as caught:
        choose_deployment(path, "aave")
    assert caught.value.message == f"--venue: got aave, but {path} is for the venue 'perp'"
    assert caught.value.remedy == "leave --venue out, or give another file with --config"
