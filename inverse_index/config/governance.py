# SPDX-License-Identifier: AGPL-3.0-only
"""Configuration of the timelock that owns what is deployed."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field, model_validator

from inverse_index.config.fields import Address, Model, whole
from inverse_index.config.units import SECONDS_PER_DAY

# The constants of the contract `Timelock`.
MIN_DELAY: Final = 2 * SECONDS_PER_DAY
MAX_DELAY: Final = 30 * SECONDS_PER_DAY
MAX_MEMBERS: Final = 10


class GovernanceConfig(Model):
    """A timelock, and who works it; the guardian is one of `roles`."""

    delay: Annotated[int, whole(MIN_DELAY, MAX_DELAY, "seconds")] = Field(
        default=MIN_DELAY, description="Seconds from announcing a change to making it."
    )
    proposers: list[Address] = Field(
        description="1 to 10 addresses that announce changes and withdraw them, such as a Safe's."
    )
    executors: list[Address] = Field(
        default_factory=list,
        description="Up to 10 addresses that carry out what is ready; left out: anyone.",
    )

    @model_validator(mode="after")
    def _check(self) -> GovernanceConfig:
        if not 1 <= len(self.proposers) <= MAX_MEMBERS:
            raise ValueError(
                f"proposers: got {len(self.proposers)}, expected 1 to {MAX_MEMBERS} addresses"
            )
        if len(self.executors) > MAX_MEMBERS:
            raise ValueError(
                f"executors: got {len(self.executors)}, expected at most {MAX_MEMBERS} addresses"
            )
        return self
