# SPDX-License-Identifier: AGPL-3.0-only
"""Where a search starts: a token with a past, and what others will do in it.

Drawn at random: venue, decimals, multiple, fees, spreads, one source or two, who
holds how much, how long nothing happened, what victims do, whether feeds are behind.
"""

from __future__ import annotations

import pickle
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from inverse_index.model.fixed import BPS, WAD, Revert
from inverse_index.model.policy.triggers import Trigger
from inverse_index.model.system import build_model
from inverse_index.plan.deployment import Plan
from tests.search.genes import COMMON, ON_EXCHANGE, ON_POOLS, Gene, play
from tests.search.simulation import Simulation
from tests.support.constants import DAY, HOUR, START
from tests.support.plans import ORACLE, PARAMETERS, make_aave_plan, make_plan, with_changes

PASTS = ("fresh", "emptied", "dust", "sole", "whale", "many")
FATES = (
    *("calm",) * 5,
    *("drift",) * 2,
    *("behind",) * 2,
    *("crash",) * 2,
    "ended",
    "glitch",
)
DECIMALS = (6, 6, 6, 18, 18, 8, 2, 0, 12)
UPWARDS = (7_000, 9_900, 10_000, 10_500, 15_000)  # basis points, of crashes
WHOLE_RANGE = (0, 6, 18)
BUFFERS = (2, 2, 10, 20)  # percent of the collateral that stays idle
LARGEST = (200_000, 200_000, 20_000, 2_000)  # whole units of a chunk on Aave
EXTREMES = (
    PARAMETERS,
    PARAMETERS,
    PARAMETERS,
    replace(PARAMETERS, mint_fee_bps=0, redeem_fee_bps=0),
    replace(PARAMETERS, mint_fee_bps=100, redeem_fee_bps=100),
    replace(PARAMETERS, tolerance_bps=140, band_bps=300, reward_bps=20, reward_ramp=600),
    replace(PARAMETERS, tolerance_bps=100, band_bps=300, reward_bps=20, reward_ramp=600),
    replace(PARAMETERS, tolerance_bps=0, reward_cap=100_000, chunk_delay=12),
)


@dataclass(frozen=True)
class Scenario:
    """past: carried out before the attacker comes. script: what others do from then
    on, whether he acts or not; he chooses between which of his actions.

    fate: `calm`, or what prices and owner do; `glitch`: a lone source answers once with
    more than a step. lag_bps: how far feeds are behind.
    """

    name: str
    plan: Plan
    secondaries: bool
    past: tuple[Gene, ...]
    script: tuple[Gene, ...]
    fate: str = "calm"
    lag_bps: int = 0

    def start(self, order: Sequence[str] = ()) -> bytes:
        """The simulation when the attacker starts. order: the tokens by address, as on a
        chain, where that matters."""
        simulation = Simulation(self.plan, self.secondaries, order)
        for gene in self.past:
            before = simulation.now
            play(simulation, gene)
            observe(simulation, before)
        return pickle.dumps(simulation, pickle.HIGHEST_PROTOCOL)

    def simpler(self) -> tuple[tuple[str, Scenario], ...]:
        """Scenarios without one thing each, and what an attack is called that needs it."""
        past = tuple(replace(g, how="all") if g.how == "behind" else g for g in self.past)
        return (
            ("feeds that are behind", replace(self, past=past, lag_bps=0)),
            ("a false answer of a lone source", replace(self, script=self.but("glitch"))),
            ("around another's flow", replace(self, script=self.of_owner())),
        )

    def but(self, kind: str) -> tuple[Gene, ...]:
        """The script without a kind of event."""
        return tuple(gene for gene in self.script if gene.kind != kind)

    def of_owner(self) -> tuple[Gene, ...]:
        """What prices do in the script."""
        return tuple(gene for gene in self.script if gene.who == "owner")

    @property
    def weights(self) -> dict[str, int]:
        """Kinds of actions. Whoever knows the next price gains from the exchange's
        providers, who are no holders: there is no trading where feeds are off."""
        if self.plan.venue.kind == "aave":
            return COMMON | ON_POOLS
        return dict(COMMON) if self.off_price else COMMON | ON_EXCHANGE

    @property
    def off_price(self) -> bool:
        """Whether feeds say something else than the market at some time."""
        return self.fate in ("behind", "glitch")

    @property
    def cap(self) -> int:
        """The most collateral that the cap is meant to let in, native."""
        return self.plan.nav_cap


def due(simulation: Simulation) -> tuple[Trigger, int]:
    """Why a rebalance is due, and what it pays; nothing while prices are unusable."""
    try:
        return simulation.token.due(simulation.now)  # type: ignore[no-any-return]
    except Revert:
        return Trigger(0), 0


def observe(simulation: Simulation, before: int) -> None:
    """Note since when a rebalance is due. before: the time of the last look."""
    if not due(simulation)[0]:
        simulation.due_since = None
    elif simulation.due_since is None:
        boundary = simulation.token.clock.starts_at(simulation.token.reset.epoch + 1)
        simulation.due_since = boundary if before < boundary <= simulation.now else before


def scenarios(seed: int) -> Scenario:
    """The scenario of a number."""
    chance = random.Random(seed)
    fate = chance.choice(FATES)
    past = chance.choice(PASTS) if fate == "calm" else chance.choice(PASTS[3:])
    venue = chance.choice(("perp", "perp", "aave"))
    plan = random_plan(chance, venue, fate)
    who_holds, idle = holders(chance, past, fate), waiting(chance, fate)
    turned, script = turn(chance, fate, plan), victims(chance, past)
    lag = chance.randint(1, 90) if fate == "behind" else 0
    if lag:
        turned = (Gene("price", "owner", "behind", -lag if chance.random() < 0.7 else lag),)
        script = (*script, Gene("post", "owner"))
    if fate == "glitch":
        far = chance.randint(2_100, 6_000) * chance.choice((-1, 1))
        script = (*script, Gene("glitch", "owner", "all", far), Gene("post", "owner"))
    if fate == "drift":
        idle, turned = (*idle, *turned), (Gene("wait", x=chance.choice((1, 600, 1_800, HOUR))),)
    if past in ("fresh", "dust", "emptied") and chance.random() < 0.25:
        plan = replace(plan, nav_cap=10 ** (chance.randint(1, 5) + plan.decimals))
    name = f"{venue} {past} {fate}"
    secondaries = fate != "glitch" and chance.random() < 0.7
    return Scenario(name, plan, secondaries, (*who_holds, *idle, *turned), script, fate, lag)


def random_plan(chance: random.Random, venue: str, fate: str) -> Plan:
    multiple = chance.choice((1, 1, 1, 2, 3)) if venue == "perp" else 1
    decimals = chance.choice(DECIMALS if fate != "crash" else WHOLE_RANGE)
    parameters = chance.choice(EXTREMES)
    parameters = replace(parameters, emergency_bps=20_000 * multiple)
    least = chance.choice((10**15, 10**15, 27 * 10**14, 50 * 10**14))
    oracle = replace(ORACLE, fallback_spread=max(least, ORACLE.fallback_spread))
    buffer, largest = chance.choice(BUFFERS), chance.choice(LARGEST)
    terms: dict[str, Any] = {"idle_buffer": WAD * buffer // 100}
    if venue == "aave":
        terms = {"venue": {"idle_buffer": f"{buffer}%", "max_trade": str(largest)}}
    make = make_plan if venue == "perp" else make_aave_plan
    plan = make(
        chance.choice((1, 1, 2)),
        decimals,
        multiple,
        parameters=parameters,
        oracle=oracle,
        min_spread=least,
        fee_rate=chance.choice((300_000_000, 0, 1_550_000_000)),
        **terms,
    )
    return plan if is_legal(plan) else with_changes(plan, idle_buffer=WAD // 50)


def is_legal(plan: Plan) -> bool:
    """Whether the vault carries band and emergency, as the deployment demands."""
    opened, held = build_model(plan, START).vault.leverage_limits()
    p = plan.parameters
    edge = plan.multiple * (BPS + p.band_bps) * WAD // BPS
    return bool(edge <= opened and p.emergency_bps * WAD // BPS <= held)


def holders(chance: random.Random, past: str, fate: str) -> tuple[Gene, ...]:
    """Who is in the token; they came through deposits."""
    most = 6.8 if fate == "crash" else 6.5
    size = chance.choice((chance.uniform(2, 6), chance.uniform(5.5, most)))
    enter = lambda who, x: (Gene("deposit", who, "units", x), Gene("wait", x=HOUR))  # noqa: E731
    if past == "fresh":
        return ()
    if past == "emptied":
        return (*enter("holder", size), Gene("leave", "holder", "all"))
    if past == "dust":
        return enter("holder", chance.uniform(-6, -2))
    if past == "sole":
        return enter("victim", size)
    part = chance.uniform(0.5, 0.99) if past == "whale" else 0.5
    others = size + _log(1 / part - 1)
    return (*enter("victim", size), *enter("holder", others))


def _log(x: float) -> float:
    from math import log10

    return log10(max(x, 1e-6))


def waiting(chance: random.Random, fate: str) -> tuple[Gene, ...]:
    """Idle time, with a keeper's last rebalance before it or after it."""
    idle = Gene("wait", x=chance.choice((1, 600, HOUR, DAY, 5 * DAY, 60 * DAY)))
    reset = Gene("rebalance", "keeper")
    return chance.choice(((idle,), (idle, reset), (Gene("wait", x=DAY + HOUR), reset, idle)))


def turn(chance: random.Random, fate: str, plan: Plan) -> tuple[Gene, ...]:
    """What prices and owner do before the attacker comes."""
    if fate == "drift":
        move = chance.choice((chance.randint(-1_500, 950), to_the_band(chance, plan)))
        return (Gene("price", "owner", "all", move),)
    if fate == "ended":
        return (Gene("wind_down", "owner"),)
    if fate == "crash":
        up = Gene(
            "price",
            "owner",
            "all",
            chance.choice((*UPWARDS, chance.randint(5_000, 15_000), -8_000)),
        )
        end = (Gene("wind_down", "owner"),) if chance.random() < 0.7 else ()
        return (up, *end)
    return ()


def to_the_band(chance: random.Random, plan: Plan) -> int:
    """A price move, basis points, after which the leverage is nearly out of its band."""
    multiple, band = plan.multiple, plan.parameters.band_bps * chance.choice((-1, 1)) / 10_000
    far = band * chance.uniform(0.8, 1.02)
    return round(10_000 * far / (1 + multiple * (1 + far)))


def victims(chance: random.Random, past: str) -> tuple[Gene, ...]:
    """Nobody, or one or two flows of other holders, of every size."""
    count = chance.choice((0, 1, 1, 1, 2, 3))
    return tuple(_victim(chance, past) for _ in range(count))


def _victim(chance: random.Random, past: str) -> Gene:
    inside = past in ("sole", "whale", "many")
    if not inside or chance.random() < 0.3:
        kind = chance.choice(("deposit", "deposit", "mint"))
        return Gene(kind, "newcomer", "units", chance.uniform(-2, 6))
    kind = chance.choice(("leave", "redeem", "redeem", "withdraw"))
    how = chance.choice(("all", "all", "part", "but", "max"))
    return Gene(kind, "victim", how, -(2 * chance.random() ** 2) if how != "all" else 0.0)


def script_text(genes: Sequence[Gene]) -> str:
    return ", ".join(map(str, genes)) or "nothing"
