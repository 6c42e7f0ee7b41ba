# SPDX-License-Identifier: AGPL-3.0-only
"""Paths of two and three pools: C0 leads through C1, C2 through WETH and WBTC."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import WAD, Revert
from tests.support.aave_venue_harness import AaveVenueHarness
from tests.support.assertions import reverts
from tests.support.constants import DAY, MAX_UINT256
from tests.support.plans import make_aave_plan
from tests.support.system_harness import SystemHarness, deploy_harness
from tests.support.vault_harness import SLIPPAGE, VaultHarness, ten

SHALLOW = "vault: a pool of the path is too shallow"
C0, C1, C2 = ([100 * (i == j) for j in range(3)] for i in range(3))
POOLS = ("C0", "C1", "C2", "WETH", "WBTC")
# Pools that a trade of each component moves.
THROUGH = {"C0": ("C0", "C1"), "C1": ("C1",), "C2": ("C2", "WETH", "WBTC")}


@pytest.fixture
def far(paths: SystemHarness) -> VaultHarness:
    """The vault with its token's address to act from, 1,000,000 idle on both sides."""
    vault_harness = VaultHarness(paths)
    vault_harness.book(1_000_000 * vault_harness.unit)
    paths.model.vault.book(1_000_000 * vault_harness.unit)
    return vault_harness


def both(vault_harness: VaultHarness, targets: list[int], bound: int = MAX_UINT256) -> None:
    """Trade on the chain and in the model: the same events."""
    model = vault_harness.base.model.vault
    receipt = vault_harness.trade(targets, bound)
    model.begin()
    assert model.trade(targets, vault_harness.prices, bound, False, receipt.timestamp) is True
    events = [event.args for event in vault_harness.traded(receipt)]
    assert events == [asdict(each) for each in model.traded]
    vault_harness.base.check()
    traded = [vault_harness.base.plan.symbols[event["component"]] for event in events]
    for symbol in POOLS:
        pool = vault_harness.base.system.venue.pools[symbol]
        swaps = [e for e in pool.events(receipt) if e.name == "Swap"]
        assert len(swaps) == sum(symbol in THROUGH[each] for each in traded)


@pytest.mark.parametrize("parts", [C0, C1, C2, [50, 100, 70]])
def test_one_swap_per_pool_of_the_path(far: VaultHarness, parts: list[int]) -> None:
    """There and back and to the end, for one component and for all. [VA-6]"""
    for percent in (100, 160, 90, 0):
        far.chain.increase_time(DAY)
        both(far, far.units_of(60_000 * far.unit, [part * percent // 100 for part in parts]))
    assert far.shorts == ten([])
    far.check_sound()


def test_the_fee_is_that_of_all_pools(far: VaultHarness) -> None:
    """30, 5 and 5 bps of what would have come without them."""
    receipt = far.trade(far.units_of(50_000 * far.unit, C2))
    event = far.traded(receipt)[0]
    net = 997_000 * 999_500 // 10**6 * 999_500 // 10**6
    without = -event.delta * event.price // far.scale
    got = without - event.fee
    assert abs(got - without * net // 10**6) <= 2
    assert event.fee == -(-got * (10**6 - net) // net)


def test_only_direct_paths_are_quoted_exactly(far: VaultHarness) -> None:
    for parts, expected in ((C0, False), (C1, True), (C2, False)):
        targets = far.units_of(70_000 * far.unit, parts)
        quoted, exact = far.vault.quote(targets, far.prices, 0)
        model = far.base.model.vault
        assert (quoted, exact) == model.quote(targets, far.prices, 0, far.base.now)
        assert exact is expected
        snapshot, before = far.chain.snapshot(), far.total()
        far.trade(targets)
        assert before - far.total() == quoted  # a single component's is, all the same
        far.chain.revert(snapshot)


def test_previews_of_inexact_quotes_are_at_the_bound(paths: SystemHarness, depositor: str) -> None:
    """1% of the notional, and never more than what comes. [T-DEP-10]"""
    promised = paths.token.previewDeposit(100_000 * 10**6)
    paths.deposit(100_000 * 10**6, depositor)
    got = paths.token.balanceOf(depositor)
    assert 98_990 * WAD < promised < 99_010 * WAD
    assert got == 100_000 * WAD - max(100 * WAD, paths.model.token.last_cost * 10**12)
    paths.check()


# depth


@pytest.mark.parametrize("parts", [C0, C2])
@pytest.mark.parametrize("bound", [WAD // 200, WAD // 100, WAD // 50])
@pytest.mark.parametrize("more", [True, False])
def test_depth_by_bisection(far: VaultHarness, parts: list[int], bound: int, more: bool) -> None:
    """The loss over all pools is at the bound: one part in a million more is not."""
    far.book(20_000_000 * far.unit)
    far.base.model.vault.book(20_000_000 * far.unit)
    direction = far.units_of(1_000 * far.unit, parts)
    i = parts.index(100)
    if not more:
        both(far, far.units_of(9_000_000 * far.unit, parts))
        far.follow()
        far.base.model.follow_prices(far.base.prices)
    found = far.vault.depth(direction, far.prices, bound, more)
    args = (direction, far.prices, bound, more, far.base.now)
    assert found == far.base.model.vault.depth(*args)
    sign = 1 if more else -1
    for part, reason in ((10**6, None), (10**6 + 1, SLIPPAGE)):
        targets = list(far.shorts)
        targets[i] += sign * direction[i] * (found * part // 10**6) // WAD
        assert far.refusal(targets, bound) == reason


@pytest.mark.parametrize("more", [True, False])
def test_depth_is_searched_up_to_four_times_the_price(far: VaultHarness, more: bool) -> None:
    """What lies beyond (13,863 ticks away) is not where the search begins."""
    pool = far.base.system.venue.pools["C0"]
    tick = pool.slot0().tick // 10 * 10
    for lower in (tick - 19_000, tick + 14_000):
        AaveVenueHarness(far.base).provide("C0", lower, lower + 5_000, pool.liquidity() // 3)
    both(far, far.units_of(100_000 * far.unit, C0))
    direction = far.units_of(1_000 * far.unit, C0)
    found = far.vault.depth(direction, far.prices, WAD // 100, more)
    args = (direction, far.prices, WAD // 100, more, far.base.now)
    assert found == far.base.model.vault.depth(*args) > 0


def test_depth_of_components_that_share_a_pool(far: VaultHarness) -> None:
    """C0 goes first and has all of it; C1 has what C0 leaves in their pool."""
    prices, model = far.prices, far.base.model.vault
    args = (WAD // 100, True)
    direction = far.units_of(1_000 * far.unit, [100, 100, 0])
    alone = [
        far.vault.depth(far.units_of(1_000 * far.unit, parts), prices, *args) for parts in (C0, C1)
    ]
    together = far.vault.depth(direction, prices, *args)
    assert together == model.depth(direction, prices, *args, far.base.now)
    assert alone[1] * 48 // 100 < together < alone[1] // 2 < alone[0]


def test_depth_behind_two_others(chain: LocalBackend, owner: str, keeper: str) -> None:
    """C0 and C2 lead through the pool of C1: C2 has what both leave. [VA-18]"""
    shared = {"max_trade": "50000", "components": {"C0": {"via": "C1"}, "C2": {"via": "C1"}}}
    harness = deploy_harness(chain, owner, keeper, make_aave_plan(3, venue=shared))
    vault_harness, model = VaultHarness(harness), harness.model.vault
    found = []
    for parts in ([0, 0, 100], [100, 0, 100], [0, 100, 100], [100, 100, 100]):
        args = (
            vault_harness.units_of(1_000 * vault_harness.unit, parts),
            vault_harness.prices,
            WAD // 100,
            True,
        )
        found.append(vault_harness.vault.depth(*args))
        assert found[-1] == model.depth(*args, harness.now)
    assert found[0] > max(found[1:3]) > min(found[1:3]) > found[3] > 0


# a pool that cannot carry what the one before it passes on


@pytest.fixture
def shallow(far: VaultHarness) -> VaultHarness:
    """A few thousand in WBTC's pool around its price, and nothing elsewhere."""
    venue_harness = AaveVenueHarness(far.base)
    symbol = "WBTC"
    tick = venue_harness.venue.pools[symbol].slot0().tick // 10 * 10
    both(far, far.units_of(50_000 * far.unit, C2))
    far.follow()
    far.base.model.follow_prices(far.base.prices)
    venue_harness.drain(symbol)
    liquidity = 2 * 10**9
    venue_harness.provide(symbol, tick - 1_000, tick + 1_000, liquidity)
    return far


@pytest.mark.parametrize("worth", [400_000, 0])
def test_a_pool_that_is_too_shallow(shallow: VaultHarness, worth: int) -> None:
    """Neither a sale nor a purchase goes part of the way. [VA-6]"""
    targets = shallow.units_of(worth * shallow.unit, C2)
    before = shallow.vault.value(shallow.prices)
    with reverts(SHALLOW):
        shallow.trade(targets)
    with pytest.raises(Revert, match=SHALLOW):
        shallow.base.model.vault.trade(
            targets, shallow.prices, MAX_UINT256, False, shallow.base.now
        )
    assert shallow.vault.value(shallow.prices) == before
    assert shallow.vault.quote(targets, shallow.prices, 0) == (0, False)


def test_depth_of_a_shallow_pool(shallow: VaultHarness) -> None:
    """What it carries within the bound, and that does go through."""
    direction = shallow.units_of(shallow.unit, C2)
    found = shallow.vault.depth(direction, shallow.prices, WAD // 20, True)
    args = (direction, shallow.prices, WAD // 20, True, shallow.base.now)
    assert found == shallow.base.model.vault.depth(*args)
    assert 0 < found < 100_000 * WAD
    targets = [s + d * found // WAD for s, d in zip(shallow.shorts, direction, strict=True)]
    both(shallow, targets, WAD // 20)
    assert found < shallow.vault.depth(
        shallow.units_of(shallow.unit, C1), shallow.prices, WAD // 20, True
    )


def test_an_empty_pool_has_no_depth(far: VaultHarness) -> None:
    AaveVenueHarness(far.base).drain("WETH")
    for parts, empty in ((C0, False), (C1, False), (C2, True), ([100] * 3, True)):
        direction = far.units_of(far.unit, parts)
        found = far.vault.depth(direction, far.prices, WAD // 100, True)
        args = (direction, far.prices, WAD // 100, True, far.base.now)
        assert found == far.base.model.vault.depth(*args)
        assert (found == 0) is empty
