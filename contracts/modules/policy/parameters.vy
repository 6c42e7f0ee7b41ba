# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title parameters
@notice The token's parameters in one storage word, and their constant bounds.
@dev From the lowest bit: mint fee, redeem fee, tolerance, band, slippage,
     reward (bps, 16 bits each), reward cap, reward ramp, chunk delay, emergency
     leverage (32 bits each).
"""

from ....interfaces import IInverseIndexToken

from ..lib import errors

BPS: constant(uint256) = 10_000
MAX_FEE_BPS: constant(uint256) = 100
MAX_TOLERANCE_BPS: constant(uint256) = 200
MIN_BAND_BPS: constant(uint256) = 300
MAX_BAND_BPS: constant(uint256) = 5_000
MIN_SLIPPAGE_BPS: constant(uint256) = 1
MAX_SLIPPAGE_BPS: constant(uint256) = 500
MAX_REWARD_BPS: constant(uint256) = 20
MAX_REWARD_CAP: constant(uint256) = 100_000
MIN_RAMP: constant(uint256) = 600
MAX_RAMP: constant(uint256) = 86_400
MIN_CHUNK_DELAY: constant(uint256) = 12
MAX_CHUNK_DELAY: constant(uint256) = 3_600
# @dev Of the multiple: an emergency, whose reward starts at its cap, takes a move
#      that is none of every day.
MIN_EMERGENCY_BPS: constant(uint256) = 12_500
MAX_EMERGENCY_BPS: constant(uint256) = 100_000

_BITS_16: constant(uint256) = 2**16 - 1
_BITS_32: constant(uint256) = 2**32 - 1


@pure
@internal
def _packed(p: IInverseIndexToken.Parameters) -> uint256:
    return (
        p.mint_fee_bps
        | p.redeem_fee_bps << 16
        | p.tolerance_bps << 32
        | p.band_bps << 48
        | p.slippage_bps << 64
        | p.reward_bps << 80
        | p.reward_cap << 96
        | p.reward_ramp << 128
        | p.chunk_delay << 160
        | p.emergency_bps << 192
    )


@pure
@internal
def _unpacked(word: uint256) -> IInverseIndexToken.Parameters:
    return IInverseIndexToken.Parameters(
        mint_fee_bps=word & _BITS_16,
        redeem_fee_bps=word >> 16 & _BITS_16,
        tolerance_bps=word >> 32 & _BITS_16,
        band_bps=word >> 48 & _BITS_16,
        slippage_bps=word >> 64 & _BITS_16,
        reward_bps=word >> 80 & _BITS_16,
        reward_cap=word >> 96 & _BITS_32,
        reward_ramp=word >> 128 & _BITS_32,
        chunk_delay=word >> 160 & _BITS_32,
        emergency_bps=word >> 192 & _BITS_32,
    )


@pure
@internal
def _check(p: IInverseIndexToken.Parameters, multiple: uint256):
    """
    @notice Every bound; the emergency leverage lies beyond the band.
    """
    assert max(p.mint_fee_bps, p.redeem_fee_bps) <= MAX_FEE_BPS, errors.TOKEN_FEE_CEILING
    assert p.tolerance_bps <= MAX_TOLERANCE_BPS, errors.TOKEN_TOLERANCE
    assert p.band_bps >= MIN_BAND_BPS and p.band_bps <= MAX_BAND_BPS, errors.TOKEN_BAND
    # What waits moves N by up to twice the tolerance, and the leverage with it.
    waiting: uint256 = 2 * p.tolerance_bps
    assert waiting * BPS <= p.band_bps * (BPS - waiting), errors.TOKEN_TOLERANCE_BAND
    assert p.slippage_bps >= MIN_SLIPPAGE_BPS, errors.TOKEN_SLIPPAGE
    assert p.slippage_bps <= MAX_SLIPPAGE_BPS, errors.TOKEN_SLIPPAGE
    assert p.reward_bps <= MAX_REWARD_BPS, errors.TOKEN_REWARD
    assert p.reward_cap <= MAX_REWARD_CAP, errors.TOKEN_REWARD
    assert p.reward_ramp >= MIN_RAMP and p.reward_ramp <= MAX_RAMP, errors.TOKEN_REWARD
    assert p.chunk_delay >= MIN_CHUNK_DELAY, errors.TOKEN_CHUNK_DELAY
    assert p.chunk_delay <= MAX_CHUNK_DELAY, errors.TOKEN_CHUNK_DELAY
    assert p.emergency_bps > multiple * (BPS + p.band_bps), errors.TOKEN_EMERGENCY
    assert p.emergency_bps >= multiple * MIN_EMERGENCY_BPS, errors.TOKEN_EMERGENCY
    assert p.emergency_bps <= MAX_EMERGENCY_BPS, errors.TOKEN_EMERGENCY
