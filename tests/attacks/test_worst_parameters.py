# SPDX-License-Identifier: AGPL-3.0-only
"""A hostile owner behind the timelock who is the only keeper too: what leaving in time
costs a holder, and what staying costs beyond the constants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import BPS, WAD
from inverse_index.plan.parameters import Parameters
from inverse_index.tour.harness import DAY, DELAY, Harness, build_harness
from inverse_index.tour.hostile import MAX_RATE, MAX_REWARD_BPS, worst_parameters
from tests.attacks.table import settle
from tests.support.attack_grid import Search, at_prices, attempt
from tests.support.plans import PARAMETERS
from tests.support.system_harness import SystemHarness, deploy_harness
from tests.support.variants import Change, variant

UNIT, VENUE = 10**6, "exchange"
BOUNDS = "contracts/modules/policy/parameters.vy"
WIDER = (
    Change(
        BOUNDS, "MAX_REWARD_BPS: constant(uint256) = 20", "MAX_REWARD_BPS: constant(uint256) = 50"
    ),
    Change(BOUNDS, "MIN_RAMP: constant(uint256) = 600", "MIN_RAMP: constant(uint256) = 60"),
    Change(
        BOUNDS, "MIN_BAND_BPS: constant(uint256) = 300", "MIN_BAND_BPS: constant(uint256) = 100"
    ),
    Change(
        BOUNDS,
        "assert p.emergency_bps >= multiple * MIN_EMERGENCY_BPS, errors.TOKEN_EMERGENCY",
        "pass",
    ),
)
PATH = (1_040, 1_008, 1_062, 1_000, 1_024, 990)  # thousandths, one every four hours
Decree = tuple[Any, str, tuple[Any, ...]]


@pytest.fixture(scope="module")
def harness(chain: LocalBackend) -> Harness:
    """Five components on the exchange, 3,000,000 of the holder's of four."""
    return build_harness(chain, "perp")


def decrees(harness: Harness) -> list[Decree]:
    token, agreed = harness.token, Parameters(*harness.token.state().parameters)
    worst = worst_parameters(agreed)
    return [
        *(
            (token, "set_parameters", (replace(worst, redeem_fee_bps=fee),))
            for fee in (30, 60, 100)
        ),
        (token, "set_parameters", (replace(worst, slippage_bps=1),)),
        (token, "set_streaming_fee", (MAX_RATE, harness.who["fee recipient"])),
        (token, "wind_down", ()),
        (token, "transfer_ownership", (harness.who["proposer"],)),
        (
            harness.oracle,
            "schedule_reconstitution",
            ([WAD] + [0] * (len(harness.plan.symbols) - 1),),
        ),
    ]


def test_who_leaves_in_time(harness: Harness) -> None:
    """What leaving pays less because of the announcement, at any time before it takes
    effect, for any part of the shares: nothing. Without the delay the owner goes first."""

    def announced(decree: Decree) -> None:
        contract, function, args = decree
        harness.announce(contract, function, *args)

    def at_once(decree: Decree) -> None:
        contract, function, args = decree
        contract.method(function)(*args, sender=harness.timelock.address)

    def paid(first: Callable[[], None], percent: int, when: int) -> int:
        first()
        if when:
            harness.wait(when)
        had = harness.balance("holder")
        harness.redeem("holder", harness.shares("holder") * percent // 100, 0)
        return harness.balance("holder") - had

    found: list[list[int | None]] = []
    for power in (announced, at_once):
        found.append([])
        for decree, percent, when in product(decrees(harness), (1, 30, 100), (0, DAY, DELAY - 1)):
            p, w = percent, when
            usual = attempt(harness.chain, lambda p=p, w=w: paid(lambda: None, p, w))
            less = attempt(
                harness.chain,
                lambda p=p, w=w, d=decree, power=power: paid(lambda: power(d), p, w),
            )
            assert usual is not None and less is not None
            found[-1].append(usual - less)
    settle("governance: leaving in time", VENUE, "the delay", UNIT, *found)


def test_who_stays(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> None:
    """The owner's rewards over a day of moves of three to six percent, beyond a fifth
    of a percent of N for each call. With wider constants there is more in each call,
    and there are more calls."""

    def brings(
        b: SystemHarness, reward: int, ramp: int, band: int, emergency: int, late: int
    ) -> int:
        parameters = replace(
            PARAMETERS,
            reward_bps=reward,
            reward_cap=100_000,
            reward_ramp=ramp,
            chunk_delay=12,
            band_bps=band,
            emergency_bps=emergency,
        )
        b.token.set_parameters(parameters, sender=owner)
        rewards, beyond = 0, 0
        for per_mille in PATH:
            chain.increase_time(4 * 3_600)
            at_prices(b, per_mille)
            while b.token.due().triggers:
                chain.increase_time(late)
                receipt = b.token.rebalance(sender=owner)
                done = b.token.events(receipt)[-1]
                rewards += done.reward
                beyond += done.reward - done.nav_before * MAX_REWARD_BPS // BPS
        most[id(b)] = max(most[id(b)], rewards)
        return int(beyond)

    legal = (5, 20, 50), (600, 1_800), (300, 600), (12_500, 15_000), (12, 600)
    axes = (20, 50), (60, 600), (100, 300), (10_350, 12_500), (12, 600)
    found, most = [], dict[int, int]()
    for off, points in (((), legal), (WIDER, axes)):
        with variant(*off):
            harness = deploy_harness(chain, owner, keeper)
        harness.fund(depositor)
        harness.deposit(100_000 * UNIT, depositor)
        most[id(harness)] = 0
        found.append(Search(chain, lambda *a, b=harness: brings(b, *a), points).run())
    settle("governance: rewards beyond the bound", VENUE, "narrow constants", UNIT, *found)
    narrow, wide = most.values()
    print("a day's rewards:", narrow / UNIT, wide / UNIT)
    assert 0 < narrow <= len(PATH) * 110_000 * UNIT * MAX_REWARD_BPS // BPS < wide // 2
