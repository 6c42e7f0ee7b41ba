# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy off
"""
@title HostileShares
@notice For tests: stands where an inverse index token is expected, takes what it
        likes, answers what it likes, calls whom it likes. Everybody may set
        everything.
@custom:kill For tests only.
"""

from ethereum.ercs import IERC20

asset: public(address)
takes: public(uint256)  # collateral, of whoever deposits
answer: public(uint256)  # to everything that is asked
target: public(address)
payload: public(Bytes[1024])
calls: public(uint256)  # made
call_succeeded: public(bool)  # of the last call made
call_returned: public(Bytes[1024])
_calling: transient(bool)


@external
def set_asset(asset: address, takes: uint256, answer: uint256):
    self.asset = asset
    self.takes = takes
    self.answer = answer


@external
def set_call(target: address, payload: Bytes[1024]):
    """
    @notice Call the target with the payload in the middle of every action. What
            comes back in a call does not call again.
    """
    self.target = target
    self.payload = payload


@external
@payable
def __default__():
    """
    @notice Accept ETH, and whatever else it is asked, and use the occasion.
    """
    self._call()


# --- as a token ---


@view
@external
def previewMint(shares: uint256) -> uint256:
    return self.answer


@external
def deposit(assets: uint256, receiver: address, min_shares: uint256) -> uint256:
    return self._act()


@external
def mint(shares: uint256, receiver: address, max_assets: uint256) -> uint256:
    return self._act()


@external
def redeem(shares: uint256, receiver: address, owner: address, min_assets: uint256) -> uint256:
    return self._act()


# --- as a collateral ---


@view
@external
def allowance(owner: address, spender: address) -> uint256:
    return max_value(uint256)


@view
@external
def balanceOf(holder: address) -> uint256:
    return 0


@external
def transferFrom(owner: address, receiver: address, amount: uint256) -> bool:
    return True


@external
def approve(spender: address, amount: uint256) -> bool:
    return False


@internal
def _act() -> uint256:
    self._call()
    if self.takes != 0:
        extcall IERC20(self.asset).transferFrom(msg.sender, self, self.takes)
    return self.answer


@internal
def _call():
    if self.target == empty(address) or self._calling:
        return
    self._calling = True
    success: bool = False
    returned: Bytes[1024] = b""
    success, returned = raw_call(
        self.target, self.payload, max_outsize=1024, revert_on_failure=False
    )
    self._calling = False
    self.calls += 1
    self.call_succeeded = success
    self.call_returned = returned
