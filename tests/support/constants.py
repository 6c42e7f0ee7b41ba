# SPDX-License-Identifier: AGPL-3.0-only
"""Numbers that many tests need, once."""

from __future__ import annotations

from inverse_index.model.fixed import BPS, MAX_INT256, MAX_UINT256, WAD

__all__ = ["BPS", "MAX_INT256", "MAX_UINT256", "WAD"]  # of the package, for import from here

START = 1_704_067_200  # 1 January 2024, 00:00 UTC: when each test's chain begins
HOUR = 3_600
DAY = 86_400
YEAR = 365 * DAY

RAY = 10**27
USD = 10**8  # one dollar as feeds and Aave write it

ZERO = "0x" + "00" * 20  # the zero address
