# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title feeds
@notice Reads one Chainlink-style feed without ever reverting: every way in
        which a source can be unusable becomes a fault code.
@dev A feed is one word: address in bits 0-159, heartbeat in seconds in bits
     160-191, decimals in bits 192-199. Bounds are one word: minimum in the low
     half, maximum in the high half, WAD USD.

     A call to a feed gets `CALL_GAS` at most, so that one which burns its gas
     leaves enough for the others. It may get less when the caller of the oracle
     gave little, and a healthy feed then looks broken. Whoever acts on a fault
     therefore checks, after the last call, that `FAULT_GAS` is left: gas only
     declines, so every call had all of `CALL_GAS` (which is 63/64 of what was
     there at the most, less the cost of the call itself).
"""

from ..lib import errors


struct Answer:
    fault: uint256  # one of the constants below
    price: uint256  # WAD USD
    updated_at: uint256


FAULT_NONE: constant(uint256) = 0
FAULT_CALL: constant(uint256) = 1
FAULT_INCOMPLETE: constant(uint256) = 2
FAULT_NOT_POSITIVE: constant(uint256) = 3
FAULT_STALE: constant(uint256) = 4
FAULT_BOUNDS: constant(uint256) = 5
FAULT_SEQUENCER_CALL: constant(uint256) = 6
FAULT_SEQUENCER_DOWN: constant(uint256) = 7
FAULT_SEQUENCER_GRACE: constant(uint256) = 8

CALL_GAS: constant(uint256) = 300_000
FAULT_GAS: constant(uint256) = CALL_GAS + CALL_GAS // 32

_LOW_HALF: constant(uint256) = 2**128 - 1


@pure
@internal
def _pack_feed(feed: address, heartbeat: uint256, decimals: uint256) -> uint256:
    return convert(feed, uint256) | heartbeat << 160 | decimals << 192


@pure
@internal
def _feed(word: uint256) -> address:
    return convert(word & (2**160 - 1), address)


@pure
@internal
def _heartbeat(word: uint256) -> uint256:
    return word >> 160 & (2**32 - 1)


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
    @notice The feed's latest answer in WAD, or the first fault found in it.
    """
    ok: bool = False
    data: Bytes[160] = b""
    ok, data = self._round(self._feed(word))
    if not ok:
        return self._faulty(FAULT_CALL)
    round_id: uint256 = extract32(data, 0, output_type=uint256)
    answer: int256 = extract32(data, 32, output_type=int256)
    updated_at: uint256 = extract32(data, 96, output_type=uint256)
    if round_id == 0 or updated_at == 0 or updated_at > block.timestamp:
        return self._faulty(FAULT_INCOMPLETE)
    if extract32(data, 128, output_type=uint256) < round_id:
        return self._faulty(FAULT_INCOMPLETE)
    if answer <= 0:
        return self._faulty(FAULT_NOT_POSITIVE)
    if block.timestamp - updated_at > self._heartbeat(word):
        return self._faulty(FAULT_STALE)
    raw: uint256 = convert(answer, uint256)
    if raw > _LOW_HALF:
        return self._faulty(FAULT_BOUNDS)
    price: uint256 = raw * 10**(18 - self._decimals(word))
    if price < self._low(bounds) or price > self._high(bounds):
        return self._faulty(FAULT_BOUNDS)
    return Answer(fault=FAULT_NONE, price=price, updated_at=updated_at)


@view
@internal
def _sequencer_fault(feed: address, grace: uint256) -> uint256:
    """
    @notice Fault of an L2 sequencer uptime feed (answer 0 = up; started_at =
            since when), FAULT_NONE when up for longer than `grace` seconds.
    """
    ok: bool = False
    data: Bytes[160] = b""
    ok, data = self._round(feed)
    if not ok:
        return FAULT_SEQUENCER_CALL
    started_at: uint256 = extract32(data, 64, output_type=uint256)
    if started_at == 0 or started_at > block.timestamp:
        return FAULT_SEQUENCER_CALL
    if extract32(data, 32, output_type=int256) != 0:
        return FAULT_SEQUENCER_DOWN
    if block.timestamp - started_at < grace:
        return FAULT_SEQUENCER_GRACE
    return FAULT_NONE


@view
@internal
def _round(feed: address) -> (bool, Bytes[160]):
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
        gas=CALL_GAS,
        is_static_call=True,
        revert_on_failure=False,
    )
    return success and len(data) == 160, data


@pure
@internal
def _faulty(fault: uint256) -> Answer:
    return Answer(fault=fault, price=0, updated_at=0)


@pure
@internal
def _check_fault(fault: uint256):
    assert fault != FAULT_CALL, errors.FEED_FAILED
    assert fault != FAULT_INCOMPLETE, errors.ROUND_INCOMPLETE
    assert fault != FAULT_NOT_POSITIVE, errors.NOT_POSITIVE
    assert fault != FAULT_STALE, errors.STALE_PRICE
    assert fault != FAULT_BOUNDS, errors.OUT_OF_BOUNDS
    assert fault != FAULT_SEQUENCER_CALL, errors.SEQUENCER_FAILED
    assert fault != FAULT_SEQUENCER_DOWN, errors.SEQUENCER_DOWN
    assert fault != FAULT_SEQUENCER_GRACE, errors.SEQUENCER_GRACE
