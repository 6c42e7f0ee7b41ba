# SPDX-License-Identifier: AGPL-3.0-only
"""The kinds of venues; here alone the deployment lists them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from .aave import AaveVenue
from .aave_builder import CONTRACTS as AAVE_CONTRACTS
from .aave_builder import AaveBuilder
from .base import Builder, Given, KnownBuilder, Progress, Site, Venue
from .perp import CONTRACTS as PERP_CONTRACTS
from .perp import PerpBuilder, PerpVenue

__all__ = ["KINDS", "Builder", "Given", "Kind", "KnownBuilder", "Progress", "Site", "Venue"]


@dataclass(frozen=True)
class Kind:
    """What one kind consists of.

    contracts: names of this project's contracts that it needs.
    name: what it is, in a sentence's part; identity: the field whose address
    tells that it exists already. gas: what local protocols take besides, once
    and per component. always: contracts that every token needs, beside the vault.
    local: this project's contracts of a local venue.
    """

    venue: Any
    builder: Any
    contracts: tuple[str, ...]
    name: str
    identity: str
    gas: tuple[int, int] = (0, 0)
    always: tuple[str, ...] = ()
    local: tuple[str, ...] = ()

    def text(self, given: Given) -> str:
        """The venue and where it is, for people."""
        return f"{self.name} {given.venue.get(self.identity, '(new)')}"

    def local_gas(self, given: Given, components: int) -> int:
        """Gas of protocols that are deployed locally, rounded up."""
        fixed, each = self.gas
        return 0 if self.identity in given.venue else fixed + each * components


KINDS: Final[Mapping[str, Kind]] = {
    "perp": Kind(
        PerpVenue,
        PerpBuilder,
        PERP_CONTRACTS,
        "PerpExchange and LiquidityPool",
        "exchange",
        local=("LiquidityPool", "PerpExchange"),
    ),
    "aave": Kind(
        AaveVenue,
        AaveBuilder,
        AAVE_CONTRACTS,
        "Aave v3 and Uniswap v3",
        "pool",
        (72_000_000, 10_000_000),
        ("AaveQuoter",),
    ),
}
