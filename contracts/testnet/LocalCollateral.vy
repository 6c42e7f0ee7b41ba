# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title LocalCollateral
@notice Worthless stand-in for a stablecoin on local and test networks: an
        ERC-20 of any decimals that everybody may mint.
@custom:kill Nothing to stop: it holds nothing and means nothing.
"""

from ethereum.ercs import IERC20
from ethereum.ercs import IERC20Detailed

from ..modules.lib import errors

implements: IERC20
implements: IERC20Detailed

decimals: public(immutable(uint8))
name: public(String[32])
symbol: public(String[32])
totalSupply: public(uint256)
balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])


@deploy
def __init__(name_: String[32], symbol_: String[32], decimals_: uint8):
    """
    @param decimals_ Any.
    """
    self.name = name_
    self.symbol = symbol_
    decimals = decimals_


@external
def mint(receiver: address, amount: uint256):
    """
    @notice Anybody: create units out of nothing.
    """
    self.totalSupply += amount
    self.balanceOf[receiver] += amount
    log IERC20.Transfer(sender=empty(address), receiver=receiver, value=amount)


@external
def transfer(receiver: address, amount: uint256) -> bool:
    self._move(msg.sender, receiver, amount)
    return True


@external
def transferFrom(owner: address, receiver: address, amount: uint256) -> bool:
    allowed: uint256 = self.allowance[owner][msg.sender]
    assert allowed >= amount, errors.COLLATERAL_ALLOWANCE
    if allowed != max_value(uint256):
        self.allowance[owner][msg.sender] = allowed - amount
    self._move(owner, receiver, amount)
    return True


@external
def approve(spender: address, amount: uint256) -> bool:
    self.allowance[msg.sender][spender] = amount
    log IERC20.Approval(owner=msg.sender, spender=spender, value=amount)
    return True


@internal
def _move(sender: address, receiver: address, amount: uint256):
    held: uint256 = self.balanceOf[sender]
    assert held >= amount, errors.COLLATERAL_BALANCE
    self.balanceOf[sender] = held - amount
    self.balanceOf[receiver] += amount
    log IERC20.Transfer(sender=sender, receiver=receiver, value=amount)
