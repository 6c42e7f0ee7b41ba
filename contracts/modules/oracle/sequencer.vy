# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title sequencer
@license AGPL-3.0-only
@notice Whether the sequencer of the layer 2 that the oracle is on is up, and has
        been for the grace period, in which everybody can act again before
        prices are used.
@dev An uptime feed answers 0 while the sequencer is up; the round's start is
     since when.
"""

from . import faults
from . import feeds


@view
@internal
def _fault(feed: address, grace: uint256) -> uint256:
    """
    @param feed Zero on a layer 1, which has no sequencer.
    @param grace Seconds for which the sequencer must have been up.
    """
    if feed == empty(address):
        return faults.NO_FAULT
    ok: bool = False
    data: Bytes[160] = b""
    ok, data = feeds._latest_round(feed)
    if not ok:
        return faults.SEQUENCER_CALL
    started_at: uint256 = extract32(data, 64, output_type=uint256)
    if started_at == 0 or started_at > block.timestamp:
        return faults.SEQUENCER_CALL
    if extract32(data, 32, output_type=int256) != 0:
        return faults.SEQUENCER_DOWN
    if block.timestamp - started_at < grace:
        return faults.SEQUENCER_GRACE
    return faults.NO_FAULT
