# SPDX-License-Identifier: AGPL-3.0-only
"""Each exit, used where the others are closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import reasons
from ..model.fixed import WAD
from ..model.token.modes import Mode
from .harness import DAY, Harness
from .record import Record

SLIPPAGE = reasons.VAULT_SLIPPAGE
STALE = reasons.STALE_PRICE
NO_KIND = reasons.VAULT_NO_KIND
WORTH = 400_000  # whole collateral, far above what waits without a trade


def exits(harness: Harness, record: Record) -> None:
    """The usual ones; with a minimum in a thin market; in kind without prices."""
    record.done(
        "holder",
        "redeem(400,000 shares)",
        lambda: harness.redeem("holder", WORTH * WAD),
        _paid(harness),
    )
    record.done(
        "holder", "withdraw(400,000)", lambda: harness.withdraw("holder", WORTH), _paid(harness)
    )
    _thin(harness, record)
    _without_prices(harness, record)


def _thin(harness: Harness, record: Record) -> None:
    """Closing costs more than the slippage bound: only who says so trades."""
    harness.dislocate()
    cost, bound = harness.closing_cost_bps(), harness.plan.parameters.slippage_bps
    record.holds(f"closing costs more than the bound of {bound} bp", cost > bound, f"{cost:.0f} bp")
    record.refused(
        "holder", "redeem(400,000 shares)", SLIPPAGE, lambda: harness.redeem("holder", WORTH * WAD)
    )
    record.refused(
        "holder", "withdraw(400,000)", SLIPPAGE, lambda: harness.withdraw("holder", WORTH)
    )
    if harness.is_perp:
        record.refused(
            "holder",
            "redeem_in_kind(400,000 shares)",
            NO_KIND,
            lambda: harness.redeem_in_kind("holder", WORTH * WAD),
        )
    promised = harness.token.previewRedeem(WORTH * WAD)
    record.refused(
        "holder",
        "redeem with a minimum a unit above what there is",
        reasons.TOKEN_MIN_ASSETS,
        lambda: harness.redeem("holder", WORTH * WAD, promised + 1),
    )
    record.done("holder", "redeem with a minimum", _bounded(harness, promised), _paid(harness))


def _bounded(harness: Harness, promised: int) -> Callable[[], Any]:
    return lambda: harness.redeem("holder", WORTH * WAD, promised)


def _without_prices(harness: Harness, record: Record) -> None:
    harness.silence(8 * DAY)
    record.holds("the feeds have stopped", not harness.oracle.usable())
    closed: dict[str, Callable[[], Any]] = {
        "redeem": lambda: harness.redeem("holder", WORTH * WAD),
        "redeem with a minimum of 0": lambda: harness.redeem("holder", WORTH * WAD, 0),
        "withdraw": lambda: harness.withdraw("holder", WORTH),
    }
    for what, call in closed.items():
        record.refused("holder", what, STALE, call)
    if harness.is_perp:
        record.refused(
            "holder",
            "redeem_in_kind",
            NO_KIND,
            lambda: harness.redeem_in_kind("holder", WORTH * WAD),
        )
        return
    record.done(
        "holder",
        "redeem_in_kind(400,000 shares)",
        lambda: harness.redeem_in_kind("holder", WORTH * WAD),
        _paid(harness),
    )
    record.holds("the mode is still ACTIVE", harness.mode == Mode.ACTIVE)


def _paid(harness: Harness) -> Callable[[Any], str]:
    """What the receipt's one `Withdraw` paid."""

    def text(receipt: Any) -> str:
        (event,) = [each for each in harness.token.events(receipt) if each.name == "Withdraw"]
        return f"{event.shares / WAD:,.2f} shares for {harness.money(event.assets)}"

    return text
