# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title BoardFeed
@notice A price feed that shows one answer of a `PriceBoard`.
@custom:kill Stops with its board.
"""

from ...interfaces import IAggregatorV3
from ..modules.lib import errors


interface IPriceBoard:
    def latest(i: uint256) -> (int256, uint256): view
    def at_round(i: uint256, round_id: uint80) -> (int256, uint256): view


implements: IAggregatorV3

board: public(immutable(address))
index: public(immutable(uint256))
decimals: public(immutable(uint8))
description: public(String[64])


@deploy
def __init__(board_: address, index_: uint256, decimals_: uint8, description_: String[64]):
    """
    @param board_ The `PriceBoard`; whoever owns it is trusted for every answer.
    @param index_ Of the answer on the board.
    @param decimals_ Of the answers.
    @param description_ As "BTC / USD".
    """
    assert board_.is_contract, errors.BOARD_MISSING
    board = board_
    index = index_
    decimals = decimals_
    self.description = description_


@view
@external
def latestRoundData() -> (uint80, int256, uint256, uint256, uint80):
    """
    @return Round id, the newest answer, its time in seconds, twice, and the round id
            again. Reverts with "No data present" before the first.
    """
    answer: int256 = 0
    time: uint256 = 0
    answer, time = staticcall IPriceBoard(board).latest(index)
    return self._round(answer, time)


@view
@external
def latestAnswer() -> int256:
    """
    @notice The newest answer, for those who do not ask for its time, as Aave's
            oracle does not.
    """
    answer: int256 = 0
    time: uint256 = 0
    answer, time = staticcall IPriceBoard(board).latest(index)
    return self._round(answer, time)[1]


@view
@external
def getRoundData(round_id: uint80) -> (uint80, int256, uint256, uint256, uint80):
    """
    @return As of `latestRoundData`, of one of the two last rounds.
    """
    answer: int256 = 0
    time: uint256 = 0
    answer, time = staticcall IPriceBoard(board).at_round(index, round_id)
    return self._round(answer, time)


@pure
@internal
def _round(answer: int256, time: uint256) -> (uint80, int256, uint256, uint256, uint80):
    assert time != 0, errors.NO_DATA
    id: uint80 = convert(time, uint80)
    return id, answer, time, time, id
