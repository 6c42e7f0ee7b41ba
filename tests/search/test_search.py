# SPDX-License-Identifier: AGPL-3.0-only
"""The search finds a fault that was planted in the model, and not without it; what it
carries out on the model comes out the same on a chain."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.model.token import nav
from inverse_index.model.token.core import TokenModel
from inverse_index.model.token.modes import Mode
from inverse_index.model.token.views import TokenViews
from tests.search.climb import Climb, Find
from tests.search.confirm import Chain, carried_out
from tests.search.genes import Gene
from tests.search.scenarios import Scenario, is_legal, scenarios
from tests.search.scoring import Judge
from tests.search.stuck import ENDED, OVER_CAP
from tests.support.constants import DAY, HOUR
from tests.support.plans import make_aave_plan, make_plan

HOLDERS = (
    Gene("deposit", "victim", "units", 5.0),
    Gene("wait", x=HOUR),
    Gene("rebalance", "keeper"),
)
UNIT = 10**6
ENOUGH = 300  # histories
PLANS = {"perp": make_plan, "aave": make_aave_plan}


def quiet(**changes: object) -> Scenario:
    """A token with one holder, in which nobody else acts."""
    return replace(Scenario("quiet", make_plan(), True, HOLDERS, ()), **changes)


def found(scenario: Scenario, score: str = "both") -> dict[str, Find]:
    """By cause."""
    return {each.cause: each for each in Climb(1, scenario, score).run(ENOUGH)}


def test_nothing_is_found_in_a_sound_token() -> None:
    assert found(quiet()) == {}


def test_shares_that_redeem_for_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    generous = property(lambda self: max(self.net, 0) * 101 // 100)
    monkeypatch.setattr(nav.Valuation, "ask", generous)
    assert found(quiet(), "profit")["flows of one's own"].amount > 10


def test_a_wind_down_by_anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TokenViews, "has_failed", lambda self, now: True)
    assert [str(gene) for gene in found(quiet(), "stuck")[ENDED].genes] == ["attacker: wind_down"]


def test_a_cap_that_nobody_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    capped = quiet(plan=replace(make_plan(), nav_cap=200_000 * UNIT))
    assert OVER_CAP not in found(capped, "stuck")
    enter = TokenModel._enter

    def unlimited(self: TokenModel, *args: object) -> object:
        cap, self.nav_cap = self.nav_cap, 10**9 * UNIT
        try:
            return enter(self, *args)  # type: ignore[arg-type]
        finally:
            self.nav_cap = cap

    monkeypatch.setattr(TokenModel, "_enter", unlimited)
    assert found(capped, "stuck")[OVER_CAP].amount > 2


def test_a_redemption_that_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def refusing(self: TokenModel, shares: int, *args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(TokenModel, "redeem", refusing)
    assert any("ZeroDivisionError" in cause for cause in found(quiet(), "stuck"))


def test_a_reward_that_an_honest_keeper_gets_is_no_profit() -> None:
    judge = Judge(quiet())
    outcome = judge.run((Gene("wait", x=DAY + HOUR), Gene("rebalance")))
    assert outcome.profit > 50
    assert outcome.gain == 0


def test_a_number_makes_the_same_scenario_and_search() -> None:
    first, again = scenarios(7), scenarios(7)
    assert first == again
    assert [*Climb(7, first).run(60)] == [*Climb(7, again).run(60)]


@pytest.mark.parametrize("number", range(40))
def test_every_scenario_is_legal_and_begins_without_an_error(number: int) -> None:
    scenario = scenarios(number)
    assert is_legal(scenario.plan)
    assert Judge(scenario).first.errors == []


HISTORY = (
    Gene("deposit", "attacker", "units", 4.0),
    Gene("mint", "accomplice", "units", 3.0),
    Gene("event"),
    Gene("transfer", "attacker", "part", -0.5),
    Gene("wait", x=DAY + HOUR),
    Gene("rebalance"),
    Gene("accrue"),
    Gene("withdraw", "attacker", "part", -1.0),
    Gene("redeem", "accomplice", "part", -1.0),
)
AT_VENUE = {
    "perp": (
        Gene("trade", "attacker", "units", 5.0, 0),
        Gene("provide", "accomplice", "units", 5.0),
        Gene("wait", x=HOUR),
        Gene("provide", "accomplice", "units", 5.0),
        Gene("trade", "attacker", "units", 4.0, 7),
        Gene("close", "attacker"),
        Gene("remove", "accomplice"),
    ),
    "aave": (
        Gene("swap", "attacker", "units", 4.0, 0),
        Gene("in_kind", "accomplice", "part", -0.5),
        Gene("wait", x=HOUR),
        Gene("swap", "attacker", "units", 4.0, 7),
    ),
}


@pytest.mark.parametrize("kind", PLANS)
def test_the_chain_does_what_the_model_does(chain: LocalBackend, kind: str) -> None:
    script = (Gene("redeem", "victim", "part", -0.3), Gene("post", "owner"))
    past = (*HOLDERS, Gene("price", "owner", "behind", 30))
    scenario = Scenario(kind, PLANS[kind](), True, past, script, "behind", 30)
    genes = (*HISTORY, *AT_VENUE[kind])
    made = Chain(chain, scenario)
    outcome = Judge(scenario, made.system.venue.order).run(genes)
    assert outcome.done == genes
    assert outcome.simulation is not None
    shown = carried_out(made, outcome.simulation, False)
    assert shown.differs == {}
    assert shown.mode == Mode.ACTIVE


def test_a_refusal_on_the_chain_is_seen(chain: LocalBackend) -> None:
    judge = Judge(quiet())
    simulation = judge.run((Gene("wind_down"),)).simulation
    assert simulation is not None and simulation.refused is not None
    shown = carried_out(Chain(chain, judge.scenario), simulation, True)
    assert shown.broken == "token: only the owner can wind down"


def test_rounds_of_netted_flows_while_feeds_are_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where netting is due at once. In a sound token they bring no more than is known."""
    past = (*HOLDERS, Gene("wait", x=HOUR), Gene("price", "owner", "behind", -90))
    past = (replace(past[0], x=6.0), *past[1:])
    script = (Gene("post", "owner"),)
    scenario = Scenario("behind", make_aave_plan(), True, past, script, "behind", 90)
    once = Gene("deposit", "attacker", "limit", -0.01)
    rounds = (once, once, Gene("rebalance")) * 8
    assert Judge(scenario).run(rounds).gain < 0
    due = TokenViews._due

    def at_once(self: TokenModel, *args: object) -> object:
        kept, self.reset = self.reset, replace(self.reset, at=0)
        try:
            return due(self, *args)  # type: ignore[arg-type]
        finally:
            self.reset = kept

    monkeypatch.setattr(TokenViews, "_due", at_once)
    assert Judge(scenario).run(rounds).gain > 20
