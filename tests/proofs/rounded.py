# SPDX-License-Identifier: AGPL-3.0-only
"""Which functions that name a direction of rounding have a property of their own."""

from __future__ import annotations

import re
from pathlib import Path

from inverse_index.artifacts import project_root

# What reads a venue, an immutable or storage before it rounds, and what shows it instead.
ELSEWHERE = {
    "AaveQuoter._shrinking_down": "the Aave vault's model, on the real contracts",
    "AaveQuoter._spendable_down": "the Aave vault's model, on the real contracts",
    "exchange/borrowing._account_limit_down": "the exchange's model, unit tests of the limit",
    "exchange/market_depth._largest_order_down": "the vault's model, unit tests of its depth",
    "exchange/shares._to_assets_down": "the exchange's model",
    "exchange/shares._to_shares_down": "the exchange's model",
    "AaveQuoter._carried_down": "the Aave model, unit tests of the quoter",
    "AaveQuoter._growth_down": "the Aave model, unit tests of the quoter",
    "AaveQuoter._kept_up": "the Aave model, `tests/regression/test_thin_health.py`",
    "AaveQuoter._lent_down": "the Aave model, `tests/regression/test_thin_health.py`",
    "aave/aave_math._multiple_down": "the Aave model, unit tests of the quoter",
    "LevelFeed._answer_down": "unit tests of the feed",
    "NavFeed._answer_down": "unit tests of the feed",
    "aave/in_kind._parts_down": "the Aave model; `part_in_kind_up` for the debts",
    "aave/reserve._treasury_up": "the Aave model",
    "aave/views._worth_up": "`aave_math._worth_up`, which it calls",
    "exchange/margin._requirements_up": "`linear._share_up`, which it sums",
    "exchange/markets._initial_up": "`linear._share_up`, which it calls",
    "exchange/markets._maintenance_up": "`linear._share_up`, which it calls",
    "oracle/feed_answers._scaled_down": "unit tests of the feeds",
    "oracle/reconstitution._level_down": "`nav._level_down`, the same text; the oracle's model",
    "oracle/reconstitution._units_down": "the oracle's model",
    "perp/account._to_native_down": "the vault's model",
    "perp/capacity._cost_up": "the vault's model",
    "policy/flow_bound._bound_bps_up": "the token's model",
    "perp/capacity._freed_down": "the vault's model",
    "perp/capacity._initial_up": "the vault's model",
    "perp/capacity._mul_div_down": "`carried_down`",
    "perp/capacity._price_depth_down": "the vault's model",
    "perp/capacity._reserve_multiple_down": "the vault's model",
    "perp/capacity._reserved_part_down": "the vault's model",
    "oracle/prices._mid_down": "the oracle's model",
    "oracle/prices._widened_up": "the oracle's model",
    "policy/post_trade_check._nearer_by_down": "the token's model, unit tests of `finish_reset`",
    "policy/reset_plan._reward_of_the_rest_down": "the token's model, unit tests of the triggers",
    "policy/step_guard._allowance_down": "the token's model",
    "policy/step_guard._lowered_down": "the token's model, unit tests of the plan",
    "policy/exit_split._fewest_up": "the token's model, unit tests of the plan",
    "policy/exit_split._kept_gain_up": "the token's model, unit tests of the plan",
    "policy/exit_split._left_at_down": "`exit_split._left_down`, which calls it twice",
    "policy/exit_split._shared_up": "`exit_split._kept_up`, which states it",
    "policy/exit_split._sharing_down": "the token's model, unit tests of the plan",
    "policy/flow_quote._cost_up": "the token's model, unit tests of the plan",
    "policy/flow_terms._notional_in_up": "`flow_terms._part_up`, of which it is a maximum",
    "policy/maximums._carried_down": "the token's model",
    "policy/post_trade_check._reward_of_a_part_down": "the token's model, unit tests of the check",
    "uniswap/path._fee_part_up": "unit tests of the vault on real pools",
    "uniswap/pool_depth._bisected_down": "unit tests of the quoter on real pools",
    "uniswap/pool_depth._crowd_up": "unit tests of the quoter on real pools",
    "uniswap/pool_depth._depth_down": "unit tests of the quoter on real pools",
    "uniswap/pool_depth._far_down": "unit tests of the quoter on real pools",
    "uniswap/pool_depth._shared_depth_down": "unit tests of the quoter on real pools",
    "vault/fill_check._largest_loss_up": "the vaults' models",
    "vault/idle_buffer._wanted_down": "`idle_buffer._part_down`, which it calls",
    "vault/sandwich._largest_trade_down": "the vaults' models",
}
_DEFINED = re.compile(r"^@internal\ndef (_\w+_(?:down|up))\(", re.MULTILINE)
_IMPORTED = re.compile(r"^from \.\.modules\.(\w+) import (\w+)(?: as (\w+))?$", re.MULTILINE)
_CALLED = re.compile(r"\b(\w+)\.(_\w+)\(")


def rounded() -> set[str]:
    """Internal functions of the contracts, as folder/module._function or Contract._function."""
    folder = project_root() / "contracts"
    paths = [path for path in folder.rglob("*.vy") if "testing" not in path.parts]
    return {
        f"{_name(path)}.{name}" for path in paths for name in _DEFINED.findall(path.read_text())
    }


def stated() -> set[str]:
    """Those that a property calls."""
    found: set[str] = set()
    for path in (project_root() / "contracts" / "testing").glob("*Properties.vy"):
        text = path.read_text()
        modules = {
            alias or module: f"{folder}/{module}"
            for folder, module, alias in _IMPORTED.findall(text)
        }
        found |= {f"{modules.get(name, name)}.{called}" for name, called in _CALLED.findall(text)}
    return found


def _name(path: Path) -> str:
    is_module = path.parts[-3] == "modules"
    return f"{path.parent.name}/{path.stem}" if is_module else path.stem
