# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title custody
@license AGPL-3.0-only
@notice The collateral that a vault keeps outside its venue, for exactly one
        token: who may act, what comes in, what goes out.
@dev Idle collateral is tracked: what is sent without `book` is nobody's.
"""

from ethereum.ercs import IERC20

from ....interfaces import ICollateralVault

from ..lib import errors

TOKEN: immutable(address)
ASSET: immutable(address)

# @dev Tracked collateral outside the venue, native.
idle: public(uint256)


@deploy
def __init__(token_: address, asset_: address):
    """
    @param token_ The only caller of actions; may not have any code yet.
    @param asset_ The collateral. It has to move exactly what is asked for.
    """
    assert token_ != empty(address), errors.VAULT_TOKEN
    TOKEN = token_
    ASSET = asset_


@view
@external
def token() -> address:
    """
    @return The only caller of actions.
    """
    return TOKEN


@view
@external
def asset() -> address:
    """
    @return The collateral.
    """
    return ASSET


@external
def book(amount: uint256):
    """
    @notice Add to the tracked idle collateral what the token has just moved in.
            Reverts when less than what is tracked has arrived.
    @param amount Native.
    """
    self._check_caller()
    tracked: uint256 = self.idle + amount
    assert staticcall IERC20(ASSET).balanceOf(self) >= tracked, errors.VAULT_NOT_RECEIVED
    self.idle = tracked


@view
@internal
def _check_caller():
    assert msg.sender == TOKEN, errors.VAULT_CALLER


@internal
def _pay_idle(receiver: address, amount: uint256) -> uint256:
    """
    @notice Pay collateral out, as far as it is idle.
    @return The rest, which the venue has to pay.
    """
    if amount == 0:
        return 0
    from_idle: uint256 = min(amount, self.idle)
    self.idle -= from_idle
    log ICollateralVault.Paid(receiver=receiver, amount=amount)
    self._send(ASSET, receiver, from_idle)
    return amount - from_idle


@internal
def _send(asset: address, receiver: address, amount: uint256):
    if amount == 0:
        return
    sent: bool = extcall IERC20(asset).transfer(receiver, amount, default_return_value=True)
    assert sent, errors.VAULT_NOT_SENT


@internal
def _approve(asset: address, spender: address):
    """
    @notice Without a limit: the spender pulls from its caller only, so the
            allowance is the vault's to spend.
    """
    approved: bool = extcall IERC20(asset).approve(
        spender, max_value(uint256), default_return_value=True
    )
    assert approved, errors.VAULT_APPROVAL
