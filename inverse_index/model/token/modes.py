# SPDX-License-Identifier: AGPL-3.0-only
"""The token's modes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag


class Mode(IntFlag):
    """As `IInverseIndexToken.Mode`."""

    ACTIVE = 1
    MINT_PAUSED = 2
    WINDING_DOWN = 4
    SETTLED = 8


@dataclass(slots=True)
class Control:
    """What decides on the mode; `winding_down_since` is unix seconds, 0 before."""

    paused: bool = False
    winding_down_since: int = 0
    settled: bool = False

    @property
    def mode(self) -> Mode:
        if self.settled:
            return Mode.SETTLED
        if self.winding_down_since:
            return Mode.WINDING_DOWN
        return Mode.MINT_PAUSED if self.paused else Mode.ACTIVE
