# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title sandwich
@license AGPL-3.0-only
@notice How far a trade may move a venue's price so that nobody earns by trading
        around it: twice the fee that a trade of the other pays.
@dev Who trades q before and after a trade of v at depth K (a relative move of one
     per K traded) gains q * v / K and pays the fee twice on q: nothing is earned
     while v / K <= 2 * fee. So `max_trade` is at most 2 * fee * K.
"""

_WAD: constant(uint256) = 10**18


@pure
@internal
def _largest_move(fee: uint256) -> uint256:
    """
    @param fee Of the notional, in any scale.
    @return Relative move of the price, same scale.
    """
    return 2 * fee


@pure
@internal
def _largest_trade_down(fee_wad: uint256, depth: uint256) -> uint256:
    """
    @param depth Units that move the price by its whole.
    @return Units.
    """
    return self._largest_move(fee_wad) * depth // _WAD
