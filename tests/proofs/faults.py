# SPDX-License-Identifier: AGPL-3.0-only
"""Faults planted into the sources, and the property that each has to refute.

Those of a group are compiled together; none touches another one's property.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.support.proof_harness import ProofHarness
from tests.support.variants import Change, variant

from .proof import Property, Refuted


@dataclass(frozen=True)
class Fault:
    """A text of a module that stands there once, another one, and who notices."""

    module: str
    old: str
    new: str
    prop: str

    @property
    def change(self) -> Change:
        return Change(f"contracts/modules/{self.module}.vy", self.old, self.new)


GROUPS: dict[str, tuple[Fault, ...]] = {
    "words": (
        Fault(
            "policy/parameters", "p.reward_ramp << 128", "p.reward_ramp << 127", "parameters_packed"
        ),
        Fault(
            "token/records",
            "min(flows.reserve, _BITS_80) << 112",
            "flows.reserve << 112",
            "flows_stored",
        ),
        Fault(
            "token/records", "min(reset.nav, 2**112 - 1) << 144", "reset.nav << 144", "reset_stored"
        ),
        Fault(
            "exchange/funding",
            "    return (upper - rate) >> 48\n",
            "    return upper >> 48\n",
            "funding_stored",
        ),
        Fault(
            "uniswap/hop_word", "return hop >> 184 & _BITS_24", "return hop >> 184", "hop_packed"
        ),
    ),
    "shares": (
        Fault(
            "token/nav",
            "return assets * (supply + virtual * base) // (n + base)",
            "return (assets * (supply + virtual * base) + n) // (n + base)",
            "shares_down",
        ),
        Fault(
            "token/nav",
            "return self._div_up(assets * (supply + virtual * base), n + base)",
            "return assets * (supply + virtual * base) // (n + base)",
            "shares_up",
        ),
        Fault(
            "token/nav",
            "return shares * (n + base) // (supply + virtual * base)",
            "return self._div_up(shares * (n + base), 0 + supply + virtual * base)",
            "assets_down",
        ),
        Fault(
            "token/nav",
            "return self._div_up(shares * (n + base), supply + virtual * base)",
            "return shares * (n + base) // (supply + virtual * base)",
            "assets_up",
        ),
        Fault(
            "token/nav",
            "return exposure * _WAD // n",
            "return self._div_up(exposure * _WAD, n)",
            "leverage_down",
        ),
        Fault(
            "policy/targets",
            "scaled[i] = shorts[i] * numerator // denominator",
            "scaled[i] = nav._div_up(shorts[i] * numerator, denominator)",
            "scaled_down",
        ),
        Fault(
            "policy/targets",
            "shorts[i] = worth * virtual * units[i] // level",
            "shorts[i] = nav._div_up(worth * virtual * units[i], level)",
            "index_shorts_down",
        ),
        Fault(
            "policy/leverage_band",
            "gap * BPS <= target * band_bps",
            "gap * BPS < target * band_bps",
            "within_band",
        ),
        Fault(
            "token/nav", "spread=self._div_up(spread, unit)", "spread=spread // unit", "bid_and_ask"
        ),
    ),
    "virtual shares": (
        Fault(
            "token/nav",
            "return max(_MIN_VIRTUAL_SHARES // virtual, 1)",
            "return 1",
            "virtual_backing",
        ),
        Fault("policy/leverage_band", "return n > 0 and gap", "return gap", "within_band"),
    ),
    "flows": (
        Fault(
            "policy/flow_terms",
            "return nav._div_up(assets * fee_bps, parameters.BPS)",
            "return assets * fee_bps // parameters.BPS",
            "fee_up",
        ),
        Fault(
            "policy/netting",
            "after <= max(2 * limit, before)",
            "after < max(2 * limit, before)",
            "nets",
        ),
        Fault(
            "policy/flow_terms",
            "return nav._div_up((terms.exposure + 1) * size, max(terms.ask, 1))",
            "return (terms.exposure + 1) * size // max(terms.ask, 1)",
            "part_up",
        ),
        Fault(
            "policy/reward",
            "return min((block.timestamp - since) * _WAD // ramp, _WAD)",
            "return (block.timestamp - since) * _WAD // ramp",
            "ramp",
        ),
        Fault(
            "policy/reward",
            "return cap * share // _WAD",
            "return (cap * share + 1) // _WAD",
            "reward_down",
        ),
        Fault(
            "policy/reward",
            "return min(beyond, whole) * _WAD // whole",
            "return beyond * _WAD // whole",
            "drift_depth",
        ),
        Fault(
            "policy/exit_split",
            "shared: uint256 = nav._div_up(charged * (holders.supply - first), holders.supply)",
            "shared: uint256 = nav._div_up(charged * first, holders.supply)",
            "left_down",
        ),
    ),
    "flows, exact out": (
        Fault(
            "policy/flow_terms",
            "return nav._div_up(assets * parameters.BPS, parameters.BPS - fee_bps)",
            "return assets * parameters.BPS // (parameters.BPS - fee_bps)",
            "before_fee_up",
        ),
        Fault(
            "policy/netting",
            "headroom: int256 = 2 * convert(limit, int256) - used",
            "headroom: int256 = 3 * convert(limit, int256) - used",
            "netting_headroom",
        ),
        Fault(
            "policy/netting",
            "return reserve * after // before",
            "return (reserve * after + before - 1) // before",
            "reserve_down",
        ),
        Fault(
            "policy/exit_split",
            "shared: uint256 = nav._div_up(charged * (holders.supply - first), holders.supply)",
            "shared: uint256 = nav._div_up(charged * holders.supply, holders.supply)",
            "not_far_left",
        ),
        Fault(
            "policy/flow_terms",
            "(assets + terms.components + 4) * worth",
            "(assets + 4) * worth",
            "before_bound_cost_up",
        ),
    ),
    "streaming fee and exits": (
        Fault(
            "token/streaming_fee",
            "return supply * convert(growth, uint256) //",
            "return (supply * convert(growth, uint256) + 10**18 - 1) //",
            "unaccrued_down",
        ),
        Fault(
            "policy/exit_split",
            "(charged * left, supply) * (supply - left), supply)",
            "(charged * left, supply) * supply, supply)",
            "kept_up",
        ),
    ),
    "exchange": (
        Fault(
            "exchange/linear",
            "return (amount * share_wad + _WAD - 1) // _WAD",
            "return amount * share_wad // _WAD",
            "share_up",
        ),
        Fault(
            "exchange/linear",
            "(price * (IMPACT_UNIT + impact) + IMPACT_UNIT - 1) // IMPACT_UNIT",
            "price * (IMPACT_UNIT + impact) // IMPACT_UNIT",
            "fill_price",
        ),
        Fault(
            "exchange/linear",
            "(convert(last * last, uint256) + way - 1) // way",
            "convert(last * last, uint256) // way",
            "impact_up",
        ),
        Fault(
            "exchange/market_depth",
            "* skew_scale // linear.IMPACT_UNIT",
            "* skew_scale // linear.IMPACT_UNIT + 1",
            "largest_order_down",
        ),
        Fault("exchange/linear", "// (2 * _WAD)", "// _WAD", "closing_cost"),
    ),
    "pools": (
        Fault(
            "aave/aave_math",
            "return (x * y + _RAY // 2) // _RAY",
            "return x * y // _RAY",
            "ray_mul",
        ),
        Fault(
            "aave/aave_math", "return (x * _RAY + y // 2) // y", "return x * _RAY // y", "ray_div"
        ),
        Fault(
            "aave/aave_math",
            "reduced: uint256 = math._ceil_div(targets[i], units[i])",
            "reduced: uint256 = targets[i] // units[i]",
            "deltas",
        ),
        Fault(
            "vault/idle_buffer", "return wanted - idle", "return wanted - idle + 1", "idle_buffer"
        ),
        Fault(
            "aave/in_kind",
            "shares, supply, True) + 1",
            "shares, supply, False) + 1",
            "part_in_kind_up",
        ),
        Fault(
            "uniswap/sandwich_limit",
            "half * (hop_word.PIPS - half)",
            "half * (hop_word.PIPS + half)",
            "twice_the_fee",
        ),
        Fault(
            "uniswap/tick_walk",
            "math._mul_div(liquidity, change, _Q96, True),",
            "math._mul_div(liquidity, change, _Q96, False),",
            "moved",
        ),
        Fault(
            "uniswap/tick_walk",
            "math._mul_div(amount, _Q96, liquidity, zero_for_one)",
            "math._mul_div(amount, _Q96, liquidity, not zero_for_one)",
            "price_after",
        ),
    ),
}


def unnoticed(harness: ProofHarness, group: str, properties: dict[str, Property]) -> Iterator[str]:
    """Faults that their property holds in spite of, the harness having deployed nothing."""
    with variant(*(fault.change for fault in GROUPS[group])):
        for fault in GROUPS[group]:
            prop = properties[fault.prop]
            if not _refuted(harness, prop):
                yield f"{fault.module}: {fault.new} ({prop.name})"


def _refuted(harness: ProofHarness, prop: Property) -> bool:
    for ask in (harness.wide, harness.sample, harness.whole):
        try:
            ask(prop)
        except Refuted:
            return True
    return False
