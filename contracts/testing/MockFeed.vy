# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title MockFeed
@notice A price feed for tests in which everything can be set and can go wrong.
@custom:kill For tests only.
"""

from ..modules.lib import errors


struct Round:
    id: uint80
    answer: int256
    started_at: uint256
    updated_at: uint256
    answered_in: uint80


NORMAL: constant(uint256) = 0
REVERTS: constant(uint256) = 1  # with a reason
REVERTS_EMPTY: constant(uint256) = 2
SHORT: constant(uint256) = 3  # returns two words of five
EMPTY: constant(uint256) = 4  # returns nothing
BURNS: constant(uint256) = 5  # uses up all gas that it gets
LONG: constant(uint256) = 6  # returns six words

decimals: public(uint8)
description: public(String[64])
mode: public(uint256)
_latest: uint80
_rounds: HashMap[uint80, Round]


@deploy
def __init__(decimals_: uint8, answer: int256):
    self.decimals = decimals_
    self.description = "MOCK / USD"
    self._push(answer, block.timestamp)


@external
def set_answer(answer: int256):
    """
    @notice A complete new round, now.
    """
    self._push(answer, block.timestamp)


@external
def set_answer_at(answer: int256, updated_at: uint256):
    """
    @notice A complete new round of any time.
    """
    self._push(answer, updated_at)


@external
def set_round(
    id: uint80, answer: int256, started_at: uint256, updated_at: uint256, answered_in: uint80
):
    """
    @notice Any round at all; it becomes the latest.
    """
    self._latest = id
    self._rounds[id] = Round(
        id=id,
        answer=answer,
        started_at=started_at,
        updated_at=updated_at,
        answered_in=answered_in,
    )


@external
def set_mode(mode: uint256):
    """
    @param mode 0 normal, 1 reverts, 2 reverts without data, 3 returns too
           little, 4 returns nothing, 5 burns its gas, 6 returns too much.
    """
    self.mode = mode


@external
def set_decimals(decimals_: uint8):
    self.decimals = decimals_


@raw_return
@view
@external
def latestRoundData() -> Bytes[192]:
    return self._respond(self._rounds[self._latest])


@raw_return
@view
@external
def getRoundData(round_id: uint80) -> Bytes[192]:
    round: Round = self._rounds[round_id]
    assert round.updated_at != 0, errors.NO_DATA
    return self._respond(round)


@internal
def _push(answer: int256, updated_at: uint256):
    id: uint80 = self._latest + 1
    self._latest = id
    self._rounds[id] = Round(
        id=id, answer=answer, started_at=updated_at, updated_at=updated_at, answered_in=id
    )


@view
@internal
def _respond(round: Round) -> Bytes[192]:
    mode: uint256 = self.mode
    assert mode != REVERTS, errors.MOCK_FAILS
    if mode == REVERTS_EMPTY:
        raw_revert(b"")
    if mode == BURNS:
        self._burn()
    if mode == SHORT:
        return slice(abi_encode(round), 0, 64)
    if mode == EMPTY:
        return b""
    if mode == LONG:
        return concat(abi_encode(round), abi_encode(max_value(uint256)))
    return abi_encode(round)


@view
@internal
def _burn():
    raise UNREACHABLE
