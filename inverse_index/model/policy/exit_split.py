# SPDX-License-Identifier: AGPL-3.0-only
"""What a hedged exit leaves behind: the module `exit_split` of the contracts."""

from __future__ import annotations

from ..fixed import BPS, ceil_div
from ..token import nav
from .flow_terms import Flow, Terms

ALL = 2**128  # all that an exit is charged stays, at prices under a restriction


def kept_up(terms: Terms, holdings: int, left: int) -> int:
    """What may stay of holdings and spread for the shares that stay, collateral."""
    if left == 0:
        return 0
    base, unsold = nav.virtual_assets(terms.virtual), nav.virtual_shares(terms.virtual)
    part = ceil_div((max(holdings, 0) + base) * (left + unsold), terms.supply + unsold)
    return max(part - base, 0) + shared_up(spread(terms), terms.supply, left)


def kept_fee_up(terms: Terms, left: int) -> int:
    """What may stay of the fee."""
    return shared_up(fee_up(terms), max(terms.supply, 1), left)


def sharing_down(terms: Terms, left: int) -> int:
    """Shares that stay and have paid for a hedge: twice the tolerance may not."""
    return max(left - ceil_div(2 * terms.supply * terms.p.tolerance_bps, BPS), 0)


def kept_gain_up(gain: int, supply: int, left: int, sharing: int) -> int:
    """What stays of what the trade of an exit gains."""
    return ceil_div(gain * 2 * sharing, max(supply + left, 1))


def fewest_up(terms: Terms, holdings: int, exit: Flow, cost: int) -> int:
    """The fewest shares whose burning leaves no more than may stay; the supply if too
    little is left for any. exit: a withdrawal that burns the most shares it may."""
    rest, charged = holdings - exit.assets, spread(terms) + fee_up(terms)
    left = left_down(terms, holdings, charged, rest - cost)
    fewest = terms.supply - left
    if cost >= 0:
        return fewest
    fewest = max(fewest, 1)
    gain = -cost * fewest // max(exit.shares, fewest)
    own = gain - kept_gain_up(gain, terms.supply, left, sharing_down(terms, left))
    return terms.supply - min(
        left_down(terms, holdings, charged, rest + gain),
        left_down(terms, holdings, spread(terms), rest + own),
    )


def left_down(terms: Terms, holdings: int, charged: int, kept: int) -> int:
    """Shares whose part of the holdings and of what is charged is `kept` at the most,
    nearly the most of them."""
    if kept <= 0 or holdings <= 0 or terms.supply == 0:
        return 0
    first = left_at_down(terms, holdings, charged, kept)
    return left_at_down(
        terms, holdings, ceil_div(charged * (terms.supply - first), terms.supply), kept
    )


def left_at_down(terms: Terms, holdings: int, above: int, kept: int) -> int:
    """Shares whose part of `holdings + above` is `kept`."""
    base, unsold = nav.virtual_assets(terms.virtual), nav.virtual_shares(terms.virtual)
    left = (kept + base) * (terms.supply + unsold) // (holdings + above + base)
    return min(max(left - unsold, 0), terms.supply)


def shared_up(charged: int, supply: int, left: int) -> int:
    """The part that stays times the part that leaves."""
    return ceil_div(ceil_div(charged * left, supply) * (supply - left), supply)


def spread(terms: Terms) -> int:
    """What a mint of all N would pay for it."""
    return max(terms.bid - max(terms.net, 0), 0)


def fee_up(terms: Terms) -> int:
    """Of a mint of all N."""
    return ceil_div(max(terms.net, 0) * terms.p.mint_fee_bps, BPS)
