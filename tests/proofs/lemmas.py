# SPDX-License-Identifier: AGPL-3.0-only
"""What follows for all values from the directions of rounding alone, shown by z3.

Floors and ceilings stand for any real number within their bounds,
    floor:    q * y <= x < (q + 1) * y        ceiling:  q * y >= x > (q - 1) * y,
so what is proved here holds for all integers, of any size; that the contracts'
quotients are such floors and ceilings is what the properties show on the bytecode.
Each lemma's premises can be met, which is checked too.

Letters: M = n + b, T = supply + v * b (virtual collateral and shares included).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import z3

from .proof import Refuted

Claim = tuple[list[Any], Any]  # premises, conclusion
MILLISECONDS = 20_000


@dataclass(frozen=True)
class Lemma:
    """A sentence, the values it is about, and what z3 is asked."""

    name: str
    says: str
    ranges: str
    claim: Callable[[], Claim]

    def prove(self) -> int:
        """Show that no values meet the premises but not the conclusion."""
        premises, conclusion = self.claim()
        if _solved([*premises], self.name) != z3.sat:
            raise Refuted(f"{self.name}: nothing meets its premises")
        if _solved([*premises, z3.Not(conclusion)], self.name) != z3.unsat:
            raise Refuted(f"{self.name}: not for all values")
        return 1


def _solved(formulas: list[Any], name: str) -> Any:
    solver = z3.Tactic("qfnra-nlsat").solver()
    solver.set("timeout", MILLISECONDS)
    solver.add(*formulas)
    answer = solver.check()
    if answer == z3.unknown:
        raise Refuted(f"{name}: z3 does not know, {solver.reason_unknown()}")
    return answer


def floor(q: Any, x: Any, y: Any) -> list[Any]:
    """q is x / y rounded down; y positive, x not negative."""
    return [q >= 0, q * y <= x, x < q * y + y]


def ceiling(q: Any, x: Any, y: Any) -> list[Any]:
    """q is x / y rounded up."""
    return [q >= 0, q * y >= x, x > q * y - y]


def nearest(q: Any, x: Any, y: Any) -> list[Any]:
    """q is x / y rounded half up."""
    return [q >= 0, 2 * q * y <= 2 * x + y, 2 * x < 2 * q * y + y]


# shares: a collateral, s shares, r what comes back

a, s, r, second, more = z3.Reals("a s r second more")
n_all, s_all = z3.Reals("M T")
STATE = [a >= 0, s >= 0, n_all >= 1, s_all >= 1]
LEAVE = [*STATE, a <= n_all - 1, s <= s_all - 1]


def _deposit() -> list[Any]:
    return [*STATE, *floor(s, a * s_all, n_all)]


def _mint() -> list[Any]:
    return [*STATE, *ceiling(a, s * n_all, s_all)]


def _redeem() -> list[Any]:
    return [*LEAVE, *floor(a, s * n_all, s_all)]


def _withdraw() -> list[Any]:
    return [*LEAVE, *ceiling(s, a * s_all, n_all)]


def _then_redeem() -> list[Any]:
    return floor(r, s * (n_all + a), s_all + s)


def _then_withdraw_more() -> list[Any]:
    """Shares for one unit more than was paid."""
    return ceiling(r, (a + 1) * (s_all + s), n_all + a)


def _then_deposit() -> list[Any]:
    return floor(r, a * (s_all - s), n_all - a)


def _then_mint_more() -> list[Any]:
    """Collateral for one share more than was burned."""
    return ceiling(r, (s + 1) * (n_all - a), s_all - s)


def _richer() -> Any:
    return (n_all + a) * s_all >= n_all * (s_all + s)


def _split() -> Claim:
    two = floor(second, more * (s_all + s), n_all + a)
    return [*_deposit(), more >= 0, *two], (s + second) * n_all <= (a + more) * s_all


def _inflation() -> Claim:
    gift, victim, virtual, base, others = z3.Reals("gift victim v b others")
    n, shares = a + gift + base, virtual * (a + base)
    premises = [a >= 0, gift >= 0, victim >= 0, virtual >= 1, base >= 1, virtual * base >= 10**6]
    premises += floor(others, victim * shares, n)
    premises += floor(r, virtual * a * (n + victim), shares + others)
    return premises, r < a + gift + 1


def _claims_held() -> Claim:
    """Of n >= supply / v, the start; all claims together."""
    n, supply, virtual, base = z3.Reals("n supply v b")
    premises = [n >= 0, supply >= 1, virtual >= 1, base >= 1, n * virtual >= supply]
    return [*premises, *floor(r, supply * (n + base), supply + virtual * base)], r <= n


def _claims_bounded() -> Claim:
    n, supply, virtual, base = z3.Reals("n supply v b")
    premises = [n >= 0, supply >= 1, virtual >= 1, base >= 1]
    return [*premises, *floor(r, supply * (n + base), supply + virtual * base)], r < n + base


# leverage and returns


def _leverage_kept() -> Claim:
    short, scaled, n, size, price = z3.Reals("short scaled N A p")
    premises = [short >= 0, n >= 1, size >= 0, price > 0]
    before = short * price * (n + size)
    after = z3.And(scaled * price * n <= before, (scaled + 1) * price * n > before)
    return [*premises, *floor(scaled, short * (n + size), n)], after


def _leverage_toward() -> Claim:
    exposure, n, size, multiple = z3.Reals("E N A L")
    premises = [exposure >= 0, n >= 1, size >= 0, multiple >= 1]
    after, gap = exposure + multiple * size, exposure - multiple * n
    # E' - L N' = E - L N, over a larger N: nearer, on the same side.
    same = after - multiple * (n + size) == gap
    nearer = z3.If(gap >= 0, after * n <= exposure * (n + size), after * n >= exposure * (n + size))
    return premises, z3.And(same, nearer)


def _period_return() -> Claim:
    multiple, n, after, level, end = z3.Reals("L N N2 I I2")
    units, old, new, short = ([z3.Real(f"{x}{i}") for i in range(3)] for x in ("u", "p", "q", "s"))
    premises = [n >= 0, multiple >= 1, level > 0]
    premises += [x >= 0 for x in (*units, *old, *new)]
    premises += [level == sum(u * p for u, p in zip(units, old, strict=True))]
    premises += [end == sum(u * q for u, q in zip(units, new, strict=True))]
    premises += [x * level == multiple * n * u for x, u in zip(short, units, strict=True)]
    moved = sum(x * (q - p) for x, p, q in zip(short, old, new, strict=True))
    return [*premises, after == n - moved], after * level == n * (level - multiple * (end - level))


# streaming fee: exact growths E, what exp gives, in wads; w its relative error


def _fee_in_two(above: bool) -> Claim:
    exact1, exact2, exp1, exp2, exp12, w = z3.Reals("E1 E2 e1 e2 e12 w")
    supply, one, half, two = z3.Reals("S one half two")
    premises = [exact1 >= 1, exact2 >= 1, w > 0, 100 * w < 1, exp1 >= 1, exp2 >= 1, supply >= 0]
    for said, exact in ((exp1, exact1), (exp2, exact2), (exp12, exact1 * exact2)):
        premises += [said <= exact * (1 + w), said >= exact * (1 - w)]
    for result, x in ((half, supply * exp1), (two, half * exp2), (one, supply * exp12)):
        premises += [result <= x, result > x - 1]
    tolerance = 4 * supply * exact1 * exact2 * w + 1
    return premises, two < one + tolerance if above else one < two + tolerance + exp2


# pools


def _ray_back() -> Claim:
    amount, index, scaled = z3.Reals("x index scaled")  # the index in rays
    premises = [amount >= 0, index >= 1, *nearest(scaled, amount, index)]
    premises += nearest(r, scaled * index, z3.RealVal(1))
    return premises, z3.And(2 * (r - amount) <= index + 1, 2 * (amount - r) <= index + 1)


def _gentle() -> Claim:
    fee = z3.Real("f")
    root = 1 + fee - fee * fee
    return [fee >= 0, fee <= 1], root * root <= 1 + 2 * fee


def _unchecked_products() -> Claim:
    """Of `tick_walk`, where the amount ends short of the step's target."""
    liquidity, root, end, amount = z3.Reals("liquidity price target amount")
    premises = [liquidity >= 0, end >= 2**32, root >= end, root < 2**160, root < 2**31 * end]
    premises += [liquidity < 2**128, amount >= 0]
    needed = liquidity * 2**96 * (root - end)  # over the product of both, two units more
    premises += [amount * root * end <= needed + 2 * root * end]
    fits = z3.And(amount * root < 2**256, amount * 10**6 < 2**256)
    return premises, z3.And(fits, liquidity * 2**96 + amount * root < 2**256)


ALL_STATES = "all a, s >= 0 and M, T >= 1"
LEMMAS = (
    Lemma(
        "deposit then redeem",
        "pays at most what was paid",
        ALL_STATES,
        lambda: ([*_deposit(), *_then_redeem()], r <= a),
    ),
    Lemma(
        "deposit then withdraw",
        "one unit more than was paid burns more shares",
        ALL_STATES,
        lambda: ([*_deposit(), *_then_withdraw_more()], r > s),
    ),
    Lemma(
        "mint then redeem",
        "pays at most what was paid",
        ALL_STATES,
        lambda: ([*_mint(), *_then_redeem()], r <= a),
    ),
    Lemma(
        "mint then withdraw",
        "one unit more than was paid burns more shares",
        ALL_STATES,
        lambda: ([*_mint(), *_then_withdraw_more()], r > s),
    ),
    Lemma(
        "redeem then deposit",
        "gives at most what was burned",
        ALL_STATES,
        lambda: ([*_redeem(), *_then_deposit()], r <= s),
    ),
    Lemma(
        "redeem then mint",
        "one share more than was burned costs more",
        ALL_STATES,
        lambda: ([*_redeem(), *_then_mint_more()], r > a),
    ),
    Lemma(
        "withdraw then deposit",
        "gives at most what was burned",
        ALL_STATES,
        lambda: ([*_withdraw(), *_then_deposit()], r <= s),
    ),
    Lemma(
        "withdraw then mint",
        "one share more than was burned costs more",
        ALL_STATES,
        lambda: ([*_withdraw(), *_then_mint_more()], r > a),
    ),
    Lemma("price after deposit", "is no lower", ALL_STATES, lambda: (_deposit(), _richer())),
    Lemma("price after mint", "is no lower", ALL_STATES, lambda: (_mint(), _richer())),
    Lemma(
        "price after redeem",
        "is no lower",
        ALL_STATES,
        lambda: (_redeem(), (n_all - a) * s_all >= n_all * (s_all - s)),
    ),
    Lemma(
        "price after withdraw",
        "is no lower",
        ALL_STATES,
        lambda: (_withdraw(), (n_all - a) * s_all >= n_all * (s_all - s)),
    ),
    Lemma("two deposits", "buy no more than one of both", ALL_STATES, _split),
    Lemma(
        "inflation",
        "a gift before others mint never gains a unit",
        "all amounts >= 0, v, b >= 1 with v * b >= 10**6",
        _inflation,
    ),
    Lemma(
        "claims at or over the start",
        "all shares together are worth at most N",
        "all N, supply, v, b with N * v >= supply",
        _claims_held,
    ),
    Lemma(
        "claims under the start",
        "all shares together are worth less than N + b",
        "all N, supply, v, b",
        _claims_bounded,
    ),
    Lemma(
        "leverage within the band",
        "is kept by a hedged flow, but for one unit short",
        "all shorts, prices, sizes",
        _leverage_kept,
    ),
    Lemma(
        "leverage out of the band",
        "comes nearer to L by a flow hedged at L, never across",
        "all exposures, sizes, L >= 1",
        _leverage_toward,
    ),
    Lemma(
        "one-period return",
        "N' = N * (1 - L * (I' / I - 1)) exactly",
        "all units and prices of three components",
        _period_return,
    ),
    Lemma(
        "fee in two, above",
        "two accruals are above one by under 4 w of the supply and 1",
        "all supplies and growths, exp exact to w < 1/100",
        lambda: _fee_in_two(True),
    ),
    Lemma(
        "fee in two, below",
        "two accruals are below one by under 4 w of the supply, 1 and the second growth",
        "all supplies and growths, exp exact to w < 1/100",
        lambda: _fee_in_two(False),
    ),
    Lemma(
        "Aave's index",
        "to scaled and back is off by half of the index and a half at most",
        "all amounts, indices >= 1",
        _ray_back,
    ),
    Lemma("gentle limits", "(1 + f - f**2)**2 <= 1 + 2 f", "all fees 0 <= f <= 1", _gentle),
    Lemma(
        "Uniswap's unchecked products",
        "fit in 256 bits for amounts short of a step's end",
        "liquidity below 2**128, prices 2**32 to 2**160, within 2**31 of each other",
        _unchecked_products,
    ),
)
