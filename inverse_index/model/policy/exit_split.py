# SPDX-License-Identifier: AGPL-3.0-only
"""What a hedged exit leaves behind: the module `exit_split` of the contracts."""

from __future__ import annotations

from ..fixed import ceil_div
from ..token import nav
from .flow_terms import Flow, Terms


def kept_up(t: Terms, holdings: int, reserve: int, left: int) -> int:
    """The most that may stay for the shares that stay, collateral."""
    if left == 0:
        return 0
    price = nav.assets_up(left, t.bid + reserve, t.supply, t.virtual)
    base, unsold = nav.virtual_assets(t.virtual), nav.virtual_shares(t.virtual)
    part = ceil_div((max(holdings, 0) + base) * (left + unsold), t.supply + unsold)
    return max(price, part - min(part, base))


def fewest_up(t: Terms, holdings: int, reserve: int, exit: Flow, cost: int) -> int:
    """The fewest shares whose burning leaves no more than `kept_up`; the supply if too
    little is left for any. exit: a withdrawal that burns the most shares it may."""
    rest = holdings - exit.assets
    fewest = t.supply - left_down(t, holdings, reserve, rest - cost)
    if cost >= 0:
        return fewest
    gain = -cost * fewest // max(exit.shares, fewest)
    return t.supply - left_down(t, holdings, reserve, rest + gain)


def left_down(t: Terms, holdings: int, reserve: int, kept: int) -> int:
    """The most shares, of all, for which `kept` is at least `kept_up`."""
    if kept <= 0 or holdings <= 0:
        return 0
    by_price = nav.shares_down(kept, t.bid + reserve, t.supply, t.virtual)
    base, unsold = nav.virtual_assets(t.virtual), nav.virtual_shares(t.virtual)
    by_part = (kept + base) * (t.supply + unsold) // (holdings + base)
    return min(by_price, max(by_part - unsold, 0), t.supply)
