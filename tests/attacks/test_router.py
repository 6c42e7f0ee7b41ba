# SPDX-License-Identifier: AGPL-3.0-only
"""The router: swaps between two trades of an attacker, what others left in it,
tokens that do as they like. On the real Uniswap, Aave and USDC."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from inverse_index.chain import Contract, LocalBackend, Reverted
from tests.attacks.table import settle
from tests.support.attack_grid import NEVER, Search, attempt
from tests.support.attack_router import UNIT, opened, without
from tests.support.router_harness import ETHER, RouterWorld, entry
from tests.support.variants import Change

VENUE = "router"
FLOWS, SWAPS = "contracts/modules/router/flows.vy", "contracts/modules/router/swaps.vy"
KEPT = Change(FLOWS, "assert funds._held(asset, self) == held, errors.ROUTER_HELD", "pass")
CALLED = Change(SWAPS, "assert msg.sender == self._expected, errors.ROUTER_CALLBACK", "pass")
LOCKS = (
    *(
        Change(path, "# pragma nonreentrancy on", "# pragma nonreentrancy off")
        for path in (
            "contracts/periphery/Router.vy",
            FLOWS,
            SWAPS,
            "contracts/modules/router/funds.vy",
        )
    ),
    Change("contracts/periphery/Router.vy", "@reentrant\n", ""),
    Change(SWAPS, "@reentrant\n", ""),
)
PRICE = 2_000 * UNIT  # of an ether, native collateral
LIES, NOTHING, FALSE = 3, 2, 1


@pytest.fixture(scope="module")
def world(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, trader: str, attacker: str
) -> RouterWorld:
    return opened(chain, owner, keeper, depositor, (trader, attacker))


class Sandwich:
    """Sell ether before the victim sells its own, buy it back after."""

    def __init__(self, world: RouterWorld, victim: str, attacker: str) -> None:
        self.world, self.victim, self.attacker = world, victim, attacker
        self.pool = world.pools["WETH"]
        self.maker = world.chain.deploy("MarketMaker", sender=attacker)
        world.tokens["WETH"].transfer(self.maker, 900 * ETHER, sender=attacker)
        world.bench.system.give(self.maker.address, 10**6 * UNIT)
        world.approve("WETH", victim)
        self.falls = world.models["WETH"].token0 == world.tokens["WETH"].address

    def has(self) -> int:
        held = {s: self.world.tokens[s].balanceOf(self.maker) for s in ("USDC", "WETH")}
        return int(held["USDC"] + held["WETH"] * PRICE // ETHER)

    def brings(self, ether: int, push_bps: int, room_bps: int) -> int:
        """More than to trade after the victim only, which is honest. room: how much
        less than the present quote the victim puts up with."""
        after = attempt(self.world.chain, lambda: self._around(ether, 0, room_bps))
        assert after is not None
        return self._around(ether, push_bps, room_bps) - after

    def _around(self, ether: int, push_bps: int, room_bps: int) -> int:
        world, start = self.world, self.pool.slot0().sqrtPriceX96
        args = (world.token, world.path("WETH"), ether * ETHER, self.victim)
        quote = world.router.swap_and_deposit.call(*args, 0, NEVER, sender=self.victim)
        had = self.has()
        step = 20_000 - push_bps if self.falls else 20_000 + push_bps
        self._move(start * step // 20_000)
        least = quote * (10_000 - room_bps) // 10_000
        world.router.swap_and_deposit(*args, least, NEVER, sender=self.victim)
        self._move(start)
        return self.has() - had

    def _move(self, target: int) -> None:
        self.maker.move([self.pool], [target], sender=self.attacker)


def test_a_swap_between_two_trades(world: RouterWorld, trader: str, attacker: str) -> None:
    """The victim's bound is all that protects it: at what it has been quoted any move
    is refused; without a bound the attacker takes what it can. In between the room
    that is left is the most that it costs."""
    sandwich = Sandwich(world, trader, attacker)
    sizes, pushes = (1, 50, 400), (1, 10, 80, 300, 1_500)
    more = (1, 5, 20, 50, 150, 400), (1, 3, 10, 40, 80, 300, 1_500)
    chain = world.chain

    def searched(*rooms: int) -> Search:
        return Search(chain, sandwich.brings, (sizes, pushes, rooms), frozenset((2,)))

    bound = Search(chain, sandwich.brings, (*more, (0,)))
    loose = searched(10_000)
    found = bound.run(3), loose.run(3)
    settle("a swap between two trades", VENUE, "the victim's own bound", UNIT, *found)
    for room in (10, 50):
        some = searched(room)
        some.run(3)
        best = some.best()
        assert best is not None
        brought = some.found[best]
        assert brought is not None and brought <= best[0] * PRICE * room // 10_000


def test_what_others_have_left(world: RouterWorld, attacker: str, trader: str) -> None:
    """A gift lies in the router. A collateral that moves nothing but says so, a token
    that takes what was not brought: the balance after each action gives it away."""
    host = world.tokens["HOST"]
    gift = 1_000 * ETHER

    def brings(world: RouterWorld, brought: int, taken: int, answer: int, fee: int) -> int:
        world.approve("HOST", attacker)
        host.transfer(world.router, gift, sender=trader)
        shares = world.chain.deploy("HostileShares", sender=attacker)
        shares.set_asset(host, taken, 1, sender=attacker)
        shares.set_call(host, host.encode("set_answer", 0), sender=attacker)
        had = host.balanceOf(attacker)
        host.set_answer(answer, sender=attacker)
        host.set_fee(fee, sender=attacker)
        world.router.deposit(shares, brought, attacker, 0, NEVER, sender=attacker)
        return int(host.balanceOf(attacker) + host.balanceOf(shares) - had)

    amounts = (1, gift // 2, gift)
    found = [
        [
            attempt(world.chain, lambda r=routed, p=point: brings(r, *p))
            for point in product(amounts, amounts, (0, FALSE, NOTHING, LIES), (0, 100))
        ]
        for routed in (world, without(world, KEPT))
    ]
    settle("what others left in the router", VENUE, "the balance is checked", ETHER, *found)


def test_a_token_that_asks_for_more(world: RouterWorld, trader: str, attacker: str) -> None:
    """On its way to the pool it asks the router for a payment of its own, out of what
    the victim lets the router spend."""
    host = world.tokens["HOST"]

    def brings(world: RouterWorld, asked: int, mints: bool, room: int) -> int:
        router = world.router
        world.approve("HOST", trader)
        payload = router.encode("uniswapV3SwapCallback", asked, -1, bytes(32))
        host.set_callback(router, payload, sender=attacker)
        had = host.balanceOf(host)
        path = world.path("HOST")
        if mints:
            args = (world.token, path, 90 * ETHER, trader, (40 + room) * ETHER, NEVER)
            router.swap_and_mint(*args, sender=trader)
        else:
            router.swap_and_deposit(world.token, path, 40 * ETHER, trader, 0, NEVER, sender=trader)
        return int(host.balanceOf(host) - had)

    asked = (1, ETHER, 30 * ETHER, 40 * ETHER, 100 * ETHER)
    points = list(product(asked, (False, True), (0, 10, 100)))
    found = [
        [attempt(world.chain, lambda r=routed, p=point: brings(r, *p)) for point in points]
        for routed in (world, without(world, CALLED))
    ]
    assert 0 in found[0]
    settle("a token that asks for more", VENUE, "only the pool is paid", ETHER, *found)


def test_a_token_that_comes_back(world: RouterWorld, trader: str, attacker: str) -> None:
    """From inside the victim's swap no function of the router can be entered; the
    victim gets what it would have got. Without the lock the door stands open."""
    host = world.tokens["HOST"]
    shares = world.chain.deploy("HostileShares", sender=attacker)

    def inside(world: RouterWorld, payload: bytes, call_again: bool) -> tuple[bool, int]:
        snapshot = world.chain.snapshot()
        world.approve("HOST", trader)
        host.set_callback(world.router, payload, sender=attacker)
        if call_again:
            shares.set_call(world.router, payload, sender=attacker)
        minted = world.token.balanceOf(trader)
        args = (world.token, world.path("HOST"), 100 * ETHER, trader, 0, NEVER)
        world.router.swap_and_deposit(*args, sender=trader)
        entered = host.call_succeeded(), int(world.token.balanceOf(trader) - minted)
        world.chain.revert(snapshot)
        return entered

    plain = inside(world, b"", False)[1]
    for routed in (world, without(world, *LOCKS)):
        found = [
            inside(routed, payload, again)
            for payload in _doors(routed, shares, attacker)
            for again in (False, True)
        ]
        if routed is world:
            assert set(found) == {(False, plain)}
        else:
            assert any(entered for entered, _ in found)


def _doors(world: RouterWorld, shares: Contract, attacker: str) -> list[bytes]:
    """A call of every function with which anybody could succeed."""
    router, host, none = world.router, world.tokens["HOST"], (0, bytes(32), bytes(32))
    path: Any = world.path("HOST")
    return [
        entry(world, shares),
        router.encode("deposit", shares, 0, attacker, 0, NEVER, none),
        router.encode("mint", shares, 0, attacker, 0, NEVER, none),
        router.encode("swap_and_deposit", world.token, path, 1, host, 0, NEVER, none),
        router.encode("swap_and_mint", world.token, path, 1, host, NEVER, NEVER, none),
        router.encode("redeem_and_swap", world.token, path, 0, attacker, 0, NEVER, none),
        router.encode("redeem_eth", shares, [], 0, attacker, 0, NEVER, none),
        router.encode("deposit_eth", shares, [], attacker, 0, NEVER),
        router.encode("mint_eth", shares, [], 0, attacker, NEVER),
    ]


def test_without_a_bound_of_its_own_a_mint_still_has_one(
    world: RouterWorld, trader: str, attacker: str
) -> None:
    """`swap_and_mint` and `mint_eth` cannot be sent without a maximum: what is sent,
    or allowed, is one."""
    sandwich = Sandwich(world, trader, attacker)
    args = (world.token, world.path("WETH"), 100 * ETHER, trader)
    wei = world.router.swap_and_mint.call(*args, NEVER, NEVER, sender=trader)
    start = sandwich.pool.slot0().sqrtPriceX96
    sandwich._move(start * (9_990 if sandwich.falls else 10_010) // 10_000)
    for call in (
        lambda: world.router.swap_and_mint(*args, wei, NEVER, sender=trader),
        lambda: world.router.mint_eth(*args, NEVER, sender=trader, value=wei),
    ):
        with pytest.raises(Reverted, match="input above maximum"):
            call()
