# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title streaming_fee
@notice A management fee that is minted as shares to its recipient, compounded
        continuously: shares = supply * (exp(rate * elapsed) - 1), rounded down,
        so that two accruals equal one over both spans, but for that rounding and
        at most four parts in 1e18 of the supply: exp is exact to one such part.
@dev With supplies up to 2**128 it does not overflow for 900 years.
     One word: rate (40 bits) | time of the last accrual (40) | recipient (160).
     The clock moves while nobody holds shares, so idle time is never charged,
     and a new rate or recipient starts from the moment at which it is set.
"""

from snekmate.tokens import erc20
from snekmate.utils import math

from ....interfaces import IInverseIndexToken

from ..lib import errors

uses: erc20


# @dev About 5% a year: ln(1.05) / 31536000 seconds.
MAX_RATE: constant(uint256) = 1_550_000_000

_WAD: constant(int256) = 10**18
_BITS_40: constant(uint256) = 2**40 - 1

_word: uint256


@deploy
def __init__(rate: uint256, recipient: address):
    self._set(rate, recipient)


@view
@internal
def _fee() -> IInverseIndexToken.Fee:
    word: uint256 = self._word
    return IInverseIndexToken.Fee(
        rate=word & _BITS_40,
        recipient=convert(word >> 80, address),
        accrued_at=word >> 40 & _BITS_40,
    )


@view
@internal
def _unaccrued_down(fee: IInverseIndexToken.Fee, supply: uint256) -> uint256:
    """
    @return Shares of the fee since the last accrual.
    """
    if fee.rate == 0 or supply == 0 or block.timestamp == fee.accrued_at:
        return 0
    exponent: int256 = convert(fee.rate * (block.timestamp - fee.accrued_at), int256)
    growth: int256 = math._wad_exp(exponent) - _WAD
    return supply * convert(growth, uint256) // convert(_WAD, uint256)


@view
@internal
def _supply() -> uint256:
    """
    @return Shares including the fee up to now.
    """
    supply: uint256 = erc20.totalSupply
    return supply + self._unaccrued_down(self._fee(), supply)


@internal
def _accrue() -> uint256:
    """
    @notice Mint the fee up to now and restart its clock.
    @return The supply after.
    """
    fee: IInverseIndexToken.Fee = self._fee()
    if fee.accrued_at == block.timestamp:
        return erc20.totalSupply
    shares: uint256 = self._unaccrued_down(fee, erc20.totalSupply)
    self._store(fee.rate, fee.recipient)
    if shares > 0:
        erc20._mint(fee.recipient, shares)
        log IInverseIndexToken.FeeAccrued(
            recipient=fee.recipient, shares=shares, elapsed=block.timestamp - fee.accrued_at
        )
    return erc20.totalSupply


@internal
def _set(rate: uint256, recipient: address):
    """
    @notice New terms from now on; accrue first.
    """
    assert rate <= MAX_RATE, errors.TOKEN_FEE_CEILING
    assert rate == 0 or recipient != empty(address), errors.TOKEN_RECIPIENT
    self._store(rate, recipient)
    log IInverseIndexToken.StreamingFeeSet(rate=rate, recipient=recipient)


@internal
def _store(rate: uint256, recipient: address):
    self._word = rate | block.timestamp << 40 | convert(recipient, uint256) << 80
