# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title Router
@license AGPL-3.0-only
@notice Mints and redeems inverse index tokens in one transaction: with
        signatures, out of ETH or any ERC-20, into ETH or any ERC-20.
@dev No owner and no storage. It calls Uniswap's factory and its pools, WETH, the
     named token and the assets, with the functions seen here and no others; it
     pulls from its caller alone.

     An approval to a token is for one deposit, and the router's balance is
     checked after it: a token that takes less, or assets that bring less, make
     the call revert, so that no approval is left. What a redemption brings is
     measured, not believed. A gift to the router can therefore be spent by
     nobody, and changes no result.
@custom:kill Nothing to stop: it holds nothing and has no powers. Holders may
             take their allowances back; tokens work without it.
"""

from ...interfaces import IRouter

implements: IRouter

from ..modules.lib import errors
from ..modules.router import flows
from ..modules.router import funds
from ..modules.router import swap_callback
from ..modules.router import swaps

initializes: funds
initializes: swaps
initializes: swap_callback[funds := funds, swaps := swaps]
initializes: flows[funds := funds, swaps := swaps]

exports: (
    funds.weth,
    swaps.factory,
    swap_callback.uniswapV3SwapCallback,
)


@deploy
def __init__(weth: address, factory: address):
    """
    @param factory Uniswap v3's.
    """
    funds.__init__(weth)
    swaps.__init__(factory)


@external
@payable
@reentrant
def __default__():
    """
    @notice ETH comes from WETH alone.
    """
    assert msg.sender == funds.WETH, errors.ROUTER_ETH


# --- with collateral ---


@external
def deposit(
    token: address,
    assets: uint256,
    receiver: address,
    min_shares: uint256,
    deadline: uint256,
    permit: IRouter.Permit = empty(IRouter.Permit),
) -> uint256:
    """
    @notice Pay collateral in.
    @param permit For `assets` of the collateral; left out: an allowance.
    @return Shares minted to the receiver.
    """
    flows._check_call(receiver, deadline)
    asset: address = flows._asset(token)
    funds._use_permit(asset, assets, deadline, permit)
    held: uint256 = funds._held(asset, self)
    funds._pull(asset, msg.sender, self, assets)
    return flows._deposit(token, asset, held, assets, receiver, min_shares)


@external
def mint(
    token: address,
    shares: uint256,
    receiver: address,
    max_assets: uint256,
    deadline: uint256,
    permit: IRouter.Permit = empty(IRouter.Permit),
) -> uint256:
    """
    @notice Mint exact shares.
    @param permit For `max_assets` of the collateral; left out: an allowance.
    @return Collateral taken, as `previewMint` says.
    """
    flows._check_call(receiver, deadline)
    asset: address = flows._asset(token)
    funds._use_permit(asset, max_assets, deadline, permit)
    assets: uint256 = flows._price_of(token, shares)
    assert assets <= max_assets, errors.ROUTER_MAX_INPUT
    held: uint256 = funds._held(asset, self)
    funds._pull(asset, msg.sender, self, assets)
    flows._mint(token, asset, held, shares, receiver, assets)
    return assets


@external
def redeem(
    token: address,
    shares: uint256,
    receiver: address,
    min_assets: uint256,
    deadline: uint256,
    permit: IRouter.Permit = empty(IRouter.Permit),
) -> uint256:
    """
    @notice Burn the caller's shares for collateral.
    @param min_assets As the token's: when given, it replaces the slippage bound
           of the hedging trade; max uint256 leaves that in place.
    @param permit For `shares` of the token; left out: an allowance.
    @return Collateral paid to the receiver.
    """
    flows._check_call(receiver, deadline)
    funds._use_permit(token, shares, deadline, permit)
    return flows._redeem(token, shares, receiver, min_assets)


# --- with any ERC-20 ---


@external
def swap_and_deposit(
    token: address,
    path: DynArray[IRouter.Hop, 3],
    amount: uint256,
    receiver: address,
    min_shares: uint256,
    deadline: uint256,
    permit: IRouter.Permit = empty(IRouter.Permit),
) -> uint256:
    """
    @notice Sell an amount of the path's first token for collateral, pay that in.
    @param permit For `amount` of that token; left out: an allowance.
    @return Shares minted to the receiver.
    """
    flows._check_call(receiver, deadline)
    assert len(path) != 0, errors.ROUTER_PATH
    funds._use_permit(path[0].token, amount, deadline, permit)
    return flows._swap_in(token, path, amount, swaps.Source.CALLER, receiver, min_shares)


@external
def swap_and_mint(
    token: address,
    path: DynArray[IRouter.Hop, 3],
    shares: uint256,
    receiver: address,
    max_amount: uint256,
    deadline: uint256,
    permit: IRouter.Permit = empty(IRouter.Permit),
) -> uint256:
    """
    @notice Mint exact shares, paid in the path's first token: only what the
            pools ask for is taken.
    @param permit For `max_amount` of that token; left out: an allowance.
    @return What was taken.
    """
    flows._check_call(receiver, deadline)
    assert len(path) != 0, errors.ROUTER_PATH
    funds._use_permit(path[0].token, max_amount, deadline, permit)
    return flows._swap_in_for(token, path, shares, swaps.Source.CALLER, receiver, max_amount)


@external
def redeem_and_swap(
    token: address,
    path: DynArray[IRouter.Hop, 3],
    shares: uint256,
    receiver: address,
    min_out: uint256,
    deadline: uint256,
    permit: IRouter.Permit = empty(IRouter.Permit),
) -> uint256:
    """
    @notice Burn the caller's shares for the path's first token.
    @param min_out The bound on all of it, the token's hedging trade included.
    @param permit For `shares` of the token; left out: an allowance.
    @return What the receiver has got, after that token's own fee.
    """
    flows._check_call(receiver, deadline)
    assert len(path) != 0, errors.ROUTER_PATH
    funds._use_permit(token, shares, deadline, permit)
    before: uint256 = funds._held(path[0].token, receiver)
    flows._swap_out(token, path, shares, receiver)
    amount: uint256 = funds._held(path[0].token, receiver) - before
    assert amount >= min_out, errors.ROUTER_MIN_OUT
    return amount


# --- with ETH ---


@external
@payable
def deposit_eth(
    token: address,
    path: DynArray[IRouter.Hop, 3],
    receiver: address,
    min_shares: uint256,
    deadline: uint256,
) -> uint256:
    """
    @notice Sell the ETH sent for collateral, pay that in.
    @return Shares minted to the receiver.
    """
    flows._check_call(receiver, deadline)
    return flows._swap_in(token, path, msg.value, swaps.Source.NATIVE, receiver, min_shares)


@external
@payable
def mint_eth(
    token: address,
    path: DynArray[IRouter.Hop, 3],
    shares: uint256,
    receiver: address,
    deadline: uint256,
) -> uint256:
    """
    @notice Mint exact shares, paid out of the ETH sent. The rest goes back to
            the caller.
    @return Wei taken.
    """
    flows._check_call(receiver, deadline)
    paid: uint256 = flows._swap_in_for(
        token, path, shares, swaps.Source.NATIVE, receiver, msg.value
    )
    if paid != msg.value:
        funds._send(msg.sender, msg.value - paid)
    return paid


@external
def redeem_eth(
    token: address,
    path: DynArray[IRouter.Hop, 3],
    shares: uint256,
    receiver: address,
    min_out: uint256,
    deadline: uint256,
    permit: IRouter.Permit = empty(IRouter.Permit),
) -> uint256:
    """
    @notice Burn the caller's shares for ETH.
    @param min_out Wei: the bound on all of it, the token's hedging trade included.
    @param permit For `shares` of the token; left out: an allowance.
    @return Wei paid to the receiver.
    """
    flows._check_call(receiver, deadline)
    funds._use_permit(token, shares, deadline, permit)
    amount: uint256 = flows._swap_out(token, path, shares, empty(address))
    assert amount >= min_out, errors.ROUTER_MIN_OUT
    funds._unwrap(amount)
    funds._send(receiver, amount)
    return amount
