# SPDX-License-Identifier: AGPL-3.0-only
"""States that nobody should get into: somebody cannot leave, what is due cannot be
done, a sound token has been ended, a cap lets more in than it is meant to."""

from __future__ import annotations

import pickle
from collections.abc import Callable

from inverse_index.model.fixed import Revert
from inverse_index.model.policy.flow_terms import Kind
from tests.search.scenarios import Scenario
from tests.search.world import World
from tests.support.constants import DAY

ENDED = "a sound token is wound down by anybody"
OVER_CAP = "more collateral than the supply cap is meant to let in"
CAP_TIMES = 2.0  # from here on a cap is passed, whatever fees and prices added
PIECES = 40  # chunks that a wind-down may take here
# A token as large as its venue, or a venue without liquidity: see SECURITY.md.
BY_THE_VENUE = ("vault:", "exchange:", "aave", "pool:", "uniswap")


def stuck(world: World, scenario: Scenario, over_cap: float) -> dict[str, World]:
    """What is wrong, in a few words, and a world whose last call shows it; nothing in
    a sound state."""
    saved = pickle.dumps(world, pickle.HIGHEST_PROTOCOL)
    found: dict[str, World] = {message: pickle.loads(saved) for message, _ in world.errors[:1]}
    if world.ended_by not in ("", "owner") and scenario.fate != "crash":
        found[ENDED] = pickle.loads(saved)
    if over_cap > CAP_TIMES and over_cap > first_over_cap(scenario):
        found[OVER_CAP] = pickle.loads(saved)
    holders = [who for who, shares in world.token.balances.items() if shares]
    for check in (cannot_rebalance, *(leaving(who) for who in holders)):
        copy: World = pickle.loads(saved)
        for message in check(copy):
            found.setdefault(message, copy)
    return found


def leaving(who: str) -> Callable[[World], list[str]]:
    return lambda world: cannot_leave(world, who, world.shares(who))


def first_over_cap(scenario: Scenario) -> float:
    """Before the attacker came."""
    world: World = pickle.loads(scenario.start())
    return world.value() / scenario.cap


def cannot_rebalance(world: World) -> list[str]:
    """Though due, at market prices, to the end of a wind-down."""
    world.wait(world.token.parameters.chunk_delay + 60)
    for _ in range(PIECES):
        try:
            if not world.token.due(world.now)[0]:
                return _errors(world)
        except Revert:
            return _errors(world)
        except ArithmeticError as error:
            return [f"{type(error).__name__} in due"]
        if not world.rebalance("keeper") and (world.errors or not after_clearing(world)):
            known = world.refusal.startswith(BY_THE_VENUE)
            return _errors(world) or ([] if known else [f"due but refused: {world.refusal}"])
        world.wait(world.token.parameters.chunk_delay)
    return _errors(world)


def cannot_leave(world: World, who: str, shares: int) -> list[str]:
    """With all shares at any price, at once or after what anybody can do."""
    for attempt in range(3):
        if world.flow(Kind.REDEEM, shares, who, 0) or world.in_kind(shares, who):
            return []
        refused = world.refusal
        if attempt == 0:
            clear(world)
            world.rebalance("keeper")
        else:
            world.wait(DAY)
            world.rebalance("keeper")
    errors = _errors(world)
    known = refused.startswith(BY_THE_VENUE)
    return errors or ([] if known else [f"somebody cannot leave: {refused}"])


def after_clearing(world: World) -> bool:
    clear(world)
    return world.rebalance("keeper") or not world.token.due(world.now)[0]


def clear(world: World) -> None:
    """Whoever is short of margin is liquidated."""
    if world.exchange is None:
        for _ in range(10):
            if not world.liquidate("keeper", "vault"):
                return
        return
    for account in list(world.exchange.accounts):
        world.liquidate("keeper", account)


def _errors(world: World) -> list[str]:
    return [message for message, _ in world.errors]
