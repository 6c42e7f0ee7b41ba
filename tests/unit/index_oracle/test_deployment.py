# SPDX-License-Identifier: AGPL-3.0-only
"""What the constructor takes, refuses and starts with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from inverse_index.chain import Contract, LocalBackend
from inverse_index.model.fixed import WAD
from tests.support.assertions import reverts
from tests.support.asset_plans import (
    COLLATERAL,
    DOLLAR,
    ETHER,
    PARAMETERS,
    USD,
    combined,
    parameter_tuple,
    ten,
)
from tests.support.constants import DAY, MAX_UINT256, ZERO
from tests.support.oracle_harness import OracleHarness

COUNT = "oracle: 1 to 10 components and the collateral"
WEIGHT_COUNT = "oracle: one weight per component"
WEIGHT_SUM = "oracle: weights must sum to 1e18"
LEVEL = "oracle: base level out of range"
DECIMALS = "oracle: feed decimals differ"
NO_FEED = "oracle: no primary feed"
SAME_FEED = "oracle: both sources are one feed"
HEARTBEAT = "oracle: heartbeat out of range"
BOUNDS = "oracle: price bounds out of range"
SPREADS = "oracle: spreads out of range"
STEP = "oracle: step parameters out of range"
GRACE = "oracle: sequencer grace out of range"
REWEIGHT = "oracle: reweight clock out of range"
UNITS = "oracle: units out of range"


@pytest.fixture
def deploy(chain: LocalBackend, owner: str, pair: OracleHarness) -> Any:
    """Deploys with the arguments of `pair`, some of them changed."""

    def deployed(
        asset: int | None = None,
        change: dict[str, Any] | None = None,
        parameters: dict[str, int] | None = None,
        **changes: Any,
    ) -> Contract:
        assets, weights, level, decimals, chosen = pair.arguments()
        if asset is not None:
            assets[asset] |= change or {}
        if parameters is not None:
            chosen = parameter_tuple(replace(PARAMETERS, **parameters))
        given = {"assets": assets, "weights": weights, "level": level, "decimals": decimals}
        given |= changes
        return chain.deploy("IndexOracle", *given.values(), chosen, sender=owner)

    return deployed


def test_starts_at_the_base_level(chain: LocalBackend, owner: str, pair: OracleHarness) -> None:
    """[O-IDX-1]"""
    oracle = pair.oracle
    assert oracle.owner() == owner
    assert oracle.component_count() == 2
    assert oracle.collateral_decimals() == 6
    assert oracle.weights() == [WAD // 2, WAD // 2]
    assert oracle.scheduled() == ([], 0)
    assert oracle.MIN_DELAY() == 2 * DAY
    assert oracle.level() == 1_000 * WAD
    composition = oracle.composition()
    assert composition.units == ten([WAD // 4, WAD // 80])  # 500 / 2,000 and 500 / 40,000
    assert (composition.version, composition.effective_at) == (1, pair.now)
    assert composition.due_at == MAX_UINT256
    assert oracle.accepted(0) == (2_000 * WAD, 0)
    assert oracle.accepted(1) == (40_000 * WAD, 0)
    assert oracle.accepted(2) == (WAD, 0)  # the collateral's
    pair.check()


def test_the_event_of_the_start(chain: LocalBackend, owner: str, pair: OracleHarness) -> None:
    from inverse_index.artifacts import artifact
    from inverse_index.chain.abi import interface_of

    built = artifact("IndexOracle")
    arguments = interface_of(built.abi).constructor.encode(pair.arguments())
    receipt = chain.send(None, bytes.fromhex(built.bytecode[2:]) + arguments, owner)
    assert receipt.contract_address is not None
    oracle = Contract(chain, receipt.contract_address, built.abi, built.name)
    transferred, started = oracle.events(receipt)
    assert transferred.args == {"previous_owner": ZERO, "new_owner": owner}
    assert (transferred.name, started.name) == ("OwnershipTransferred", "Reconstituted")
    units = ten([WAD // 4, WAD // 80])
    assert started.args == {"version": 1, "level": 1_000 * WAD, "units": units}


def test_what_was_given_can_be_read(pair: OracleHarness) -> None:
    assets, _, _, _, parameters = pair.arguments()
    for i, given in enumerate(assets):
        assert pair.oracle.asset(i)._asdict() == given
    assert tuple(pair.oracle.parameters()) == parameters
    for view in (pair.oracle.asset, pair.oracle.accepted):
        with reverts(COUNT):
            view(3)


def test_an_asset_without_a_secondary_can_be_read(single: OracleHarness) -> None:
    found = single.oracle.asset(0)
    assert (found.secondary, found.secondary_heartbeat, found.secondary_decimals) == (ZERO, 0, 0)


def test_component_count(deploy: Any, pair: OracleHarness) -> None:
    assets = pair.arguments()[0]
    with reverts(COUNT):
        deploy(assets=[])
    with reverts(COUNT):
        deploy(assets=assets[:1])
    with reverts(""):  # the type holds eleven
        deploy(assets=assets[:1] * 12, weights=[WAD])
    assert deploy(assets=assets[1:], weights=[WAD]).component_count() == 1


@pytest.mark.parametrize("weights", [[], [WAD], [WAD, 0, 0]])
def test_weight_count(deploy: Any, weights: list[int]) -> None:
    with reverts(WEIGHT_COUNT):
        deploy(weights=weights)


@pytest.mark.parametrize(
    "weights",
    [[0, 0], [WAD - 1, 0], [WAD, 1], [WAD, WAD], [2**255, 2**255], [MAX_UINT256, WAD + 1]],
)
def test_weight_sum(deploy: Any, weights: list[int]) -> None:
    """Also of weights whose sum overflows, or wraps to the right one."""
    with reverts(WEIGHT_SUM):
        deploy(weights=weights)


def test_a_weight_may_be_nothing(deploy: Any) -> None:
    """[O-IDX-6]"""
    assert deploy(weights=[0, WAD]).composition().units == ten([0, WAD // 40])


def test_base_level(deploy: Any) -> None:
    assert deploy(level=WAD).level() == WAD
    assert deploy(level=10**9 * WAD).level() == 10**9 * WAD
    for level in (0, WAD - 1, 10**9 * WAD + 1, MAX_UINT256):
        with reverts(LEVEL):
            deploy(level=level)


@pytest.mark.parametrize("asset", [0, 1, COLLATERAL])
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"primary": ZERO}, NO_FEED),
        ({"primary": ZERO, "secondary": ZERO}, NO_FEED),
        ({"primary_heartbeat": 0}, HEARTBEAT),
        ({"primary_heartbeat": 7 * DAY + 1}, HEARTBEAT),
        ({"primary_heartbeat": 2**32 + 3_600}, HEARTBEAT),
        ({"secondary_heartbeat": 0}, HEARTBEAT),
        ({"secondary_heartbeat": MAX_UINT256}, HEARTBEAT),
        ({"primary_decimals": 7}, DECIMALS),
        ({"primary_decimals": 19}, DECIMALS),
        ({"primary_decimals": 2**64 + 8}, DECIMALS),
        ({"secondary_decimals": 18}, DECIMALS),
        ({"min_price": 0}, BOUNDS),
        ({"min_price": 10**6 * USD}, BOUNDS),
        ({"min_price": 10**6 * USD + 1}, BOUNDS),
        ({"max_price": 10**30 + 1}, BOUNDS),
        ({"max_price": 2**128 + 10**24}, BOUNDS),
    ],
)
def test_refused_assets(deploy: Any, asset: int, change: dict[str, Any], reason: str) -> None:
    """[O-IDX-7]"""
    with reverts(reason):
        deploy(asset, change)


def test_one_feed_for_both_sources(deploy: Any, pair: OracleHarness) -> None:
    with reverts(SAME_FEED):
        deploy(0, {"secondary": pair.feed(0).address})


def test_the_largest_asset_bounds(deploy: Any) -> None:
    widest = {"min_price": 1, "max_price": 10**30, "primary_heartbeat": 7 * DAY}
    found = deploy(0, widest).asset(0)
    assert {name: getattr(found, name) for name in widest} == widest
    narrow = {"min_price": 2_000 * USD, "max_price": 2_000 * USD + 1, "primary_heartbeat": 1}
    found = deploy(0, narrow).asset(0)
    assert {name: getattr(found, name) for name in narrow} == narrow


def test_a_feed_with_over_18_decimals(
    chain: LocalBackend, owner: str, pair: OracleHarness, deploy: Any
) -> None:
    pair.feed(0).set_decimals(19, sender=owner)
    with reverts(DECIMALS):
        deploy(0, {"primary_decimals": 19})


def test_a_feed_that_is_no_contract(deploy: Any, attacker: str) -> None:
    for source in ("primary", "secondary"):
        with reverts(""):
            deploy(0, {source: attacker})


def test_each_asset_has_its_own_floor(deploy: Any) -> None:
    """Up to the fallback spread, and no higher. [O-SPR-1]"""
    for asset in (0, 1, 2):
        with reverts(SPREADS):
            deploy(asset, {"min_spread": WAD // 200 + 1})
    oracle = deploy(0, {"min_spread": WAD // 200})
    spread = list(oracle.read().spread)[:2]
    assert spread == [combined(WAD // 200, WAD // 1_000), combined(WAD // 1_000, WAD // 1_000)]
    assert [oracle.asset(i).min_spread for i in range(3)] == [
        WAD // 200,
        WAD // 1_000,
        WAD // 1_000,
    ]
    oracle = deploy(2, {"min_spread": 0})
    assert list(oracle.read().spread)[:2] == [WAD // 1_000] * 2
    assert oracle.asset(2).min_spread == 0


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"max_spread": WAD // 5 + 1}, SPREADS),
        ({"fallback_spread": WAD // 1_000 - 1}, SPREADS),
        ({"fallback_spread": WAD // 50 + 1}, SPREADS),
        ({"step_limit": WAD // 100 - 1}, STEP),
        ({"step_limit": WAD + 1}, STEP),
        ({"step_delay": 59}, STEP),
        ({"step_delay": DAY + 1}, STEP),
        ({"sequencer_grace": DAY + 1}, GRACE),
        ({"reweight_interval": 3_599}, REWEIGHT),
        ({"reweight_interval": 366 * DAY + 1}, REWEIGHT),
        ({"reweight_offset": 1}, REWEIGHT),
        ({"reweight_interval": DAY, "reweight_offset": DAY + 1}, REWEIGHT),
    ],
)
def test_refused_parameters(deploy: Any, parameters: dict[str, int], reason: str) -> None:
    """[O-IDX-7]"""
    with reverts(reason):
        deploy(parameters=parameters)


@pytest.mark.parametrize(
    "edge",
    [
        {"fallback_spread": WAD // 1_000, "max_spread": WAD // 1_000, "step_limit": WAD // 100},
        {"max_spread": WAD // 5, "fallback_spread": WAD // 5},
        {"step_limit": WAD, "step_delay": DAY, "sequencer_grace": DAY},
        {"step_delay": 60, "reweight_interval": 3_600, "reweight_offset": 3_600},
        {"reweight_interval": 366 * DAY, "reweight_offset": 366 * DAY},
    ],
)
def test_the_bounds_themselves_are_legal(deploy: Any, edge: dict[str, int]) -> None:
    found = deploy(parameters=edge).parameters()
    assert {name: getattr(found, name) for name in edge} == edge


def test_units_that_do_not_fit(chain: LocalBackend, owner: str) -> None:
    """1e9 whole at a price of 1e-7 are 1e16 units, over 2**112 wei = 5.19e15."""
    dear = replace(ETHER, decimals=18, secondary_decimals=None, price=USD // 10**6, min_price=1)
    harness = OracleHarness(chain, owner, [dear], DOLLAR, base_level=10**9 * WAD)
    assert harness.oracle.composition().units[0] == 10**15 * WAD
    harness.price(0, USD // 10**7)
    with reverts(UNITS):
        chain.deploy("IndexOracle", *harness.arguments(), sender=owner)


def test_all_sources_must_be_usable(deploy: Any, pair: OracleHarness) -> None:
    """[O-IDX-7]"""
    pair.answer(1, 0, 0)
    assert deploy().read().spread[1] == combined(WAD // 200, WAD // 1_000)  # the secondary will do
    pair.answer(1, 1, 0)
    with reverts("oracle: price not positive"):
        deploy()


def test_sources_must_agree(deploy: Any, pair: OracleHarness) -> None:
    """[O-IDX-7]"""
    pair.price(1, 40_800 * USD, 1)
    assert deploy().read().restriction == 0
    pair.price(1, 40_801 * USD, 1)
    with reverts("oracle: sources disagree"):
        deploy()


@pytest.mark.parametrize("decimals", [6, 8, 18])
def test_collateral_decimals_are_information(
    deploy: Any, pair: OracleHarness, decimals: int
) -> None:
    oracle = deploy(decimals=decimals)
    assert oracle.collateral_decimals() == decimals
    assert oracle.read() == pair.oracle.read()
