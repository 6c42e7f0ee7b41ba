# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title custody
@license AGPL-3.0-only
@notice Custody of the exchange's collateral, of which margin lies at the exchange
        and what providers and insurance paid in at the pool. Every unit that came
        in by a call and has not left is in `held` of one of them; what is sent
        without a call is nobody's.
@dev Trades move claims between the two and no collateral, so either may owe more
     than it holds: it then has the other one send the rest, straight to the
     receiver. What both hold together covers all claims.
     All storage is written before a call: first the caller's, by `_pay`, then the
     other custodian's, and the collateral is called last. Each contract's lock is
     held until its own call returns.
"""

from ethereum.ercs import IERC20
from ethereum.ercs import IERC20Detailed

from ....interfaces import ICustodian

from ..lib import errors

asset: public(immutable(address))
# @dev Factor from native units to the ledger's scale of 1e36 per whole unit.
SCALE: immutable(uint256)
# @dev The other custodian, which can make this one pay.
partner: public(immutable(address))

held: public(uint256)


@deploy
def __init__(asset_: address, partner_: address):
    decimals: uint256 = convert(staticcall IERC20Detailed(asset_).decimals(), uint256)
    assert decimals <= 18, errors.EXCHANGE_DECIMALS
    asset = asset_
    SCALE = 10**(36 - decimals)
    partner = partner_


@external
def pay(receiver: address, amount: uint256):
    """
    @notice The other custodian alone: send what it owes and does not hold.
    """
    assert msg.sender == partner, errors.EXCHANGE_PARTNER
    self.held -= amount
    self._send(receiver, amount)


@internal
def _pull(amount: uint256):
    """
    @notice Take exactly `amount` from the caller.
    """
    self.held += amount
    self._take(amount)


@internal
def _take(amount: uint256):
    """
    @notice Take exactly `amount` from the caller, which is not in `held`: for what is
            kept apart from what winners are paid from.
    """
    assert amount != 0, errors.EXCHANGE_ZERO
    before: uint256 = staticcall IERC20(asset).balanceOf(self)
    ok: bool = extcall IERC20(asset).transferFrom(
        msg.sender, self, amount, default_return_value=True
    )
    assert ok, errors.EXCHANGE_PULL
    after: uint256 = staticcall IERC20(asset).balanceOf(self)
    assert after == before + amount, errors.EXCHANGE_RECEIVED


@internal
def _pay(receiver: address, amount: uint256):
    """
    @notice Send `amount` out, what is held here first; the last act of its caller.
    """
    self._check_receiver(receiver)
    own: uint256 = min(amount, self.held)
    self.held -= own
    if own < amount:
        extcall ICustodian(partner).pay(receiver, amount - own)
    if own != 0:
        self._send(receiver, own)


@view
@internal
def _payable(amount: uint256) -> uint256:
    """
    @return At most `amount`: what both custodians hold.
    """
    held: uint256 = self.held
    if amount <= held:
        return amount
    return min(amount, held + staticcall ICustodian(partner).held())


@view
@internal
def _check_receiver(receiver: address):
    """
    @notice What these would be sent would be nobody's.
    """
    assert (
        receiver != empty(address) and receiver != self and receiver != partner
    ), errors.EXCHANGE_RECEIVER


@internal
def _send(receiver: address, amount: uint256):
    ok: bool = extcall IERC20(asset).transfer(receiver, amount, default_return_value=True)
    assert ok, errors.EXCHANGE_PUSH
