# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title MarketMaker
@notice Liquidity and arbitrage on Uniswap v3 pools of local and test networks:
        everybody may have it provide, withdraw and swap with what it holds.
        Never give it anything of value.
@dev It calls whatever pool it is told to and pays what that pool asks for.
@custom:kill Nothing to stop: what it holds is anybody's.
"""

from ethereum.ercs import IERC20

from ...interfaces import IUniswapV3
from ..modules.lib import errors


interface ILiquidity:  # the part of a pool that only local networks need
    def token0() -> address: view
    def token1() -> address: view
    def mint(
        recipient: address, lower: int24, upper: int24, liquidity: uint128, data: Bytes[32]
    ) -> (uint256, uint256): nonpayable
    def burn(lower: int24, upper: int24, liquidity: uint128) -> (uint256, uint256): nonpayable
    def collect(
        recipient: address, lower: int24, upper: int24, amount0: uint128, amount1: uint128
    ) -> (uint128, uint128): nonpayable


MAX_POOLS: constant(uint256) = 24

_called: transient(address)  # the pool that may ask for payment


@external
def provide(
    pool: address, tick_lower: int24, tick_upper: int24, liquidity: uint128
) -> (uint256, uint256):
    """
    @notice Add liquidity.
    @return Amounts of token0 and token1 paid.
    """
    amount0: uint256 = 0
    amount1: uint256 = 0
    self._called = pool
    amount0, amount1 = extcall ILiquidity(pool).mint(self, tick_lower, tick_upper, liquidity, b"")
    self._called = empty(address)
    return amount0, amount1


@external
def withdraw(
    pool: address, tick_lower: int24, tick_upper: int24, liquidity: uint128
) -> (uint128, uint128):
    """
    @notice Remove liquidity and collect it with all fees earned by it; zero
            collects the fees.
    @return Amounts of token0 and token1 received.
    """
    extcall ILiquidity(pool).burn(tick_lower, tick_upper, liquidity)
    return extcall ILiquidity(pool).collect(
        self, tick_lower, tick_upper, max_value(uint128), max_value(uint128)
    )


@external
def move(pools: DynArray[address, MAX_POOLS], sqrt_prices: DynArray[uint160, MAX_POOLS]):
    """
    @notice Swap in each pool up to exactly this price.
    """
    assert len(pools) == len(sqrt_prices), errors.MAKER_LENGTHS
    for i: uint256 in range(len(pools), bound=MAX_POOLS):
        self._move(pools[i], sqrt_prices[i])


@external
def swap(pool: address, zero_for_one: bool, amount: int256, limit: uint160) -> (int256, int256):
    """
    @notice Swap as the pool's own `swap` does: positive amounts are paid,
            negative ones received.
    @return Changes of the pool's token0 and token1.
    """
    return self._swap(pool, zero_for_one, amount, limit)


@reentrant
@external
def uniswapV3MintCallback(amount0: uint256, amount1: uint256, data: Bytes[32]):
    """
    @notice The pool that is being called: ask for the liquidity's tokens.
    """
    assert msg.sender == self._called, errors.MAKER_CALLER
    self._pay(amount0, amount1)


@reentrant
@external
def uniswapV3SwapCallback(delta0: int256, delta1: int256, data: Bytes[32]):
    """
    @notice The pool that is being called: ask for the swap's payment.
    """
    assert msg.sender == self._called, errors.MAKER_CALLER
    self._pay(convert(max(delta0, 0), uint256), convert(max(delta1, 0), uint256))


@internal
def _move(pool: address, target: uint160):
    current: uint160 = (staticcall IUniswapV3(pool).slot0()).sqrtPriceX96
    if current != target:
        self._swap(pool, target < current, max_value(int256), target)


@internal
def _swap(pool: address, zero_for_one: bool, amount: int256, limit: uint160) -> (int256, int256):
    delta0: int256 = 0
    delta1: int256 = 0
    self._called = pool
    delta0, delta1 = extcall IUniswapV3(pool).swap(self, zero_for_one, amount, limit, b"")
    self._called = empty(address)
    return delta0, delta1


@internal
def _pay(amount0: uint256, amount1: uint256):
    if amount0 != 0:
        self._transfer(staticcall ILiquidity(msg.sender).token0(), amount0)
    if amount1 != 0:
        self._transfer(staticcall ILiquidity(msg.sender).token1(), amount1)


@internal
def _transfer(token: address, amount: uint256):
    paid: bool = extcall IERC20(token).transfer(msg.sender, amount, default_return_value=True)
    assert paid, errors.MAKER_PAYMENT
