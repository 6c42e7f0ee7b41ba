# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title liquidity
@license AGPL-3.0-only
@notice The liquidity pool's providers: shares of its equity at oracle prices.
"""

from snekmate.utils import math

from ....interfaces import IPerpExchange

from ..lib import errors
from . import collateral
from . import ledger
from . import markets

uses: collateral
uses: ledger
uses: markets


# @dev Seconds for which added liquidity stays.
LIQUIDITY_LOCK: public(constant(uint256)) = 3_600

_MAX: constant(uint256) = 10
# @dev A thousandth of a share and of a whole unit of collateral that nobody
#      owns: the price of a share starts at one and cannot be blown up.
_VIRTUAL_SHARES: constant(uint256) = 10**15
_VIRTUAL_ASSETS: constant(uint256) = 10**33

total_liquidity: public(uint256)
liquidity: public(HashMap[address, uint256])
# @dev Time from which a provider's liquidity may be removed.
unlocked_at: public(HashMap[address, uint256])


@external
def add_liquidity(amount: uint256, min_shares: uint256) -> uint256:
    """
    @notice Become a part of the pool at its worth at oracle prices; stays for
            `LIQUIDITY_LOCK` seconds.
    @return Shares, rounded down.
    """
    assert not markets._settled(), errors.EXCHANGE_SETTLED
    assets: uint256 = self._pool_assets(ledger._oracle_prices())
    value: uint256 = collateral._pull(amount)
    shares: uint256 = self._mul_div_down(value, self.total_liquidity + _VIRTUAL_SHARES, assets)
    assert shares != 0 and shares >= min_shares, errors.EXCHANGE_MIN_SHARES
    ledger.pool_cash += convert(value, int256)
    self.total_liquidity += shares
    self.liquidity[msg.sender] += shares
    self.unlocked_at[msg.sender] = block.timestamp + LIQUIDITY_LOCK
    log IPerpExchange.LiquidityAdded(provider=msg.sender, amount=amount, shares=shares)
    return shares


@external
def remove_liquidity(shares: uint256, min_amount: uint256, receiver: address) -> uint256:
    """
    @notice Leave the pool at its worth at oracle prices, as far as the reserve
            for open positions allows; once settled, when none is open.
    @return Collateral, rounded down.
    """
    assert shares != 0, errors.EXCHANGE_ZERO
    assert block.timestamp >= self.unlocked_at[msg.sender], errors.EXCHANGE_LOCKED
    assert shares <= self.liquidity[msg.sender], errors.EXCHANGE_SHARES
    markets._check_closed()
    prices: uint256[10] = ledger._oracle_prices()
    assets: uint256 = self._pool_assets(prices)
    value: uint256 = self._mul_div_down(shares, assets, self.total_liquidity + _VIRTUAL_SHARES)
    # The virtual assets are not there to be paid: after losses the last shares
    # would claim a part of them.
    amount: uint256 = min(value, max(assets, _VIRTUAL_ASSETS) - _VIRTUAL_ASSETS) // collateral.SCALE
    assert amount >= min_amount, errors.EXCHANGE_MIN_AMOUNT
    self.liquidity[msg.sender] -= shares
    self.total_liquidity -= shares
    ledger.pool_cash -= convert(amount * collateral.SCALE, int256)
    assert ledger._spare_reserve(prices) >= 0, errors.EXCHANGE_RESERVE
    log IPerpExchange.LiquidityRemoved(
        provider=msg.sender, receiver=receiver, amount=amount, shares=shares
    )
    collateral._push(receiver, amount)
    return amount


@view
@internal
def _pool_assets(prices: uint256[10]) -> uint256:
    """
    @return What the pool's shares, the virtual ones included, stand for: its
            equity without the impact that it owes back to those who close.
    """
    worth: int256 = ledger._pool_equity(prices)
    for m: uint256 in range(ledger.COUNT, bound=_MAX):
        worth -= convert(markets._impact_owed_up(m, prices[m]), int256)
    assets: int256 = worth + convert(_VIRTUAL_ASSETS, int256)
    assert (worth > 0 or (self.total_liquidity == 0 and assets > 0)), errors.EXCHANGE_POOL_EXHAUSTED
    return convert(assets, uint256)


@pure
@internal
def _mul_div_down(x: uint256, y: uint256, denominator: uint256) -> uint256:
    return math._mul_div(x, y, denominator, False)
