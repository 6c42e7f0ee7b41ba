# SPDX-License-Identifier: AGPL-3.0-only
"""The same random history on tokens whose feeds and collateral have 6, 8 and 18
decimals: the same economics. Feeds may change nothing at all; collateral changes
where amounts are rounded, by units of the coarsest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inverse_index.chain import Contract, LocalBackend, Reverted
from inverse_index.config import AssetUnits
from inverse_index.deployment import Given, System, deploy_system
from tests.support.constants import DAY, MAX_UINT256, WAD, ZERO
from tests.support.plans import make_aave_plan, make_plan
from tests.support.standards_harness import search
from tests.support.system_harness import SystemHarness, deploy_harness

COARSEST = 6
ONE = 10 ** (18 - COARSEST)  # a unit of the coarsest collateral, in WAD
STEPS = 12
FEEDS = (8, 6, 18)
DECIMALS = (6, 8, 18)
PRICES = (2_000, 40_000)

micros = st.one_of(st.integers(10**6, 10**9), st.integers(10**6, 3 * 10**11))
percents = st.tuples(st.integers(-6, 6), st.integers(-6, 6))
steps = st.one_of(
    st.tuples(st.just("deposit"), micros),
    st.tuples(st.just("mint"), micros),
    st.tuples(st.just("withdraw"), micros),
    st.tuples(st.just("redeem"), micros),
    st.tuples(st.just("move"), percents, st.sampled_from([60, 3_600, DAY])),
    st.tuples(st.just("move"), percents, st.sampled_from([60, 3_600, DAY])),
    st.tuples(st.just("rebalance"), st.sampled_from([0, 60])),
)
# What a random action may be refused for, by all tokens alike.
EXPECTED = {
    "token: shares above balance",
    "token: rebalance not due",
    "vault: slippage above bound",
    "token: redeem the last shares",
    "token: cost above value",
}


@dataclass(frozen=True)
class Token:
    """One of the tokens that go through the same history."""

    name: str
    system: System
    decimals: int

    @property
    def token(self) -> Contract:
        return self.system.token

    def native(self, micro: int) -> int:
        return micro * 10 ** (self.decimals - COARSEST)

    def act(self, name: str, amount: int, who: str) -> str | None:
        """Why it was refused, None when it was not."""
        try:
            if name == "rebalance":
                self.token.rebalance(sender=who)
            elif name in ("deposit", "mint"):
                size = self.native(amount) if name == "deposit" else amount * ONE
                self.token.method(name)(size, who, sender=who)
            else:
                size = self.native(amount) if name == "withdraw" else amount * ONE
                self.token.method(name)(size, who, who, sender=who)
        except Reverted as error:
            return error.reason
        return None

    def figures(self) -> dict[str, int]:
        """All that has a value, WAD."""
        r = self.system.report()
        wad = 10 ** (18 - self.decimals)
        money = {
            "bid": r.bid,
            "mid": r.mid,
            "ask": r.ask,
            "exposure": r.exposure,
            "unhedged": r.state.flows.unhedged,
            "reserve": r.state.flows.reserve,
        }
        shares = {"supply": r.state.supply, "a share": self.token.nav_per_share()}
        return {name: value * wad for name, value in money.items()} | shares

    def exactly(self) -> Any:
        """Every integer, the addresses of vault and oracle apart."""
        r = self.system.report()
        return r.state[:-2], r.bid, r.mid, r.ask, r.exposure, r.held, r.prices.mid, r.prices.spread


def feeds_of(
    chain: LocalBackend, owner: str, board: Contract, decimals: int, first: int
) -> dict[str, AssetUnits]:
    """Feeds on the board from that place on, by symbol."""
    found = {}
    for i, symbol in enumerate(("C0", "C1", "USDC")):
        feed = chain.deploy("BoardFeed", board, first + i, decimals, symbol, sender=owner)
        found[symbol] = AssetUnits(
            feed.address, 7 * DAY, decimals, ZERO, 0, 0, 10**14, 10**24, WAD // 1_000
        )
    return found


def answers(prices: Sequence[int]) -> list[int]:
    """Of whole cents, as all feeds show them."""
    cents = [*prices, 100]
    return [each * 10 ** (decimals - 2) for decimals in FEEDS for each in cents]


@pytest.fixture(scope="module")
def perps(chain: LocalBackend, owner: str, depositor: str) -> tuple[Contract, list[Token]]:
    """On the embedded exchange: a board, and tokens by feed and collateral."""
    board = chain.deploy("PriceBoard", sender=owner)
    board.post(answers([100 * each for each in PRICES]), sender=owner)
    found = []
    for feed, decimals in [(8, 6), (6, 6), (18, 6), (8, 8), (18, 8), (8, 18), (6, 18)]:
        feeds = feeds_of(chain, owner, board, feed, 3 * FEEDS.index(feed))
        given = Given(feeds=feeds, secondaries=False)
        system = deploy_system(chain, make_plan(2, decimals), owner, given)
        name = f"feeds {feed}, collateral {decimals}"
        found.append(opened(Token(name, system, decimals), depositor))
    return board, found


def opened(token: Token, depositor: str) -> Token:
    """100,000 paid in."""
    system = token.system
    system.give(depositor, 10**9 * system.unit)
    system.collateral.approve(token.token, MAX_UINT256, sender=depositor)
    assert token.act("deposit", 10**11, depositor) is None
    return token


class Histories:
    """The same steps on all tokens."""

    def __init__(self, tokens: list[Token], post: Any, who: str, keeper: str) -> None:
        self.tokens, self.post, self.who, self.keeper = tokens, post, who, keeper
        self.chain: LocalBackend = tokens[0].system.backend  # type: ignore[assignment]
        self.seen: Counter[str] = Counter()
        self.widest: dict[str, int] = {}

    def run(self, history: list[tuple[Any, ...]], bound: int, exact: bool) -> None:
        """bound: units of the coarsest collateral a step, for each value."""
        cents = [100 * each for each in PRICES]
        for done, (name, size, *rest) in enumerate(history, 1):
            if name == "move":
                cents = [c * (100 + p) // 100 for c, p in zip(cents, size, strict=True)]
                self.chain.increase_time(rest[0])
                self.post(cents)
            elif name == "rebalance":
                self.chain.increase_time(size)
                self.together(name, 0, self.keeper)
            else:
                self.together(name, size, self.who)
            self.compare(bound * (done + 1))
            if exact:
                self.same()

    def together(self, name: str, amount: int, who: str) -> None:
        """All do it, or all refuse it for the same reason."""
        told = {token.name: token.act(name, amount, who) for token in self.tokens}
        assert len(set(told.values())) == 1, told
        reason = next(iter(told.values()))
        assert reason is None or reason in EXPECTED, reason
        self.seen[reason or name] += 1

    def compare(self, bound: int) -> None:
        """All values agree within so many units of the coarsest collateral."""
        found = {token.name: token.figures() for token in self.tokens}
        first = next(iter(found.values()))
        for name in first:
            values = [each[name] for each in found.values()]
            apart = max(values) - min(values)
            if name == "a share":  # of a supply of about N: a unit of N each
                apart = apart * first["supply"] // 10**18
            self.widest[name] = max(self.widest.get(name, 0), -(-apart // ONE))
            assert apart <= bound * ONE, (name, {k: v[name] for k, v in found.items()})

    def same(self) -> None:
        """Tokens of one collateral are equal in every integer, whatever their feeds."""
        for decimals in DECIMALS:
            found = [token.exactly() for token in self.tokens if token.decimals == decimals]
            assert all(each == found[0] for each in found)


def searched(run: Histories, bound: int, exact: bool, examples: int) -> None:
    """Random histories, each from the start."""

    @search(examples)
    @given(st.lists(steps, min_size=STEPS, max_size=STEPS))
    def histories(history: list[tuple[Any, ...]]) -> None:
        snapshot = run.chain.snapshot()
        try:
            run.run(history, bound, exact)
        finally:
            run.chain.revert(snapshot)

    histories()
    done = ("deposit", "mint", "withdraw", "redeem", "rebalance")
    assert all(run.seen[name] >= 3 for name in done), run.seen


def test_on_the_exchange(
    perps: tuple[Contract, list[Token]], owner: str, depositor: str, keeper: str
) -> None:
    """Feeds of 6, 8 and 18 decimals: equal in every integer. Collateral of 6, 8 and
    18: the same refusals, and no value further apart than a few units a step."""
    board, tokens = perps
    run = Histories(
        tokens, lambda cents: board.post(answers(cents), sender=owner), depositor, keeper
    )
    searched(run, bound=3, exact=True, examples=12)


@pytest.fixture(scope="module")
def aaves(
    chain: LocalBackend, owner: str, keeper: str, depositor: str
) -> list[tuple[SystemHarness, Token]]:
    """On Aave and Uniswap, by collateral."""
    found = []
    for decimals in DECIMALS:
        harness = deploy_harness(chain, owner, keeper, make_aave_plan(2, decimals))
        token = Token(f"collateral {decimals}", harness.system, decimals)
        found.append((harness, opened(token, depositor)))
    return found


def test_on_aave(
    aaves: list[tuple[SystemHarness, Token]], owner: str, depositor: str, keeper: str
) -> None:
    """The same on real protocols, whose own rounding comes in."""

    def post(cents: Sequence[int]) -> None:
        prices = {f"C{i}": each * 10**6 for i, each in enumerate(cents)} | {"USDC": 10**8}
        for harness, _ in aaves:
            harness.system.post_prices(prices, owner)
            harness.system.follow_prices(prices, owner)

    run = Histories([token for _, token in aaves], post, depositor, keeper)
    searched(run, bound=3, exact=False, examples=6)
