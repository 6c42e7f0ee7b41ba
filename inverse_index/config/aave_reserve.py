# SPDX-License-Identifier: AGPL-3.0-only
"""Configuration of one Aave v3 reserve on a local network.

A deployed market has parameters of its own; these are those of the reserves
that are deployed locally, with values like those of Ethereum's main market.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Final

from pydantic import Field

from inverse_index.config.fields import Amount, Model, percent, plain, whole
from inverse_index.config.units import parse_units

BPS_OF_PERCENT: Final = 2  # one percent is 100 basis points
RAY_OF_PERCENT: Final = 25  # one percent is 1e25 ray
MAX_CAP: Final = 2**36 - 1  # of Aave's bit field, whole units
_Share = Annotated[Decimal, percent("0", "100", places=2)]
_Rate = Annotated[Decimal, percent("0", "1000")]
_Cap = Annotated[int, whole(0, MAX_CAP, "whole units")]


@dataclass(frozen=True, slots=True)
class ReserveParameters:
    """Risk and interest of one reserve in Aave's integers: shares in bps, rates per
    year and usage in ray (1e27), caps in whole units with 0 for none.

    ltv_bps: 0 for a token that is no collateral; then threshold and bonus count
    for nothing. liquidation_bonus_bps: what a liquidator receives, 10,500 for
    5% over the debt repaid. The variable rate is base + slope1 at optimal
    usage, and + slope2 at full usage.
    """

    ltv_bps: int
    liquidation_threshold_bps: int
    liquidation_bonus_bps: int
    reserve_factor_bps: int
    optimal_usage_ray: int
    base_rate_ray: int
    slope1_ray: int
    slope2_ray: int
    supply_cap: int
    borrow_cap: int
    borrowing: bool


class ReserveConfig(Model):
    """Risk and interest of one local reserve; the defaults are a component's."""

    ltv: _Share = Field(
        default=Decimal(70), description="Largest loan, percent of the supply's value."
    )
    liquidation_threshold: _Share = Field(
        default=Decimal(75), description="Loan at which a position is liquidated, percent."
    )
    liquidation_bonus: Annotated[Decimal, percent("0.01", "33", places=2)] = Field(
        default=Decimal(6), description="What a liquidator receives above the debt, percent."
    )
    reserve_factor: _Share = Field(
        default=Decimal(20), description="Share of the interest that the treasury keeps."
    )
    optimal_usage: Annotated[Decimal, percent("1", "99")] = Field(
        default=Decimal(80), description="Share lent above which the rate rises steeply."
    )
    base_rate: _Rate = Field(
        default=Decimal(0), description="Borrow rate per year when nothing is lent."
    )
    slope1: _Rate = Field(
        default=Decimal(4), description="What the rate gains up to the optimal usage."
    )
    slope2: _Rate = Field(
        default=Decimal(80), description="What it gains from there to full usage."
    )
    supply_cap: _Cap = Field(default=0, description="Largest supply, whole units; 0 is no cap.")
    borrow_cap: _Cap = Field(default=0, description="Largest debt, whole units; 0 is no cap.")
    liquidity: Amount = Field(
        default=Decimal(20_000_000),
        description="What a local provider supplies, whole collateral at the start prices.",
    )
    borrowed: Annotated[Decimal, percent("0", "100", places=2)] = Field(
        default=Decimal(20),
        description="Share of that liquidity that a local borrower has borrowed, so that "
        "interest accrues.",
    )

    @property
    def units(self) -> ReserveParameters:
        """Aave's integers."""
        return ReserveParameters(
            ltv_bps=parse_units(self.ltv, BPS_OF_PERCENT),
            liquidation_threshold_bps=parse_units(self.liquidation_threshold, BPS_OF_PERCENT),
            liquidation_bonus_bps=10_000 + parse_units(self.liquidation_bonus, BPS_OF_PERCENT),
            reserve_factor_bps=parse_units(self.reserve_factor, BPS_OF_PERCENT),
            optimal_usage_ray=parse_units(self.optimal_usage, RAY_OF_PERCENT),
            base_rate_ray=parse_units(self.base_rate, RAY_OF_PERCENT),
            slope1_ray=parse_units(self.slope1, RAY_OF_PERCENT),
            slope2_ray=parse_units(self.slope2, RAY_OF_PERCENT),
            supply_cap=self.supply_cap,
            borrow_cap=self.borrow_cap,
            borrowing=True,
        )

    @property
    def borrowed_bps(self) -> int:
        """Share of the liquidity that is borrowed."""
        return parse_units(self.borrowed, BPS_OF_PERCENT)


class CollateralReserveConfig(ReserveConfig):
    """The reserve of the collateral."""

    ltv: _Share = Field(
        default=Decimal(75), description="Largest loan, percent of the supply's value."
    )
    liquidation_threshold: _Share = Field(
        default=Decimal(78), description="Loan at which a position is liquidated, percent."
    )
    liquidation_bonus: Annotated[Decimal, percent("0.01", "33", places=2)] = Field(
        default=Decimal(5), description="What a liquidator receives above the debt, percent."
    )
    reserve_factor: _Share = Field(
        default=Decimal(10), description="Share of the interest that the treasury keeps."
    )
    optimal_usage: Annotated[Decimal, percent("1", "99")] = Field(
        default=Decimal(90), description="Share lent above which the rate rises steeply."
    )
    slope1: _Rate = Field(
        default=Decimal("5.5"), description="What the rate gains up to the optimal usage."
    )
    slope2: _Rate = Field(
        default=Decimal(40), description="What it gains from there to full usage."
    )
    liquidity: Amount = Field(
        default=Decimal(50_000_000), description="What a local provider supplies, whole collateral."
    )
    borrowed: Annotated[Decimal, percent("0", "100", places=2)] = Field(
        default=Decimal(70),
        description="Share of that liquidity that a local borrower has borrowed, so that the "
        "supply earns interest.",
    )


def check_reserve(reserve: ReserveConfig, where: str) -> None:
    """Bounds between a reserve's parameters, as Aave's configurator sets them."""
    u = reserve.units
    if u.ltv_bps > u.liquidation_threshold_bps:
        raise ValueError(
            f"{where}ltv: got {plain(reserve.ltv)}%, expected at most the liquidation "
            f"threshold of {plain(reserve.liquidation_threshold)}%"
        )
    # Aave's percentMul rounds half up.
    if (u.liquidation_threshold_bps * u.liquidation_bonus_bps + 5_000) // 10_000 > 10_000:
        raise ValueError(
            f"{where}liquidation_bonus: got {plain(reserve.liquidation_bonus)}%, expected less: "
            f"with a threshold of {plain(reserve.liquidation_threshold)}% a liquidation would "
            "take more than there is"
        )
