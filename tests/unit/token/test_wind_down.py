# SPDX-License-Identifier: AGPL-3.0-only
"""wind_down by anyone, when a share has lost 99% since the last reset; in kind
before and after."""

from __future__ import annotations

from inverse_index.chain import LocalBackend, contract_at
from inverse_index.model.token.modes import Mode
from tests.support.assertions import only_event, reverts
from tests.support.constants import DAY
from tests.support.plans import make_aave_plan
from tests.support.system_harness import SystemHarness, deploy_harness
from tests.support.token_actions import refused

UNIT = 10**6
NOT_FAILED = "token: only the owner can wind down"


def at_per_share(harness: SystemHarness, wad: int) -> None:
    """Post the highest price, to a hundredth of a cent, at which a share is worth
    that or more."""
    low, high = harness.prices["C0"], 3 * harness.prices["C0"]
    saved = dict(harness.prices)
    while high - low > 10**4:
        middle = (low + high) // 2
        harness.post({"C0": middle})
        if harness.token.nav_per_share() >= wad:
            low = middle
        else:
            high = middle
    assert low > saved["C0"]
    harness.post({"C0": low})


def test_below_a_hundredth_of_the_last_reset(held: SystemHarness, keeper: str) -> None:
    """Anyone; at a hundredth and above, the owner alone. [M-WIND-4]"""
    held.move(0, DAY)
    held.rebalance()
    last = held.token.state().reset.nav_per_share
    at_per_share(held, last // 100)
    assert last <= 100 * held.token.nav_per_share() < last * 101 // 100
    with refused(held, NOT_FAILED):
        held.token.wind_down(sender=keeper)
    held.post({"C0": held.prices["C0"] + 10**5})
    assert 100 * held.token.nav_per_share() < last
    receipt = held.wind_down(keeper)
    only_event(receipt, held.token, "ModeSet", mode=int(Mode.WINDING_DOWN))
    held.close()
    assert held.token.state().mode == Mode.SETTLED


def test_not_at_prices_in_dispute(held: SystemHarness, owner: str, keeper: str) -> None:
    """Two sources that are 3% apart do not tell that the value is lost. [M-WIND-5]"""
    held.move(0, DAY)
    held.rebalance()
    held.move(105)
    assert held.token.nav_per_share() * 100 < held.token.state().reset.nav_per_share
    posted = held.prices["C0"]
    held.system.board.post([posted, posted * 103 // 100, UNIT * 100], sender=owner)
    with reverts(NOT_FAILED):
        held.token.wind_down(sender=keeper)


def test_since_the_first_mint(held: SystemHarness, keeper: str) -> None:
    """A first mint is a record to compare with, before any reset. [M-WIND-4]"""
    assert held.token.state().reset.nav == 99_925_099_975  # 100,000 less the cost of its hedge
    at_per_share(held, 10**16 // 2)
    assert held.token.nav_per_share() * 100 < held.token.state().reset.nav_per_share
    held.wind_down(keeper)


def test_not_for_a_share_alone(held: SystemHarness, keeper: str, second_holder: str) -> None:
    """A share has lost 99%, but new money has come: N has not. [M-WIND-5]"""
    at_per_share(held, 10**17)
    held.deposit(30_000 * UNIT, second_holder)
    at_per_share(held, 10**16 * 9 // 10)
    report = held.report()
    assert held.token.nav_per_share() * 100 < report.state.reset.nav_per_share
    assert report.mid * 100 >= report.state.reset.nav
    with refused(held, NOT_FAILED):
        held.token.wind_down(sender=keeper)


def test_not_without_holders(harness: SystemHarness, keeper: str) -> None:
    """[M-WIND-5]"""
    harness.move(150)
    with refused(harness, NOT_FAILED):
        harness.token.wind_down(sender=keeper)


def test_in_kind_goes_on_without_a_price(
    chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> None:
    """While the positions are being closed, and all feeds are stale. [M-WIND-11]"""
    harness = deploy_harness(chain, owner, keeper, make_aave_plan())
    harness.fund(depositor)
    harness.deposit(100_000 * UNIT, depositor)
    harness.wind_down()
    chain.increase_time(8 * DAY)
    shares = harness.token.balanceOf(depositor) // 4
    with reverts("oracle: stale price"):
        harness.token.redeem(shares, depositor, depositor, 0, sender=depositor)
    _, brought = harness.system.lens.in_kind(harness.token, shares)
    component = contract_at(chain, "LocalCollateral", harness.system.venue.tokens["C0"])  # type: ignore[attr-defined]
    component.mint(depositor, 2 * brought[0], sender=depositor)
    component.approve(harness.system.vault, 2 * brought[0], sender=depositor)
    had = harness.system.collateral.balanceOf(depositor)
    receipt = harness.token.redeem_in_kind(
        shares, depositor, depositor, 0, 2**255, sender=depositor
    )
    paid, _ = harness.model.token.redeem_in_kind(shares, depositor, receipt.timestamp)
    assert harness.system.collateral.balanceOf(depositor) - had == paid > 0
    harness.check()


def test_in_kind_of_a_settled_token_takes_nothing(
    chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> None:
    """There is no debt left: all that it does is to pay. [T-KIND-12]"""
    harness = deploy_harness(chain, owner, keeper, make_aave_plan())
    harness.fund(depositor)
    harness.deposit(100_000 * UNIT, depositor)
    harness.wind_down()
    harness.close()
    shares = harness.token.balanceOf(depositor) // 4
    promised, brought = harness.system.lens.in_kind(harness.token, shares)
    assert set(brought) == {0}
    assert 0 <= harness.token.previewRedeem(shares) - promised <= 4  # of Aave's rounding
    had = harness.system.collateral.balanceOf(depositor)
    harness.token.redeem_in_kind(shares, depositor, depositor, promised, 2**255, sender=depositor)
    assert harness.system.collateral.balanceOf(depositor) - had == promised
