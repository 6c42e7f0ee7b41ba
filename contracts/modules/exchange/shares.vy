# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title shares
@license AGPL-3.0-only
@notice Shares of the exchange's pool into collateral and back, rounded against the
        caller.
@dev What all shares stand for is an argument, scale 1e36, virtual assets included.
     Shares in custody for an exit count as everybody's do.
"""

from snekmate.tokens import erc20
from snekmate.utils import math

from . import custody

uses: custody
uses: erc20


# @dev A thousandth of a share and of a whole unit of collateral that nobody
#      owns: the price of a share starts at one and cannot be blown up.
_VIRTUAL_SHARES: constant(uint256) = 10**15
VIRTUAL_ASSETS: constant(uint256) = 10**33
# @dev Deposits that bring up to as many shares are within all ranges.
_MOST_SHARES: constant(uint256) = 2**160


@view
@internal
def _to_shares_down(assets: uint256, share_assets: uint256) -> uint256:
    """
    @param assets Native units.
    """
    supply: uint256 = erc20.totalSupply + _VIRTUAL_SHARES
    return math._mul_div(assets * custody.SCALE, supply, share_assets, False)


@view
@internal
def _to_assets_down(shares: uint256, share_assets: uint256) -> uint256:
    """
    @return Native units.
    """
    supply: uint256 = erc20.totalSupply + _VIRTUAL_SHARES
    value: uint256 = math._mul_div(shares, share_assets, supply, False)
    # The virtual assets are not there to be paid: after losses the last shares
    # would claim a part of them.
    return min(value, max(share_assets, VIRTUAL_ASSETS) - VIRTUAL_ASSETS) // custody.SCALE


@view
@internal
def _least_above(assets: uint256, share_assets: uint256) -> uint256:
    """
    @param assets Native units.
    @return The smallest number of shares that is worth more than these assets.
    """
    supply: uint256 = erc20.totalSupply + _VIRTUAL_SHARES
    return math._mul_div((assets + 1) * custody.SCALE, supply, share_assets, True)


@view
@internal
def _most_assets(share_assets: uint256) -> uint256:
    """
    @return The largest deposit that is within all ranges, native units.
    """
    supply: uint256 = erc20.totalSupply + _VIRTUAL_SHARES
    return math._mul_div(_MOST_SHARES, share_assets, supply, False) // custody.SCALE
