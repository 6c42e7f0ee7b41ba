# SPDX-License-Identifier: AGPL-3.0-only
"""Model of a component's path to the collateral over Uniswap pools."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Protocol

from ... import reasons
from ..fixed import WAD, ceil_div, mul_div_down, require
from ..protocols.uniswap.arithmetic import MAX_SQRT_PRICE, MIN_SQRT_PRICE
from ..protocols.uniswap.pool import PoolModel

PIPS = 10**6
DEPTH = reasons.VAULT_DEPTH


class HoldsPools(Protocol):
    """Whatever holds the pools, by the symbol of the token that is nearer to a component."""

    pools: dict[str, PoolModel]


@dataclass(frozen=True)
class Hop:
    """One pool of a path. sells_0: a sale takes token 0 in. The pool is looked
    up at every use, because a model's state may be replaced."""

    venue: HoldsPools
    symbol: str
    sells_0: bool

    @property
    def pool(self) -> PoolModel:
        return self.venue.pools[self.symbol]

    def falls(self, sells: bool) -> bool:
        """Whether the pool's price falls."""
        return self.sells_0 == sells

    def furthest(self, sells: bool) -> int:
        return MIN_SQRT_PRICE + 1 if self.falls(sells) else MAX_SQRT_PRICE - 1

    def moved(self, sells: bool, amount: int, limit: int, final: bool) -> tuple[int, int]:
        """Amounts of the token nearer to the component and of the other one."""
        trade = self.pool.swap if final else self.pool.quote
        amounts = trade(self.falls(sells), amount if sells else -amount, limit)
        taken, given = max(amounts), -min(amounts)
        return (taken, given) if sells else (given, taken)


@dataclass(frozen=True)
class Path:
    """Hops from a component to the collateral. net: what their fees leave, 1e-6."""

    hops: tuple[Hop, ...]
    net: int

    @classmethod
    def of(cls, venue: HoldsPools, symbols: Sequence[str]) -> Path:
        """The path over the pools of these tokens."""
        hops = tuple(Hop(venue, s, venue.pools[s].token0 == s) for s in symbols)
        net = PIPS
        for hop in hops:
            net = net * (PIPS - hop.pool.fee_pips) // PIPS
        return cls(hops, net)

    @property
    def is_direct(self) -> bool:
        return len(self.hops) == 1

    @property
    def symbols(self) -> tuple[str, ...]:
        """The tokens whose pools it leads through."""
        return tuple(hop.symbol for hop in self.hops)

    def no_limit(self, sells: bool) -> int:
        return self.hops[0].furthest(sells)

    def limit(self, sells: bool, price: int, bound: int, denominator: int) -> int:
        """Price at which a trade stops, see `price_limit`."""
        if not self.is_direct or bound >= WAD:
            return self.no_limit(sells)
        hop = self.hops[0]
        rest, falls = PIPS - hop.pool.fee_pips, hop.falls(sells)
        if sells:
            worst = ceil_div(price * (WAD - bound) // WAD * PIPS, rest)
        else:
            worst = price * (WAD + bound) // WAD * rest // PIPS
        top, bottom = (worst, denominator) if falls == sells else (denominator, worst)
        root = isqrt(mul_div_down(top, 2**192, bottom)) + falls
        return min(max(root, MIN_SQRT_PRICE + 1), MAX_SQRT_PRICE - 1)

    def gentle(self, sells: bool, limit: int) -> int:
        """The nearer of the limit and of where the one pool has moved by twice its fee."""
        if not self.is_direct:
            return limit
        hop = self.hops[0]
        price, fee = hop.pool.sqrt_price_x96, hop.pool.fee_pips
        moved = PIPS * PIPS + fee * (PIPS - fee)
        if hop.falls(sells):
            return max(limit, ceil_div(price * PIPS * PIPS, moved))
        return min(limit, price * moved // (PIPS * PIPS))

    def is_beyond(self, sells: bool, limit: int) -> bool:
        """Whether the first pool's price is at or past the limit."""
        price = self.hops[0].pool.sqrt_price_x96
        return price <= limit if self.hops[0].falls(sells) else price >= limit

    def far_down(self, sells: bool, amount: int) -> int:
        """Native units, at most `amount`, that move the first pool to four times
        or a quarter of its price."""
        hop = self.hops[0]
        root, furthest = hop.pool.sqrt_price_x96, hop.furthest(sells)
        limit = max(root // 2, furthest) if hop.falls(sells) else min(root * 2, furthest)
        return hop.moved(sells, amount, limit, final=False)[0] if limit != root else 0

    def quote(self, sells: bool, amount: int, limit: int) -> tuple[int, int]:
        """Native units and collateral; nothing when a later pool cannot carry it."""
        if self.is_beyond(sells, limit):
            return 0, 0
        traded, passed = self.hops[0].moved(sells, amount, limit, final=False)
        for hop in self.hops[1:]:
            if passed == 0:
                return 0, 0
            carried, after = hop.moved(sells, passed, hop.furthest(sells), final=False)
            if carried != passed:
                return 0, 0
            passed = after
        return traded, passed

    def swap(self, sells: bool, amount: int, limit: int) -> tuple[int, int]:
        """As `quote`, carried out; each later pool has to carry all of it."""
        traded, passed = self.hops[0].moved(sells, amount, limit, final=True)
        for hop in self.hops[1:] if passed else ():
            carried, after = hop.moved(sells, passed, hop.furthest(sells), final=True)
            require(carried == passed, DEPTH)
            passed = after
        return traded, passed
