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
    """
    @return Start of the clock of unusable prices, seconds; 0 when none runs. Prices may
            have become usable since, see `report_unusable`.
    """
    return clocks.word >> 216


@view
@external
def dead() -> bool:
    """
    @return True when prices are unusable now and the clock has run for `DEAD_DELAY`.
    @dev Reverts only when a feed may have failed for want of gas.
    """
    since: uint256 = clocks.word >> 216
    if since == 0 or block.timestamp < since + DEAD_DELAY:
        return False
    return not prices._is_usable()


# --- actions ---


@external
def report_unusable():
    """
    @notice Anyone: start the clock of unusable prices, or stop it when they are usable,
            which reverts with "oracle: prices are usable" when none runs.
    @dev A caller who gives so little gas that a feed may have failed for want of it is
         refused.
    """
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
