# SPDX-License-Identifier: AGPL-3.0-only
"""How much an Aave v3 liquidation takes. Amounts native, prices in USD with 8 decimals."""

from __future__ import annotations

from dataclasses import dataclass

from ...fixed import WAD
from .arithmetic import BPS, checked, percent_div, percent_mul
from .reserve import Reserve

HALF_CLOSED_ABOVE_WAD = 95 * WAD // 100  # health factor over which half may be repaid
HALF_BPS = BPS // 2


@dataclass(frozen=True, slots=True)
class Seizure:
    """Collateral to the liquidator, debt repaid, collateral to the treasury."""

    collateral: int
    repaid: int
    fee: int


def closable(debt: int, health_factor_wad: int) -> int:
    """The largest part of a debt that one liquidation may repay, rounded half up."""
    closes_half = health_factor_wad > HALF_CLOSED_ABOVE_WAD
    return percent_mul(debt, HALF_BPS if closes_half else BPS)


def seizure(
    collateral: Reserve, debt: Reserve, prices: tuple[int, int], repaid: int, held: int
) -> Seizure:
    """What repaying an amount takes from a user who holds that much collateral.

    prices: of the collateral and of the debt. Values are rounded down, the
    bonus and the fee half up.
    """
    price, debt_price = prices
    bonus = collateral.config.liquidation_bonus_bps
    worth = checked(debt_price * repaid * collateral.unit) // (price * debt.unit)
    taken = percent_mul(worth, bonus)
    if taken > held:
        taken = held
        worth = checked(price * held * debt.unit) // (debt_price * collateral.unit)
        repaid = percent_div(worth, bonus)
    fee_bps = collateral.config.liquidation_protocol_fee_bps
    if fee_bps == 0:
        return Seizure(taken, repaid, 0)
    fee = percent_mul(taken - percent_div(taken, bonus), fee_bps)
    return Seizure(taken - fee, repaid, fee)
