# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title in_kind
@license AGPL-3.0-only
@notice Collateral paid out for debts repaid: neither prices nor trades.
"""

from ethereum.ercs import IERC20
from snekmate.utils import math

from . import account
from ..lib import errors
from ..vault import custody

uses: account
uses: custody

# @dev Collateral units: Aave rounds what it takes off a balance to the nearest
#      one, and the value of what stays is rounded down.
_ROUNDING: constant(uint256) = 2


@view
@internal
def _parts_down(shares: uint256, supply: uint256) -> (uint256, uint256):
    """
    @return The part of the idle and of the supplied collateral.
    @dev Less the rounding, unless all leaves, so that the others never lose.
    """
    from_aave: uint256 = math._mul_div(account._supplied(), shares, supply, False)
    if shares != supply:
        from_aave -= min(from_aave, _ROUNDING)
    return math._mul_div(custody.idle, shares, supply, False), from_aave


@pure
@internal
def _part_up(whole: uint256, shares: uint256, supply: uint256) -> uint256:
    """
    @return The part, and one more for Aave's rounding, but never above the whole.
    """
    return min(math._mul_div(whole, shares, supply, True) + 1, whole)


@internal
def _pull(component: address, payer: address, amount: uint256):
    pulled: bool = extcall IERC20(component).transferFrom(
        payer, self, amount, default_return_value=True
    )
    assert pulled, errors.VAULT_BROUGHT
