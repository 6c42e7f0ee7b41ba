# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy off
"""
@title ShareLender
@notice For tests: a lending market that lends collateral against shares of a token,
        and believes what the share's price is said to be at that very moment.
@dev It locks nothing and asks for nobody's consent: whoever calls lends to a
     borrower as much as the borrower's shares are good for.
@custom:kill For tests only.
"""

from ethereum.ercs import IERC20

from ...interfaces import IAggregatorV3


interface IShares:
    def totalAssets() -> uint256: view
    def convertToAssets(shares: uint256) -> uint256: view
    def previewRedeem(shares: uint256) -> uint256: view
    def totalSupply() -> uint256: view


FEED: constant(uint256) = 0  # what the price is read from
CONVERT: constant(uint256) = 1
PREVIEW: constant(uint256) = 2
RATIO: constant(uint256) = 3

_SHARE: constant(uint256) = 10**18
_LOAN_PERCENT: constant(uint256) = 80

TOKEN: immutable(address)
ASSET: immutable(address)
FEED_: immutable(address)
SCALE: immutable(uint256)  # of the feed's answers to collateral
source: public(uint256)
shares: public(HashMap[address, uint256])
debt: public(HashMap[address, uint256])


@deploy
def __init__(token: address, asset: address, feed: address, scale: uint256):
    """
    @param feed Of the share's value.
    @param scale What the feed's answers are divided by to be collateral per share.
    """
    TOKEN = token
    ASSET = asset
    FEED_ = feed
    SCALE = scale


@external
def set_source(source: uint256):
    """
    @param source 0 the feed, 1 `convertToAssets`, 2 `previewRedeem`, 3 total assets
           over supply.
    """
    self.source = source


@external
def post(amount: uint256):
    """
    @notice Pledge shares.
    """
    self.shares[msg.sender] += amount
    extcall IERC20(TOKEN).transferFrom(msg.sender, self, amount)


@external
def lend(borrower: address):
    """
    @notice Lend the borrower all that the pledge is good for now.
    """
    worth: uint256 = self._worth(self.shares[borrower])
    most: uint256 = worth * _LOAN_PERCENT // 100
    owed: uint256 = self.debt[borrower]
    loan: uint256 = most - min(most, owed)
    if loan != 0:
        self.debt[borrower] = owed + loan
        extcall IERC20(ASSET).transfer(borrower, loan)


@external
def close():
    """
    @notice Repay everything and take the pledge back.
    """
    owed: uint256 = self.debt[msg.sender]
    pledge: uint256 = self.shares[msg.sender]
    self.debt[msg.sender] = 0
    self.shares[msg.sender] = 0
    extcall IERC20(ASSET).transferFrom(msg.sender, self, owed)
    extcall IERC20(TOKEN).transfer(msg.sender, pledge)


@view
@internal
def _worth(amount: uint256) -> uint256:
    if self.source == FEED:
        answer: int256 = (staticcall IAggregatorV3(FEED_).latestRoundData())[1]
        return convert(answer, uint256) * amount // _SHARE // SCALE
    if self.source == CONVERT:
        return staticcall IShares(TOKEN).convertToAssets(amount)
    if self.source == PREVIEW:
        return staticcall IShares(TOKEN).previewRedeem(amount)
    total: uint256 = staticcall IShares(TOKEN).totalAssets()
    return total * amount // staticcall IShares(TOKEN).totalSupply()
