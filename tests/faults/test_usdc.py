# SPDX-License-Identifier: AGPL-3.0-only
"""A token's whole life on Circle's real USDC, on both venues: signatures, the
blacklist, the pause, other versions of USDC behind its proxy."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from inverse_index.chain import Contract, LocalBackend, Reverted
from inverse_index.protocols.npm import STABLECOIN, npm_at
from inverse_index.protocols.usdc import NOBODY, upgrade_usdc
from tests.support.assertions import only_event, reverts
from tests.support.constants import DAY, MAX_UINT256
from tests.support.usdc_harness import START, UNIT, UsdcHarness, deploy_usdc_harness

BLACKLISTED = "Blacklistable: account is blacklisted"
PAUSED = "Pausable: paused"
SMALL, BIG = 100 * UNIT, 100_000 * UNIT  # one is netted, one hedged
HALF_PERCENT = 200  # parts


@pytest.fixture(scope="module", params=["perp", "aave"])
def made(
    request: pytest.FixtureRequest,
    chain: LocalBackend,
    owner: str,
    keeper: str,
    depositor: str,
    second_holder: str,
) -> UsdcHarness:
    return deploy_usdc_harness(chain, owner, keeper, (depositor, second_holder), request.param)


@pytest.fixture
def fresh(made: UsdcHarness) -> UsdcHarness:
    """Nothing paid in."""
    return made.renewed()


@pytest.fixture
def harness(fresh: UsdcHarness) -> UsdcHarness:
    """Both have paid in, a day and a rebalance ago; some of it is netted."""
    first, second = fresh.holders
    fresh.deposit(BIG, first)
    fresh.deposit(BIG // 2, second)
    fresh.rebalance(1)
    fresh.deposit(SMALL, second)
    return fresh


def shares_of(harness: UsdcHarness, holder: str, part: int) -> int:
    """That part of the holder's shares, one of `part`."""
    return int(harness.token.balanceOf(holder)) // part


def blacklist(harness: UsdcHarness, *accounts: str | Contract) -> None:
    for account in accounts:
        harness.usdc.blacklist(account, sender=harness.base.owner)


def refused(harness: UsdcHarness, action: Callable[[], object]) -> str:
    """Why it is refused; nothing has changed."""
    before = harness.figures()
    with pytest.raises(Reverted) as caught:
        action()
    assert harness.figures() == before
    return str(caught.value.reason)


def either(reason: str) -> tuple[str, str]:
    """USDC's own reason, or Aave's word of it where Aave was to pay."""
    return reason, "vault: Aave refused a withdrawal, code " + reason[:8]


def all_goes_on(harness: UsdcHarness) -> None:
    """Small and large, in and out by both, and rebalances both ways."""
    for holder in harness.holders:
        harness.deposit(SMALL, holder)
        harness.redeem(shares_of(harness, holder, 1_000), holder)
        harness.deposit(BIG // 4, holder)
        harness.redeem(shares_of(harness, holder, 3), holder)
    harness.rebalance(-3)
    harness.rebalance(3)


# a life


def test_a_life(fresh: UsdcHarness, provider: str) -> None:
    """From the first deposit, signed, to the last redemption after settlement;
    every action to the unit as the model has it, and no USDC out of nowhere."""
    harness, (first, second) = fresh, fresh.holders
    supply = harness.usdc.totalSupply()
    harness.deposit(BIG, first)
    harness.deposit(SMALL, second)  # netted
    harness.rebalance(2)
    assert harness.usdc.balanceOf(harness.base.keeper) > 0
    harness.deposit(BIG // 2, second)  # hedged
    harness.redeem(shares_of(harness, first, HALF_PERCENT), first)
    harness.redeem(shares_of(harness, first, 4), first, provider)
    harness.rebalance(-4)
    harness.base.wind_down()
    harness.base.close()
    for holder in harness.holders:
        harness.leave(harness.token.balanceOf(holder), holder, provider)
    harness.leave(harness.token.balanceOf(harness.base.owner), harness.base.owner, provider)
    assert harness.token.totalSupply() == 0
    assert harness.usdc.totalSupply() == supply
    assert harness.usdc.balanceOf(provider) > BIG


def test_a_signature_that_somebody_else_sent_first(harness: UsdcHarness, attacker: str) -> None:
    """USDC takes it from anybody; the deposit goes through all the same. [R-4]"""
    first = harness.holders[0]
    permit = harness.sign(harness.usdc, first, SMALL)
    harness.usdc.permit(
        first, harness.router, SMALL, MAX_UINT256, permit.v, permit.r, permit.s, sender=attacker
    )
    with reverts("EIP2612: invalid signature"):
        harness.usdc.permit(
            first, harness.router, SMALL, MAX_UINT256, permit.v, permit.r, permit.s, sender=attacker
        )
    expected = harness.token.previewDeposit(SMALL)
    args = (harness.token, SMALL, first, expected, MAX_UINT256, permit)
    with harness.moves({first: -SMALL}):
        harness.router.deposit(*args, sender=first)
    assert harness.model.deposit(SMALL, first, harness.base.now).shares == expected
    harness.base.sound()


# the blacklist


def test_a_holder(harness: UsdcHarness, provider: str) -> None:
    """To himself nothing, to another account all of it; the other notices
    nothing. His signature serves while he holds shares, not USDC. [VA-16]"""
    first, second = harness.holders
    blacklist(harness, first)
    shares = shares_of(harness, first, 4)
    for part in (HALF_PERCENT, 4):
        mine = shares_of(harness, first, part)
        assert (
            refused(
                harness, lambda mine=mine: harness.token.redeem(mine, first, first, sender=first)
            )
            == BLACKLISTED
        )
    assert refused(harness, lambda: harness.deposit(SMALL, first)) == BLACKLISTED
    harness.redeem(shares, first, provider)
    harness.leave(shares_of(harness, first, HALF_PERCENT), first, provider)
    harness.redeem(shares_of(harness, second, 4), second)
    harness.rebalance(-3)
    harness.leave(harness.token.balanceOf(first), first, provider)
    assert harness.usdc.balanceOf(first) == START - BIG


def test_a_keeper(harness: UsdcHarness, provider: str) -> None:
    """He names another receiver."""
    blacklist(harness, harness.base.keeper)
    harness.base.move(2, DAY + 1_800)
    token, keeper = harness.token, harness.base.keeper
    assert refused(harness, lambda: token.rebalance(sender=keeper)) == BLACKLISTED
    assert harness.rebalance(0, provider) > 0


def test_a_fee_recipient(harness: UsdcHarness, provider: str) -> None:
    """Receives shares as ever; no exit, fee or rebalance depends on him."""
    owner, first = harness.base.owner, harness.holders[0]
    blacklist(harness, owner)
    before = harness.token.balanceOf(owner)
    harness.rebalance(2)
    harness.redeem(shares_of(harness, first, 4), first)
    shares = int(harness.token.balanceOf(owner))
    assert shares > before
    assert refused(
        harness, lambda: harness.token.redeem(shares, owner, owner, sender=owner)
    ) in either(BLACKLISTED)
    harness.leave(shares, owner, provider)
    all_goes_on(harness)


def test_the_vault(harness: UsdcHarness, provider: str) -> None:
    """Nothing goes in or out, nothing is lost, and all goes on after."""
    first = harness.holders[0]
    harness.usdc.approve(harness.token, SMALL, sender=first)
    blacklist(harness, harness.vault)
    stopped(harness, first, provider, BLACKLISTED)
    harness.usdc.unBlacklist(harness.vault, sender=harness.base.owner)
    all_goes_on(harness)


def test_the_venue(harness: UsdcHarness) -> None:
    """Whoever holds the venue's USDC: the exchange, or Aave's receipts. Small
    flows go on from what is idle; what has to trade is refused."""
    aave = harness.base.system.venue.kind == "aave"
    venue = harness.base.system.venue
    holder = venue.receipts["USDC"][0] if aave else venue.exchange
    first, second = harness.holders
    blacklist(harness, holder)
    harness.deposit(SMALL, second)
    harness.redeem(shares_of(harness, first, 1_000), first)
    large = shares_of(harness, first, 2)
    behind = "vault: Aave refused a withdrawal, code " + BLACKLISTED[:8]
    expected = behind if aave else BLACKLISTED
    assert (
        refused(harness, lambda: harness.token.redeem(large, first, first, sender=first))
        == expected
    )
    harness.usdc.unBlacklist(holder, sender=harness.base.owner)
    all_goes_on(harness)


def test_the_router(harness: UsdcHarness, attacker: str) -> None:
    """The token itself needs no router."""
    first = harness.holders[0]
    blacklist(harness, harness.router)
    assert refused(harness, lambda: harness.deposit(SMALL, first)) == BLACKLISTED
    harness.usdc.approve(harness.token, SMALL, sender=first)
    harness.base.deposit(SMALL, first)
    harness.redeem(shares_of(harness, first, 4), first)


def stopped(harness: UsdcHarness, holder: str, other: str, reason: str) -> None:
    """Every flow is refused for that reason, and the model sees nothing of it."""
    token = harness.token
    assert refused(harness, lambda: token.deposit(SMALL, holder, sender=holder)) == reason
    for part in (1_000, 2):
        mine = shares_of(harness, holder, part)
        assert refused(
            harness, lambda mine=mine: token.redeem(mine, other, holder, sender=holder)
        ) in either(reason)
    harness.base.sound()


# all of USDC


def test_paused(harness: UsdcHarness, provider: str) -> None:
    """By Circle's pauser: nothing moves, signatures neither, nothing is lost,
    and all goes on after."""
    first = harness.holders[0]
    harness.usdc.approve(harness.token, SMALL, sender=first)
    harness.base.move(2, DAY + 1_800)
    harness.usdc.pause(sender=harness.base.owner)
    stopped(harness, first, provider, PAUSED)
    assert refused(harness, lambda: harness.deposit(SMALL, first)) == "router: allowance too small"
    keeper = harness.base.keeper
    assert refused(harness, lambda: harness.token.rebalance(sender=keeper)) in either(PAUSED)
    harness.usdc.unpause(sender=harness.base.owner)
    all_goes_on(harness)


def test_the_end_waits_for_a_pause(harness: UsdcHarness, provider: str) -> None:
    """Winding down begins in it, and positions are closed after it."""
    first = harness.holders[0]
    harness.usdc.pause(sender=harness.base.owner)
    harness.base.wind_down()
    harness.base.check()
    half = shares_of(harness, first, 2)
    assert refused(
        harness, lambda: harness.token.redeem(half, provider, first, sender=first)
    ) in either(PAUSED)
    harness.usdc.unpause(sender=harness.base.owner)
    harness.base.close()
    for holder in harness.holders:
        harness.leave(harness.token.balanceOf(holder), holder, provider)


@pytest.mark.parametrize("version", ["FiatTokenV2_1", "FiatTokenV2_2"])
def test_an_upgrade(harness: UsdcHarness, version: str) -> None:
    """To the version before, and to new code of the same, in the middle of a
    token's life: who holds what stays, and everything goes on, signatures too."""
    before = [harness.usdc.balanceOf(each) for each in (*harness.holders, harness.vault)]
    proxy = npm_at(harness.chain, STABLECOIN, "FiatTokenProxy", harness.usdc.address)
    old = proxy.implementation.call(sender=NOBODY)
    upgrade_usdc(harness.usdc, version, harness.base.owner)
    assert proxy.implementation.call(sender=NOBODY) != old
    assert [harness.usdc.balanceOf(each) for each in (*harness.holders, harness.vault)] == before
    harness.base.sound()
    all_goes_on(harness)
    upgrade_usdc(harness.usdc, "FiatTokenV2_2", harness.base.owner)
    all_goes_on(harness)


def test_a_version_without_signatures(harness: UsdcHarness) -> None:
    """The first one has no `permit`: allowances serve, and exits need neither."""
    first = harness.holders[0]
    permit = harness.sign(harness.usdc, first, SMALL)
    upgrade_usdc(harness.usdc, "FiatTokenV1", harness.base.owner)
    args = (harness.token, SMALL, first, 0, MAX_UINT256, permit)
    assert (
        refused(harness, lambda: harness.router.deposit(*args, sender=first))
        == "router: allowance too small"
    )
    harness.usdc.approve(harness.router, SMALL, sender=first)
    receipt = harness.router.deposit(*args, sender=first)
    shares = harness.model.deposit(SMALL, first, harness.base.now).shares
    only_event(
        receipt,
        harness.token,
        "Deposit",
        sender=harness.router,
        owner=first,
        assets=SMALL,
        shares=shares,
    )
    harness.redeem(shares_of(harness, first, 4), first)
    harness.rebalance(-3)
