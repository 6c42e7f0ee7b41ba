# SPDX-License-Identifier: AGPL-3.0-only
"""Faults planted on purpose: `make fuzz` has to find each of them.

    make planted        one after the other, with the steps that each took

Every fault is one line that a tired author might have written.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping

import click
from rich.console import Console
from rich.table import Table

from tests.stateful.workers import Broken, Done, Job, run_jobs
from tests.variants import Change

NAV = "contracts/modules/nav.vy"
TERMS = "contracts/modules/flow_terms.vy"
FLOWS = "contracts/modules/token_flows.vy"
TRIGGERS = "contracts/modules/triggers.vy"
FEEDS = "contracts/modules/feeds.vy"
ADMIN = "contracts/modules/token_admin.vy"
MARKETS = "contracts/modules/perp_markets.vy"
LIQUIDITY = "contracts/modules/perp_liquidity.vy"
AAVE = "contracts/modules/aave_reserve.vy"

FAULTS: Mapping[str, tuple[str, Change]] = {
    "a rounding flip: shares of a deposit rounded up": (
        "perp",
        Change(
            NAV,
            "    return assets * (supply + virtual * base) // (n + base)\n",
            "    return self._div_up(assets * (supply + virtual * base), n + base)\n",
        ),
    ),
    "a rounding flip: collateral of a mint rounded down": (
        "perp",
        Change(
            NAV,
            "    return self._div_up(shares * (n + base), supply + virtual * base)\n",
            "    return shares * (n + base) // (supply + virtual * base)\n",
        ),
    ),
    "a missing accrual: new fee terms without the old ones": (
        "perp",
        Change(ADMIN, "    fee_module._accrue()\n    fee_module._set(rate, recipient)\n",
               "    fee_module._set(rate, recipient)\n"),
    ),
    "a missing accrual: flows before the fee": (
        "perp",
        Change(FLOWS, "    return fee_module._accrue()\n", "    return fee_module._supply()\n"),
    ),
    "> for >=: an epoch that begins a second late": (
        "perp",
        Change(
            TRIGGERS,
            "    return block.timestamp >= boundary, boundary\n",
            "    return block.timestamp > boundary, boundary\n",
        ),
    ),
    ">= for >: a price that goes stale a second early": (
        "perp",
        Change(
            FEEDS,
            "    if block.timestamp - updated_at > self._heartbeat(word):\n",
            "    if block.timestamp - updated_at >= self._heartbeat(word):\n",
        ),
    ),
    "< for <=: the largest netted flow is hedged": (
        "perp",
        Change(TERMS, "* parameters.BPS <= limit\n", "* parameters.BPS < limit\n"),
    ),
    "a missing staleness check": (
        "perp",
        Change(
            FEEDS,
            "    if block.timestamp - updated_at > self._heartbeat(word):\n",
            "    if False:\n",
        ),
    ),
    "a fee charged twice": (
        "perp",
        Change(TERMS, "        charge=fee,\n        assets=size - fee,\n",
               "        charge=fee,\n        assets=size - fee - fee,\n"),
    ),
    "a fee not charged: hedged flows pay the trade alone": (
        "perp",
        Change(
            FLOWS,
            "    return max(f.charge, loss)\n",
            "    return loss\n",
        ),
    ),
    "a reward without a ramp": (
        "perp",
        Change(TRIGGERS, "    return min((block.timestamp - since) * _WAD // ramp, _WAD)\n",
               "    return _WAD\n"),
    ),
    "a pause that stops nothing": (
        "perp",
        Change(
            TERMS,
            "    assert t.mode != IInverseIndexToken.Mode.MINT_PAUSED, errors.TOKEN_MINT_PAUSED\n",
            "",
        ),
    ),
    "a wind-down that can be asked for twice": (
        "perp",
        Change(
            ADMIN,
            "    assert core._closing_since() == 0, errors.TOKEN_WINDING_DOWN\n"
            "    fee_module._accrue()\n    if msg.sender",
            "    fee_module._accrue()\n    if msg.sender",
        ),
    ),
    "funding that is lost when the exchange is settled": (
        "perp-crowded",
        Change(
            MARKETS,
            "        self._store_funding(m, self._funding_now(m, prices[m]), 0)\n",
            "        self._store_funding(m, 0, 0)\n",
        ),
    ),
    "liquidity that is never locked": (
        "perp-crowded",
        Change(
            LIQUIDITY,
            "    assert block.timestamp >= self.unlocked_at[msg.sender], errors.EXCHANGE_LOCKED\n",
            "",
        ),
    ),
    "interest that is forgotten: debts at their last index": (
        "aave",
        Change(
            AAVE,
            "    return self._debt_index(pool, asset)\n",
            "    data: IAavePool.ReserveData = staticcall IAavePool(pool).getReserveData(asset)\n"
            "    return convert(data.variableBorrowIndex, uint256)\n",
        ),
    ),
}

console = Console(width=120)


@click.command(help=(__doc__ or "").partition("\n")[0])
@click.option("--steps", default=50_000, show_default=True, help="Steps within which to find each.")
@click.option("--seed", default=1, show_default=True)
@click.option("--workers", default=2, show_default=True)
def main(steps: int, seed: int, workers: int) -> None:
    table = Table(title=f"Planted faults: found within {steps:,} steps, or not")
    for heading in ("fault", "steps", "seconds", "how it showed"):
        table.add_column(heading)
    missed = 0
    for name, (machine, change) in FAULTS.items():
        started = time.monotonic()
        job = Job(steps, seed, workers, (machine,), 0.0, (change,))
        taken, shown = hunt(job)
        missed += not shown
        row = (f"{taken:,}", f"{time.monotonic() - started:.0f}", shown or "[red]not found[/]")
        table.add_row(name, *row)
        console.print(f"{name}: {row[0]} steps, {shown or 'NOT FOUND'}", markup=False)
    console.print(table)
    sys.exit(1 if missed else 0)


def hunt(job: Job) -> tuple[int, str]:
    """Steps taken until the fault showed, and how; "" if it did not."""
    taken = 0
    for found in run_jobs(job):
        if isinstance(found, Broken):
            return taken + found.batch, f"{found.message} ({found.place})"
        assert isinstance(found, Done)
        taken += found.tally.steps
    return taken, ""


if __name__ == "__main__":
    main()
