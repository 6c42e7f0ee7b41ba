# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title exit_split
@notice What a hedged exit leaves behind. Those who stay keep their part of the
        holdings, and of what a mint of everything would pay above N (the mint fee
        and the spread) the part that leaves times the part that stays; the rest
        of what the leaver is charged is paid to him. Whoever mints ahead of an
        exit, a part `a` of all shares, loses that fee and spread on `a * (1 - a)`
        to the others and gets no more than that back from them: he gains nothing.
        Who leaves with nearly all shares is paid as the last holder is.
"""

from ....interfaces import ITokenPolicy

from ..token import nav
from . import parameters
from . import terms


# @dev At prices under a restriction all that an exit is charged stays: more than
#      any holdings.
ALL: constant(uint256) = 2**128


@pure
@internal
def _kept_up(t: terms.Terms, holdings: int256, left: uint256) -> uint256:
    """
    @param holdings Idle plus equity before the flow, collateral.
    @param left Shares that stay.
    @return The most that may stay for them, collateral: their part of the holdings,
            at which the value of a share, the virtual ones counted, is as before,
            and what of an exit's charge is theirs.
    """
    if left == 0:
        return 0
    base: uint256 = nav._virtual_assets(t.virtual)
    unsold: uint256 = nav._virtual_shares(t.virtual)
    whole: uint256 = (convert(max(holdings, 0), uint256) + base) * (left + unsold)
    part: uint256 = nav._div_up(whole, t.supply + unsold)
    exits: uint256 = t.supply - left
    extra: uint256 = nav._div_up(nav._div_up(self._above_up(t) * left, t.supply) * exits, t.supply)
    return part - min(part, base) + extra


@pure
@internal
def _above_up(t: terms.Terms) -> uint256:
    """
    @return What a mint of everything would pay above N at mid: spread and fee.
    """
    n: uint256 = convert(max(t.net, 0), uint256)
    return t.bid - min(t.bid, n) + nav._div_up(n * t.p.mint_fee_bps, parameters.BPS)


@pure
@internal
def _fewest_up(
    t: terms.Terms,
    holdings: int256,
    exit: ITokenPolicy.Flow,
    cost: int256,
) -> uint256:
    """
    @param exit A withdrawal that burns the most shares that it may.
    @param cost Of its trade, negative for a gain.
    @return The fewest shares whose burning leaves no more than `_kept_up`; the
            supply if too little is left for any.
    @dev A trade of fewer shares gains less, but at least in proportion.
    """
    rest: int256 = holdings - convert(exit.assets, int256)
    fewest: uint256 = t.supply - self._left_down(t, holdings, rest - cost)
    if cost >= 0:
        return fewest
    gain: uint256 = convert(-cost, uint256) * fewest // max(exit.shares, fewest)
    return t.supply - self._left_down(t, holdings, rest + convert(gain, int256))


@pure
@internal
def _left_down(t: terms.Terms, holdings: int256, kept: int256) -> uint256:
    """
    @return Shares, of all, for which `kept` is at least `_kept_up`, and nearly the
            most of them: the part that leaves is taken from a first solution,
            which takes it for one.
    """
    if kept <= 0 or holdings <= 0:
        return 0
    above: uint256 = self._above_up(t)
    first: uint256 = self._left_at_down(t, holdings, above, kept)
    above = nav._div_up(above * (t.supply - first), t.supply)
    return self._left_at_down(t, holdings, above, kept)


@pure
@internal
def _left_at_down(t: terms.Terms, holdings: int256, above: uint256, kept: int256) -> uint256:
    """
    @return Shares whose part of `holdings + above` is `kept`.
    """
    base: uint256 = nav._virtual_assets(t.virtual)
    unsold: uint256 = nav._virtual_shares(t.virtual)
    whole: uint256 = (convert(kept, uint256) + base) * (t.supply + unsold)
    left: uint256 = whole // (convert(holdings, uint256) + above + base)
    return min(left - min(left, unsold), t.supply)
