# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title outage
@license AGPL-3.0-only
@notice How long prices have been unusable: anyone starts a clock with a report,
        and the oracle is dead when it has run for `DEAD_DELAY`.
@dev The clock stands still at usable prices only when somebody reports or
     refreshes then.
"""

from ....interfaces import IIndexOracle

from ..lib import errors
from . import clocks
from . import prices

uses: clocks
uses: prices

# @dev Seconds of the clock of unusable prices after which the oracle is dead.
DEAD_DELAY: public(constant(uint256)) = 10 * 86_400


# --- views ---


@view
@external
def unusable_since() -> uint256:
    return clocks.word >> 216


@view
@external
def dead() -> bool:
    since: uint256 = clocks.word >> 216
    if since == 0 or block.timestamp < since + DEAD_DELAY:
        return False
    return not prices._is_usable()


# --- actions ---


@external
def report_unusable():
    running: bool = clocks.word >> 216 != 0
    if prices._is_usable():
        assert running, errors.ORACLE_USABLE
        self._stop_clock()
    elif not running:
        clocks.word = clocks.word | block.timestamp << 216
        log IIndexOracle.UnusableReported(reporter=msg.sender, since=block.timestamp)


# --- internal ---


@internal
def _stop_clock():
    clock: uint256 = clocks.word
    since: uint256 = clock >> 216
    if since != 0:
        clocks.word = clock & (2**216 - 1)
        log IIndexOracle.UsableAgain(caller=msg.sender, since=since)
