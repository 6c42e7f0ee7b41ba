# SPDX-License-Identifier: AGPL-3.0-only
"""A local venue whose collateral can turn hostile (`contracts/testing/HostileToken.vy`)."""

from __future__ import annotations

from inverse_index.chain import Contract
from inverse_index.deployment import Plan
from inverse_index.deployment.venues import KINDS

FALSE, NOTHING, LIES = 1, 2, 3  # its answers; 0 is honest
# How a payment that says that it failed is refused, by whoever meets it first.
REFUSED_OUT = (
    "vault: collateral not sent",
    "exchange: collateral not sent",
    "exchange: collateral not pulled",
    "vault: Aave refused a withdrawal, code GPv2: fa",  # "failed transfer", cut
    "TF",  # Uniswap's transfer failed
)


def hostile_builder(plan: Plan) -> type:
    """The usual builder of the plan's venue, but for its collateral."""
    usual = KINDS[plan.venue.kind].builder

    class OnHostile(usual):  # type: ignore[misc, valid-type]
        def collateral(self) -> tuple[Contract, str | None]:
            return self._site.new("HostileToken", plan.decimals), None

    return OnHostile
