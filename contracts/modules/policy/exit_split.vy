# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title exit_split
@notice What a hedged exit leaves behind. Of shares of which the part y stays, those
        who stay keep
          their part of the holdings,
          y * (1 - y) of the spread that a mint of all N would pay, and
          the larger of y * (1 - y) of its fee, and of 2 (y - w) / (1 + y) of what
          the trade of the exit gains, w what may wait for a hedge;
        the rest of what the leaver is charged, or gains, is paid to him. Whoever
        mints the part y ahead of an exit has paid the others as much: spread, and
        the larger of fee and trade, but for what waits, which has not traded. Where
        impact grows with the position, a venue gives back to whoever closes first
        what the last to open paid, and with 2 y / (1 + y) of it neither opening
        before another's mint and leaving first nor opening before another's exit
        and leaving last gains. Who leaves with nearly all shares is paid as the
        last holder is.
"""

from ..token import nav
from . import parameters
from . import token_terms


# @dev What a split depends on. (Small, because every function that takes it copies it.)
struct Holders:
    supply: uint256  # shares
    virtual: uint256
    spread: uint256  # collateral that a mint of all N would pay above N
    fee: uint256  # collateral of its fee
    waiting: uint256  # shares that may not have paid for a hedge: twice the tolerance


# @dev At prices under a restriction all that an exit is charged stays: more than
#      any holdings.
ALL: constant(uint256) = 2**128


@pure
@internal
def _holders(terms: token_terms.Terms) -> Holders:
    n: uint256 = convert(max(terms.net, 0), uint256)
    return Holders(
        supply=terms.supply,
        virtual=terms.virtual,
        spread=terms.bid - min(terms.bid, n),
        fee=nav._div_up(n * terms.p.mint_fee_bps, parameters.BPS),
        waiting=nav._div_up(2 * terms.supply * terms.p.tolerance_bps, parameters.BPS),
    )


@pure
@internal
def _kept_up(holders: Holders, holdings: int256, left: uint256) -> uint256:
    """
    @param holdings Idle plus equity before the flow, collateral.
    @param left Shares that stay.
    @return Their part of the holdings, at which the value of a share, the virtual
            ones counted, is as before, and what of the spread is theirs.
    """
    if left == 0:
        return 0
    base: uint256 = nav._virtual_assets(holders.virtual)
    unsold: uint256 = nav._virtual_shares(holders.virtual)
    whole: uint256 = (convert(max(holdings, 0), uint256) + base) * (left + unsold)
    part: uint256 = nav._div_up(whole, holders.supply + unsold)
    return part - min(part, base) + self._shared_up(holders.spread, holders.supply, left)


@pure
@internal
def _kept_fee_up(holders: Holders, left: uint256) -> uint256:
    """
    @return What of the fee is theirs who stay.
    """
    return self._shared_up(holders.fee, max(holders.supply, 1), left)


@pure
@internal
def _sharing_down(holders: Holders, left: uint256) -> uint256:
    """
    @return Shares that stay and have paid for a hedge: twice the tolerance may not.
    """
    return left - min(left, holders.waiting)


@pure
@internal
def _kept_gain_up(gain: uint256, supply: uint256, left: uint256, sharing: uint256) -> uint256:
    """
    @param sharing See `_sharing_down`.
    @return What is theirs who stay of what the trade gains.
    """
    return nav._div_up(gain * 2 * sharing, max(supply + left, 1))


@pure
@internal
def _fewest_up(
    holders: Holders,
    holdings: int256,
    assets: uint256,
    shares: uint256,
    cost: int256,
) -> uint256:
    """
    @param assets Paid by a withdrawal.
    @param shares The most that it may burn.
    @param cost Of its trade, negative for a gain.
    @return The fewest shares whose burning leaves no more than those who stay keep;
            the supply if too little is left for any.
    @dev A trade of fewer shares gains less, but at least in proportion.
    """
    rest: int256 = holdings - convert(assets, int256)
    charged: uint256 = holders.spread + holders.fee
    left: uint256 = self._left_down(holders, holdings, charged, rest - cost)
    fewest: uint256 = holders.supply - left
    if cost >= 0:
        return fewest
    fewest = max(fewest, 1)
    gain: uint256 = convert(-cost, uint256) * fewest // max(shares, fewest)
    sharing: uint256 = self._sharing_down(holders, left)
    own: uint256 = gain - self._kept_gain_up(gain, holders.supply, left, sharing)
    left = min(
        self._left_down(holders, holdings, charged, rest + convert(gain, int256)),
        self._left_down(holders, holdings, holders.spread, rest + convert(own, int256)),
    )
    return holders.supply - left


@pure
@internal
def _left_down(holders: Holders, holdings: int256, charged: uint256, kept: int256) -> uint256:
    """
    @param charged What a mint of all N would pay, of which a part is shared.
    @return Shares, of all, whose part of the holdings and of `charged` is `kept` at
            the most, and nearly the most of them: the part that leaves is taken from
            a first solution, which takes it for one.
    """
    if kept <= 0 or holdings <= 0 or holders.supply == 0:
        return 0
    first: uint256 = self._left_at_down(holders, holdings, charged, kept)
    shared: uint256 = nav._div_up(charged * (holders.supply - first), holders.supply)
    return self._left_at_down(holders, holdings, shared, kept)


@pure
@internal
def _left_at_down(holders: Holders, holdings: int256, above: uint256, kept: int256) -> uint256:
    """
    @return Shares whose part of `holdings + above` is `kept`.
    """
    base: uint256 = nav._virtual_assets(holders.virtual)
    unsold: uint256 = nav._virtual_shares(holders.virtual)
    whole: uint256 = (convert(kept, uint256) + base) * (holders.supply + unsold)
    left: uint256 = whole // (convert(holdings, uint256) + above + base)
    return min(left - min(left, unsold), holders.supply)


@pure
@internal
def _shared_up(charged: uint256, supply: uint256, left: uint256) -> uint256:
    """
    @return The part that stays times the part that leaves.
    """
    return nav._div_up(nav._div_up(charged * left, supply) * (supply - left), supply)
