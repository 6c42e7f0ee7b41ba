# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title health
@license AGPL-3.0-only
@notice The least health factor that a vault keeps on Aave, enforced after all that
        lowers it: at the token's prices after a growth, at Aave's after a
        payment, except for a leaving holder's own part, which lowers nobody's health.
"""

from ..lib import errors
from ..vault import custody
from . import account

uses: account
uses: custody

MIN_MIN_HEALTH: public(constant(uint256)) = 101 * 10**16
MAX_MIN_HEALTH: public(constant(uint256)) = 2 * 10**18

_BITS_16: constant(uint256) = 2**16 - 1
_BPS_WAD: constant(uint256) = 10**14

MIN_HEALTH: immutable(uint256)  # WAD


@deploy
def __init__(min_health: uint256):
    """
    @param min_health WAD, `MIN_MIN_HEALTH` to `MAX_MIN_HEALTH`.
    """
    assert min_health >= MIN_MIN_HEALTH, errors.VAULT_HEALTH_RANGE
    assert min_health <= MAX_MIN_HEALTH, errors.VAULT_HEALTH_RANGE
    MIN_HEALTH = min_health


@view
@external
def min_health() -> uint256:
    """
    @return WAD.
    """
    return MIN_HEALTH


@view
@external
def health() -> uint256:
    """
    @return Aave's health factor, WAD; max uint256 without debt.
    """
    return account._health()


@view
@internal
def _check_carried(supplied: uint256, worth: uint256):
    """
    @notice The health factor at the token's prices. Aave has checked the loan
            at its own.
    """
    threshold: uint256 = (staticcall account.POOL.getConfiguration(custody.ASSET)) >> 16 & _BITS_16
    assert supplied * threshold * _BPS_WAD >= worth * MIN_HEALTH, errors.VAULT_HEALTH


@view
@internal
def _check_health():
    """
    @notice The health factor at Aave's prices.
    """
    assert account._health() >= MIN_HEALTH, errors.VAULT_HEALTH
