# SPDX-License-Identifier: AGPL-3.0-only
"""The router: swaps between two trades of an attacker, what others left in it,
tokens that do as they like. On the real Uniswap, Aave and USDC."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from inverse_index.chain import Contract, LocalBackend, Reverted
from tests.attacks.table import settle
from tests.support.attack_grid import Search, attempt
from tests.support.attack_router import UNIT, opened, without
from tests.support.constants import MAX_UINT256
from tests.support.router_harness import ETHER, RouterHarness, entry
from tests.support.variants import Change

VENUE = "router"
FLOWS, SWAPS = "contracts/modules/router/flows.vy", "contracts/modules/router/swaps.vy"
CALLBACK = "contracts/modules/router/swap_callback.vy"
KEPT = Change(FLOWS, "assert funds._held(asset, self) == held, errors.ROUTER_HELD", "pass")
CALLED = Change(
    CALLBACK, "assert msg.sender == swaps.expected_pool, errors.ROUTER_CALLBACK", "pass"
)
LOCKS = (
    *(
        Change(path, "# pragma nonreentrancy on", "# pragma nonreentrancy off")
        for path in (
            "contracts/periphery/Router.vy",
            FLOWS,
            SWAPS,
            CALLBACK,
            "contracts/modules/router/funds.vy",
        )
    ),
    Change("contracts/periphery/Router.vy", "@reentrant\n", ""),
    Change(CALLBACK, "@reentrant\n", ""),
)
PRICE = 2_000 * UNIT  # of an ether, native collateral
LIES, NOTHING, FALSE = 3, 2, 1


@pytest.fixture(scope="module")
def harness(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, trader: str, attacker: str
) -> RouterHarness:
    return opened(chain, owner, keeper, depositor, (trader, attacker))


class Sandwich:
    """Sell ether before the victim sells its own, buy it back after."""

    def __init__(self, harness: RouterHarness, victim: str, attacker: str) -> None:
        self.harness, self.victim, self.attacker = harness, victim, attacker
        self.pool = harness.pools["WETH"]
        self.maker = harness.chain.deploy("MarketMaker", sender=attacker)
        harness.tokens["WETH"].transfer(self.maker, 900 * ETHER, sender=attacker)
        harness.base.system.give(self.maker.address, 10**6 * UNIT)
        harness.approve("WETH", victim)
        self.falls = harness.models["WETH"].token0 == harness.tokens["WETH"].address

    def has(self) -> int:
        held = {s: self.harness.tokens[s].balanceOf(self.maker) for s in ("USDC", "WETH")}
        return int(held["USDC"] + held["WETH"] * PRICE // ETHER)

    def brings(self, ether: int, push_bps: int, headroom_bps: int) -> int:
        """More than to trade after the victim only, which is honest. headroom: how much
        less than the present quote the victim puts up with."""
        after = attempt(self.harness.chain, lambda: self._around(ether, 0, headroom_bps))
        assert after is not None
        return self._around(ether, push_bps, headroom_bps) - after

    def _around(self, ether: int, push_bps: int, headroom_bps: int) -> int:
        harness, start = self.harness, self.pool.slot0().sqrtPriceX96
        args = (harness.token, harness.path("WETH"), ether * ETHER, self.victim)
        quote = harness.router.swap_and_deposit.call(*args, 0, MAX_UINT256, sender=self.victim)
        had = self.has()
        step = 20_000 - push_bps if self.falls else 20_000 + push_bps
        self._move(start * step // 20_000)
        least = quote * (10_000 - headroom_bps) // 10_000
        harness.router.swap_and_deposit(*args, least, MAX_UINT256, sender=self.victim)
        self._move(start)
        return self.has() - had

    def _move(self, target: int) -> None:
        self.maker.move([self.pool], [target], sender=self.attacker)


def test_a_swap_between_two_trades(harness: RouterHarness, trader: str, attacker: str) -> None:
    """The victim's bound is all that protects it: at what it has been quoted any move
    is refused; without a bound the attacker takes what it can. In between the headroom
    that is left is the most that it costs."""
    sandwich = Sandwich(harness, trader, attacker)
    sizes, pushes = (1, 50, 400), (1, 10, 80, 300, 1_500)
    more = (1, 5, 20, 50, 150, 400), (1, 3, 10, 40, 80, 300, 1_500)
    chain = harness.chain

    def searched(*headrooms: int) -> Search:
        return Search(chain, sandwich.brings, (sizes, pushes, headrooms), frozenset((2,)))

    bound = Search(chain, sandwich.brings, (*more, (0,)))
    loose = searched(10_000)
    found = bound.run(3), loose.run(3)
    settle("a swap between two trades", VENUE, "the victim's minimum", UNIT, *found)
    for headroom in (10, 50):
        some = searched(headroom)
        some.run(3)
        best = some.best()
        assert best is not None
        brought = some.found[best]
        assert brought is not None and brought <= best[0] * PRICE * headroom // 10_000


def test_what_others_have_left(harness: RouterHarness, attacker: str, trader: str) -> None:
    """A gift lies in the router. A collateral that moves nothing but says so, a token
    that takes what was not brought: the balance after each action gives it away."""
    host = harness.tokens["HOST"]
    gift = 1_000 * ETHER

    def brings(harness: RouterHarness, brought: int, taken: int, answer: int, fee: int) -> int:
        harness.approve("HOST", attacker)
        host.transfer(harness.router, gift, sender=trader)
        shares = harness.chain.deploy("HostileShares", sender=attacker)
        shares.set_asset(host, taken, 1, sender=attacker)
        shares.set_call(host, host.encode("set_answer", 0), sender=attacker)
        had = host.balanceOf(attacker)
        host.set_answer(answer, sender=attacker)
        host.set_fee(fee, sender=attacker)
        harness.router.deposit(shares, brought, attacker, 0, MAX_UINT256, sender=attacker)
        return int(host.balanceOf(attacker) + host.balanceOf(shares) - had)

    amounts = (1, gift // 2, gift)
    found = [
        [
            attempt(harness.chain, lambda r=routed, p=point: brings(r, *p))
            for point in product(amounts, amounts, (0, FALSE, NOTHING, LIES), (0, 100))
        ]
        for routed in (harness, without(harness, KEPT))
    ]
    settle("what others left in the router", VENUE, "the balance is checked", ETHER, *found)


def test_a_token_that_asks_for_more(harness: RouterHarness, trader: str, attacker: str) -> None:
    """On its way to the pool it asks the router for a payment of its own, out of what
    the victim lets the router spend."""
    host = harness.tokens["HOST"]

    def brings(harness: RouterHarness, asked: int, mints: bool, headroom: int) -> int:
        router = harness.router
        harness.approve("HOST", trader)
        payload = router.encode("uniswapV3SwapCallback", asked, -1, bytes(32))
        host.set_callback(router, payload, sender=attacker)
        had = host.balanceOf(host)
        path = harness.path("HOST")
        if mints:
            args = (harness.token, path, 90 * ETHER, trader, (40 + headroom) * ETHER, MAX_UINT256)
            router.swap_and_mint(*args, sender=trader)
        else:
            router.swap_and_deposit(
                harness.token, path, 40 * ETHER, trader, 0, MAX_UINT256, sender=trader
            )
        return int(host.balanceOf(host) - had)

    asked = (1, ETHER, 30 * ETHER, 40 * ETHER, 100 * ETHER)
    points = list(product(asked, (False, True), (0, 10, 100)))
    found = [
        [attempt(harness.chain, lambda r=routed, p=point: brings(r, *p)) for point in points]
        for routed in (harness, without(harness, CALLED))
    ]
    assert 0 in found[0]
    settle("a token that asks for more", VENUE, "only the pool is paid", ETHER, *found)


def test_a_token_that_comes_back(harness: RouterHarness, trader: str, attacker: str) -> None:
    """From inside the victim's swap no function of the router can be entered; the
    victim gets what it would have got. Without the lock the attack succeeds."""
    host = harness.tokens["HOST"]
    shares = harness.chain.deploy("HostileShares", sender=attacker)

    def inside(harness: RouterHarness, payload: bytes, call_again: bool) -> tuple[bool, int]:
        snapshot = harness.chain.snapshot()
        harness.approve("HOST", trader)
        host.set_callback(harness.router, payload, sender=attacker)
        if call_again:
            shares.set_call(harness.router, payload, sender=attacker)
        minted = harness.token.balanceOf(trader)
        args = (harness.token, harness.path("HOST"), 100 * ETHER, trader, 0, MAX_UINT256)
        harness.router.swap_and_deposit(*args, sender=trader)
        entered = host.call_succeeded(), int(harness.token.balanceOf(trader) - minted)
        harness.chain.revert(snapshot)
        return entered

    plain = inside(harness, b"", False)[1]
    for routed in (harness, without(harness, *LOCKS)):
        found = [
            inside(routed, payload, again)
            for payload in _doors(routed, shares, attacker)
            for again in (False, True)
        ]
        if routed is harness:
            assert set(found) == {(False, plain)}
        else:
            assert any(entered for entered, _ in found)


def _doors(harness: RouterHarness, shares: Contract, attacker: str) -> list[bytes]:
    """A call of every function with which anybody could succeed."""
    router, host, none = harness.router, harness.tokens["HOST"], (0, bytes(32), bytes(32))
    path: Any = harness.path("HOST")
    return [
        entry(harness, shares),
        router.encode("deposit", shares, 0, attacker, 0, MAX_UINT256, none),
        router.encode("mint", shares, 0, attacker, 0, MAX_UINT256, none),
        router.encode("swap_and_deposit", harness.token, path, 1, host, 0, MAX_UINT256, none),
        router.encode(
            "swap_and_mint", harness.token, path, 1, host, MAX_UINT256, MAX_UINT256, none
        ),
        router.encode("redeem_and_swap", harness.token, path, 0, attacker, 0, MAX_UINT256, none),
        router.encode("redeem_eth", shares, [], 0, attacker, 0, MAX_UINT256, none),
        router.encode("deposit_eth", shares, [], attacker, 0, MAX_UINT256),
        router.encode("mint_eth", shares, [], 0, attacker, MAX_UINT256),
    ]


def test_without_a_bound_of_its_own_a_mint_still_has_one(
    harness: RouterHarness, trader: str, attacker: str
) -> None:
    """`swap_and_mint` and `mint_eth` cannot be sent without a maximum: what is sent,
    or allowed, is one."""
    sandwich = Sandwich(harness, trader, attacker)
    args = (harness.token, harness.path("WETH"), 100 * ETHER, trader)
    wei = harness.router.swap_and_mint.call(*args, MAX_UINT256, MAX_UINT256, sender=trader)
    start = sandwich.pool.slot0().sqrtPriceX96
    sandwich._move(start * (9_990 if sandwich.falls else 10_010) // 10_000)
    for call in (
        lambda: harness.router.swap_and_mint(*args, wei, MAX_UINT256, sender=trader),
        lambda: harness.router.mint_eth(*args, MAX_UINT256, sender=trader, value=wei),
    ):
        with pytest.raises(Reverted, match="input above maximum"):
            call()
