# SPDX-License-Identifier: AGPL-3.0-only
"""packed: the parameters in one word, field by field."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest

from tests.support import reverts
from tests.systems import PARAMETERS

SHIFTS = {
    "mint_fee_bps": 0, "redeem_fee_bps": 16, "tolerance_bps": 32, "band_bps": 48,
    "slippage_bps": 64, "reward_bps": 80, "reward_cap": 96, "reward_ramp": 128,
    "chunk_delay": 160, "emergency_bps": 192,
}  # fmt: skip


@pytest.mark.parametrize("multiple", [1, 2, 3])
def test_every_field_in_its_place(quoter: Any, multiple: int) -> None:
    p = replace(PARAMETERS, emergency_bps=40_000)
    expected = sum(value << SHIFTS[name] for name, value in asdict(p).items())
    assert quoter.packed(p, multiple) == expected


def test_bounds_are_checked_here(quoter: Any) -> None:
    with reverts("token: emergency leverage out of range"):
        quoter.packed(replace(PARAMETERS, emergency_bps=22_000), 2)
    with reverts("token: band out of range"):
        quoter.packed(replace(PARAMETERS, band_bps=99), 1)
