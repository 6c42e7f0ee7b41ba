# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title PriceBoard
@notice The answers of up to 32 price feeds of a local or test network, posted
        together by the owner. Each `BoardFeed` shows one of them.
@dev A feed's two last rounds share one storage word, 40 bits of time and 88
     bits of answer each, the newer round in the lower half. A round's id is
     its time; a second answer at the same time replaces the first.
@custom:kill The owner stops posting; the answers then go stale.
"""

from snekmate.auth import ownable

from ..modules.lib import errors

initializes: ownable

exports: (
    ownable.owner,
    ownable.transfer_ownership,
)

MAX_FEEDS: constant(uint256) = 32
BIAS: constant(int256) = 2**87  # makes a signed answer of 88 bits unsigned
ANSWER_BITS: constant(uint256) = 88
ROUND_BITS: constant(uint256) = 128
ANSWER_MASK: constant(uint256) = 2**88 - 1
ROUND_MASK: constant(uint256) = 2**128 - 1

_rounds: uint256[MAX_FEEDS]


@deploy
def __init__():
    ownable.__init__()


@external
def post(answers: DynArray[int256, MAX_FEEDS]):
    """
    @notice Owner: the new answers of feeds 0, 1, 2, ...
    """
    ownable._check_owner()
    for i: uint256 in range(len(answers), bound=MAX_FEEDS):
        self._post(i, answers[i])


@external
def post_one(i: uint256, answer: int256):
    """
    @notice Owner: the new answer of one feed.
    """
    ownable._check_owner()
    self._post(i, answer)


@view
@external
def latest(i: uint256) -> (int256, uint256):
    """
    @return Answer of feed i and its time (0, 0 when there is none).
    """
    return self._unpacked(self._rounds[i] & ROUND_MASK)


@view
@external
def at_round(i: uint256, round_id: uint80) -> (int256, uint256):
    """
    @return Answer of feed i in that round and its time (0, 0 when unknown).
    """
    if round_id == 0:
        return 0, 0
    word: uint256 = self._rounds[i]
    if self._time(word & ROUND_MASK) == convert(round_id, uint256):
        return self._unpacked(word & ROUND_MASK)
    if self._time(word >> ROUND_BITS) == convert(round_id, uint256):
        return self._unpacked(word >> ROUND_BITS)
    return 0, 0


@internal
def _post(i: uint256, answer: int256):
    assert answer >= -BIAS and answer < BIAS, errors.BOARD_ANSWER
    word: uint256 = self._rounds[i]
    older: uint256 = word & ROUND_MASK
    if self._time(older) == block.timestamp:
        older = word >> ROUND_BITS
    newer: uint256 = (block.timestamp << ANSWER_BITS) | convert(answer + BIAS, uint256)
    self._rounds[i] = (older << ROUND_BITS) | newer


@pure
@internal
def _time(packed: uint256) -> uint256:
    return packed >> ANSWER_BITS


@pure
@internal
def _unpacked(packed: uint256) -> (int256, uint256):
    if packed == 0:
        return 0, 0
    return convert(packed & ANSWER_MASK, int256) - BIAS, self._time(packed)
