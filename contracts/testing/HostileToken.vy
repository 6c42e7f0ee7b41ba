# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy off
"""
@title HostileToken
@notice An ERC-20 for tests that misbehaves on demand: takes a fee, answers
        wrongly, refuses accounts, calls back. Everybody may set everything.
@custom:kill For tests only.
"""

from ethereum.ercs import IERC20

from ..modules.lib import errors

HONEST: constant(uint256) = 0
RETURNS_FALSE: constant(uint256) = 1  # and moves nothing
RETURNS_NOTHING: constant(uint256) = 2  # but moves
LIES: constant(uint256) = 3  # returns true and moves nothing

decimals: public(immutable(uint8))
totalSupply: public(uint256)
balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])
answer: public(uint256)
fee_bps: public(uint256)
blocked: public(HashMap[address, bool])
target: public(address)
payload: public(Bytes[2048])
early: public(bool)  # calls back before it moves anything, not after
calls: public(uint256)  # callbacks made
successes: public(uint256)  # callbacks that did not revert
call_succeeded: public(bool)  # of the last callback
call_returned: public(Bytes[1024])  # by the last callback
_calling: transient(bool)


@deploy
def __init__(decimals_: uint8):
    decimals = decimals_


@view
@external
def name() -> String[32]:
    return "Hostile"


@view
@external
def symbol() -> String[32]:
    return "HOST"


@external
def mint(receiver: address, amount: uint256):
    self.totalSupply += amount
    self.balanceOf[receiver] += amount
    log IERC20.Transfer(sender=empty(address), receiver=receiver, value=amount)


@external
def burn(holder: address, amount: uint256):
    """
    @notice Take units away from anybody.
    """
    self.totalSupply -= amount
    self.balanceOf[holder] -= amount
    log IERC20.Transfer(sender=holder, receiver=empty(address), value=amount)


@external
def set_answer(answer: uint256):
    """
    @param answer 0 honest, 1 returns false, 2 returns nothing, 3 returns true
           without moving anything.
    """
    self.answer = answer


@external
def set_fee(fee_bps: uint256):
    """
    @param fee_bps What a transfer loses on its way.
    """
    self.fee_bps = fee_bps


@external
def set_blocked(account: address, blocked: bool):
    """
    @notice Transfers from and to a blocked account revert.
    """
    self.blocked[account] = blocked


@external
def set_callback(target: address, payload: Bytes[2048]):
    """
    @notice Call the target with the payload after each transfer (zero: do not).
            A callback's own transfers do not call back.
    """
    self.target = target
    self.payload = payload


@external
def set_early(early: bool):
    """
    @param early Whether callbacks come before a transfer instead.
    """
    self.early = early


@raw_return
@external
def transfer(receiver: address, amount: uint256) -> Bytes[32]:
    return self._respond(msg.sender, receiver, amount)


@raw_return
@external
def transferFrom(owner: address, receiver: address, amount: uint256) -> Bytes[32]:
    allowed: uint256 = self.allowance[owner][msg.sender]
    assert allowed >= amount, errors.COLLATERAL_ALLOWANCE
    if allowed != max_value(uint256):
        self.allowance[owner][msg.sender] = allowed - amount
    return self._respond(owner, receiver, amount)


@external
def approve(spender: address, amount: uint256) -> bool:
    self.allowance[msg.sender][spender] = amount
    log IERC20.Approval(owner=msg.sender, spender=spender, value=amount)
    return True


@internal
def _respond(sender: address, receiver: address, amount: uint256) -> Bytes[32]:
    answer: uint256 = self.answer
    if answer == RETURNS_FALSE:
        return abi_encode(False)
    if self.early:
        self._call_back()
    if answer != LIES:
        self._move(sender, receiver, amount)
    if not self.early:
        self._call_back()
    if answer == RETURNS_NOTHING:
        return b""
    return abi_encode(True)


@internal
def _move(sender: address, receiver: address, amount: uint256):
    assert not self.blocked[sender] and not self.blocked[receiver], errors.MOCK_BLOCKED
    held: uint256 = self.balanceOf[sender]
    assert held >= amount, errors.COLLATERAL_BALANCE
    fee: uint256 = amount * self.fee_bps // 10_000
    self.balanceOf[sender] = held - amount
    self.balanceOf[receiver] += amount - fee
    self.totalSupply -= fee
    log IERC20.Transfer(sender=sender, receiver=receiver, value=amount - fee)


@internal
def _call_back():
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
    self.successes += convert(success, uint256)
    self.call_succeeded = success
    self.call_returned = returned
