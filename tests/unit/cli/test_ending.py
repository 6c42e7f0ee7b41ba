# SPDX-License-Identifier: AGPL-3.0-only
"""What status and wind_down say of a token that ends, or may be ended."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.cli.ending import ending_rows, is_valued, mode_text, read_ending, value_row
from inverse_index.cli.flows import why_no_mint
from inverse_index.cli.remedies import remedy_of
from inverse_index.model.token.modes import Mode
from tests.systems import Bench, deploy_bench, make_plan

DAY = 86_400


@pytest.fixture
def bench(chain: LocalBackend, owner: str, keeper: str, depositor: str) -> Bench:
    made = deploy_bench(chain, owner, keeper, make_plan())
    made.fund(depositor)
    made.deposit(100_000 * made.system.unit, depositor)
    return made


def test_a_token_that_works(bench: Bench) -> None:
    report = bench.report()
    ending = read_ending(bench.system, report)
    assert (ending.mode, ending.by_anyone) == (Mode.ACTIVE, [])
    assert ending_rows(ending, bench.now) == []
    assert ending.per_share == report.nav_per_share == bench.token.nav_per_share()
    assert value_row(ending)[1].endswith("under 0.01 anyone may wind down")
    assert set(ending.values.values()) == {None, False, "1"}


def test_the_oracles_clock(bench: Bench, keeper: str) -> None:
    bench.chain.increase_time(8 * DAY)
    bench.system.oracle.report_unusable(sender=keeper)
    since = bench.now
    ending = read_ending(bench.system, bench.report())
    assert (ending.unusable_since, ending.dead_at) == (since, since + 10 * DAY)
    assert "(in 10 d)" in ending_rows(ending, bench.now)[0][1]
    assert ending.per_share is None and value_row(ending)[1].startswith("unknown;")
    bench.chain.increase_time(10 * DAY - 1)
    assert read_ending(bench.system, bench.report()).by_anyone == []
    bench.chain.increase_time(1)
    dead = read_ending(bench.system, bench.report())
    assert dead.by_anyone == ["the oracle is dead"]
    assert "dead: anyone may" in ending_rows(dead, bench.now)[0][1]
    bench.system.venue.exchange.settle(sender=keeper)
    both = read_ending(bench.system, bench.report())
    assert both.by_anyone == ["the oracle is dead", "the venue has halted"]
    bench.move(0)
    back = read_ending(bench.system, bench.report())
    assert back.by_anyone == ["the venue has halted"]
    assert "prices are usable again" in ending_rows(back, bench.now)[0][1]


def test_a_share_that_has_lost_all_but_a_hundredth(bench: Bench, keeper: str) -> None:
    """As the token decides it, with the last reset for a measure."""
    bench.move(0, DAY)
    bench.rebalance()
    bench.post({"C0": 3_978 * 10**8})
    ending = read_ending(bench.system, bench.report())
    assert ending.by_anyone == [] and not ending.is_wiped_out
    bench.post({"C0": 3_995 * 10**8})
    assert read_ending(bench.system, bench.report()).by_anyone == ["a share has lost 99%"]
    bench.token.wind_down(sender=keeper)


def test_the_bound_that_doubles(bench: Bench) -> None:
    bench.wind_down()
    began = bench.now
    for days, bound in ((0, 100), (1, 200), (3, 800)):
        bench.chain.increase_time(began + days * DAY + 5 - bench.now)
        ending = read_ending(bench.system, bench.report())
        assert (ending.closing_since, ending.bound_bps) == (began, bound)
        assert ending.wider_at == began + (days + 1) * DAY
        text = ending_rows(ending, bench.now)[1][1]
        assert text == f"{bound} bp of a trade, doubles in 23 h 59 min"


def test_values_without_prices(bench: Bench) -> None:
    bench.chain.increase_time(8 * DAY)
    assert not is_valued(bench.report())
    bench.wind_down()
    assert is_valued(bench.report()) and bench.report().nav_per_share > 0
    bench.move(0)
    bench.close()
    bench.chain.increase_time(8 * DAY)
    settled = bench.report()
    assert not settled.usable
    assert is_valued(settled) and settled.mid == bench.system.vault.remainder()
    assert read_ending(bench.system, settled).bound_bps is None


def test_names_and_reasons(bench: Bench) -> None:
    assert [mode_text(mode) for mode in Mode] == [
        "active",
        "mint paused",
        "winding down",
        "settled",
    ]
    assert why_no_mint(bench.report()) == "the venue has no depth"
    bench.token.pause_mint(sender=bench.owner)
    assert why_no_mint(bench.report()) == "token: mint is paused"
    bench.wind_down()
    bench.chain.increase_time(8 * DAY)
    assert why_no_mint(bench.report()) == "token: winding down"
    assert remedy_of("router: approval refused").startswith("nothing was changed, nothing was")
