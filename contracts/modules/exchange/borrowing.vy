# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title borrowing
@license AGPL-3.0-only
@notice What the pool asks for the liquidity that it keeps for open positions, and how
        much of it one account may use.
@dev The fee is `max_borrowing` times the fourth power of the part of the pool's equity that
     is kept: of 1% a day at most, 0.006% a day at 28%, 0.06% at half, 0.41% at 80%. Who
     keeps others from the pool's liquidity pays their providers for it, each second
     anew, and more than anybody else the more of it is his.
     An account's limit keeps one position from being all that a pool has. It cannot keep
     one owner from it, who may have any number of accounts; the fee does.
"""

from ..lib import errors

# @dev WAD per second, 86.4% a day.
MOST_BORROWING: constant(uint256) = 10**13

_WAD: constant(uint256) = 10**18
_SWAD: constant(int256) = 10**18
_PART: constant(uint256) = 10**9

# @dev WAD of the notional per second that is paid for a pool that is wholly kept.
max_borrowing: public(immutable(uint256))
# @dev WAD of the pool's equity to which one account's notional may grow.
account_limit: public(immutable(uint256))


@deploy
def __init__(max_borrowing_: uint256, account_limit_: uint256):
    assert max_borrowing_ <= MOST_BORROWING, errors.POOL_MAX_BORROWING
    assert account_limit_ != 0 and account_limit_ <= _WAD, errors.POOL_ACCOUNT_LIMIT
    max_borrowing = max_borrowing_
    account_limit = account_limit_


@pure
@internal
def _rate_down(kept: uint256, equity: int256, most: uint256) -> uint256:
    """
    @param kept Notional that the equity is kept for, both at scale 1e36.
    @param most Rate for all of it, WAD of that notional per second.
    @return The same, rounded down.
    """
    if kept == 0:
        return 0
    if equity <= 0 or kept >= convert(equity, uint256):
        return most
    part: uint256 = kept // (convert(equity, uint256) // _PART + 1)
    square: uint256 = part * part
    return most * square // _WAD * square // _WAD


@view
@internal
def _spare(kept: uint256, equity: int256, notional: uint256) -> int256:
    """
    @return The notional that an account may still add, which has this much, scale 1e36.
    """
    return min(
        equity - convert(kept, int256),
        self._account_limit_down(equity) - convert(notional, int256),
    )


@view
@internal
def _check_growth(kept: uint256, equity: int256, notional: uint256):
    """
    @param notional Of the account that has added to open interest.
    """
    assert equity >= convert(kept, int256), errors.EXCHANGE_RESERVE
    assert (convert(notional, int256) <= self._account_limit_down(equity)), errors.POOL_ACCOUNT_SIZE


@view
@internal
def _account_limit_down(equity: int256) -> int256:
    return max(equity, 0) // _SWAD * convert(account_limit, int256)
