# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title collateral
@license AGPL-3.0-only
@notice Custody of the exchange's collateral: every unit that came in by a call
        and has not left is in `held`; what is sent without a call is nobody's.
"""

from ethereum.ercs import IERC20
from ethereum.ercs import IERC20Detailed

from ..lib import errors

asset: public(immutable(address))
# @dev Factor from native units to the ledger's scale of 1e36 per whole unit.
SCALE: immutable(uint256)

held: public(uint256)


@deploy
def __init__(token: address):
    decimals: uint256 = convert(staticcall IERC20Detailed(token).decimals(), uint256)
    assert decimals <= 18, errors.EXCHANGE_DECIMALS
    asset = token
    SCALE = 10**(36 - decimals)


@internal
def _pull(amount: uint256) -> uint256:
    """
    @notice Take exactly `amount` from the caller.
    @return The amount at scale 1e36.
    """
    assert amount != 0, errors.EXCHANGE_ZERO
    self.held += amount
    before: uint256 = staticcall IERC20(asset).balanceOf(self)
    ok: bool = extcall IERC20(asset).transferFrom(
        msg.sender, self, amount, default_return_value=True
    )
    assert ok, errors.EXCHANGE_PULL
    after: uint256 = staticcall IERC20(asset).balanceOf(self)
    assert after == before + amount, errors.EXCHANGE_RECEIVED
    return amount * SCALE


@internal
def _push(receiver: address, amount: uint256):
    """
    @notice Send `amount` out; the last act of its caller.
    """
    assert receiver != empty(address) and receiver != self, errors.EXCHANGE_RECEIVER
    self.held -= amount
    ok: bool = extcall IERC20(asset).transfer(receiver, amount, default_return_value=True)
    assert ok, errors.EXCHANGE_PUSH
