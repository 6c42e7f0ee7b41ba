# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title ExchangeLens
@license AGPL-3.0-only
@notice Everything that an exchange, its pool, its accounts and one vault on it have
        stored and say about themselves, in one call, as a list of numbers.
@dev For tests that compare all of it with a model after every step; the order
     of the numbers is the order of the appends below.
@custom:kill For tests only; never deployed elsewhere.
"""

from ethereum.ercs import IERC20

from ...interfaces import ICollateralVault
from ...interfaces import IIndexOracle
from ...interfaces import ILiquidityPool
from ...interfaces import IPerpExchange

_MAX: constant(uint256) = 10


@view
@external
def look(
    exchange: address,
    vault: address,
    accounts: DynArray[address, 12],
    prices: uint256[10],
    count: uint256,
) -> DynArray[int256, 320]:
    """
    @param accounts Every account there is, the vault's included.
    @param prices WAD, at which all is valued.
    @param count Components of the exchange's oracle.
    """
    words: DynArray[int256, 320] = []
    ex: IPerpExchange = IPerpExchange(exchange)
    asset: IERC20 = IERC20(staticcall ex.asset())
    pool: ILiquidityPool = ILiquidityPool(staticcall ex.pool())
    shares: IERC20 = IERC20(pool.address)
    words.append(convert(staticcall ex.held(), int256))
    words.append(convert(staticcall pool.held(), int256))
    words.append(convert(staticcall pool.pending_assets(), int256))
    words.append(staticcall pool.cash())
    words.append(convert(staticcall pool.insurance(), int256))
    words.append(convert(staticcall shares.totalSupply(), int256))
    words.append(convert(staticcall ex.settled(), int256))
    words.append(staticcall ex.spare_reserve(empty(address), prices))
    words.append(convert(staticcall asset.balanceOf(exchange), int256))
    words.append(convert(staticcall asset.balanceOf(pool.address), int256))
    words.append(convert(staticcall asset.balanceOf(vault), int256))

    held: ICollateralVault.Value = staticcall ICollateralVault(vault).value(prices)
    words.append(convert(held.idle, int256))
    words.append(held.equity)
    for i: uint256 in range(count, bound=_MAX):
        words.append(convert(held.shorts[i], int256))

    for m: uint256 in range(staticcall ex.market_count(), bound=_MAX):
        state: IPerpExchange.MarketState = staticcall ex.market_state(m)
        words.append(state.skew)
        words.append(convert(state.short_interest, int256))
        words.append(state.displacement)
        words.append(state.long_funding)
        words.append(state.short_funding)
        words.append(convert(state.borrowing, int256))
        words.append(convert(state.funding_at, int256))

    answers: bool = self._answers(exchange)
    words.append(convert(answers, int256))
    if answers:
        words.append(staticcall pool.equity())
        words.append(convert(staticcall pool.totalAssets(), int256))
    for who: address in accounts:
        words.append(staticcall ex.cash(who))
        words.append(convert(staticcall shares.balanceOf(who), int256))
        for request: ILiquidityPool.Request in [
            staticcall pool.deposit_request(who), staticcall pool.redeem_request(who)
        ]:
            words.append(convert(request.amount, int256))
            words.append(convert(request.bound, int256))
            words.append(convert(request.since, int256))
        words.append(convert(staticcall pool.maxDeposit(who), int256))
        words.append(convert(staticcall pool.maxRedeem(who), int256))
        words.append(convert(staticcall asset.balanceOf(who), int256))
        equity: int256 = 0
        sizes: int256[10] = empty(int256[10])
        equity, sizes = staticcall ex.account_value(who, prices)
        words.append(equity)
        for m: uint256 in range(count, bound=_MAX):
            words.append(sizes[m])
        if answers:
            initial: uint256 = 0
            maintenance: uint256 = 0
            equity, initial, maintenance = staticcall ex.margin(who)
            words.append(equity)
            words.append(convert(initial, int256))
            words.append(convert(maintenance, int256))
    return words


@view
@internal
def _answers(exchange: address) -> bool:
    """
    @return Whether the exchange has prices that nothing restricts, or frozen ones.
    """
    if staticcall IPerpExchange(exchange).settled():
        return True
    ok: bool = False
    data: Bytes[704] = b""
    ok, data = raw_call(
        staticcall IPerpExchange(exchange).oracle(),
        method_id("read()"),
        max_outsize=704,
        is_static_call=True,
        revert_on_failure=False,
    )
    if not ok:
        return False
    read: IIndexOracle.Prices = abi_decode(data, IIndexOracle.Prices)
    return read.restriction == empty(IIndexOracle.Restriction)
