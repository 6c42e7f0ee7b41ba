# SPDX-License-Identifier: AGPL-3.0-only
"""What a long run has to reach, by family of machines: all of a family together."""

from __future__ import annotations

from collections.abc import Mapping

from tests.stateful import exchange_rules, oracle_rules

MODES = frozenset({"ACTIVE", "MINT_PAUSED", "WINDING_DOWN", "SETTLED"})
TOKEN = MODES | {
    "calm",
    "jump",
    "gap",
    "crash",
    "squeeze",
    "squeeze at once",
    "one period",
    "silence",
    "to the second",
    "source fails",
    "sources disagree",
    "depeg",
    "oracle dead",
    "DEPOSIT netted",
    "DEPOSIT hedged",
    "MINT netted",
    "MINT hedged",
    "WITHDRAW netted",
    "WITHDRAW hedged",
    "REDEEM netted",
    "REDEEM hedged",
    "at the limit of netting",
    "bound one unit too tight",
    "round trip in 1",
    "round trip in 2",
    "round trip in 3",
    "at the cap",
    "left altogether",
    "epoch",
    "drift",
    "epoch and drift",
    "drift and emergency",
    "epoch and reconstitution",
    "reset in part",
    "wind_down",
    "settled",
    "wiped out",
    "no shares",
    "no price, no flow",
    "paused",
    "cap lowered",
    "mint refused while paused",
    "donation",
    "everybody left",
    "wound down by anybody",
    "wound down by the owner",
    "refused: token: rebalance not due",
    "refused: oracle: sources disagree",
    "called back",
    "called back before",
    "called back in a reset",
    "a lie on the way in",
    "false on the way in",
    "a fee on the way in",
    "false on the way out",
    "a holder is blocked",
    "no return values",
}
PERP = TOKEN | {
    "lone step",
    "vault liquidated",
    "bad debt",
    "exchange settled",
    "refused: exchange: account is healthy",
    "refused: exchange: equity below zero",
    "trader buys",
    "trader sells",
    "trader took the money",
    "trader liquidated",
    "liquidity added",
    "liquidity removed",
}
AAVE = TOKEN | {
    "pool moved",
    "debt repaid by a stranger",
    "others supply",
    "in kind",
    "liquidated by Aave",
    "last exit in kind",
    "refused: vault: slippage above bound",
}
# The first part of a machine's name is its family.
GOALS: Mapping[str, frozenset[str]] = {
    "perp": frozenset(PERP),
    "aave": frozenset(AAVE),
    "exchange": frozenset(exchange_rules.REGIMES),
    "oracle": frozenset(oracle_rules.REGIMES),
}


def family(machine: str) -> str:
    """As in `GOALS`."""
    return machine.partition("-")[0]
