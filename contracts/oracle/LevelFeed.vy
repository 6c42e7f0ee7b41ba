# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title LevelFeed
@license AGPL-3.0-only
@notice The level of an oracle's index, in units of the collateral, as a price
        feed.
@dev The level at mid prices, rounded down to the feed's decimals. It depends on
     feeds and composition alone, so nothing that happens inside a transaction
     moves it. It reverts with the oracle's reason while prices are unusable. It is
     at the present prices while a step of one is unconfirmed: ask `read()` of the
     oracle for its restriction.
     See `feed_answers` for rounds and times.
@custom:kill Nothing to stop: no state, no owner. It answers while its oracle
             does.
"""

from ...interfaces import IAggregatorV3
from ...interfaces import IIndexOracle

implements: IAggregatorV3

from ..modules.lib import errors
from ..modules.oracle import feed_answers

initializes: feed_answers

exports: (
    feed_answers.decimals,
    feed_answers.description,
    feed_answers.version,
)

_ORACLE: immutable(IIndexOracle)


@deploy
def __init__(oracle_: address, decimals_: uint8, description_: String[64]):
    """
    @param oracle_ Its level must be readable now.
    @param decimals_ 8 or 18.
    @param description_ As "INDEX / USDC".
    """
    feed_answers.__init__(decimals_, description_)
    _ORACLE = IIndexOracle(oracle_)
    assert staticcall IIndexOracle(oracle_).level() > 0, errors.FEED_WORTHLESS


# --- views ---


@view
@external
def oracle() -> address:
    """
    @return Whose level is answered.
    """
    return _ORACLE.address


@view
@external
def latestRoundData() -> (uint80, int256, uint256, uint256, uint80):
    """
    @return Round id, level in whole collateral units at the feed's decimals, rounded
            down, time of its oldest price in seconds, twice, and the round id again.
    @dev Reverts with the oracle's reason while prices are unusable.
    """
    return self._present()


@view
@external
def getRoundData(round_id: uint80) -> (uint80, int256, uint256, uint256, uint80):
    """
    @notice The present round alone.
    """
    feed_answers._check_present(round_id)
    return self._present()


@view
@external
def latestAnswer() -> int256:
    """
    @notice For those who do not ask for its time.
    """
    return self._answer_down()


# --- internal ---


@view
@internal
def _present() -> (uint80, int256, uint256, uint256, uint80):
    return feed_answers._round(self._answer_down(), feed_answers._oldest(_ORACLE))


@view
@internal
def _answer_down() -> int256:
    return feed_answers._scaled_down(staticcall _ORACLE.level())
