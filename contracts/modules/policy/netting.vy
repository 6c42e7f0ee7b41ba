# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title netting
@notice Which flows wait for the next rebalance instead of trading at once, and
        what is recorded of them. A flow of size A nets if
          |A| <= t * N  and  |unhedged + A| <= 2 * t * N
        or, where a fall of N has left |unhedged| above that, if it lowers it; N at
        bid for mints and at ask for redemptions, t the tolerance.
"""

from ....interfaces import IInverseIndexToken

from . import parameters
from . import token_terms


@pure
@internal
def _nets(unhedged: int256, tolerance_bps: uint256, size: int256, n: uint256) -> bool:
    if size == 0:
        return True  # worthless shares are burned without a trade
    limit: uint256 = n * tolerance_bps
    before: uint256 = convert(abs(unhedged), uint256) * parameters.BPS
    after: uint256 = convert(abs(unhedged + size), uint256) * parameters.BPS
    small: bool = convert(abs(size), uint256) * parameters.BPS <= limit
    return small and after <= max(2 * limit, before)


@pure
@internal
def _nets_out(terms: token_terms.Terms, size: uint256, shares: uint256) -> bool:
    """
    @notice The last holder never nets: no position may outlive the supply.
    """
    if shares == 0:
        return True
    return shares < terms.supply and self._nets(
        terms.unhedged, terms.p.tolerance_bps, -convert(size, int256), terms.ask
    )


@pure
@internal
def _headroom(terms: token_terms.Terms, n: uint256, used: int256) -> uint256:
    """
    @param used Unhedged collateral in the direction of the flow.
    @return The largest size that nets, or one unit less.
    """
    limit: uint256 = n * terms.p.tolerance_bps // parameters.BPS
    headroom: int256 = 2 * convert(limit, int256) - used
    return min(limit, convert(max(headroom, 0), uint256))


@view
@internal
def _recorded(
    net: int256,
    tolerance_bps: uint256,
    flows: IInverseIndexToken.Flows,
    size: int256,
    fee: uint256,
) -> IInverseIndexToken.Flows:
    """
    @return The record after a netted flow: its size waits for a hedge, its fee
            pays for that one, and the clock runs while |unhedged| is above the
            tolerance.
    """
    after: IInverseIndexToken.Flows = flows
    after.unhedged += size
    after.reserve = self._reserve_down(flows.unhedged, flows.reserve, size, fee)
    n: uint256 = convert(max(net + size, 0), uint256)
    unhedged: uint256 = convert(abs(after.unhedged), uint256)
    if unhedged * parameters.BPS <= n * tolerance_bps:
        after.netting_since = 0
    elif after.netting_since == 0:
        after.netting_since = block.timestamp
    return after


@pure
@internal
def _reserve_down(unhedged: int256, reserve: uint256, size: int256, fee: uint256) -> uint256:
    """
    @return The fees of the flows that still wait. Of flows that cancel each other
            none is hedged: their part of the fees is released to N.
    """
    before: uint256 = convert(abs(unhedged), uint256)
    after: uint256 = convert(abs(unhedged + size), uint256)
    moved: uint256 = convert(abs(size), uint256)
    if after == before + moved:
        return reserve + fee
    if moved < before:
        return reserve * after // before
    return fee * after // moved


@pure
@internal
def _scaled(unhedged: int256, numerator: uint256, denominator: uint256) -> int256:
    """
    @return `unhedged` after a hedged flow: scaled with N, toward zero.
    """
    if unhedged == 0:
        return 0
    return unhedged * convert(numerator, int256) // convert(denominator, int256)


@pure
@internal
def _exited(
    flows: IInverseIndexToken.Flows, left: uint256, supply: uint256
) -> IInverseIndexToken.Flows:
    """
    @return The record after a hedged exit or one in kind: what waits, and the fees
            that pay for it, in proportion.
    """
    exited: IInverseIndexToken.Flows = flows
    exited.unhedged = self._scaled(flows.unhedged, left, supply)
    exited.reserve = flows.reserve * left // supply
    return exited
