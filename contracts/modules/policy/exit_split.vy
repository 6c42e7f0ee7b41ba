# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title exit_split
@notice What a hedged exit leaves behind. Those who stay keep their part of the
        holdings, and of the fee and of the spread that the leaver pays no more than
        raises a share to the price at which one could be minted just before, the
        mint fee apart; the rest is the leaver's. So nobody gains by minting ahead
        of an exit, and who leaves with nearly all shares is paid as the last
        holder is.
"""

from ....interfaces import ITokenPolicy

from ..token import nav
from . import terms


@pure
@internal
def _kept_up(t: terms.Terms, holdings: int256, reserve: uint256, left: uint256) -> uint256:
    """
    @param holdings Idle plus equity before the flow, collateral.
    @param left Shares that stay.
    @return The most that may stay for them, collateral: their value at bid, but
            at least their part of the holdings, at which the value of a share,
            the virtual ones counted, is as before.
    """
    if left == 0:
        return 0
    price: uint256 = nav._assets_up(left, t.bid + reserve, t.supply, t.virtual)
    base: uint256 = nav._virtual_assets(t.virtual)
    unsold: uint256 = nav._virtual_shares(t.virtual)
    whole: uint256 = (convert(max(holdings, 0), uint256) + base) * (left + unsold)
    part: uint256 = nav._div_up(whole, t.supply + unsold)
    return max(price, part - min(part, base))


@pure
@internal
def _fewest_up(
    t: terms.Terms,
    holdings: int256,
    reserve: uint256,
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
    fewest: uint256 = t.supply - self._left_down(t, holdings, reserve, rest - cost)
    if cost >= 0:
        return fewest
    gain: uint256 = convert(-cost, uint256) * fewest // max(exit.shares, fewest)
    return t.supply - self._left_down(t, holdings, reserve, rest + convert(gain, int256))


@pure
@internal
def _left_down(t: terms.Terms, holdings: int256, reserve: uint256, kept: int256) -> uint256:
    """
    @return The most shares, of all, for which `kept` is at least `_kept_up`.
    """
    if kept <= 0 or holdings <= 0:
        return 0
    rest: uint256 = convert(kept, uint256)
    by_price: uint256 = nav._shares_down(rest, t.bid + reserve, t.supply, t.virtual)
    base: uint256 = nav._virtual_assets(t.virtual)
    unsold: uint256 = nav._virtual_shares(t.virtual)
    whole: uint256 = (rest + base) * (t.supply + unsold)
    by_part: uint256 = whole // (convert(holdings, uint256) + base)
    return min(min(by_price, by_part - min(by_part, unsold)), t.supply)
