# SPDX-License-Identifier: AGPL-3.0-only
"""Configuration of what stands around a token: feeds, keeper adapter and router."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field, model_validator

from inverse_index.config.fields import ADDRESS_TEXT, Address, Model, Rule, one_of, read_address

_EXPECTED: Final = f"`true` to have one deployed, or {ADDRESS_TEXT}"


def _read_part(value: Any) -> Literal[True] | str:
    """YAML values are texts; the model's own are read again when it is copied."""
    if value is True or (isinstance(value, str) and value.lower() == "true"):
        return True
    return read_address(value, _EXPECTED)


Part = Annotated[Literal[True] | str, Rule(_read_part, _EXPECTED)]


class PeripheryConfig(Model):
    """What is deployed around a token, or exists already; what is left out is not there.

    Keeper adapter and router have no state and serve every token: one of each per network.
    """

    feeds: Annotated[int, one_of(8, 18, unit="decimals")] | None = Field(
        default=None,
        description="Decimals of two price feeds, the index level and what redemption values a "
        "share at.",
    )
    keeper_adapter: Part | None = Field(
        default=None,
        description="The adapter of keeper networks, `rebalance()` in the forms that they ask for.",
    )
    router: Part | None = Field(
        default=None,
        description="The router, on the venue `aave`: mints and redeems through Uniswap.",
    )
    weth: Address | None = Field(
        default=None,
        description="Address of the router's wrapped ETH; left out on local networks: one is "
        "deployed.",
    )

    @model_validator(mode="after")
    def _check(self) -> PeripheryConfig:
        if self.weth is not None and self.router is None:
            raise ValueError("weth: given, but there is no router that would use it")
        return self

    @property
    def missing(self) -> list[str]:
        """Fields that a live network needs and that are left out."""
        return ["weth"] if self.router is True and self.weth is None else []

    @property
    def given(self) -> dict[str, str]:
        """Addresses of what exists already, by field."""
        found = {"keeper_adapter": self.keeper_adapter, "router": self.router, "weth": self.weth}
        return {field: value for field, value in found.items() if isinstance(value, str)}

    @property
    def text(self) -> str:
        """For people."""
        parts = [] if self.feeds is None else [f"feeds with {self.feeds} decimals"]
        for name, part in (("keeper adapter", self.keeper_adapter), ("router", self.router)):
            if part is not None:
                parts.append(f"{name} {'(new)' if part is True else part}")
        return ", ".join(parts) or "none"
