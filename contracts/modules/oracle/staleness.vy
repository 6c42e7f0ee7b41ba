# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title staleness
@license AGPL-3.0-only
@notice When an answer is too old: more seconds after its publication than the
        heartbeat of its feed.
"""

HEARTBEAT_BIT: constant(uint256) = 160  # of a feed's word, see `feeds`
HEARTBEAT_MASK: constant(uint256) = 2**32 - 1


@view
@internal
def _is_stale(feed_word: uint256, updated_at: uint256) -> bool:
    """
    @param updated_at Seconds; not in the future.
    """
    heartbeat: uint256 = feed_word >> HEARTBEAT_BIT & HEARTBEAT_MASK
    return block.timestamp - updated_at > heartbeat
