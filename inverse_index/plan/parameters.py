# SPDX-License-Identifier: AGPL-3.0-only
"""The token's parameters, which governance can change."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parameters:
    """As `IInverseIndexToken.Parameters`."""

    mint_fee_bps: int
    redeem_fee_bps: int
    tolerance_bps: int
    band_bps: int
    slippage_bps: int
    reward_bps: int
    reward_cap: int
    reward_ramp: int
    chunk_delay: int
    emergency_bps: int
