# SPDX-License-Identifier: AGPL-3.0-only
"""Histories as lists of genes, how they are carried out, and how they change.

An amount is a power of ten of something: of a whole unit, of N, of what somebody
has, of the token's own maximum, of the parameters' limit on a netted flow.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from inverse_index.model.fixed import BPS, WAD, Revert
from inverse_index.model.policy.flow_terms import Kind
from tests.search.simulation import Simulation
from tests.support.constants import DAY, HOUR

ATTACKERS = ("attacker", "accomplice")
INWARDS = ("units", "units", "value", "value", "max", "limit")
OUTWARDS = ("part", "part", "all", "but", "max", "limit")
FLOWS: Mapping[str, Kind] = {
    "deposit": Kind.DEPOSIT,
    "mint": Kind.MINT,
    "withdraw": Kind.WITHDRAW,
    "redeem": Kind.REDEEM,
    "leave": Kind.REDEEM,
}
# How often each kind is drawn.
COMMON = {
    "deposit": 7,
    "mint": 2,
    "withdraw": 2,
    "redeem": 3,
    "leave": 5,
    "transfer": 1,
    "rebalance": 6,
    "accrue": 1,
    "wind_down": 2,
    "report": 1,
    "wait": 4,
    "event": 5,
}
ON_EXCHANGE = {"trade": 3, "close": 1, "provide": 1, "remove": 1, "liquidate": 1}
ON_POOLS = {"swap": 4, "in_kind": 2, "liquidate": 1}
WAITS = (1, 12, 60, 600, 1_800, HOUR, 2 * HOUR, DAY, DAY + HOUR, 3 * DAY, 11 * DAY)
BUDGET = 10_000_000  # whole units that the attacker has


@dataclass(frozen=True)
class Gene:
    """how, x: the amount. place: market, pool, or receiver."""

    kind: str
    who: str = ATTACKERS[0]
    how: str = "units"
    x: float = 0.0
    place: int = 0

    def __str__(self) -> str:
        if self.who == "owner" and self.kind in ("price", "glitch"):
            return f"{self.kind} {self.x / 100:+g}%"
        if self.kind == "wait":
            return f"wait {int(self.x)} s"
        if self.kind in ("event", "post", "rebalance", "accrue", "wind_down", "report", "close"):
            return self.kind if self.kind == "event" else f"{self.who}: {self.kind}"
        return f"{self.who}: {self.kind} {amount_text(self)}"


def amount_text(gene: Gene) -> str:
    of = {"value": "of N", "part": "of own", "limit": "of the limit", "max": "of the maximum"}
    if gene.how == "all":
        return "all"
    if gene.how == "but":
        return f"all but {10**gene.x:.2g}"
    return f"{10**gene.x:.4g} {of.get(gene.how, 'units')}"


def play(simulation: Simulation, gene: Gene) -> bool:
    """Carry a gene out; whether anything was done."""
    kind, who = gene.kind, gene.who
    if kind == "wait":
        simulation.wait(int(gene.x))
        return True
    if kind in FLOWS:
        return _flow(simulation, gene)
    if kind in ("rebalance", "accrue", "wind_down", "report", "close"):
        return bool(getattr(simulation, kind)(who))
    if kind == "in_kind":
        return simulation.in_kind(_shares(simulation, gene, Kind.REDEEM), who)
    if kind == "transfer":
        others = [name for name in ATTACKERS if name != who]
        return simulation.transfer(
            who, others[gene.place % len(others)], _shares(simulation, gene, None)
        )
    if kind == "price":
        simulation.moved([int(gene.x)] * len(simulation.plan.symbols), behind=gene.how == "behind")
        return True
    if kind == "glitch":
        far = 10_000 + int(gene.x)
        symbols = simulation.plan.symbols
        simulation.post(
            simulation.market | {s: simulation.market[s] * far // 10_000 for s in symbols}
        )
        return True
    if kind == "post":
        simulation.post(simulation.market)
        return True
    return _at_venue(simulation, gene)


def _at_venue(simulation: Simulation, gene: Gene) -> bool:
    kind, who = gene.kind, gene.who
    symbols = simulation.plan.symbols
    if kind == "trade":
        market = gene.place % len(symbols)
        money, sign = _money(simulation, gene, None), 1 if gene.place < 5 else -1
        return simulation.trade(
            who,
            market,
            sign
            * money
            * WAD
            * 10 ** (18 - simulation.plan.decimals)
            // simulation.plan.mid(symbols[market]),
        )
    if kind == "provide":
        return simulation.provide(who, _money(simulation, gene, None))
    if kind == "remove":
        return simulation.remove(who)
    if kind == "liquidate":
        return simulation.liquidate(who, ("vault", "trader", *ATTACKERS)[gene.place % 4])
    assert kind == "swap", kind
    shapes = getattr(simulation.model.venue, "shapes", ())
    if not shapes:
        return False
    shape = shapes[gene.place % len(shapes)]
    money = _money(simulation, gene, None) * 10 ** (18 - simulation.plan.decimals)
    units = money * WAD // simulation.plan.mid(shape.symbol) if shape.symbol in symbols else 0
    return simulation.swap(who, gene.place, gene.place < 5, units // 10 ** (18 - shape.decimals[0]))


def _flow(simulation: Simulation, gene: Gene) -> bool:
    kind = FLOWS[gene.kind]
    if kind in (Kind.DEPOSIT, Kind.MINT):
        amount = _money(simulation, gene, kind)
        if kind == Kind.MINT and gene.how != "max":
            amount = _in_shares(simulation, amount)
        if (
            kind == Kind.MINT
            and gene.who in ATTACKERS
            and not _affordable(simulation, gene, amount)
        ):
            return False
        return simulation.flow(kind, amount, gene.who)
    amount = _shares(simulation, gene, kind)
    if kind == Kind.WITHDRAW and gene.how != "max":
        amount = _in_assets(simulation, amount)
    return simulation.flow(kind, amount, gene.who, 0 if gene.kind == "leave" else None)


def _affordable(simulation: Simulation, gene: Gene, shares: int) -> bool:
    try:
        cost = simulation.token.preview(Kind.MINT, shares, simulation.now).assets
    except (Revert, ArithmeticError):
        return False
    return bool(cost <= BUDGET * simulation.unit + simulation.money[gene.who])


def _value(simulation: Simulation) -> int:
    try:
        return simulation.value()
    except Revert:
        return 0


def _money(simulation: Simulation, gene: Gene, kind: Kind | None) -> int:
    """Native units that go in, no more than there are."""
    if gene.how == "value":
        base = _value(simulation)
    elif gene.how == "limit":
        base = _value(simulation) * simulation.token.parameters.tolerance_bps // BPS
    elif gene.how == "max" and kind is not None:
        return int(_maximum(simulation, kind, gene.who) * 10**gene.x)
    else:
        base = simulation.unit
    left = BUDGET * simulation.unit + simulation.money[gene.who]
    wanted = base * int(10 ** (gene.x + 12)) // 10**12
    return max(min(wanted, left), 0) if gene.who in ATTACKERS else wanted


def _maximum(simulation: Simulation, kind: Kind, who: str) -> int:
    try:
        most = simulation.token.maximum(kind, who, simulation.now)
    except Revert:
        return 0
    if kind == Kind.DEPOSIT and who in ATTACKERS:
        return min(most, BUDGET * simulation.unit + simulation.money[who])
    return int(most)


def _shares(simulation: Simulation, gene: Gene, kind: Kind | None) -> int:
    """Shares that leave."""
    own = simulation.shares(gene.who)
    part = int(10 ** (gene.x + 12))
    if gene.how == "but":
        return own - own * part // 10**12
    if gene.how == "limit":
        limit = _value(simulation) * simulation.token.parameters.tolerance_bps // BPS
        return min(_in_shares(simulation, limit) * part // 10**12, own)
    if gene.how == "max" and kind is not None:
        return _maximum(simulation, kind, gene.who) * part // 10**12
    if gene.how == "part":
        return own * part // 10**12
    return own


def _in_shares(simulation: Simulation, assets: int) -> int:
    n, supply = _value(simulation), simulation.token.supply
    if not n or not supply:
        return assets * WAD // simulation.unit
    return int(assets * supply // n)


def _in_assets(simulation: Simulation, shares: int) -> int:
    supply = simulation.token.supply
    return shares * _value(simulation) // supply if supply else 0


# drawing and changing


def random_gene(chance: random.Random, weights: Mapping[str, int]) -> Gene:
    kind = chance.choices(list(weights), list(weights.values()))[0]
    who = ATTACKERS[0] if chance.random() < 0.6 else ATTACKERS[1]
    if kind == "wait":
        return Gene(kind, who, "s", chance.choice(WAITS))
    how, x = random_amount(chance, kind)
    return Gene(kind, who, how, x, chance.randrange(10))


def random_amount(chance: random.Random, kind: str) -> tuple[str, float]:
    if kind in ("withdraw", "redeem", "leave", "transfer", "in_kind"):
        how = chance.choice(OUTWARDS)
        return how, -(6 * chance.random() ** 2) if how != "all" else 0.0
    how = chance.choice(INWARDS)
    if how == "units":
        return how, chance.uniform(-6, 7)
    if how == "value":
        return how, chance.uniform(-5, 1.5)
    return how, chance.choice((0.0, chance.uniform(-1, 0.5)))


def mutated(
    chance: random.Random,
    genes: Sequence[Gene],
    weights: Mapping[str, int],
    other: Sequence[Gene],
    longest: int,
) -> tuple[Gene, ...]:
    """One or two changes; `other` is material for a splice."""
    made = list(genes)
    for _ in range(chance.choice((1, 1, 2, 3))):
        _change(chance, made, weights, other)
    return tuple(made[:longest])


def _change(
    chance: random.Random, made: list[Gene], weights: Mapping[str, int], other: Sequence[Gene]
) -> None:
    draw = chance.random()
    place = chance.randrange(len(made)) if made else 0
    if draw < 0.3 or not made:
        made.append(random_gene(chance, weights))
    elif draw < 0.42:
        made.insert(place, random_gene(chance, weights))
    elif draw < 0.50:
        made += _in_and_out(chance)
    elif draw < 0.58:
        del made[place]
    elif draw < 0.64:
        made[place] = random_gene(chance, weights)
    elif draw < 0.84:
        made[place] = tweaked(chance, made[place])
    elif draw < 0.89:
        second = chance.randrange(len(made))
        made[place], made[second] = made[second], made[place]
    elif draw < 0.96:
        made[place:place] = made[place : place + chance.randint(1, 4)]
    else:
        made[place:] = other[chance.randrange(len(other) + 1) :]


def _in_and_out(chance: random.Random) -> list[Gene]:
    first = random_gene(chance, {"deposit": 1})
    return [first, Gene("leave", first.who, "all")]


def tweaked(chance: random.Random, gene: Gene) -> Gene:
    """Another amount, near or far, another actor, or another place."""
    if gene.kind == "wait":
        return replace(
            gene, x=min(chance.choice((chance.choice(WAITS), gene.x * 2, gene.x / 2)), WAITS[-1])
        )
    draw = chance.random()
    if draw < 0.55 and gene.how != "all":
        x = gene.x + chance.gauss(0, chance.choice((0.02, 0.3, 1.5)))
        outwards = gene.how in ("part", "but", "max")
        return replace(gene, x=max(min(x, 0.0 if outwards else 7.0), -7.0))
    if draw < 0.75:
        how, x = random_amount(chance, gene.kind)
        return replace(gene, how=how, x=x)
    if draw < 0.9 and gene.who in ATTACKERS:
        return replace(gene, who=ATTACKERS[gene.who == ATTACKERS[0]])
    return replace(gene, place=chance.randrange(10))
