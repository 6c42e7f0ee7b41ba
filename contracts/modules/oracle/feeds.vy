# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title feeds
@license AGPL-3.0-only
@notice Reads one Chainlink-style feed without ever reverting: every way in
        which a source can be unusable becomes a fault, see `faults`.
@dev A feed is one word: address in bits 0-159, heartbeat in seconds in bits
     160-191, decimals in bits 192-199. Bounds are one word: minimum in the low
     half, maximum in the high half, WAD USD.
"""

from . import faults
from . import staleness


struct Answer:
    fault: uint256  # see `faults`
    price: uint256  # WAD USD
    updated_at: uint256


_LOW_HALF: constant(uint256) = 2**128 - 1


@pure
@internal
def _pack_feed(feed: address, heartbeat: uint256, decimals: uint256) -> uint256:
    return convert(feed, uint256) | heartbeat << staleness.HEARTBEAT_BIT | decimals << 192


@pure
@internal
def _feed(word: uint256) -> address:
    return convert(word & (2**160 - 1), address)


@pure
@internal
def _heartbeat(word: uint256) -> uint256:
    return word >> staleness.HEARTBEAT_BIT & staleness.HEARTBEAT_MASK


@pure
@internal
def _decimals(word: uint256) -> uint256:
    return word >> 192


@pure
@internal
def _pack_halves(low: uint256, high: uint256) -> uint256:
    return low | high << 128


@pure
@internal
def _low(word: uint256) -> uint256:
    return word & _LOW_HALF


@pure
@internal
def _high(word: uint256) -> uint256:
    return word >> 128


@view
@internal
def _latest(word: uint256, bounds: uint256) -> Answer:
    """
    @notice The feed's latest answer, or the first fault found in it.
    @param word The feed, see above.
    @param bounds Of usable prices, see above.
    """
    ok: bool = False
    data: Bytes[160] = b""
    ok, data = self._latest_round(self._feed(word))
    if not ok:
        return self._faulty(faults.CALL)
    round_id: uint256 = extract32(data, 0, output_type=uint256)
    answer: int256 = extract32(data, 32, output_type=int256)
    updated_at: uint256 = extract32(data, 96, output_type=uint256)
    if round_id == 0 or updated_at == 0 or updated_at > block.timestamp:
        return self._faulty(faults.INCOMPLETE)
    if extract32(data, 128, output_type=uint256) < round_id:
        return self._faulty(faults.INCOMPLETE)
    if answer <= 0:
        return self._faulty(faults.NOT_POSITIVE)
    if staleness._is_stale(word, updated_at):
        return self._faulty(faults.STALE)
    raw: uint256 = convert(answer, uint256)
    if raw > _LOW_HALF:
        return self._faulty(faults.BOUNDS)
    price: uint256 = raw * 10**(18 - self._decimals(word))
    if price < self._low(bounds) or price > self._high(bounds):
        return self._faulty(faults.BOUNDS)
    return Answer(fault=faults.NO_FAULT, price=price, updated_at=updated_at)


@view
@internal
def _latest_round(feed: address) -> (bool, Bytes[160]):
    """
    @notice `latestRoundData()` without bubbling a revert: whether it answered
            in full, and round id, answer, start, time of the answer and round
            of the answer. All words are read at full width, so that no answer
            can make the reading revert.
    """
    success: bool = False
    data: Bytes[160] = b""
    success, data = raw_call(
        feed,
        method_id("latestRoundData()"),
        max_outsize=160,
        gas=faults.CALL_GAS,
        is_static_call=True,
        revert_on_failure=False,
    )
    return success and len(data) == 160, data


@pure
@internal
def _faulty(fault: uint256) -> Answer:
    return Answer(fault=fault, price=0, updated_at=0)
