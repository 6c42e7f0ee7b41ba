# SPDX-License-Identifier: AGPL-3.0-only
"""Integer arithmetic as the contracts do it, and how they refuse."""

from __future__ import annotations

BPS = 10_000
WAD = 10**18
MAX_UINT256 = 2**256 - 1
MAX_INT256 = 2**255 - 1
MIN_INT256 = -(2**255)

OVERFLOW = ""  # the compiler's own checks revert without a reason


class Revert(Exception):
    """The contract would revert; `reason` is its reason string, "" for none."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def require(condition: bool, reason: str) -> None:
    """Revert with the reason unless the condition holds."""
    if not condition:
        raise Revert(reason)


def uint(value: int) -> int:
    """The value, if a uint256 can hold it."""
    require(0 <= value <= MAX_UINT256, OVERFLOW)
    return value


def sint(value: int) -> int:
    """The value, if an int256 can hold it."""
    require(MIN_INT256 <= value <= MAX_INT256, OVERFLOW)
    return value


def tdiv(numerator: int, denominator: int) -> int:
    """Quotient rounded toward zero, as signed `//` is in Vyper."""
    quotient = abs(numerator) // abs(denominator)
    return quotient if (numerator < 0) == (denominator < 0) else -quotient


def ceil_div(numerator: int, denominator: int) -> int:
    """Quotient rounded up; no negative numbers."""
    return -(-numerator // denominator)


def mul_div_down(x: int, y: int, denominator: int) -> int:
    """`x * y / denominator` rounded down; the product may exceed 256 bits."""
    require(denominator != 0, "math: mul_div division by zero")
    result = x * y // denominator
    require(result <= MAX_UINT256, "math: mul_div overflow")
    return result


def mul_div_up(x: int, y: int, denominator: int) -> int:
    """`x * y / denominator` rounded up; the product may exceed 256 bits."""
    require(denominator != 0, "math: mul_div division by zero")
    result = ceil_div(x * y, denominator)
    require(result <= MAX_UINT256, "math: mul_div overflow")
    return result


# e**x: lowest input with a result above zero, first input whose result does
# not fit, ln 2 at scale 2**96.
_EXP_ZERO = -41_446_531_673_892_822_313
_EXP_OVERFLOW = 135_305_999_368_893_231_589
_LN_2 = 54_916_777_467_707_473_351_141_471_128
# Coefficients of the rational approximation, highest power first; that of the
# highest power is one. The numerator has two factors, the inner one first.
_EXP_INNER = (1_346_386_616_545_796_478_920_950_773_328, 57_155_421_227_552_351_082_224_309_758_442)
_EXP_OUTER = (
    -94_201_549_194_550_492_254_356_042_504_812,
    28_719_021_644_029_726_153_956_944_680_412_240,
    4_385_272_521_454_847_904_659_076_985_693_276,
)
_EXP_DENOMINATOR = (
    -2_855_989_394_907_223_263_936_484_059_900,
    50_020_603_652_535_783_019_961_831_881_945,
    -533_845_033_583_426_703_283_633_433_725_380,
    3_604_857_256_930_695_427_073_651_918_091_429,
    -14_423_608_567_350_463_180_887_372_962_807_573,
    26_449_188_498_355_588_339_934_803_723_976_023,
)
_EXP_SCALE = 3_822_833_074_963_236_453_042_738_258_902_158_003_155_416_615_667


def wad_exp(x: int) -> int:
    """e**x, both WAD, equal to snekmate's `_wad_exp` in every bit.

    x is split into k * ln 2 and a rest; e to the rest is a quotient of two
    polynomials at scale 2**96. Shifts round down, divisions toward zero.
    """
    if x <= _EXP_ZERO:
        return 0
    require(x < _EXP_OVERFLOW, "math: wad_exp overflow")
    x = tdiv(x << 78, 5**18)
    k = (tdiv(x << 96, _LN_2) + 2**95) >> 96
    x -= k * _LN_2

    first, second = _EXP_INNER
    inner = (((x + first) * x) >> 96) + second
    first, second, third = _EXP_OUTER
    outer = (((inner + x + first) * inner) >> 96) + second
    numerator = outer * x + (third << 96)

    denominator = x + _EXP_DENOMINATOR[0]
    for coefficient in _EXP_DENOMINATOR[1:]:
        denominator = ((denominator * x) >> 96) + coefficient
    return (tdiv(numerator, denominator) * _EXP_SCALE) >> (195 - k)
