# SPDX-License-Identifier: AGPL-3.0-only
"""set_parameters: every bound, to the unit, on both sides."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest

from inverse_index.chain import LocalBackend
from tests.support.assertions import only_event
from tests.support.plans import PARAMETERS, make_plan
from tests.support.system_harness import SystemHarness, deploy_harness
from tests.support.token_actions import refused

# field, lowest, highest, reason beyond; the multiple is 1, the band 10%, the
# tolerance 0.5%
BOUNDS = [
    ("mint_fee_bps", 0, 100, "token: fee above ceiling"),
    ("redeem_fee_bps", 0, 100, "token: fee above ceiling"),
    ("tolerance_bps", 0, 200, "token: tolerance out of range"),
    ("band_bps", 300, 5_000, "token: band out of range"),
    ("slippage_bps", 1, 500, "token: slippage bound out of range"),
    ("reward_bps", 0, 20, "token: keeper reward out of range"),
    ("reward_cap", 0, 100_000, "token: keeper reward out of range"),
    ("reward_ramp", 600, 86_400, "token: keeper reward out of range"),
    ("chunk_delay", 12, 3_600, "token: chunk delay out of range"),
    ("emergency_bps", 12_500, 100_000, "token: emergency leverage out of range"),
]


def struct(receipt_field: object) -> dict[str, int]:
    return dict(receipt_field._asdict())  # type: ignore[attr-defined]


@pytest.mark.parametrize(("field", "low", "high", "reason"), BOUNDS)
def test_bounds(
    harness: SystemHarness, owner: str, field: str, low: int, high: int, reason: str
) -> None:
    """[T-OWN-1]"""
    for value in (low, high):
        wanted = replace(PARAMETERS, **{field: value})
        harness.token.set_parameters(wanted, sender=owner)
        assert struct(harness.token.state().parameters) == asdict(wanted)
    outside = [high + 1, 2**255] + ([low - 1] if low else [])
    for value in outside:
        with refused(harness, reason):
            harness.token.set_parameters(replace(PARAMETERS, **{field: value}), sender=owner)
    assert getattr(harness.token.state().parameters, field) == high


def test_the_emergency_of_three_times_the_index(
    chain: LocalBackend, owner: str, keeper: str
) -> None:
    """60,000 bps, as they were given."""
    harness = deploy_harness(chain, owner, keeper, make_plan(multiple=3))
    assert harness.plan.parameters.emergency_bps == 60_000
    assert struct(harness.token.state().parameters) == asdict(harness.plan.parameters)


@pytest.mark.parametrize("multiple", [2, 3])
def test_the_emergency_lies_beyond_the_band_of_the_multiple(
    chain: LocalBackend, owner: str, keeper: str, multiple: int
) -> None:
    """[T-OWN-2]"""
    harness = deploy_harness(chain, owner, keeper, make_plan(multiple=multiple))
    wide = replace(PARAMETERS, band_bps=3_000)
    for parameters, least in ((wide, multiple * 13_000 + 1), (PARAMETERS, multiple * 12_500)):
        with refused(harness, "token: emergency leverage out of range"):
            harness.token.set_parameters(replace(parameters, emergency_bps=least - 1), sender=owner)
        harness.token.set_parameters(replace(parameters, emergency_bps=least), sender=owner)


def test_every_field_survives_the_packing(harness: SystemHarness, owner: str) -> None:
    """All at their highest, then all at their lowest. [Q-4]"""
    highest = replace(PARAMETERS, **{field: high for field, _, high, _ in BOUNDS})
    lowest = replace(PARAMETERS, **{field: low for field, low, _, _ in BOUNDS})
    for wanted in (highest, lowest):
        receipt = harness.token.set_parameters(wanted, sender=owner)
        event = only_event_of(harness, receipt)
        assert struct(event.args["parameters"]) == asdict(wanted)
        assert struct(harness.token.state().parameters) == asdict(wanted)


def only_event_of(harness: SystemHarness, receipt: object) -> object:
    found = [e for e in harness.token.events(receipt) if e.name == "ParametersSet"]
    assert len(found) == 1
    only_event(receipt, harness.token, "ParametersSet", parameters=found[0].args["parameters"])
    return found[0]


def test_owner_only(harness: SystemHarness, guardian: str, attacker: str, owner: str) -> None:
    """[T-OWN-1]"""
    harness.token.set_guardian(guardian, sender=owner)
    for caller in (guardian, attacker):
        with refused(harness, "ownable: caller is not the owner"):
            harness.token.set_parameters(PARAMETERS, sender=caller)
