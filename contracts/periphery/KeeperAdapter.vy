# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title KeeperAdapter
@license AGPL-3.0-only
@notice `rebalance()` of any token in the forms that keeper networks ask for:
        Chainlink Automation's `checkUpkeep` and `performUpkeep`, and a `checker`
        as Gelato's.
@dev The data of an upkeep are abi.encode(token, receiver, min_reward): the token,
     who gets the reward, and the least that it must be, in collateral.

     A check answers False for whatever cannot be rebalanced now: not due, too
     small a reward, unusable prices, no token at all. It does not try the trade:
     a venue can still refuse, which networks find out by simulating the call.
     Performing asks nothing first, because `rebalance` itself reverts when it is
     not due, and the reward that it has paid is compared with the minimum.
@custom:kill Nothing to stop: no state, no owner, no collateral. Everybody may call
             the token directly.
"""

from ...interfaces import IInverseIndexToken

from ..modules.lib import errors

_DATA_LENGTH: constant(uint256) = 96


# --- Chainlink Automation ---


@view
@external
def checkUpkeep(data: Bytes[1024]) -> (bool, Bytes[_DATA_LENGTH]):
    """
    @param data abi.encode(token, receiver, min_reward).
    @return Whether `performUpkeep` would find work, and what to call it with.
    """
    token: address = empty(address)
    receiver: address = empty(address)
    min_reward: uint256 = 0
    token, receiver, min_reward = self._decoded(data)
    return self._pays(token, min_reward), slice(data, 0, _DATA_LENGTH)


@external
def performUpkeep(data: Bytes[1024]):
    """
    @notice Rebalance the token. Anyone.
    @param data abi.encode(token, receiver, min_reward).
    """
    token: address = empty(address)
    receiver: address = empty(address)
    min_reward: uint256 = 0
    token, receiver, min_reward = self._decoded(data)
    reward: uint256 = extcall IInverseIndexToken(token).rebalance(receiver)
    assert reward >= min_reward, errors.ADAPTER_REWARD


# --- Gelato ---


@view
@external
def checker(token: address, receiver: address, min_reward: uint256) -> (bool, Bytes[36]):
    """
    @return Whether it is due and pays, and the call to make to the token.
    """
    call: Bytes[36] = abi_encode(receiver, method_id=method_id("rebalance(address)"))
    return self._pays(token, min_reward), call


# --- internal ---


@view
@internal
def _pays(token: address, min_reward: uint256) -> bool:
    """
    @notice Never reverts, whatever the token is.
    """
    answered: bool = False
    due: Bytes[64] = b""
    answered, due = raw_call(
        token, method_id("due()"), max_outsize=64, is_static_call=True, revert_on_failure=False
    )
    if not answered or len(due) != 64:
        return False
    triggers: uint256 = extract32(due, 0, output_type=uint256)
    reward: uint256 = extract32(due, 32, output_type=uint256)
    return triggers != 0 and reward >= min_reward


@pure
@internal
def _decoded(data: Bytes[1024]) -> (address, address, uint256):
    assert len(data) == _DATA_LENGTH, errors.ADAPTER_DATA
    token: uint256 = extract32(data, 0, output_type=uint256)
    receiver: uint256 = extract32(data, 32, output_type=uint256)
    assert token < 2**160 and receiver < 2**160, errors.ADAPTER_DATA
    assert token != 0 and receiver != 0, errors.ADAPTER_DATA
    min_reward: uint256 = extract32(data, 64, output_type=uint256)
    return self._address(token), self._address(receiver), min_reward


@pure
@internal
def _address(word: uint256) -> address:
    return convert(convert(word, uint160), address)
