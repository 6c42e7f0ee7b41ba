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
from tests.support.usdc_harness import DAY, NEVER, START, UNIT, UsdcWorld, deploy_usdc_world

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
) -> UsdcWorld:
    return deploy_usdc_world(chain, owner, keeper, (depositor, second_holder), request.param)


@pytest.fixture
def fresh(made: UsdcWorld) -> UsdcWorld:
    """Nothing paid in."""
    return made.renewed()


@pytest.fixture
def world(fresh: UsdcWorld) -> UsdcWorld:
    """Both have paid in, a day and a rebalance ago; some of it is netted."""
    first, second = fresh.holders
    fresh.deposit(BIG, first)
    fresh.deposit(BIG // 2, second)
    fresh.rebalance(1)
    fresh.deposit(SMALL, second)
    return fresh


def shares_of(world: UsdcWorld, holder: str, part: int) -> int:
    """That part of the holder's shares, one of `part`."""
    return int(world.token.balanceOf(holder)) // part


def blacklist(world: UsdcWorld, *accounts: str | Contract) -> None:
    for account in accounts:
        world.usdc.blacklist(account, sender=world.bench.owner)


def refused(world: UsdcWorld, action: Callable[[], object]) -> str:
    """Why it is refused; nothing has changed."""
    before = world.figures()
    with pytest.raises(Reverted) as caught:
        action()
    assert world.figures() == before
    return str(caught.value.reason)


def either(reason: str) -> tuple[str, str]:
    """USDC's own reason, or Aave's word of it where Aave was to pay."""
    return reason, "vault: Aave refused a withdrawal, code " + reason[:8]


def all_goes_on(world: UsdcWorld) -> None:
    """Small and large, in and out by both, and rebalances both ways."""
    for holder in world.holders:
        world.deposit(SMALL, holder)
        world.redeem(shares_of(world, holder, 1_000), holder)
        world.deposit(BIG // 4, holder)
        world.redeem(shares_of(world, holder, 3), holder)
    world.rebalance(-3)
    world.rebalance(3)


# a life


def test_a_life(fresh: UsdcWorld, provider: str) -> None:
    """From the first deposit, signed, to the last redemption after settlement;
    every action to the unit as the model has it, and no USDC out of nowhere."""
    world, (first, second) = fresh, fresh.holders
    supply = world.usdc.totalSupply()
    world.deposit(BIG, first)
    world.deposit(SMALL, second)  # netted
    world.rebalance(2)
    assert world.usdc.balanceOf(world.bench.keeper) > 0
    world.deposit(BIG // 2, second)  # hedged
    world.redeem(shares_of(world, first, HALF_PERCENT), first)
    world.redeem(shares_of(world, first, 4), first, provider)
    world.rebalance(-4)
    world.bench.wind_down()
    world.bench.close()
    for holder in world.holders:
        world.leave(world.token.balanceOf(holder), holder, provider)
    world.leave(world.token.balanceOf(world.bench.owner), world.bench.owner, provider)
    assert world.token.totalSupply() == 0
    assert world.usdc.totalSupply() == supply
    assert world.usdc.balanceOf(provider) > BIG


def test_a_signature_that_somebody_else_sent_first(world: UsdcWorld, attacker: str) -> None:
    """USDC takes it from anybody; the deposit goes through all the same. [R-4]"""
    first = world.holders[0]
    permit = world.sign(world.usdc, first, SMALL)
    world.usdc.permit(
        first, world.router, SMALL, NEVER, permit.v, permit.r, permit.s, sender=attacker
    )
    with reverts("EIP2612: invalid signature"):
        world.usdc.permit(
            first, world.router, SMALL, NEVER, permit.v, permit.r, permit.s, sender=attacker
        )
    expected = world.token.previewDeposit(SMALL)
    args = (world.token, SMALL, first, expected, NEVER, permit)
    with world.moves({first: -SMALL}):
        world.router.deposit(*args, sender=first)
    assert world.model.deposit(SMALL, first, world.bench.now).shares == expected
    world.bench.sound()


# the blacklist


def test_a_holder(world: UsdcWorld, provider: str) -> None:
    """To himself nothing, to another account all of it; the other notices
    nothing. His signature serves while he holds shares, not USDC. [VA-16]"""
    first, second = world.holders
    blacklist(world, first)
    shares = shares_of(world, first, 4)
    for part in (HALF_PERCENT, 4):
        mine = shares_of(world, first, part)
        assert (
            refused(world, lambda mine=mine: world.token.redeem(mine, first, first, sender=first))
            == BLACKLISTED
        )
    assert refused(world, lambda: world.deposit(SMALL, first)) == BLACKLISTED
    world.redeem(shares, first, provider)
    world.leave(shares_of(world, first, HALF_PERCENT), first, provider)
    world.redeem(shares_of(world, second, 4), second)
    world.rebalance(-3)
    world.leave(world.token.balanceOf(first), first, provider)
    assert world.usdc.balanceOf(first) == START - BIG


def test_a_keeper(world: UsdcWorld, provider: str) -> None:
    """He names another receiver."""
    blacklist(world, world.bench.keeper)
    world.bench.move(2, DAY + 1_800)
    token, keeper = world.token, world.bench.keeper
    assert refused(world, lambda: token.rebalance(sender=keeper)) == BLACKLISTED
    assert world.rebalance(0, provider) > 0


def test_a_fee_recipient(world: UsdcWorld, provider: str) -> None:
    """Receives shares as ever; no exit, fee or rebalance depends on him."""
    owner, first = world.bench.owner, world.holders[0]
    blacklist(world, owner)
    before = world.token.balanceOf(owner)
    world.rebalance(2)
    world.redeem(shares_of(world, first, 4), first)
    shares = int(world.token.balanceOf(owner))
    assert shares > before
    assert refused(world, lambda: world.token.redeem(shares, owner, owner, sender=owner)) in either(
        BLACKLISTED
    )
    world.leave(shares, owner, provider)
    all_goes_on(world)


def test_the_vault(world: UsdcWorld, provider: str) -> None:
    """Nothing goes in or out, nothing is lost, and all goes on after."""
    first = world.holders[0]
    world.usdc.approve(world.token, SMALL, sender=first)
    blacklist(world, world.vault)
    stopped(world, first, provider, BLACKLISTED)
    world.usdc.unBlacklist(world.vault, sender=world.bench.owner)
    all_goes_on(world)


def test_the_venue(world: UsdcWorld) -> None:
    """Whoever holds the venue's USDC: the exchange, or Aave's receipts. Small
    flows go on from what is idle; what has to trade is refused."""
    aave = world.bench.system.venue.kind == "aave"
    venue = world.bench.system.venue
    holder = venue.receipts["USDC"][0] if aave else venue.exchange
    first, second = world.holders
    blacklist(world, holder)
    world.deposit(SMALL, second)
    world.redeem(shares_of(world, first, 1_000), first)
    large = shares_of(world, first, 2)
    behind = "vault: Aave refused a withdrawal, code " + BLACKLISTED[:8]
    expected = behind if aave else BLACKLISTED
    assert refused(world, lambda: world.token.redeem(large, first, first, sender=first)) == expected
    world.usdc.unBlacklist(holder, sender=world.bench.owner)
    all_goes_on(world)


def test_the_router(world: UsdcWorld, attacker: str) -> None:
    """The token itself needs no router."""
    first = world.holders[0]
    blacklist(world, world.router)
    assert refused(world, lambda: world.deposit(SMALL, first)) == BLACKLISTED
    world.usdc.approve(world.token, SMALL, sender=first)
    world.bench.deposit(SMALL, first)
    world.redeem(shares_of(world, first, 4), first)


def stopped(world: UsdcWorld, holder: str, other: str, reason: str) -> None:
    """Every flow is refused for that reason, and the model sees nothing of it."""
    token = world.token
    assert refused(world, lambda: token.deposit(SMALL, holder, sender=holder)) == reason
    for part in (1_000, 2):
        mine = shares_of(world, holder, part)
        assert refused(
            world, lambda mine=mine: token.redeem(mine, other, holder, sender=holder)
        ) in either(reason)
    world.bench.sound()


# all of USDC


def test_paused(world: UsdcWorld, provider: str) -> None:
    """By Circle's pauser: nothing moves, signatures neither, nothing is lost,
    and all goes on after."""
    first = world.holders[0]
    world.usdc.approve(world.token, SMALL, sender=first)
    world.bench.move(2, DAY + 1_800)
    world.usdc.pause(sender=world.bench.owner)
    stopped(world, first, provider, PAUSED)
    assert refused(world, lambda: world.deposit(SMALL, first)) == "router: allowance too small"
    keeper = world.bench.keeper
    assert refused(world, lambda: world.token.rebalance(sender=keeper)) in either(PAUSED)
    world.usdc.unpause(sender=world.bench.owner)
    all_goes_on(world)


def test_the_end_waits_for_a_pause(world: UsdcWorld, provider: str) -> None:
    """Winding down begins in it, and positions are closed after it."""
    first = world.holders[0]
    world.usdc.pause(sender=world.bench.owner)
    world.bench.wind_down()
    world.bench.check()
    half = shares_of(world, first, 2)
    assert refused(
        world, lambda: world.token.redeem(half, provider, first, sender=first)
    ) in either(PAUSED)
    world.usdc.unpause(sender=world.bench.owner)
    world.bench.close()
    for holder in world.holders:
        world.leave(world.token.balanceOf(holder), holder, provider)


@pytest.mark.parametrize("version", ["FiatTokenV2_1", "FiatTokenV2_2"])
def test_an_upgrade(world: UsdcWorld, version: str) -> None:
    """To the version before, and to new code of the same, in the middle of a
    token's life: who holds what stays, and everything goes on, signatures too."""
    before = [world.usdc.balanceOf(each) for each in (*world.holders, world.vault)]
    proxy = npm_at(world.chain, STABLECOIN, "FiatTokenProxy", world.usdc.address)
    old = proxy.implementation.call(sender=NOBODY)
    upgrade_usdc(world.usdc, version, world.bench.owner)
    assert proxy.implementation.call(sender=NOBODY) != old
    assert [world.usdc.balanceOf(each) for each in (*world.holders, world.vault)] == before
    world.bench.sound()
    all_goes_on(world)
    upgrade_usdc(world.usdc, "FiatTokenV2_2", world.bench.owner)
    all_goes_on(world)


def test_a_version_without_signatures(world: UsdcWorld) -> None:
    """The first one has no `permit`: allowances serve, and exits need neither."""
    first = world.holders[0]
    permit = world.sign(world.usdc, first, SMALL)
    upgrade_usdc(world.usdc, "FiatTokenV1", world.bench.owner)
    args = (world.token, SMALL, first, 0, NEVER, permit)
    assert (
        refused(world, lambda: world.router.deposit(*args, sender=first))
        == "router: allowance too small"
    )
    world.usdc.approve(world.router, SMALL, sender=first)
    receipt = world.router.deposit(*args, sender=first)
    shares = world.model.deposit(SMALL, first, world.bench.now).shares
    only_event(
        receipt,
        world.token,
        "Deposit",
        sender=world.router,
        owner=first,
        assets=SMALL,
        shares=shares,
    )
    world.redeem(shares_of(world, first, 4), first)
    world.rebalance(-3)
