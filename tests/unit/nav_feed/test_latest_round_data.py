# SPDX-License-Identifier: AGPL-3.0-only
"""latestRoundData, latestAnswer: what a redemption values a share at."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract, LocalBackend
from tests.support.assertions import reverts
from tests.support.constants import WAD
from tests.support.plans import make_aave_plan, make_plan
from tests.support.system_harness import SystemHarness, deploy_harness

from .conftest import expected, nav_feed

MONTH = 30 * 86_400


@pytest.mark.parametrize(("k", "decimals", "multiple"), [(1, 6, 1), (3, 18, 3), (2, 8, 2)])
def test_as_redemption_values_a_share(
    chain: LocalBackend,
    owner: str,
    keeper: str,
    depositor: str,
    k: int,
    decimals: int,
    multiple: int,
) -> None:
    """[F-NAV-1]"""
    harness = deploy_harness(chain, owner, keeper, make_plan(k, decimals, multiple))
    harness.fund(depositor)
    harness.deposit(50_000 * harness.system.unit, depositor)
    harness.deposit(50 * harness.system.unit, depositor)  # its fee waits in the reserve
    harness.move([i % 5 - 2 for i in range(k)], 90_000)
    feed, short = nav_feed(harness), nav_feed(harness, 8)
    answer, now = feed.latestAnswer(), harness.now
    assert answer == expected(harness) > 0
    assert feed.latestRoundData() == (now, answer, now, now, now)
    assert short.latestRoundData() == (now, answer // 10**10, now, now, now)
    assert short.latestAnswer() == answer // 10**10
    # One share's redemption before its fee, to the unit that both round down to.
    f = harness.system.views.preview(harness.token, 8, WAD)
    assert f.size == answer * harness.system.unit // WAD
    assert answer < harness.token.nav_per_share()


def test_on_aave(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> None:
    """[F-NAV-1]"""
    harness = deploy_harness(chain, owner, keeper, make_aave_plan(2))
    harness.fund(depositor)
    harness.deposit(50_000 * 10**6, depositor)
    harness.move(-3, 3_600)
    feed = nav_feed(harness)
    before = feed.latestAnswer()
    assert before == expected(harness)
    chain.increase_time(86_400)  # interest is part of it at every moment
    assert feed.latestAnswer() == expected(harness) != before


def test_the_streaming_fee_counts_before_it_is_minted(
    harness: SystemHarness, feed: Contract, keeper: str
) -> None:
    """[F-NAV-2]"""
    before, at = feed.latestAnswer(), harness.now
    harness.chain.increase_time(3 * 86_400)
    aged = feed.latestAnswer()
    assert before * 999 // 1_000 < aged < before  # three days of about 0.95% a year
    harness.token.accrue_fee(sender=keeper)
    assert feed.latestAnswer() == aged
    assert feed.latestRoundData()[3] == at  # of the prices, not of the fee


def test_a_wide_spread_counts_against_it(harness: SystemHarness, feed: Contract) -> None:
    """Two sources that disagree lower the ask, as redemption is lowered."""
    before, mid = feed.latestAnswer(), harness.token.nav_per_share()
    answers = harness.system.answers(harness.prices)
    answers[1] = answers[1] * 101 // 100
    harness.system.board.post(answers, sender=harness.owner)
    assert harness.token.nav_per_share() == mid
    assert before - feed.latestAnswer() > before // 150
    assert feed.latestAnswer() == expected(harness)


def test_as_old_as_its_prices(harness: SystemHarness, feed: Contract) -> None:
    """[F-ALL-1]"""
    posted = harness.now
    harness.chain.increase_time(3_600)
    round_id, _, started, updated, answered_in = feed.latestRoundData()
    assert started == updated == posted
    assert round_id == answered_in == posted + 3_600


@pytest.mark.parametrize("function", ["latestRoundData", "latestAnswer"])
def test_unusable_with_the_oracle_s_reason(
    harness: SystemHarness, feed: Contract, function: str
) -> None:
    """[F-NAV-3]"""
    harness.chain.increase_time(7 * 86_400 + 1)
    with reverts("oracle: stale price"):
        feed.method(function)()


def test_no_shares_no_answer(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> None:
    """[F-NAV-4]"""
    harness = deploy_harness(chain, owner, keeper)
    feed = nav_feed(harness)
    with reverts("feed: no shares exist"):
        feed.latestRoundData()
    harness.fund(depositor)
    harness.deposit(1_000 * 10**6, depositor)
    assert feed.latestAnswer() == expected(harness)
    harness.redeem(harness.token.balanceOf(depositor), depositor)
    with reverts("feed: no shares exist"):
        feed.latestAnswer()


def test_wiped_out_is_no_price(harness: SystemHarness, feed: Contract) -> None:
    """Neither 0 nor the speck that the virtual collateral would make of it. [F-NAV-4]"""
    harness.move(120)
    assert harness.report().ask == 0 and harness.token.nav_per_share() > 0
    for function in ("latestRoundData", "latestAnswer"):
        with reverts("feed: no value left"):
            feed.method(function)()


def test_too_little_for_its_decimals_is_no_price(
    chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> None:
    """With collateral of 18 decimals the last 1e-9 of a unit still is an 18 decimal answer."""
    harness = deploy_harness(chain, owner, keeper, make_plan(decimals=18))
    harness.fund(depositor)
    harness.deposit(100_000 * 10**18, depositor)
    feed, short = nav_feed(harness), nav_feed(harness, 8)
    price = harness.prices["C0"]
    low, high = price, 3 * price  # worth something, worth nothing
    while high - low > 1:
        middle = (low + high) // 2
        harness.post({"C0": middle})
        low, high = (middle, high) if harness.report().ask else (low, middle)
    harness.post({"C0": low})
    answer = feed.latestAnswer()
    assert 0 < answer < 10**10
    assert answer == expected(harness)
    with reverts("feed: no value left"):
        short.latestAnswer()


def test_an_oracle_reads_it(
    harness: SystemHarness, chain: LocalBackend, owner: str, feed: Contract
) -> None:
    """The share as a component of another index."""
    system, asset = harness.system, dict(harness.system.oracle.asset(1)._asdict())
    share = {
        **asset,
        "primary": feed.address,
        "primary_decimals": 18,
        "secondary": "0x" + "00" * 20,
        "secondary_heartbeat": 0,
        "secondary_decimals": 0,
    }
    outer = chain.deploy(
        "IndexOracle", [share, asset], [WAD], WAD, 6, system.oracle.parameters(), sender=owner
    )
    assert outer.read().mid[0] == feed.latestAnswer()


def test_an_unconfirmed_step_does_not_raise_it(
    chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> None:
    """A fall of the index would; the ask at the accepted price counts. A rise lowers it.
    [F-NAV-8]"""
    lone = deploy_harness(chain, owner, keeper, secondaries=False)
    lone.fund(depositor)
    lone.deposit(100_000 * lone.system.unit, depositor)
    feed = nav_feed(lone)
    before, mid = feed.latestAnswer(), lone.token.nav_per_share()
    lone.move(-40)
    assert lone.token.nav_per_share() > mid * 13 // 10
    assert before <= feed.latestAnswer() <= before * 1_003 // 1_000  # the usual spread
    lone.move(150)
    assert feed.latestAnswer() < before * 6 // 10
