# SPDX-License-Identifier: AGPL-3.0-only
"""Each exit, used where the others are closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import reasons
from ..model.fixed import WAD
from ..model.token.modes import Mode
from .record import Record
from .stage import DAY, Stage

SLIPPAGE = reasons.VAULT_SLIPPAGE
STALE = reasons.STALE_PRICE
NO_KIND = reasons.VAULT_NO_KIND
WORTH = 400_000  # whole collateral, far above what waits without a trade


def exits(stage: Stage, record: Record) -> None:
    """The usual ones; with a minimum in a thin market; in kind without prices."""
    record.done(
        "holder",
        "redeem(400,000 shares)",
        lambda: stage.redeem("holder", WORTH * WAD),
        _paid(stage),
    )
    record.done(
        "holder", "withdraw(400,000)", lambda: stage.withdraw("holder", WORTH), _paid(stage)
    )
    _thin(stage, record)
    _without_prices(stage, record)


def _thin(stage: Stage, record: Record) -> None:
    """Closing costs more than the slippage bound: only who says so trades."""
    stage.dislocate()
    cost, bound = stage.closing_cost_bps(), stage.plan.parameters.slippage_bps
    record.holds(f"closing costs more than the bound of {bound} bp", cost > bound, f"{cost:.0f} bp")
    record.refused(
        "holder", "redeem(400,000 shares)", SLIPPAGE, lambda: stage.redeem("holder", WORTH * WAD)
    )
    record.refused("holder", "withdraw(400,000)", SLIPPAGE, lambda: stage.withdraw("holder", WORTH))
    if stage.is_perp:
        record.refused(
            "holder",
            "redeem_in_kind(400,000 shares)",
            NO_KIND,
            lambda: stage.redeem_in_kind("holder", WORTH * WAD),
        )
    promised = stage.token.previewRedeem(WORTH * WAD)
    record.refused(
        "holder",
        "redeem with a minimum a unit above what there is",
        reasons.TOKEN_MIN_ASSETS,
        lambda: stage.redeem("holder", WORTH * WAD, promised + 1),
    )
    record.done("holder", "redeem with a minimum", _bounded(stage, promised), _paid(stage))


def _bounded(stage: Stage, promised: int) -> Callable[[], Any]:
    return lambda: stage.redeem("holder", WORTH * WAD, promised)


def _without_prices(stage: Stage, record: Record) -> None:
    stage.silence(8 * DAY)
    record.holds("the feeds have stopped", not stage.oracle.usable())
    closed: dict[str, Callable[[], Any]] = {
        "redeem": lambda: stage.redeem("holder", WORTH * WAD),
        "redeem with a minimum of 0": lambda: stage.redeem("holder", WORTH * WAD, 0),
        "withdraw": lambda: stage.withdraw("holder", WORTH),
    }
    for what, call in closed.items():
        record.refused("holder", what, STALE, call)
    if stage.is_perp:
        record.refused(
            "holder", "redeem_in_kind", NO_KIND, lambda: stage.redeem_in_kind("holder", WORTH * WAD)
        )
        return
    record.done(
        "holder",
        "redeem_in_kind(400,000 shares)",
        lambda: stage.redeem_in_kind("holder", WORTH * WAD),
        _paid(stage),
    )
    record.holds("the mode is still ACTIVE", stage.mode == Mode.ACTIVE)


def _paid(stage: Stage) -> Callable[[Any], str]:
    """What the receipt's one `Withdraw` paid."""

    def text(receipt: Any) -> str:
        (event,) = [each for each in stage.token.events(receipt) if each.name == "Withdraw"]
        return f"{event.shares / WAD:,.2f} shares for {stage.money(event.assets)}"

    return text
