# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title swap_callback
@license AGPL-3.0-only
@notice What is done when a pool has sent its side of a swap and waits for the
        payment: the next swap of the path, and the vault's loans.
@dev Selling: the pools are asked in the path's order; the last one's callback
       supplies the collateral, the first one's borrows the component.
     Buying: asked in the same order for exact outputs, each one paid by the
       next; the last one's callback repays the component, which the vault has
       by then, and withdraws collateral straight to that pool.
"""

from ..aave import account
from ..lib import errors
from ..vault import custody
from . import hop_word
from . import path
from . import price_limit

uses: account
uses: path


# --- actions ---


@external
@reentrant
def uniswapV3SwapCallback(amount_0: int256, amount_1: int256, data: Bytes[96]):
    """
    @notice Pay for a swap. Only for the pool that is being asked.
    """
    assert msg.sender == path.expected_pool, errors.VAULT_CALLBACK
    path.expected_pool = empty(address)
    i: uint256 = 0
    hop: uint256 = 0
    sells: bool = False
    i, hop, sells = abi_decode(data, (uint256, uint256, bool))
    owed: uint256 = convert(max(amount_0, amount_1), uint256)
    got: uint256 = convert(-min(amount_0, amount_1), uint256)
    if owed == 0:
        return  # the pool has no liquidity up to the limit
    if sells:
        self._pay_sale(i, hop, owed, got)
    else:
        self._pay_purchase(i, hop, owed, got)


# --- internal ---


@internal
def _pay_sale(i: uint256, hop: uint256, owed: uint256, got: uint256):
    if hop_word._is_last(path.HOPS[hop_word.HOPS * i + hop]):
        path.moved_collateral = got
        account._take_in(got)
    elif got != 0:
        self._swap_next(i, hop, True, got, self)
    if hop == 0:
        account._borrow(i, owed)
        custody._send(account.COMPONENTS[i], msg.sender, owed)
    else:
        custody._send(path.VIA[2 * i + hop - 1], msg.sender, owed)


@internal
def _pay_purchase(i: uint256, hop: uint256, owed: uint256, got: uint256):
    if hop == 0:
        path.bought_units = got
    if hop_word._is_last(path.HOPS[hop_word.HOPS * i + hop]):
        path.moved_collateral = owed
        # A unit can be paid for nothing, right before the limit.
        if path.bought_units != 0:
            account._repay(i, path.bought_units)
        account._pay_for(owed, msg.sender)
    else:
        self._swap_next(i, hop, False, owed, msg.sender)


@internal
def _swap_next(i: uint256, hop: uint256, sells: bool, amount: uint256, receiver: address):
    """
    @notice The next pool of the path has to take, or give, all of it.
    """
    limit: uint256 = price_limit._furthest(path.HOPS[hop_word.HOPS * i + hop + 1], sells)
    moved: uint256[2] = path._swap(i, hop + 1, sells, amount, limit, receiver)
    assert moved[0 if sells else 1] == amount, errors.VAULT_DEPTH
