# SPDX-License-Identifier: AGPL-3.0-only
"""What going in and out at once costs: by hand, as a holder finds it, and as shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from inverse_index.artifacts import project_root
from inverse_index.chain import LocalBackend
from inverse_index.config import load_deployment
from inverse_index.deployment import plan_deployment
from inverse_index.deployment.round_trip import RoundTrip, planned, present, round_trip_up
from inverse_index.deployment.stand_in import middle_prices
from inverse_index.model.fixed import WAD
from inverse_index.prices.start_prices import start_prices
from tests.support.plans import PARAMETERS, make_aave_plan, make_plan
from tests.support.system_harness import SystemHarness, deploy_harness

BP = WAD // 10_000
README = (project_root() / "README.md").read_text()


def test_by_hand() -> None:
    """Half of the exposure at 100 bp, half at 200; a trade costs 5 bp of it."""
    found = round_trip_up((10, 20), WAD, [WAD // 2] * 2, [100 * BP, 200 * BP], [5 * BP] * 2)
    left = 0.985 / 1.015
    assert found.netted / WAD == pytest.approx(1 - left * 0.999 * 0.998, abs=1e-15)
    assert found.hedged == found.netted
    dear = round_trip_up((10, 20), 3 * WAD, [WAD], [100 * BP], [5 * BP])
    assert dear.netted / WAD == pytest.approx(1 - 0.97 / 1.03 * 0.999 * 0.998, abs=1e-15)
    assert dear.hedged / WAD == pytest.approx(1 - 0.97 / 1.03 * 0.9985 * 0.998, abs=1e-15)


def test_free_and_worthless() -> None:
    assert round_trip_up((0, 0), WAD, [WAD], [0], [0]) == RoundTrip(0, 0)
    assert round_trip_up((0, 0), 3 * WAD, [WAD], [WAD // 2], [0]) == RoundTrip(WAD, WAD)


def test_text() -> None:
    assert RoundTrip(WAD // 77, WAD // 50).text == "1.30% netted, 2.00% hedged at once"


@pytest.fixture(params=["perp", "perp 3x", "aave"])
def harness(
    request: pytest.FixtureRequest, chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> SystemHarness:
    """At its multiple, but for the costs of the first deposit."""
    plan = {
        "perp": lambda: make_plan(2),
        "perp 3x": lambda: make_plan(2, multiple=3),
        "aave": lambda: make_aave_plan(2, venue={"components": {"C1": {"fee_bps": "30"}}}),
    }[request.param]()
    made = deploy_harness(chain, owner, keeper, plan)
    made.fund(depositor)
    made.deposit(10_000 * made.system.unit, depositor)
    return made


@pytest.mark.parametrize("whole", [40, 200])
def test_what_a_holder_finds(harness: SystemHarness, depositor: str, whole: int) -> None:
    """But for what the own shares get of the costs; hedged also but for what the trades
    move the venue."""
    cost = present(harness.system, harness.report())
    assert cost is not None
    said = cost.netted if whole == 40 else cost.hedged
    paid, held = whole * harness.system.unit, harness.token.balanceOf(depositor)
    harness.deposit(paid, depositor)
    wallet = harness.system.collateral.balanceOf(depositor)
    harness.redeem(harness.token.balanceOf(depositor) - held, depositor)
    got = harness.system.collateral.balanceOf(depositor) - wallet
    found = (paid - got) * WAD // paid
    assert abs(found - said) <= (BP // 2 if whole == 40 else 3 * BP)


def test_as_planned(harness: SystemHarness) -> None:
    """The venue's fees are the plan's; the leverage is the multiple, but for the costs."""
    cost, plan = present(harness.system, harness.report()), planned(harness.plan)
    assert cost is not None
    assert abs(cost.netted - plan.netted) <= BP // 2
    assert abs(cost.hedged - plan.hedged) <= BP // 2
    mid = harness.report().prices.mid
    fees = harness.system.venue.fees(harness.system.vault, mid, harness.system.unit)
    expected = [5, 30] if harness.system.venue.kind == "aave" else [5, 5]
    assert [round(fee / BP, 3) for fee in fees] == expected


def test_none_while_nobody_can_go_in(harness: SystemHarness) -> None:
    harness.chain.increase_time(8 * 86_400)
    assert present(harness.system, harness.report()) is None
    harness.move(0)
    assert present(harness.system, harness.report()) is not None
    harness.wind_down()
    assert present(harness.system, harness.report()) is None


def test_a_spread_of_its_own_for_each() -> None:
    plan = make_plan(2, parameters=replace(PARAMETERS, mint_fee_bps=0, redeem_fee_bps=0))
    cheap = replace(plan, min_spreads=plan.min_spreads | {"USDC": 0})
    assert planned(plan).netted == pytest.approx(4 * planned(cheap).netted / 2, rel=1e-2)


FILES = ("configs", "deployments")
SHIPPED: list[Path] = [
    p for folder in FILES for p in sorted((project_root() / folder).glob("*.yaml"))
]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_readme_says_so(path: Path) -> None:
    """One line for each file that is shipped."""
    file = load_deployment(path)
    prices = middle_prices(file) if file.deployment.oracle.feeds else start_prices(file, None)
    cost = planned(plan_deployment(file, prices))
    netted, hedged = (f"{part / 10**16:.2f}%" for part in (cost.netted, cost.hedged))
    name = path.relative_to(project_root())
    assert f"| `{name}` | {netted} | {hedged} |" in README
