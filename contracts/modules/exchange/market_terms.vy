# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title market_terms
@license AGPL-3.0-only
@notice A market's terms within their bounds, and the word that keeps them. Pure.
@dev skew scale (104 bits) | max funding (48) | taker fee (20), 1e-8 | recovery (36), 1e-15
     per second | initial margin (24) | maintenance margin (23), margins in 1e-6 |
     settled (1).
"""

from ....interfaces import IPerpExchange

from ..lib import errors
from . import linear

MAX_SKEW_SCALE: constant(uint256) = 10**30
MAX_FUNDING: constant(uint256) = 10**13  # WAD per second, 86.4% a day
MAX_TAKER_FEE: constant(uint256) = 10**16
MAX_RECOVERY: constant(uint256) = 6 * 10**13  # WAD of the price per second, 21.6% an hour
# @dev A liquidation costs 1% of what it closes; margins must be able to pay it.
MIN_MARGIN: constant(uint256) = 10**16
# @dev Terms from this on are settled.
SETTLED: constant(uint256) = 2**255
# @dev Where max funding, taker fee and recovery are.
CHARGES: constant(uint256) = (2**104 - 1) * 2**104
# @dev Recoveries and displacements are multiples of it.
RECOVERY_UNIT: constant(uint256) = 10**3

_WAD: constant(uint256) = 10**18
_MASK_23: constant(uint256) = 2**23 - 1
_MASK_24: constant(uint256) = 2**24 - 1
_MASK_48: constant(uint256) = 2**48 - 1
_MASK_36: constant(uint256) = 2**36 - 1
_MASK_20: constant(uint256) = 2**20 - 1
# @dev Margins and fees are multiples of these.
_MARGIN_UNIT: constant(uint256) = 10**12
_FEE_UNIT: constant(uint256) = 10**10


@pure
@internal
def _check_config(config: IPerpExchange.Market):
    assert (
        config.skew_scale != 0 and config.skew_scale <= MAX_SKEW_SCALE
    ), errors.EXCHANGE_SKEW_SCALE
    assert config.max_funding <= MAX_FUNDING, errors.EXCHANGE_MAX_FUNDING
    assert (
        config.taker_fee <= MAX_TAKER_FEE and config.taker_fee % _FEE_UNIT == 0
    ), errors.EXCHANGE_TAKER_FEE
    assert (
        config.recovery <= MAX_RECOVERY and config.recovery % RECOVERY_UNIT == 0
    ), errors.EXCHANGE_RECOVERY
    assert (
        config.maintenance_margin >= MIN_MARGIN
        and config.initial_margin > config.maintenance_margin
        and config.initial_margin <= _WAD
        and config.initial_margin % _MARGIN_UNIT == 0
        and config.maintenance_margin % _MARGIN_UNIT == 0
    ), errors.EXCHANGE_MARGINS
    assert (
        config.max_long <= linear._interest_cap(config.skew_scale, config.maintenance_margin)
    ), errors.EXCHANGE_MAX_LONG


@pure
@internal
def _packed(config: IPerpExchange.Market) -> uint256:
    """
    @return The terms of a market within the bounds; all but its cap on longs.
    """
    return (
        config.skew_scale
        | config.max_funding << 104
        | (config.taker_fee // _FEE_UNIT) << 152
        | (config.recovery // RECOVERY_UNIT) << 172
        | (config.initial_margin // _MARGIN_UNIT) << 208
        | (config.maintenance_margin // _MARGIN_UNIT) << 232
    )


@pure
@internal
def _skew_scale(terms: uint256) -> uint256:
    return terms & (2**104 - 1)


@pure
@internal
def _taker_fee(terms: uint256) -> uint256:
    return ((terms >> 152) & _MASK_20) * _FEE_UNIT


@pure
@internal
def _recovery(terms: uint256) -> uint256:
    """
    @return 1e-15 of the price per second.
    """
    return (terms >> 172) & _MASK_36


@pure
@internal
def _initial_margin(terms: uint256) -> uint256:
    return ((terms >> 208) & _MASK_24) * _MARGIN_UNIT


@pure
@internal
def _maintenance_margin(terms: uint256) -> uint256:
    return ((terms >> 232) & _MASK_23) * _MARGIN_UNIT


@pure
@internal
def _max_funding(terms: uint256) -> uint256:
    return (terms >> 104) & _MASK_48
