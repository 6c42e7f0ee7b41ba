# SPDX-License-Identifier: AGPL-3.0-only
"""What status and wind_down say of a token that ends, or may be ended."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.cli.ending import ending_rows, is_valued, mode_text, read_ending, value_row
from inverse_index.cli.flows import why_no_mint
from inverse_index.cli.output import exact, shown
from inverse_index.cli.remedies import remedy_of
from inverse_index.model.token.modes import Mode
from tests.support.constants import DAY
from tests.support.plans import make_plan
from tests.support.system_harness import SystemHarness, deploy_harness


@pytest.fixture
def harness(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> SystemHarness:
    made = deploy_harness(chain, owner, keeper, make_plan())
    made.fund(depositor)
    made.deposit(100_000 * made.system.unit, depositor)
    return made


def test_a_token_that_works(harness: SystemHarness) -> None:
    report = harness.report()
    ending = read_ending(harness.system, report)
    assert (ending.mode, ending.by_anyone) == (Mode.ACTIVE, [])
    assert ending_rows(ending, harness.now) == []
    assert ending.per_share == report.nav_per_share == harness.token.nav_per_share()
    last = report.state.reset.nav_per_share
    assert ending.last_per_share == last > 0
    assert f"under {shown(last // 100, 18)}, and N under" in value_row(ending)[1]
    assert set(ending.values.values()) == {None, False, exact(last, 18)}


def test_the_oracles_clock(harness: SystemHarness, keeper: str) -> None:
    harness.chain.increase_time(8 * DAY)
    harness.system.oracle.report_unusable(sender=keeper)
    since = harness.now
    ending = read_ending(harness.system, harness.report())
    assert (ending.unusable_since, ending.dead_at) == (since, since + 10 * DAY)
    assert "(in 10 d)" in ending_rows(ending, harness.now)[0][1]
    assert ending.per_share is None and value_row(ending)[1].startswith("unknown;")
    harness.chain.increase_time(10 * DAY - 1)
    assert read_ending(harness.system, harness.report()).by_anyone == []
    harness.chain.increase_time(1)
    dead = read_ending(harness.system, harness.report())
    assert dead.by_anyone == ["the oracle is dead"]
    assert "dead: anyone may" in ending_rows(dead, harness.now)[0][1]
    harness.system.venue.exchange.settle(sender=keeper)
    both = read_ending(harness.system, harness.report())
    assert both.by_anyone == ["the oracle is dead", "the venue has halted"]
    harness.move(0)
    back = read_ending(harness.system, harness.report())
    assert back.by_anyone == ["the venue has halted"]
    assert "prices are usable again" in ending_rows(back, harness.now)[0][1]


def test_a_share_that_has_lost_all_but_a_hundredth(harness: SystemHarness, keeper: str) -> None:
    """As the token decides it, with the last reset for a measure."""
    harness.move(0, DAY)
    harness.rebalance()
    harness.post({"C0": 3_978 * 10**8})
    ending = read_ending(harness.system, harness.report())
    assert ending.by_anyone == [] and not ending.is_wiped_out
    harness.post({"C0": 3_995 * 10**8})
    lost = ["N and a share have lost 99%"]
    assert read_ending(harness.system, harness.report()).by_anyone == lost
    harness.token.wind_down(sender=keeper)


def test_the_bound_that_doubles(harness: SystemHarness) -> None:
    harness.wind_down()
    began = harness.now
    for days, bound in ((0, 100), (1, 200), (3, 800)):
        harness.chain.increase_time(began + days * DAY + 5 - harness.now)
        ending = read_ending(harness.system, harness.report())
        assert (ending.winding_down_since, ending.bound_bps) == (began, bound)
        assert ending.wider_at == began + (days + 1) * DAY
        text = ending_rows(ending, harness.now)[1][1]
        assert text == f"{bound} bp of a trade, doubles in 23 h 59 min"


def test_values_without_prices(harness: SystemHarness) -> None:
    harness.chain.increase_time(8 * DAY)
    assert not is_valued(harness.report())
    harness.wind_down()
    assert is_valued(harness.report()) and harness.report().nav_per_share > 0
    harness.move(0)
    harness.close()
    harness.chain.increase_time(8 * DAY)
    settled = harness.report()
    assert not settled.usable
    assert is_valued(settled) and settled.mid == harness.system.vault.remainder()
    assert read_ending(harness.system, settled).bound_bps is None


def test_names_and_reasons(harness: SystemHarness) -> None:
    assert [mode_text(mode) for mode in Mode] == [
        "active",
        "mint paused",
        "winding down",
        "settled",
    ]
    assert why_no_mint(harness.report()) == "the venue has no depth"
    harness.token.pause_mint(sender=harness.owner)
    assert why_no_mint(harness.report()) == "token: mint is paused"
    harness.wind_down()
    harness.chain.increase_time(8 * DAY)
    assert why_no_mint(harness.report()) == "token: winding down"
    assert remedy_of("router: approval refused").startswith("nothing was changed, nothing was")
