# SPDX-License-Identifier: AGPL-3.0-only
"""The tables of docs/gas.md are those of the snapshot."""

from __future__ import annotations

import json

from inverse_index.artifacts import project_root

ROOT = project_root()
SNAPSHOT = json.loads((ROOT / "gas" / "snapshot.json").read_text())
FLOWS = {
    "`deposit` that nets": "deposit_netted",
    "`redeem` that nets": "redeem_netted",
    "`deposit` that hedges": "deposit_hedged",
    "`redeem` that hedges": "redeem_hedged",
    "`rebalance`": "rebalance",
    "`trade` that opens a position": "exchange_open",
    "`trade` that closes it": "exchange_close",
}
BESIDE = {
    "`deposit` that nets, router, by signature": (
        "router_deposit_permit_netted_k1",
        "aave_deposit_netted_k1",
    ),
    "`redeem` that nets, router, by signature": (
        "router_redeem_permit_netted_k1",
        "aave_redeem_netted_k1",
    ),
    "`rebalance`, more short": ("aave_rebalance_more_k1", "aave_floor_more_k1"),
    "`rebalance`, less short": ("aave_rebalance_less_k1", "aave_floor_less_k1"),
}


def expected() -> list[str]:
    """The rows of both tables."""
    rows = [f"| `transfer` | {SNAPSHOT['transfer']:,} |  |"]
    for label, key in FLOWS.items():
        one, five = SNAPSHOT[f"{key}_k1"], SNAPSHOT[f"{key}_k5"]
        rows.append(f"| {label} | {one:,} | {five:,} |")
    for label, key in list(FLOWS.items())[:4]:
        one, five = SNAPSHOT[f"aave_{key}_k1"], SNAPSHOT[f"aave_{key}_k5"]
        rows.append(f"| {label} | {one:,} | | | {five:,} |")
    for label, (key, base) in BESIDE.items():
        one, bare = SNAPSHOT[key], SNAPSHOT[base]
        five = SNAPSHOT.get(key.replace("_k1", "_k5"))
        last = f" {five:,} " if five else " "
        rows.append(f"| {label} | {one:,} | {bare:,} | {one / bare:.2f} |{last}|")
    return rows


def test_every_row_is_the_snapshots() -> None:
    """`make gas-update` writes the snapshot; the tables are edited by hand."""
    text = (ROOT / "docs" / "gas.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert sorted(rows) == sorted(expected())
