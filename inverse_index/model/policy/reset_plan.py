# SPDX-License-Identifier: AGPL-3.0-only
"""What a rebalance is to do, and what the rest of one may pay: the module `reset_plan`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..token import nav
from .triggers import BPS_WAD, Trigger
from .wind_down_bound import trade_bound

REST_PART = 100  # the rest of a reset pays no more than this part of what it trades
NEW = Trigger.EPOCH | Trigger.NETTING | Trigger.RECONSTITUTION  # ask for a reset of their own


@dataclass(frozen=True)
class ResetPlan:
    """As `IResetPolicy.ResetPlan`."""

    triggers: Trigger
    reward: int
    targets: tuple[int, ...]
    multiple: int
    bound_bps: int
    partial: bool = False
    is_rest: bool = False

    @property
    def bound(self) -> int:
        """As the vault takes it."""
        return self.bound_bps * BPS_WAD if self.multiple else trade_bound(self.bound_bps)


def reward_of_the_rest_down(
    reward: int, shorts: Sequence[int], wanted: Sequence[int], mid: Sequence[int], virtual: int
) -> int:
    """wanted: the targets of N without the flows that wait."""
    return min(reward, nav.turnover_up(shorts, wanted, mid, virtual) // REST_PART)
