# SPDX-License-Identifier: AGPL-3.0-only
"""Deployment files: what they give, and what they refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from inverse_index.config import (
    AssetUnits,
    Deployment,
    IndexDefinition,
    MarketUnits,
    OracleUnits,
    load_deployment,
    load_index,
    with_index,
)
from inverse_index.config.yaml_io import model_in
from inverse_index.errors import UserError
from tests.support.constants import ZERO

CONFIGS = Path(__file__).resolve().parents[3] / "configs"
FEED = "0x5f4eC3Df9cbd43714FE2740f5E3616155c5b8419"
OTHER = "0x" + "11" * 20


def written(folder: Path, **parts: Any) -> Path:
    """A small deployment file with the given parts, beside an index of A and B."""
    (folder / "index.yaml").write_text(
        "name: AB\ncomponents: [{symbol: A, weight: 0.5}, {symbol: B, weight: 0.5}]\n",
        encoding="utf-8",
    )
    token = {"name": "Inverse AB", "symbol": "IAB", **parts.pop("token", {})}
    path = folder / "token.yaml"
    path.write_text(
        yaml.safe_dump({"index": "index.yaml", "token": token, **parts}), encoding="utf-8"
    )
    return path


def refused(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        load_deployment(path)
    return caught.value.message.removeprefix(f"{path}: ")


@pytest.mark.parametrize("name", ["local-1x", "local-3x", "local-costless"])
def test_the_projects_files_are_valid(name: str) -> None:
    file = load_deployment(CONFIGS / f"{name}.yaml")
    assert file.name == name
    assert len(file.index.symbols) == 7


def test_local_1x_in_integers() -> None:
    file = load_deployment(CONFIGS / "local-1x.yaml")
    token = file.deployment.token
    assert (token.leverage, token.mint_fee_bps, token.redeem_fee_bps) == (1, 10, 10)
    assert (token.tolerance_bps, token.band_bps, token.slippage_bps) == (50, 1_000, 100)
    assert (token.reward_bps, token.reward_cap, token.reward_ramp) == (1, 50, 3_600)
    assert (token.chunk_delay, token.emergency_bps) == (60, 20_000)
    assert (token.epoch.interval, token.epoch.offset) == (86_400, 0)
    assert token.streaming_rate_wad_down == 299_821_117
    assert token.nav_cap_units_down(6) == 10**13
    assert file.deployment.oracle.units(file.index) == OracleUnits(
        fallback_spread=5 * 10**15,
        max_spread=2 * 10**16,
        step_limit=2 * 10**17,
        step_delay=3_600,
        sequencer=ZERO,
        sequencer_grace=3_600,
        reweight_interval=86_400,
        reweight_offset=0,
    )


def test_local_1x_venue_in_integers() -> None:
    venue = load_deployment(CONFIGS / "local-1x.yaml").deployment.venue
    assert venue.market_of("UNI").units(8 * 10**18) == MarketUnits(
        skew_scale=25_000_000 * 10**18,
        max_funding=1_157_407_407_407,
        taker_fee=5 * 10**14,
        recovery=5_555_555_555_000,
        initial_margin=10**17,
        maintenance_margin=5 * 10**16,
        max_long=500_000 * 10**18,
    )
    assert venue.idle_buffer_wad == 5 * 10**16
    assert venue.max_trade_units(8 * 10**18) == 18_750 * 10**18
    assert venue.pool_liquidity_native(6) == 20_000_000 * 10**6
    assert venue.insurance_native(18) == 500_000 * 10**18


def test_local_3x_has_the_wide_band_and_an_emergency_at_five() -> None:
    token = load_deployment(CONFIGS / "local-3x.yaml").deployment.token
    assert (token.leverage, token.band_bps, token.emergency_bps) == (3, 2_000, 50_000)


def test_costless_has_next_to_no_cost() -> None:
    file = load_deployment(CONFIGS / "local-costless.yaml")
    token, oracle = file.deployment.token, file.deployment.oracle.units(file.index)
    assert token.mint_fee_bps == token.redeem_fee_bps == token.streaming_rate_wad_down == 0
    assert token.reward_bps == token.reward_cap == 0
    assert oracle.fallback_spread == 0
    market = file.deployment.venue.market_of("UNI").units(10**18)
    assert (market.taker_fee, market.max_funding, market.skew_scale) == (10**12, 0, 10**29)


@pytest.mark.parametrize(
    "price", [10**17 + 7, 333_333_333_333_333_333, 6_547_000_000_000_000_123, 10**24 + 1]
)
def test_the_sandwich_rule_survives_the_conversion_to_units(price: int) -> None:
    venue = load_deployment(CONFIGS / "local-costless.yaml").deployment.venue
    market = venue.market_of("UNI").units(price)
    assert venue.max_trade_units(price) <= 2 * market.taker_fee * market.skew_scale // 10**18


@pytest.mark.parametrize("price", [10**16 + 7, 333_333_333_333_333_333, 10**24 + 1])
def test_the_interest_cap_survives_the_conversion_to_units(price: int) -> None:
    common = load_deployment(CONFIGS / "local-1x.yaml").deployment.venue.market
    market = common.model_copy(update={"max_long": common.interest_limit}).units(price)
    assert market.max_long <= market.skew_scale * market.maintenance_margin // (2 * 10**18)


def test_a_depth_that_no_exchange_can_hold() -> None:
    venue = load_deployment(CONFIGS / "local-costless.yaml").deployment.venue
    assert venue.market.units(10**17).skew_scale == 10**30
    with pytest.raises(UserError) as caught:
        venue.market.units(5 * 10**16)
    assert caught.value.message == (
        "a depth of 100000000000 is 2000000000000 units at a price of 0.05, "
        "more than an exchange can hold"
    )
    assert caught.value.remedy == "use at most 50000000000 of collateral"


def test_a_market_may_differ_from_the_common_one(tmp_path: Path) -> None:
    path = written(
        tmp_path, venue={"markets": {"B": {"depth": "400000000", "taker_fee_bps": "2.5"}}}
    )
    venue = load_deployment(path).deployment.venue
    assert venue.market_of("A") == venue.market
    assert venue.market_of("B").units(10**18).skew_scale == 4 * 10**26
    assert venue.market_of("B").units(10**18).taker_fee == 25 * 10**13
    assert venue.market_of("B").initial_margin == venue.market.initial_margin


def feed_at(address: str) -> dict[str, Any]:
    return {
        "primary": {"address": address, "heartbeat": 3600},
        "min_price": "0.01",
        "max_price": "100000",
    }


def test_deployed_feeds(tmp_path: Path) -> None:
    third, fourth = "0x" + "22" * 20, "0x" + "33" * 20
    second = {"secondary": {"address": OTHER, "heartbeat": 86400, "decimals": 18}}
    given = {"A": feed_at(FEED), "B": {**feed_at(third), **second}, "USDC": feed_at(fourth)}
    feeds = load_deployment(written(tmp_path, oracle={"feeds": given})).deployment.oracle.feeds
    assert feeds["A"].units() == AssetUnits(FEED, 3_600, 8, ZERO, 0, 0, 10**16, 10**23, 5 * 10**15)
    assert feeds["B"].units() == AssetUnits(
        third, 3_600, 8, OTHER, 86_400, 18, 10**16, 10**23, 5 * 10**15
    )


def test_no_contract_has_two_parts(tmp_path: Path) -> None:
    """A person may have several roles, but be no contract."""
    given = {"A": feed_at(FEED), "B": feed_at(FEED), "USDC": feed_at(OTHER)}
    assert refused(written(tmp_path, oracle={"feeds": given})) == (
        f"oracle.feeds.B.primary.address: got {FEED}, which is "
        "oracle.feeds.A.primary.address already"
    )
    roles = {"owner": OTHER, "guardian": OTHER}
    load_deployment(written(tmp_path, roles=roles))
    assert refused(written(tmp_path, roles=roles, collateral={"address": OTHER})) == (
        f"roles.owner: got {OTHER}, which is collateral.address already"
    )


def test_local_feeds(tmp_path: Path) -> None:
    local = load_deployment(written(tmp_path)).deployment.oracle.local
    assert local.units(FEED) == AssetUnits(FEED, 90_000, 8, ZERO, 0, 0, 10**14, 10**24, 10**15)
    assert local.units(FEED, OTHER) == AssetUnits(
        FEED, 90_000, 8, OTHER, 90_000, 8, 10**14, 10**24, 10**15
    )


def test_roles_default_to_nobody_named(tmp_path: Path) -> None:
    roles = load_deployment(
        written(tmp_path, roles={"guardian": OTHER.upper().replace("X", "x")})
    ).deployment.roles
    assert (roles.owner, roles.guardian, roles.fee_recipient) == (None, OTHER, None)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("name", "A" * 26, "a text of 1 to 25 printable ASCII characters"),
        ("symbol", "TOOBIG", "a ticker of 1 to 5 letters and digits, such as UNI"),
        ("leverage", "4", "a whole number from 1 to 3"),
        ("leverage", "1.5", "a whole number from 1 to 3"),
        ("mint_fee_bps", "101", "a whole number from 0 to 100 basis points"),
        ("redeem_fee_bps", "-1", "a whole number from 0 to 100 basis points"),
        ("streaming_fee_per_year", "5.1%", "a percentage from 0% to 5%, written with its sign"),
        ("streaming_fee_per_year", "0.95", "a percentage from 0% to 5%, written with its sign"),
        ("tolerance_bps", "0.5", "a whole number from 0 to 200 basis points"),
        ("band_bps", "299", "a whole number from 300 to 5000 basis points"),
        ("emergency_leverage", "10.1", "a number from 1.1 to 10"),
        ("slippage_bps", "0", "a whole number from 1 to 500 basis points"),
        ("reward_bps", "21", "a whole number from 0 to 20 basis points"),
        ("reward_cap", "100001", "a whole number from 0 to 100000 whole collateral"),
        ("reward_ramp", "599", "a whole number from 600 to 86400 seconds"),
        ("chunk_delay", "11", "a whole number from 12 to 3600 seconds"),
        ("nav_cap", "0.9", "a number from 1 to 1000000000000000 whole collateral"),
    ],
)
def test_token_field_out_of_range(tmp_path: Path, field: str, value: str, expected: str) -> None:
    assert (
        refused(written(tmp_path, token={field: value}))
        == f"token.{field}: got '{value}', expected {expected}"
    )


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        (
            {"token": {"leverage": "3"}},
            "token.emergency_leverage: got 2, expected more than 3.3, "
            "where the band of 1000 basis points ends",
        ),
        (
            {"token": {"leverage": "3", "emergency_leverage": "3.7"}},
            "token.emergency_leverage: got 3.7, expected at least 3.75, "
            "a quarter above the multiple",
        ),
        (
            {"token": {"tolerance_bps": "200", "band_bps": "416"}},
            "token.tolerance_bps: got 200, expected twice of it to move the leverage by less "
            "than the band of 416 basis points",
        ),
        (
            {"token": {"epoch": {"interval": "3600", "offset": "3600"}}},
            "token.epoch.offset: got 3600, expected less than the interval of 3600",
        ),
        (
            {"token": {"epoch": {"intervall": "3600"}}},
            "token.epoch.intervall: unknown key (did you mean interval?)",
        ),
        ({"tokn": {}}, "tokn: unknown key (did you mean token?)"),
        (
            {"collateral": {"decimals": "19"}},
            "collateral.decimals: got '19', expected a whole number from 6 to 18",
        ),
        (
            {"collateral": {"address": "0x1234"}},
            "collateral.address: got '0x1234', expected an address: 0x and 40 hex digits",
        ),
        (
            {"roles": {"owner": ZERO}},
            f"roles.owner: got '{ZERO}', expected an address: 0x and 40 hex digits, "
            f"not the zero address",
        ),
        (
            {"roles": {"owner": FEED.replace("E", "e")}},
            f"roles.owner: got '{FEED.replace('E', 'e')}', expected an address: 0x and "
            f"40 hex digits with a correct "
            f"checksum (mistyped? of these digits it is {FEED})",
        ),
        (
            {"oracle": {"local": {"collateral_min_spread_bps": "50.1"}}},
            "oracle.local.collateral_min_spread_bps: got 50.1, expected at most the "
            "fallback_spread_bps of 50",
        ),
        (
            {"oracle": {"fallback_spread_bps": "5"}},
            "oracle.local.min_spread_bps: got 10, expected at most the fallback_spread_bps of 5",
        ),
        (
            {"oracle": {"feeds": {"A": {**feed_at(FEED), "min_spread_bps": "51"}}}},
            "oracle.feeds.A.min_spread_bps: got 51, expected at most the fallback_spread_bps of 50",
        ),
        (
            {"oracle": {"fallback_spread_bps": "201"}},
            "oracle.fallback_spread_bps: got 201, expected at most the max_spread_bps of 200",
        ),
        (
            {"oracle": {"step_limit": "0.5%"}},
            "oracle.step_limit: got '0.5%', expected a percentage from 1% to 100%, "
            "written with its sign",
        ),
        (
            {"oracle": {"local": {"min_price": "2", "max_price": "2"}}},
            "oracle.local.min_price: got 2, expected less than the max_price of 2",
        ),
        ({"venue": {"kind": "futures"}}, "venue.kind: got 'futures', expected 'perp' or 'aave'"),
        ({"venue": "perp"}, "venue: got 'perp', expected a group of 'key: value' lines"),
        (
            {"venue": {"max_trade": "200000.01"}},
            "venue.max_trade: got 200000.01, expected at most 200000, which is 2 * "
            "taker fee * depth of market "
            "(a larger trade invites a sandwich)",
        ),
        (
            {"venue": {"markets": {"A": {"depth": "1000000", "max_long": "0"}}}},
            "venue.max_trade: got 150000, expected at most 1000, which is 2 * taker "
            "fee * depth of markets.A "
            "(a larger trade invites a sandwich)",
        ),
        (
            {"venue": {"market": {"maintenance_margin": "10%"}}},
            "venue.market.maintenance_margin: got 10%, expected less than the initial "
            "margin of 10%",
        ),
        (
            {"venue": {"markets": {"A": {"initial_margin": "5%"}}}},
            "venue.markets.A.maintenance_margin: got 5%, expected less than the "
            "initial margin of 5%",
        ),
        (
            {"venue": {"markets": {"A": {"dept": "1"}}}},
            "venue.markets.A.dept: unknown key (did you mean depth?)",
        ),
        (
            {"venue": {"markets": {"C": {"depth": "300000000"}}}},
            "venue.markets.C: unknown symbol, expected one of A, B",
        ),
        (
            {"collateral": {"symbol": "A"}},
            "collateral.symbol: got A, which is a component of the index",
        ),
        (
            {"venue": {"market": {"max_long": "5000000.1"}}},
            "venue.market.max_long: got 5000000.1, expected at most 5000000, "
            "which is depth * maintenance margin / 2",
        ),
        (
            {"venue": {"markets": {"A": {"maintenance_margin": "2%"}}}},
            "venue.markets.A.max_long: got 4000000, expected at most 2000000, "
            "which is depth * maintenance margin / 2",
        ),
        (
            {"venue": {"market": {"max_funding_per_day": "86.5%"}}},
            "venue.market.max_funding_per_day: got '86.5%', "
            "expected a percentage from 0% to 86.4%, written with its sign",
        ),
        (
            {"venue": {"idle_buffer": "21%"}},
            "venue.idle_buffer: got '21%', expected a percentage from 0% to 20%, "
            "written with its sign",
        ),
        (
            {"venue": {"insurance": "0.0000001"}},
            "venue.insurance: got 0.0000001, expected at most 6 decimal places, as "
            "the collateral has",
        ),
        (
            {"venue": {"pool_liquidity": "0.0000001"}},
            "venue.pool_liquidity: got 0.0000001, expected at most 6 decimal places, "
            "as the collateral has",
        ),
    ],
)
def test_refused(tmp_path: Path, parts: dict[str, Any], problem: str) -> None:
    assert refused(written(tmp_path, **parts)) == problem


def test_missing_token_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "token.yaml"
    path.write_text("index: index.yaml\n", encoding="utf-8")
    assert refused(path) == "token: missing, expected: The token."


def test_feeds_for_some_assets_only(tmp_path: Path) -> None:
    feed = {
        "primary": {"address": FEED, "heartbeat": "3600"},
        "min_price": "0.01",
        "max_price": "100000",
    }
    message = refused(written(tmp_path, oracle={"feeds": {"A": feed}}))
    assert (
        message
        == "oracle.feeds: missing B, USDC, expected feeds of all components and the collateral"
    )


def test_feed_of_an_unknown_symbol(tmp_path: Path) -> None:
    feed = {
        "primary": {"address": FEED, "heartbeat": "3600"},
        "min_price": "0.01",
        "max_price": "100000",
    }
    message = refused(written(tmp_path, oracle={"feeds": {"USDT": feed}}))
    assert (
        message
        == "oracle.feeds.USDT: unknown symbol (did you mean USDC?), expected one of A, B, USDC"
    )


def test_both_sources_one_feed(tmp_path: Path) -> None:
    source = {"address": FEED, "heartbeat": "3600"}
    feed = {"primary": source, "secondary": source, "min_price": "1", "max_price": "2"}
    message = refused(written(tmp_path, oracle={"feeds": {"A": feed}}))
    assert (
        message
        == f"oracle.feeds.A.secondary.address: got the primary's {FEED}, expected another feed"
    )


def test_index_file_is_missing(tmp_path: Path) -> None:
    path = written(tmp_path)
    (tmp_path / "index.yaml").unlink()
    assert refused(path) == (
        f"index: got 'index.yaml', expected the path of an index file; "
        f"{tmp_path / 'index.yaml'} does not exist"
    )


def test_error_in_the_index_names_the_index_file(tmp_path: Path) -> None:
    path = written(tmp_path)
    (tmp_path / "index.yaml").write_text("name: X\ncomponents: []\n", encoding="utf-8")
    with pytest.raises(UserError) as caught:
        load_deployment(path)
    assert (
        caught.value.message
        == f"{tmp_path / 'index.yaml'}: components: got 0, expected 1 to 10 components"
    )


def test_with_index_replaces_and_checks(tmp_path: Path) -> None:
    file = load_deployment(CONFIGS / "local-1x.yaml")
    held = load_index(CONFIGS / "indices" / "defi7-held.yaml")
    assert with_index(file, held, "indices/defi7-held.yaml").index == held
    clash = IndexDefinition.model_validate(
        {"name": "X", "components": [{"symbol": "USDC", "weight": "1"}]}
    )
    with pytest.raises(
        UserError, match=r"collateral.symbol: got USDC, which is a component of the index"
    ):
        with_index(file, clash, "x.yaml")


@pytest.mark.parametrize("model", [Deployment, IndexDefinition])
def test_every_field_is_described(model: type[Any]) -> None:
    todo, seen = [model], set()
    while todo:
        current = todo.pop()
        seen.add(current)
        for name, field in current.model_fields.items():
            assert field.description, f"{current.__name__}.{name}"
            inner = model_in(field.annotation)
            if inner is not None and inner not in seen:
                todo.append(inner)
    assert len(seen) >= 2


def test_models_are_immutable() -> None:
    token = load_deployment(CONFIGS / "local-1x.yaml").deployment.token
    with pytest.raises(ValueError, match="frozen"):
        token.leverage = 2
