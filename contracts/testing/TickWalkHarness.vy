# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title TickWalkHarness
@license AGPL-3.0-only
@notice Gives tests the quotes that real pools have to match.
@custom:kill For tests only; never deployed elsewhere.
"""

from ..modules.uniswap import tick_walk


@view
@external
def walk(
    pool: address,
    fee: uint256,
    spacing: uint256,
    zero_for_one: bool,
    amount: int256,
    sqrt_limit: uint256,
) -> (uint256, uint256, uint256):
    """
    @return Amount in, amount out, price after.
    """
    return tick_walk._walk(pool, fee, spacing, zero_for_one, amount, sqrt_limit)


@view
@external
def warm_gas(
    pool: address,
    fee: uint256,
    spacing: uint256,
    zero_for_one: bool,
    amount: int256,
    sqrt_limit: uint256,
) -> uint256:
    """
    @return Gas of a walk over storage that has been read before.
    """
    quote: uint256[3] = empty(uint256[3])
    quote[0], quote[1], quote[2] = tick_walk._walk(
        pool, fee, spacing, zero_for_one, amount, sqrt_limit
    )
    before: uint256 = msg.gas
    quote[0], quote[1], quote[2] = tick_walk._walk(
        pool, fee, spacing, zero_for_one, amount, sqrt_limit
    )
    return before - msg.gas


@pure
@external
def sqrt_price_at_tick(tick: int256) -> uint256:
    return tick_walk._sqrt_price_at_tick(tick)
