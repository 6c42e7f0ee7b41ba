# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title swap_callback
@license AGPL-3.0-only
@notice What the router does when a pool has sent its side of a swap and waits for
        the payment: it pays, or swaps at the pool before for what it owes.
"""

from ..lib import errors
from . import funds
from . import swaps

uses: funds
uses: swaps


# --- actions ---


@external
@reentrant
def uniswapV3SwapCallback(amount_0: int256, amount_1: int256, data: Bytes[96]):
    """
    @notice Pay for a swap. Only for the pool that is being asked.
    """
    assert msg.sender == swaps.expected_pool, errors.ROUTER_CALLBACK
    swaps.expected_pool = empty(address)
    hop: uint256 = abi_decode(data, uint256)
    owed: uint256 = convert(max(amount_0, amount_1), uint256)
    if owed == 0:
        return  # the pool has no liquidity at all
    if swaps.is_exact_out and hop != 0:
        swaps._buy_hop(hop - 1, owed, msg.sender)
    else:
        self._pay(swaps.current_route.tokens[hop], owed)


# --- internal ---


@internal
def _pay(asset: address, owed: uint256):
    """
    @notice Pay the pool that calls back.
    """
    assert owed <= swaps.max_payment, errors.ROUTER_MAX_INPUT
    swaps.paid = owed
    if swaps.payment_source == swaps.Source.CALLER:
        funds._pull(asset, swaps.payer, msg.sender, owed)
        return
    if swaps.payment_source == swaps.Source.NATIVE:
        funds._wrap(owed)
    funds._push(asset, msg.sender, owed)
