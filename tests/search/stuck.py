# SPDX-License-Identifier: AGPL-3.0-only
"""States that nobody should get into: somebody cannot leave, what is due cannot be
done, a sound token has been ended, a cap lets more in than it is meant to."""

from __future__ import annotations

import pickle
from collections.abc import Callable

from inverse_index.model.fixed import Revert
from inverse_index.model.policy.flow_terms import Kind
from tests.search.scenarios import Scenario
from tests.search.simulation import Simulation
from tests.support.constants import DAY

ENDED = "a sound token is wound down by anybody"
OVER_CAP = "more collateral than the supply cap is meant to let in"
CAP_TIMES = 2.0  # from here on a cap is passed, whatever fees and prices added
PIECES = 40  # chunks that a wind-down may take here
# A token as large as its venue, or a venue without liquidity: see SECURITY.md.
BY_THE_VENUE = ("vault:", "exchange:", "aave", "pool:", "uniswap")


def stuck(simulation: Simulation, scenario: Scenario, over_cap: float) -> dict[str, Simulation]:
    """What is wrong, in a few words, and a simulation whose last call shows it; nothing in
    a sound state."""
    saved = pickle.dumps(simulation, pickle.HIGHEST_PROTOCOL)
    found: dict[str, Simulation] = {
        message: pickle.loads(saved) for message, _ in simulation.errors[:1]
    }
    if simulation.ended_by not in ("", "owner") and scenario.fate != "crash":
        found[ENDED] = pickle.loads(saved)
    if over_cap > CAP_TIMES and over_cap > first_over_cap(scenario):
        found[OVER_CAP] = pickle.loads(saved)
    holders = [who for who, shares in simulation.token.balances.items() if shares]
    for check in (cannot_rebalance, *(leaving(who) for who in holders)):
        copy: Simulation = pickle.loads(saved)
        for message in check(copy):
            found.setdefault(message, copy)
    return found


def leaving(who: str) -> Callable[[Simulation], list[str]]:
    return lambda simulation: cannot_leave(simulation, who, simulation.shares(who))


def first_over_cap(scenario: Scenario) -> float:
    """Before the attacker came."""
    simulation: Simulation = pickle.loads(scenario.start())
    return simulation.value() / scenario.cap


def cannot_rebalance(simulation: Simulation) -> list[str]:
    """Though due, to the end of a wind-down, in pools that arbitrage keeps at market prices."""
    simulation.wait(simulation.token.parameters.chunk_delay + 60)
    for _ in range(PIECES):
        simulation.arbitrage("arbitrageur")
        try:
            if not simulation.token.due(simulation.now)[0]:
                return _errors(simulation)
        except Revert:
            return _errors(simulation)
        except ArithmeticError as error:
            return [f"{type(error).__name__} in due"]
        if not simulation.rebalance("keeper") and (
            simulation.errors or not after_clearing(simulation)
        ):
            known = simulation.refusal.startswith(BY_THE_VENUE)
            return _errors(simulation) or (
                [] if known else [f"due but refused: {simulation.refusal}"]
            )
        simulation.wait(simulation.token.parameters.chunk_delay)
    return _errors(simulation)


def cannot_leave(simulation: Simulation, who: str, shares: int) -> list[str]:
    """With all shares at any price, at once or after what anybody can do."""
    for attempt in range(3):
        if simulation.flow(Kind.REDEEM, shares, who, 0) or simulation.in_kind(shares, who):
            return []
        refused = simulation.refusal
        if attempt == 0:
            clear(simulation)
            simulation.rebalance("keeper")
        else:
            simulation.wait(DAY)
            simulation.rebalance("keeper")
    errors = _errors(simulation)
    known = refused.startswith(BY_THE_VENUE)
    return errors or ([] if known else [f"somebody cannot leave: {refused}"])


def after_clearing(simulation: Simulation) -> bool:
    clear(simulation)
    return simulation.rebalance("keeper") or not simulation.token.due(simulation.now)[0]


def clear(simulation: Simulation) -> None:
    """Whoever is short of margin is liquidated."""
    if simulation.exchange is None:
        for _ in range(10):
            if not simulation.liquidate("keeper", "vault"):
                return
        return
    for account in list(simulation.exchange.accounts):
        simulation.liquidate("keeper", account)


def _errors(simulation: Simulation) -> list[str]:
    return [message for message, _ in simulation.errors]
