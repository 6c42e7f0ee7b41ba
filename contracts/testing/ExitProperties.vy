# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title ExitProperties
@license AGPL-3.0-only
@notice What must hold of what exits leave behind, and of the fees that wait, for
        all numbers.
@custom:kill For tests only; never deployed elsewhere.
"""

from ..modules.policy import exit_split
from ..modules.policy import netting
from ..modules.policy import token_terms
from ..modules.token import nav


# --- netting ---


@pure
@external
def reserve_down(unhedged: int256, size: int256, reserve: uint256, fee: uint256) -> bool:
    """
    @notice The fees of what still waits: of both where the directions are the same,
            otherwise the floor of the part of the larger that is left.
    """
    kept: uint256 = netting._reserve_down(unhedged, reserve, size, fee)
    before: uint256 = convert(abs(unhedged), uint256)
    moved: uint256 = convert(abs(size), uint256)
    if unhedged == 0 or size == 0 or (unhedged > 0) == (size > 0):
        return kept == reserve + fee
    if moved < before:
        return self._is_floor(kept, reserve * (before - moved), before)
    return self._is_floor(kept, fee * (moved - before), moved)


# --- exits ---


@pure
@external
def kept_up(
    holdings: uint256,
    spread: uint256,
    fee_bps: uint256,
    supply: uint256,
    left: uint256,
    virtual: uint256,
) -> bool:
    """
    @notice The part of the holdings, the virtual collateral and shares counted, and
            of spread and of fee of all of N the part that stays, times the part that
            leaves: every quotient is ceiled.
    """
    if left > supply:
        return True  # more than there are
    holders: exit_split.Holders = self._leaving(holdings, spread, fee_bps, supply, virtual)
    kept: uint256 = exit_split._kept_up(holders, convert(holdings, int256), left)
    if left == 0:
        return kept == 0
    fee: uint256 = self._ceiled(holdings * fee_bps, 10_000)
    if exit_split._kept_fee_up(holders, left) != self._shared(fee, supply, left):
        return False
    extra: uint256 = self._shared(spread, supply, left)
    if kept < extra:
        return False
    base: uint256 = nav._virtual_assets(virtual)
    shares: uint256 = supply + base * virtual
    whole: uint256 = (holdings + base) * (left + base * virtual)
    if whole <= base * shares:
        return kept == extra
    return self._is_ceiling(kept - extra + base, whole, shares)


@pure
@external
def left_down(
    holdings: uint256,
    spread: uint256,
    fee_bps: uint256,
    supply: uint256,
    kept: uint256,
    virtual: uint256,
) -> bool:
    """
    @notice Shares that may stay with what is kept: their part of the holdings is no
            more, nor is `_kept_up`, but for two units of rounding and what that part
            is short of the virtual collateral.
    """
    if supply == 0 or holdings == 0:
        return True  # nobody stays
    holders: exit_split.Holders = self._leaving(holdings, spread, fee_bps, supply, virtual)
    held: int256 = convert(holdings, int256)
    left: uint256 = exit_split._left_down(
        holders, held, holders.spread + holders.fee, convert(kept, int256)
    )
    if left == 0 or left > supply:
        return left == 0
    base: uint256 = nav._virtual_assets(virtual)
    part: uint256 = self._ceiled(
        (holdings + base) * (left + base * virtual), supply + base * virtual
    )
    if part > kept + base:
        return False
    most: uint256 = exit_split._kept_up(holders, held, left) + exit_split._kept_fee_up(
        holders, left
    )
    return most <= kept + 4 + base - min(base, part)


@pure
@external
def not_far_left(
    holdings: uint256,
    spread: uint256,
    fee_bps: uint256,
    supply: uint256,
    kept: uint256,
    virtual: uint256,
) -> bool:
    """
    @notice Nearly the most of them. With `above` the spread and fee of all of N, what
            is kept is above `_kept_up` by no more than above**2 / (holdings + above)
            for the part that stays, what a share and the virtual ones are of `above`
            and of the holdings, and two units. Every share may stay where no less
            than the holdings is kept.
    """
    if supply == 0 or holdings == 0:
        return True  # nobody stays
    holders: exit_split.Holders = self._leaving(holdings, spread, fee_bps, supply, virtual)
    held: int256 = convert(holdings, int256)
    left: uint256 = exit_split._left_down(
        holders, held, holders.spread + holders.fee, convert(kept, int256)
    )
    if left == supply:
        return kept >= holdings
    base: uint256 = nav._virtual_assets(virtual)
    unsold: uint256 = base * virtual
    above: uint256 = spread + self._ceiled(holdings * fee_bps, 10_000)
    whole: uint256 = holdings + base + above
    missed: uint256 = self._ceiled(self._ceiled(above * left, supply) * above, whole)
    missed = self._ceiled(missed * (supply + unsold), supply)
    missed += self._ceiled(above * unsold, supply + unsold) + self._ceiled(above, supply)
    missed += self._ceiled(whole, supply + unsold) + 2
    most: uint256 = exit_split._kept_up(holders, held, left) + exit_split._kept_fee_up(
        holders, left
    )
    if left == 0:
        most = self._ceiled((holdings + base) * unsold, supply + unsold)
    return kept <= most + missed


# --- internal ---


@pure
@internal
def _shared(charged: uint256, supply: uint256, left: uint256) -> uint256:
    return self._ceiled(self._ceiled(charged * left, supply) * (supply - left), supply)


@pure
@internal
def _leaving(
    holdings: uint256, spread: uint256, fee_bps: uint256, supply: uint256, virtual: uint256
) -> exit_split.Holders:
    terms: token_terms.Terms = empty(token_terms.Terms)
    terms.p.mint_fee_bps = fee_bps
    terms.net = convert(holdings, int256)
    terms.bid = holdings + spread
    terms.supply = supply
    terms.virtual = virtual
    return exit_split._holders(terms)


@pure
@internal
def _ceiled(x: uint256, y: uint256) -> uint256:
    q: uint256 = x // y
    if q * y < x:
        return q + 1
    return q


@pure
@internal
def _is_floor(q: uint256, x: uint256, y: uint256) -> bool:
    low: uint256 = q * y
    return low <= x and x - low < y


@pure
@internal
def _is_ceiling(q: uint256, x: uint256, y: uint256) -> bool:
    high: uint256 = q * y
    return high >= x and high - x < y
