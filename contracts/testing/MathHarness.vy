# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title MathHarness
@license AGPL-3.0-only
@notice Gives tests the arithmetic that the model has to match.
@custom:kill For tests only; never deployed elsewhere.
"""

from snekmate.utils import math


@pure
@external
def wad_exp(x: int256) -> int256:
    return math._wad_exp(x)


@pure
@external
def mul_div_down(x: uint256, y: uint256, denominator: uint256) -> uint256:
    return math._mul_div(x, y, denominator, False)


@pure
@external
def mul_div_up(x: uint256, y: uint256, denominator: uint256) -> uint256:
    return math._mul_div(x, y, denominator, True)


@pure
@external
def divide(x: int256, y: int256) -> int256:
    return x // y
