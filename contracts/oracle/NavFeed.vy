# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title NavFeed
@license AGPL-3.0-only
@notice What one whole share of an `InverseIndexToken` is worth to its holder, in
        whole collateral units, as a price feed.
@dev The net asset value at ask prices, the lowest, over all shares, the streaming
     fee that has not been minted yet and the virtual shares included: what a
     redemption values a share at, before its own fee. Rounded down.

     Inside a transaction it moves only with value that is really there. Collateral
     that is sent to the token or its vault is not counted. Flows pay spread and
     fees to those who stay, a rebalance releases the fees that wait and what the
     venue gives, and anybody may repay the vault's debt at a money market: then
     every share can be redeemed for more, and whoever paid is poorer by as much.
     Apart from that it can rise by the distance from ask to mid at most, when a
     rebalance or redemption closes shorts that the spread was counted on; it is
     never above the value at mid prices. In the middle of an action the token
     refuses to be read, and so does this feed.

     While the step of a price is unconfirmed the ask is that of the worse of accepted
     and present price, so the answer does not rise with a price that may be wrong
     (but for the usual spread, which that ask contains).

     It reverts with the oracle's reason while prices are unusable, and with its
     own for a token without shares or without value; an answer is never 0. A
     settled token needs no prices: then the answer is as new as the block.
     See `feed_answers` for rounds and times.
@custom:kill Nothing to stop: no state, no owner. It answers while the token can
             be valued.
"""

from ...interfaces import IAggregatorV3
from ...interfaces import IIndexOracle
from ...interfaces import IInverseIndexToken
from ...interfaces import ITokenViews

implements: IAggregatorV3

from ..modules.lib import errors
from ..modules.oracle import feed_answers
from ..modules.token import nav

initializes: feed_answers

exports: (
    feed_answers.decimals,
    feed_answers.description,
    feed_answers.version,
)

_WAD: constant(uint256) = 10**18

_TOKEN: immutable(IInverseIndexToken)
_ORACLE: immutable(IIndexOracle)
_VIEWS: immutable(ITokenViews)


@deploy
def __init__(token_: address, decimals_: uint8, description_: String[64]):
    """
    @param token_ The token; its parts are fixed, so they are read once.
    @param decimals_ 8 or 18.
    @param description_ As "SHARE / USDC".
    """
    feed_answers.__init__(decimals_, description_)
    _TOKEN = IInverseIndexToken(token_)
    _ORACLE = IIndexOracle(staticcall IInverseIndexToken(token_).oracle())
    _VIEWS = ITokenViews(staticcall IInverseIndexToken(token_).views())


# --- views ---


@view
@external
def token() -> address:
    """
    @return Whose share is valued.
    """
    return _TOKEN.address


@view
@external
def latestRoundData() -> (uint80, int256, uint256, uint256, uint80):
    """
    @return Round id, collateral per whole share at the feed's decimals, rounded down,
            time of its oldest price in seconds, twice, and the round id again.
    @dev Reverts with the oracle's reason while prices are unusable, with "feed: no
         shares exist" and with "feed: no value left".
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
    return self._answer_down(staticcall _TOKEN.state())


# --- internal ---


@view
@internal
def _present() -> (uint80, int256, uint256, uint256, uint80):
    state: IInverseIndexToken.State = staticcall _TOKEN.state()
    answer: int256 = self._answer_down(state)
    if state.mode == IInverseIndexToken.Mode.SETTLED:
        return feed_answers._round(answer, block.timestamp)
    return feed_answers._round(answer, feed_answers._oldest(_ORACLE))


@view
@internal
def _answer_down(state: IInverseIndexToken.State) -> int256:
    assert state.supply > 0, errors.FEED_NO_SHARES
    ask: uint256 = (staticcall _VIEWS.nav(_TOKEN.address))[2]
    assert ask > 0, errors.FEED_WORTHLESS
    virtual: uint256 = _WAD // state.unit
    return feed_answers._scaled_down(nav._per_share_down(ask, state.supply, virtual))
