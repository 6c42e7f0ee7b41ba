# SPDX-License-Identifier: AGPL-3.0-only
"""What a hedged exit leaves behind: the module `exit_split` of the contracts."""

from __future__ import annotations

from ..fixed import BPS, ceil_div
from ..token import nav
from .flow_terms import Flow, Terms

ALL = 2**128  # all that an exit is charged stays, at prices under a restriction


def kept_up(t: Terms, holdings: int, left: int) -> int:
    """The most that may stay for the shares that stay, collateral."""
    if left == 0:
        return 0
    base, unsold = nav.virtual_assets(t.virtual), nav.virtual_shares(t.virtual)
    part = ceil_div((max(holdings, 0) + base) * (left + unsold), t.supply + unsold)
    extra = ceil_div(ceil_div(above_up(t) * left, t.supply) * (t.supply - left), t.supply)
    return max(part - base, 0) + extra


def above_up(t: Terms) -> int:
    """What a mint of everything would pay above N at mid: spread and fee."""
    n = max(t.net, 0)
    return max(t.bid - n, 0) + ceil_div(n * t.p.mint_fee_bps, BPS)


def fewest_up(t: Terms, holdings: int, exit: Flow, cost: int) -> int:
    """The fewest shares whose burning leaves no more than `kept_up`; the supply if too
    little is left for any. exit: a withdrawal that burns the most shares it may."""
    rest = holdings - exit.assets
    fewest = t.supply - left_down(t, holdings, rest - cost)
    if cost >= 0:
        return fewest
    gain = -cost * fewest // max(exit.shares, fewest)
    return t.supply - left_down(t, holdings, rest + gain)


def left_down(t: Terms, holdings: int, kept: int) -> int:
    """Shares for which `kept` is at least `kept_up`, nearly the most of them."""
    if kept <= 0 or holdings <= 0:
        return 0
    above = above_up(t)
    first = left_at_down(t, holdings, above, kept)
    return left_at_down(t, holdings, ceil_div(above * (t.supply - first), t.supply), kept)


def left_at_down(t: Terms, holdings: int, above: int, kept: int) -> int:
    """Shares whose part of `holdings + above` is `kept`."""
    base, unsold = nav.virtual_assets(t.virtual), nav.virtual_shares(t.virtual)
    left = (kept + base) * (t.supply + unsold) // (holdings + above + base)
    return min(max(left - unsold, 0), t.supply)
