# SPDX-License-Identifier: AGPL-3.0-only
"""Real Uniswap v3 pools and their models, moved together and compared with ==."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from inverse_index.chain import Contract, LocalBackend, Receipt, Reverted
from inverse_index.model.fixed import MAX_INT256, Revert
from inverse_index.model.protocols.uniswap.arithmetic import (
    MAX_SQRT_PRICE,
    MAX_TICK,
    MIN_SQRT_PRICE,
    sqrt_price_at_tick,
)
from inverse_index.model.protocols.uniswap.pool import PoolModel
from inverse_index.protocols.uniswap import TICK_SPACING, create_pool, deploy_uniswap

PLENTY = 2**220  # of both tokens in the market maker's hands
LOWEST_LIMIT = MIN_SQRT_PRICE + 1
HIGHEST_LIMIT = MAX_SQRT_PRICE - 1
NO_WETH = "0x" + "00" * 19 + "01"


@dataclass(frozen=True)
class Provide:
    lower: int
    upper: int
    liquidity: int


@dataclass(frozen=True)
class Withdraw:
    place: int  # of a position, modulo their number
    parts: int  # of eight; nine are more than there are


@dataclass(frozen=True)
class Swap:
    zero_for_one: bool
    amount: int
    reach: int | None = None  # ticks from the price to the limit, None: as far as can be
    shift: int = 0  # what the limit is off a tick's price

    def args(self, model: PoolModel) -> tuple[bool, int, int]:
        """As the pool takes them, in the state that it is in."""
        if self.reach is None:
            return self.zero_for_one, self.amount, extreme(self.zero_for_one)
        tick = model.tick + (-self.reach if self.zero_for_one else self.reach)
        limit = sqrt_price_at_tick(max(-MAX_TICK, min(MAX_TICK, tick))) + self.shift
        return self.zero_for_one, self.amount, max(LOWEST_LIMIT, min(HIGHEST_LIMIT, limit))


def extreme(zero_for_one: bool) -> int:
    """The widest limit that a pool accepts."""
    return LOWEST_LIMIT if zero_for_one else HIGHEST_LIMIT


class UniswapHarness:
    """Uniswap with a market maker; one open pool at a time, and its model."""

    pool: Contract
    model: PoolModel

    def __init__(self, chain: LocalBackend, owner: str, trader: str) -> None:
        self.chain = chain
        self.trader = trader
        self.owner = owner
        self.market = deploy_uniswap(chain, owner, NO_WETH)
        self.maker = chain.deploy("MarketMaker", sender=owner)
        self.tokens = [
            chain.deploy("LocalCollateral", name, name, 18, sender=owner) for name in ("A", "B")
        ]
        for token in self.tokens:
            token.mint(self.maker.address, PLENTY, sender=owner)

    @contextmanager
    def opened(self, fee: int, price: int, spacing: int | None = None) -> Iterator[UniswapHarness]:
        """A new pool on the chain, gone afterwards, and its model."""
        spacing = spacing or TICK_SPACING[fee]
        snapshot = self.chain.snapshot()
        try:
            self.pool = create_pool(self.market, *self.tokens, fee, price, sender=self.owner)
            assert (self.pool.fee(), self.pool.tickSpacing()) == (fee, spacing)
            self.model = PoolModel(self.pool.token0(), self.pool.token1(), fee, spacing, price)
            self.check()
            yield self
        finally:
            self.chain.revert(snapshot)

    def both(self, expected: Any, method: str, *args: Any) -> tuple[Any, Receipt | None]:
        """The model's result and the market maker's receipt, or the same refusal twice."""
        try:
            result = expected()
        except Revert as refused:
            try:
                self.maker.method(method)(self.pool.address, *args, sender=self.trader)
            except Reverted as reverted:
                assert reverted.reason == refused.reason
                return refused.reason, None
            raise AssertionError(f"only the model refuses: {refused.reason!r}") from refused
        return result, self.maker.method(method)(self.pool.address, *args, sender=self.trader)

    def event(self, receipt: Receipt, name: str) -> dict[str, Any]:
        (found,) = [each for each in self.pool.events(receipt) if each.name == name]
        return found.args

    def run(self, action: Provide | Withdraw | Swap) -> Any:
        """Do it on both and compare; the result, or the reason of both refusals."""
        if isinstance(action, Provide):
            result = self.provide(action)
        elif isinstance(action, Withdraw):
            result = self.withdraw(action)
        else:
            result = self.swap(action)
        self.check()
        return result

    def provide(self, action: Provide) -> Any:
        args = (action.lower, action.upper, action.liquidity)
        result, receipt = self.both(lambda: self.model.provide(*args), "provide", *args)
        if receipt is not None:
            event = self.event(receipt, "Mint")
            assert result == (event["amount0"], event["amount1"])
        return result

    def withdraw(self, action: Withdraw) -> Any:
        positions = sorted(self.model.state.positions.items()) or [((0, TICK_SPACING[3000]), 0)]
        (lower, upper), held = positions[action.place % len(positions)]
        args = (lower, upper, held * action.parts // 8)
        result, receipt = self.both(lambda: self.model.withdraw(*args), "withdraw", *args)
        if receipt is not None:
            event = self.event(receipt, "Burn")
            assert result == (event["amount0"], event["amount1"])
        return result

    def swap(self, action: Swap) -> Any:
        args = action.args(self.model)
        before = self.model.saved()
        quoted = refusal(lambda: self.model.quote(*args))
        assert self.model.saved() == before
        result, receipt = self.both(lambda: self.model.swap(*args), "swap", *args)
        assert result == quoted
        if receipt is not None:
            event = self.event(receipt, "Swap")
            assert result == (event["amount0"], event["amount1"])
        return result

    def check(self) -> None:
        """Price, tick, liquidity and every tick that ever was are equal."""
        model, address = self.model, self.pool.address
        places = sorted({tick for position in model.state.positions for tick in position})
        words = sorted({tick // model.tick_spacing >> 8 for tick in places})
        raw = self.chain.call_many(
            (address, self.pool.encode(*call))
            for call in (
                ("slot0",),
                ("liquidity",),
                *(("ticks", tick) for tick in places),
                *(("tickBitmap", word) for word in words),
            )
        )
        assert self.pool.decode_output("slot0", raw[0])[:2] == (model.sqrt_price_x96, model.tick)
        assert self.pool.decode_output("liquidity", raw[1]) == model.liquidity
        for tick, data in zip(places, raw[2:], strict=False):
            expected = model.ticks.get(tick, (0, 0))
            assert self.pool.decode_output("ticks", data)[:2] == tuple(expected)
        for word, data in zip(words, raw[2 + len(places) :], strict=True):
            expected = model.state.bitmap.get(word, 0)
            assert self.pool.decode_output("tickBitmap", data) == expected


def edges(harness: UniswapHarness, zero_for_one: bool, sign: int, ticks: int) -> Iterator[Swap]:
    """Swaps of the amounts that end so many ticks away, of one unit less, of one more.

    Each finds the pool as it is now.
    """
    before = harness.model.saved()
    limit = Swap(zero_for_one, sign, ticks).args(harness.model)[2]
    amounts = harness.model.quote(zero_for_one, sign * MAX_INT256, limit)
    exact = amounts[0 if zero_for_one == (sign > 0) else 1]
    for amount in (exact - sign, exact, exact + sign):
        if amount == 0:
            continue
        snapshot = harness.chain.snapshot()
        yield Swap(zero_for_one, amount)
        harness.chain.revert(snapshot)
        harness.model.restore(before)


def refusal(function: Any) -> Any:
    """A value, or the reason why there is none."""
    try:
        return function()
    except (Revert, Reverted) as refused:
        return refused.reason
