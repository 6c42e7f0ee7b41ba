# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title feed_answers
@license AGPL-3.0-only
@notice What feeds that compute their answer when they are asked have in common:
        decimals, rounds and the age of an answer.
@dev Every second is a round of its own, numbered by the time, so that numbers
     never fall. Only the present round can be asked for: nothing is stored, and
     a past answer cannot be computed again.

     `updatedAt` is the publication time of the OLDEST price that the answer is
     made of. The newest, which `IIndexOracle.Prices` holds, would let one fresh
     component hide that the others are hours old from a consumer that checks
     for stale answers. The oracle itself refuses each price that is older than
     its own feed's heartbeat.
"""

from ....interfaces import IIndexOracle

from ..lib import errors
from . import faults
from . import feeds

_MAX: constant(uint256) = 11

decimals: public(immutable(uint8))
_DESCRIPTION: immutable(String[64])


@deploy
def __init__(decimals_: uint8, description_: String[64]):
    """
    @param decimals_ 8 or 18, of the answers.
    @param description_ As "INDEX / USDC".
    """
    assert decimals_ == 8 or decimals_ == 18, errors.FEED_DECIMALS
    decimals = decimals_
    _DESCRIPTION = description_


# --- views ---


@view
@external
def description() -> String[64]:
    """
    @return What is quoted in what.
    """
    return _DESCRIPTION


@pure
@external
def version() -> uint256:
    """
    @return 1, always.
    """
    return 1


# --- internal ---


@view
@internal
def _scaled_down(wad: uint256) -> int256:
    """
    @return In the feed's decimals. Never 0: consumers take that for a broken
            feed at best, and for a price at worst.
    """
    answer: uint256 = wad // 10**(18 - convert(decimals, uint256))
    assert answer > 0, errors.FEED_WORTHLESS
    return convert(answer, int256)


@view
@internal
def _round(answer: int256, updated_at: uint256) -> (uint80, int256, uint256, uint256, uint80):
    """
    @return Round id, answer, start, time of the answer, round of the answer.
    """
    id: uint80 = convert(block.timestamp, uint80)
    return id, answer, updated_at, updated_at, id


@view
@internal
def _check_present(round_id: uint80):
    assert convert(round_id, uint256) == block.timestamp, errors.NO_DATA


@view
@internal
def _oldest(oracle: IIndexOracle) -> uint256:
    """
    @return Publication time of the oldest price in use, of prices that the
            oracle has found usable.
    """
    oldest: uint256 = block.timestamp
    for i: uint256 in range(staticcall oracle.component_count() + 1, bound=_MAX):
        oldest = min(oldest, self._published(staticcall oracle.asset(i)))
    return oldest


@view
@internal
def _published(asset: IIndexOracle.Asset) -> uint256:
    """
    @notice The primary's time while that is usable, else the secondary's: the
            source that the oracle takes. Not for want of gas: see `faults`.
    """
    bounds: uint256 = feeds._pack_halves(asset.min_price, asset.max_price)
    primary: feeds.Answer = feeds._latest(
        feeds._pack_feed(asset.primary, asset.primary_heartbeat, asset.primary_decimals), bounds
    )
    if primary.fault == faults.NO_FAULT:
        return primary.updated_at
    assert (primary.fault != faults.CALL or msg.gas >= faults.ENOUGH_GAS), errors.ORACLE_GAS
    return feeds._latest(
        feeds._pack_feed(asset.secondary, asset.secondary_heartbeat, asset.secondary_decimals),
        bounds,
    ).updated_at
