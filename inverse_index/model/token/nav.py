# SPDX-License-Identifier: AGPL-3.0-only
"""Net asset value, shares and shorts: the module `nav` of the contracts.

Collateral in native units, shares and shorts WAD, prices WAD; `virtual` is
10**(18 - decimals).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..fixed import MAX_UINT256, WAD, ceil_div
from ..oracle.prices import Prices
from ..oracle.reconstitution import index_level_down
from ..vault.collateral_vault import Value

MAX_SHARES = 2**128
MIN_VIRTUAL_SHARES = 10**6


@dataclass(frozen=True, slots=True)
class Valuation:
    """N before its floor at 0, exposure at mid, the spread of it, and by how much it
    falls at prices lowered by their spread, down to 0."""

    net: int
    exposure: int
    spread: int
    fall: int

    @property
    def mid(self) -> int:
        return max(self.net, 0)

    @property
    def bid(self) -> int:
        """The highest N: what a mint pays for."""
        return max(self.net + self.fall, 0)

    @property
    def ask(self) -> int:
        """The lowest N: what a redemption gets."""
        return max(self.net - self.spread, 0)


def valuation(held: Value, prices: Prices, reserve: int, virtual: int) -> Valuation:
    """Value of the holdings less the hedge reserve."""
    unit = WAD * virtual
    notionals = [s * p for s, p in zip(held.shorts, prices.mid, strict=True)]
    spreads = [ceil_div(e * c, WAD) for e, c in zip(notionals, prices.spread, strict=True)]
    return Valuation(
        net=held.idle + held.equity - reserve,
        exposure=sum(notionals) // unit,
        spread=ceil_div(sum(spreads), unit),
        fall=ceil_div(sum(min(*pair) for pair in zip(spreads, notionals, strict=True)), unit),
    )


def virtual_assets(virtual: int) -> int:
    """Virtual collateral units behind at least a million virtual shares."""
    return max(MIN_VIRTUAL_SHARES // virtual, 1)


def virtual_shares(virtual: int) -> int:
    """Shares that stand against the virtual collateral."""
    return virtual * virtual_assets(virtual)


def shares_down(assets: int, n: int, supply: int, virtual: int) -> int:
    base = virtual_assets(virtual)
    return assets * (supply + virtual * base) // (n + base)


def shares_up(assets: int, n: int, supply: int, virtual: int) -> int:
    base = virtual_assets(virtual)
    return ceil_div(assets * (supply + virtual * base), n + base)


def assets_down(shares: int, n: int, supply: int, virtual: int) -> int:
    base = virtual_assets(virtual)
    return shares * (n + base) // (supply + virtual * base)


def assets_up(shares: int, n: int, supply: int, virtual: int) -> int:
    base = virtual_assets(virtual)
    return ceil_div(shares * (n + base), supply + virtual * base)


def per_share_down(n: int, supply: int, virtual: int) -> int:
    """WAD collateral whole units per whole share."""
    base = virtual_assets(virtual)
    return (n + base) * WAD * virtual // (supply + virtual * base)


def hedged(net: int, unhedged: int) -> int:
    """N without the flows that wait for a hedge."""
    return max(net - unhedged, 0)


def leverage_down(exposure: int, n: int) -> int:
    """E / N, WAD."""
    if exposure == 0:
        return 0
    return MAX_UINT256 if n == 0 else exposure * WAD // n


def within_band(exposure: int, n: int, multiple: int, band_bps: int) -> bool:
    """Whether there is value and E / N is within the band around the multiple."""
    return n > 0 and abs(exposure - n * multiple) * 10_000 <= n * multiple * band_bps


def scaled_down(shorts: Sequence[int], numerator: int, denominator: int) -> tuple[int, ...]:
    return tuple(short * numerator // denominator for short in shorts)


def index_shorts_down(
    worth: int, units: Sequence[int], mid: Sequence[int], virtual: int
) -> tuple[int, ...]:
    """Shorts whose exposure is `worth`, in the index's proportions."""
    level = index_level_down(units, mid)
    return tuple(worth * virtual * unit // level for unit in units)


def granularity_up(mid: Sequence[int], smallest: Sequence[int], virtual: int) -> int:
    """By how much shorts can miss an exposure, collateral: the smallest trade of
    every component (WAD units), or two units, and two units of rounding."""
    total = sum(price * least for price, least in zip(mid, smallest, strict=True))
    return ceil_div(total, WAD * virtual) + 2 * len(mid) + 2


def turnover_up(
    before: Sequence[int], after: Sequence[int], mid: Sequence[int], virtual: int
) -> int:
    """Notional traded, collateral units."""
    total = sum(abs(a - b) * p for a, b, p in zip(before, after, mid, strict=True))
    return ceil_div(total, WAD * virtual)
