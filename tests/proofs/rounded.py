# SPDX-License-Identifier: AGPL-3.0-only
"""Which functions that name a direction of rounding have a property of their own."""

from __future__ import annotations

import re

from inverse_index.artifacts import project_root

# What reads a venue, an immutable or storage before it rounds, and what shows it instead.
ELSEWHERE = {
    "AaveQuoter._carried_down": "the Aave model, unit tests of the quoter",
    "AaveQuoter._growth_down": "the Aave model, unit tests of the quoter",
    "AaveQuoter._kept_up": "the Aave model, `tests/regression/test_thin_health.py`",
    "AaveQuoter._lent_down": "the Aave model, `tests/regression/test_thin_health.py`",
    "AaveQuoter._multiple_down": "the Aave model, unit tests of the quoter",
    "LevelFeed._answer_down": "unit tests of the feed",
    "NavFeed._answer_down": "unit tests of the feed",
    "capacity._cost_up": "the vault's model",
    "capacity._initial_up": "the vault's model",
    "capacity._mul_div_down": "`carried_down`",
    "capacity._price_depth_down": "the vault's model",
    "capacity._reserve_multiple_down": "the vault's model",
    "custody._buffer_down": "the vault's model",
    "custody._to_native_down": "the vault's model",
    "feed_answers._scaled_down": "unit tests of the feeds",
    "flow_terms._notional_in_up": "`flow_terms._part_up`, of which it is a maximum",
    "in_kind._parts_down": "the Aave model; `part_in_kind_up` for the debts",
    "ledger._initial_up": "`linear._share_up`, which it sums",
    "ledger._maintenance_up": "`linear._share_up`, which it sums",
    "liquidity._mul_div_down": "the exchange's model",
    "markets._impact_owed_up": "`linear._impact_owed_up`, which it calls",
    "markets._initial_up": "`linear._share_up`, which it calls",
    "markets._maintenance_up": "`linear._share_up`, which it calls",
    "path._fee_part_up": "unit tests of the vault on real pools",
    "pool_depth._bisected_down": "unit tests of the quoter on real pools",
    "pool_depth._crowd_up": "unit tests of the quoter on real pools",
    "pool_depth._depth_down": "unit tests of the quoter on real pools",
    "pool_depth._far_down": "unit tests of the quoter on real pools",
    "pool_depth._shared_depth_down": "unit tests of the quoter on real pools",
    "reconstitution._level_down": "`nav._level_down`, the same text; the oracle's model",
    "reconstitution._units_down": "the oracle's model",
    "reserve._treasury_up": "the Aave model",
    "snapshot._emptied_down": "the token's model",
    "snapshot._quoted_cost_up": "the token's model",
    "views._worth_up": "`aave_math._worth_up`, which it calls",
}
_DEFINED = re.compile(r"^@internal\ndef (_\w+_(?:down|up))\(", re.MULTILINE)


def rounded() -> set[str]:
    """Internal functions of the contracts, as module.function."""
    folder = project_root() / "contracts"
    paths = [path for path in folder.rglob("*.vy") if "testing" not in path.parts]
    return {f"{path.stem}.{name}" for path in paths for name in _DEFINED.findall(path.read_text())}


def stated() -> set[str]:
    """Those that a property calls."""
    folder = project_root() / "contracts" / "testing"
    text = "\n".join(path.read_text() for path in folder.glob("*Properties.vy"))
    return {f"{module}.{name}" for module, name in re.findall(r"\b(\w+)\.(_\w+)\(", text)}
