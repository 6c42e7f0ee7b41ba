# SPDX-License-Identifier: AGPL-3.0-only
"""packed: the parameters in one word, field by field."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.deployment import Plan
from tests.support.assertions import reverts
from tests.support.plans import PARAMETERS, make_plan, with_changes
from tests.support.system_harness import deploy_harness

SHIFTS = {
    "mint_fee_bps": 0,
    "redeem_fee_bps": 16,
    "tolerance_bps": 32,
    "band_bps": 48,
    "slippage_bps": 64,
    "reward_bps": 80,
    "reward_cap": 96,
    "reward_ramp": 128,
    "chunk_delay": 160,
    "emergency_bps": 192,
}


@pytest.mark.parametrize("multiple", [1, 2, 3])
def test_every_field_in_its_place(policy: Any, any_vault: Any, multiple: int) -> None:
    """[Q-4]"""
    p = replace(PARAMETERS, emergency_bps=40_000)
    expected = sum(value << SHIFTS[name] for name, value in asdict(p).items())
    assert policy.packed(any_vault, p, multiple) == expected


def test_bounds_are_checked_here(policy: Any, any_vault: Any) -> None:
    """[Q-4]"""
    with reverts("token: emergency leverage out of range"):
        policy.packed(any_vault, replace(PARAMETERS, emergency_bps=22_000), 2)
    with reverts("token: band out of range"):
        policy.packed(any_vault, replace(PARAMETERS, band_bps=299, tolerance_bps=0), 1)


@pytest.mark.parametrize("multiple", [1, 2, 3])
@pytest.mark.parametrize(
    ("tolerance_bps", "narrowest"), [(0, 300), (145, 300), (146, 301), (150, 310), (200, 417)]
)
def test_twice_the_tolerance_lies_inside_the_band(
    policy: Any, any_vault: Any, multiple: int, tolerance_bps: int, narrowest: int
) -> None:
    """So netted flows alone do not take the leverage out of it: N lower by twice the
    tolerance raises it by 2t / (1 - 2t). [T-OWN-10]"""
    p = replace(PARAMETERS, tolerance_bps=tolerance_bps, band_bps=narrowest, emergency_bps=40_000)
    policy.packed(any_vault, p, multiple)
    waiting = 2 * tolerance_bps
    assert waiting * 10_000 <= narrowest * (10_000 - waiting)
    if narrowest > 300:
        with reverts("token: twice the tolerance beyond the band"):
            policy.packed(any_vault, replace(p, band_bps=narrowest - 1), multiple)


def test_what_the_vault_carries(chain: LocalBackend, owner: str, keeper: str) -> None:
    """The band's edge within what it opens, the emergency within what it holds: here
    96% of N at 40% initial and 20% maintenance margin, 2.4 and 4.8. [T-OWN-3]"""
    harness = deploy_harness(chain, owner, keeper, margins(40, 20))
    policy, vault = harness.system.policy, harness.system.vault
    assert vault.leverage_limits() == (24 * 10**17, 48 * 10**17)
    fits = replace(PARAMETERS, band_bps=2_000, emergency_bps=48_000)
    assert policy.packed(vault, fits, 2) > 0
    for change in ({"band_bps": 2_001}, {"emergency_bps": 48_001}):
        with reverts("token: leverage beyond what the vault carries"):
            policy.packed(vault, replace(fits, **change), 2)
    with reverts("token: leverage beyond what the vault carries"):
        harness.token.set_parameters(replace(fits, emergency_bps=48_001), sender=owner)


def margins(initial: int, maintenance: int) -> Plan:
    """A plan whose market asks for these percents."""
    plan = make_plan()
    (market,) = plan.venue.markets
    strict = replace(
        market,
        initial_margin=initial * 10**16,
        maintenance_margin=maintenance * 10**16,
    )
    return with_changes(plan, markets=(strict,))
