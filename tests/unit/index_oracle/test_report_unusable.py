# SPDX-License-Identifier: AGPL-3.0-only
"""report_unusable, unusable_since, dead: the clock of unusable prices."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend, Reverted
from inverse_index.chain.rpc import RpcError
from inverse_index.model.fixed import WAD
from tests.support.assertions import no_event, only_event, reverts
from tests.support.asset_plans import BURNS, COLLATERAL, FAILS, USD, hungry
from tests.support.constants import DAY
from tests.support.oracle_harness import OracleHarness, names

DELAY = 10 * DAY
GAS = "oracle: too little gas to call it unusable"
USABLE = "oracle: prices are usable"


def lose(harness: OracleHarness, asset: int = 0) -> None:
    """All sources of an asset fail until their next round."""
    for source in harness.sources(asset):
        harness.mode(asset, source, FAILS)


def test_a_report_starts_the_clock(pair: OracleHarness, attacker: str) -> None:
    """[O-DEAD-1]"""
    lose(pair)
    receipt = pair.report(attacker)
    assert pair.oracle.unusable_since() == pair.now
    assert names(pair, receipt) == ["UnusableReported"]
    only_event(receipt, pair.oracle, "UnusableReported", reporter=attacker, since=pair.now)


def test_a_second_report_changes_nothing(pair: OracleHarness, attacker: str) -> None:
    """[O-DEAD-1]"""
    lose(pair)
    pair.report()
    since = pair.now
    pair.wait(DAY)
    assert names(pair, pair.report(attacker)) == []
    assert pair.oracle.unusable_since() == since


def test_refused_while_prices_are_usable(pair: OracleHarness) -> None:
    """[O-DEAD-3]"""
    with reverts(USABLE):
        pair.report()
    pair.mode(0, 0, FAILS)  # the secondary serves
    with reverts(USABLE):
        pair.report()
    assert pair.oracle.unusable_since() == 0


def test_a_report_of_usable_prices_stops_the_clock(pair: OracleHarness, keeper: str) -> None:
    """[O-DEAD-2]"""
    lose(pair)
    pair.report()
    since = pair.now
    pair.wait(DAY)
    pair.renew()
    pair.price(0, 2_000 * USD)
    receipt = pair.report(keeper)
    assert pair.oracle.unusable_since() == 0
    only_event(receipt, pair.oracle, "UsableAgain", caller=keeper, since=since)
    with reverts(USABLE):
        pair.report()


def test_sources_that_disagree_are_usable(pair: OracleHarness) -> None:
    """They redeem at a wide ask, so they stop the clock though no refresh accepts them.
    [O-DEAD-5]"""
    lose(pair)
    pair.report()
    pair.price(0, 2_000 * USD, 0)
    pair.price(0, 2_100 * USD, 1)
    with reverts("oracle: sources disagree"):
        pair.refresh()
    pair.report()
    assert pair.oracle.unusable_since() == 0


def test_a_refresh_stops_the_clock(pair: OracleHarness, keeper: str) -> None:
    """[O-DEAD-2]"""
    lose(pair)
    pair.report()
    since = pair.now
    pair.price(0, 2_000 * USD)
    receipt = pair.refresh(keeper)
    assert pair.oracle.unusable_since() == 0
    only_event(receipt, pair.oracle, "UsableAgain", caller=keeper, since=since)
    no_event(pair.refresh(keeper), pair.oracle, "UsableAgain")


def test_a_reconstitution_stops_it_as_well(pair: OracleHarness) -> None:
    """The clock shares a word with what is scheduled; each keeps its own part."""
    pair.schedule([WAD // 4, 3 * WAD // 4])
    lose(pair)
    pair.report()
    since = pair.now
    at = pair.oracle.scheduled()[1]
    assert at == since + 2 * DAY
    pair.cancel()
    pair.schedule([3 * WAD // 4, WAD // 4])
    assert pair.oracle.unusable_since() == since
    pair.wait(2 * DAY)
    pair.renew()
    pair.price(0, 2_000 * USD)
    assert names(pair, pair.refresh()) == ["UsableAgain", "Reconstituted"]
    assert pair.oracle.unusable_since() == 0
    assert pair.oracle.composition().effective_at == at
    assert pair.oracle.composition().version == 2


def test_dead_to_the_second(pair: OracleHarness) -> None:
    """[O-DEAD-4]"""
    assert pair.oracle.DEAD_DELAY() == DELAY
    lose(pair)
    pair.wait(DELAY)
    assert not pair.oracle.dead()  # nobody has reported it
    pair.report()
    pair.wait(DELAY - 1)
    assert not pair.oracle.dead()
    pair.wait(1)
    assert pair.oracle.dead()
    pair.check()


def test_dead_only_while_unusable(pair: OracleHarness) -> None:
    """A clock that nobody stopped has not been forgotten either. [O-DEAD-4]"""
    lose(pair)
    pair.report()
    pair.wait(DELAY)
    pair.renew()
    pair.price(0, 2_000 * USD)
    assert not pair.oracle.dead()
    lose(pair)
    assert pair.oracle.dead()
    pair.price(0, 2_000 * USD)
    pair.report()
    lose(pair)
    assert not pair.oracle.dead()
    pair.check()


@pytest.mark.parametrize("asset", [0, 1, COLLATERAL])
def test_any_asset_without_a_price_is_enough(pair: OracleHarness, asset: int) -> None:
    """[O-IDX-6]"""
    lose(pair, asset)
    pair.report()
    pair.wait(DELAY)
    assert pair.oracle.dead()


def test_stale_prices_are_unusable(single: OracleHarness) -> None:
    single.wait(3_601)
    single.report()
    assert single.oracle.unusable_since() == single.now


def test_a_sequencer_that_is_down(rollup: OracleHarness) -> None:
    rollup.sequencer(1, rollup.now)
    rollup.report()
    assert rollup.oracle.unusable_since() == rollup.now


# gas


def outcomes(chain: LocalBackend, harness: OracleHarness, sender: str, name: str) -> set[str]:
    """What a transaction of each gas limit comes to: a reason, or "done"."""
    found, data = set(), harness.oracle.encode(name)
    for limit in range(30_000, 900_000, 15_000):
        before = chain.snapshot()
        try:
            chain.send(harness.oracle.address, data, sender, gas=hex(limit))
            found.add("done")
        except Reverted as refused:
            found.add(refused.reason)
        chain.revert(before)
    return found


def test_too_little_gas_starts_no_clock(
    chain: LocalBackend, single: OracleHarness, attacker: str
) -> None:
    """The feed is sound but fails at once when it gets little gas. [O-DEAD-6]"""
    chain.set_code(single.feed(0).address, hungry(2_000 * USD, single.now))
    single.check()
    assert outcomes(chain, single, attacker, "report_unusable") == {"", GAS, USABLE}


def test_too_little_gas_makes_no_oracle_dead(
    chain: LocalBackend, single: OracleHarness, attacker: str
) -> None:
    """The clock has been left running; views, too, refuse to judge. [O-DEAD-6]"""
    lose(single)
    single.report()
    single.wait(DELAY)
    single.price(COLLATERAL, USD)
    chain.set_code(single.feed(0).address, hungry(2_000 * USD, single.now))
    assert not single.oracle.dead()
    for name in ("dead", "usable", "closing_prices"):
        assert outcomes(chain, single, attacker, name) == {"", GAS, "done"}
        data = single.oracle.encode(name)
        starved = {"from": attacker, "to": single.oracle.address, "data": "0x" + data.hex()}
        for limit in range(40_000, 700_000, 20_000):
            try:
                got = chain.rpc("eth_call", {**starved, "gas": hex(limit)}, "latest")
            except Exception as refused:
                assert "gas" in str(refused).lower() or "revert" in str(refused).lower()
                continue
            answer = single.oracle.decode_output(name, bytes.fromhex(got[2:]))
            assert answer == getattr(single.oracle, name)()


def test_no_more_gas_is_asked_for_than_a_feed_may_use(
    chain: LocalBackend, single: OracleHarness, attacker: str
) -> None:
    """300,000 and a thirty-second more have to be left after the last call. [O-DEAD-6]"""
    lose(single)
    data = "0x" + single.oracle.encode("usable").hex()
    call = {"to": single.oracle.address, "data": data, "from": attacker}
    with pytest.raises(RpcError, match="too little gas"):
        chain.rpc("eth_call", {**call, "gas": hex(330_000)}, "latest")
    assert int(chain.rpc("eth_call", {**call, "gas": hex(450_000)}, "latest"), 16) == 0


def test_enough_gas_for_every_feed_to_burn_its_own(pair: OracleHarness) -> None:
    """Six broken feeds that use up what they get cannot hide that they are broken. [O-DEAD-7]"""
    for asset in (0, 1, COLLATERAL):
        for source in (0, 1):
            pair.mode(asset, source, BURNS)
    pair.report()
    pair.wait(DELAY)
    assert pair.oracle.dead()


def test_a_feed_that_burns_leaves_the_other_its_gas(
    chain: LocalBackend, pair: OracleHarness, attacker: str
) -> None:
    """The primary burns; with little gas nothing is left for the sound secondary."""
    pair.mode(0, 0, BURNS)
    assert pair.oracle.usable()
    assert outcomes(chain, pair, attacker, "report_unusable") <= {"", GAS, USABLE}
