# SPDX-License-Identifier: AGPL-3.0-only
"""Index definitions: which components, in which weights, reset how often."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, model_validator

from inverse_index.config.fields import Model, decimal, plain, printable, ticker, whole
from inverse_index.config.units import SECONDS_PER_DAY, WAD, wad
from inverse_index.config.yaml_io import load_model

MAX_COMPONENTS: Final = 10
MIN_REWEIGHT: Final = 3_600
MAX_REWEIGHT: Final = 366 * SECONDS_PER_DAY


class Component(Model):
    """One component of an index."""

    symbol: Annotated[str, ticker(16)] = Field(description="Ticker, as in price files and feeds.")
    weight: Annotated[Decimal | str, decimal("0.000001", "1", "", "equal")] = Field(
        default="equal",
        description="Share of the index value at a reset, such as 0.25, or `equal` for all.",
    )


class IndexDefinition(Model):
    """An index: level = sum of units times price; units follow the weights."""

    name: Annotated[str, printable(1, 64)] = Field(description="Name of the index.")
    components: list[Component] = Field(description="1 to 10 components, each symbol once.")
    base_level: Annotated[Decimal, decimal("1", "1000000000")] = Field(
        default=Decimal(100), description="Index level at deployment, in units of the collateral."
    )
    reweight: Annotated[
        int | str, whole(MIN_REWEIGHT, MAX_REWEIGHT, "seconds", "none", "daily")
    ] = Field(
        default="daily",
        description="Reset to the weights: `none`, `daily` (00:00 UTC) or every so many seconds.",
    )

    @model_validator(mode="after")
    def _check(self) -> IndexDefinition:
        self._check_count()
        self._check_symbols()
        self._check_weights()
        return self

    def _check_count(self) -> None:
        if not 1 <= len(self.components) <= MAX_COMPONENTS:
            raise ValueError(
                f"components: got {len(self.components)}, expected 1 to {MAX_COMPONENTS} components"
            )

    def _check_symbols(self) -> None:
        seen: set[str] = set()
        for component in self.components:
            if component.symbol in seen:
                raise ValueError(
                    f"components: {component.symbol} appears twice, expected each symbol once"
                )
            seen.add(component.symbol)

    def _check_weights(self) -> None:
        given = [c.weight for c in self.components if isinstance(c.weight, Decimal)]
        if not given:
            return
        if len(given) != len(self.components):
            raise ValueError(
                "components: some weights are `equal` and some numbers, expected one kind for all"
            )
        total = sum(given, Decimal(0))
        if total != 1:
            raise ValueError(
                f"components: the weights sum to {plain(total)}, "
                f"expected exactly 1 (off by {plain(total - 1)})"
            )

    @property
    def symbols(self) -> list[str]:
        """Tickers in component order."""
        return [component.symbol for component in self.components]

    @property
    def weights_wad(self) -> list[int]:
        """Weights in WAD that sum to exactly 10**18; for equal weights the
        first component takes what rounding down leaves over."""
        given = [wad(c.weight) for c in self.components if isinstance(c.weight, Decimal)]
        if given:
            return given
        count = len(self.components)
        share = WAD // count
        return [WAD - share * (count - 1)] + [share] * (count - 1)

    @property
    def base_level_wad(self) -> int:
        """Index level at deployment, WAD."""
        return wad(self.base_level)

    @property
    def reweight_interval(self) -> int:
        """Seconds between resets to the weights, 0 for never."""
        if isinstance(self.reweight, int):
            return self.reweight
        return {"none": 0, "daily": SECONDS_PER_DAY}[self.reweight]


def load_index(path: str | Path) -> IndexDefinition:
    """Read an index definition from a YAML file."""
    return load_model(Path(path), IndexDefinition)
