# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title fill_check
@license AGPL-3.0-only
@notice The slippage check of a fill: what it may lose against the oracle's price,
        fees included.
"""

from snekmate.utils import math

_WAD: constant(uint256) = 10**18


@pure
@internal
def _is_within_bound(loss: int256, notional: uint256, bound: uint256, rounding: uint256) -> bool:
    """
    @param loss Scale of `notional`, below zero for a gain.
    @param notional At the oracle's price.
    @param bound WAD of the notional; max uint256 for no bound.
    @param rounding What the venue's roundings may take besides.
    """
    if bound == max_value(uint256):
        return True
    return loss <= convert(self._largest_loss_up(notional, bound) + rounding, int256)


@pure
@internal
def _largest_loss_up(notional: uint256, bound: uint256) -> uint256:
    """
    @notice No bound counts as twice the notional: only a purchase at a restricted price,
            whose bound is that price, loses more.
    """
    if bound <= 2 * _WAD or bound == max_value(uint256):
        return math._ceil_div(notional * min(bound, 2 * _WAD), _WAD)
    return math._mul_div(notional, bound, _WAD, True)
