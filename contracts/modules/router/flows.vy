# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title flows
@license AGPL-3.0-only
@notice What the router does with a token: collateral in, shares out, and back,
        with the swaps before and after.
"""

from ....interfaces import IInverseIndexToken
from ....interfaces import IRouter

from ..lib import errors
from . import funds
from . import swaps

uses: funds
uses: swaps


# --- the token ---


@view
@internal
def _asset(token: address) -> address:
    return staticcall IInverseIndexToken(token).asset()


@view
@internal
def _price_of(token: address, shares: uint256) -> uint256:
    """
    @return Collateral that a mint of exactly these shares takes.
    """
    return staticcall IInverseIndexToken(token).previewMint(shares)


# --- in ---


@internal
def _swap_in(
    token: address,
    path: DynArray[IRouter.Hop, 3],
    amount: uint256,
    source: swaps.Source,
    receiver: address,
    min_shares: uint256,
) -> uint256:
    asset: address = self._asset(token)
    route: swaps.Route = swaps._route_in(path, asset)
    held: uint256 = funds._held(asset, self)
    assets: uint256 = amount
    self._check_ether(route.tokens[0], source)
    if route.count == 0:
        funds._wrap(amount)
    else:
        assets = swaps._sell(route, amount, source, self)
    return self._deposit(token, asset, held, assets, receiver, min_shares)


@internal
def _swap_in_for(
    token: address,
    path: DynArray[IRouter.Hop, 3],
    shares: uint256,
    source: swaps.Source,
    receiver: address,
    largest: uint256,
) -> uint256:
    """
    @return What was taken of the path's first token, or of the ETH.
    """
    asset: address = self._asset(token)
    route: swaps.Route = swaps._route_in(path, asset)
    held: uint256 = funds._held(asset, self)
    assets: uint256 = self._price_of(token, shares)
    paid: uint256 = assets
    self._check_ether(route.tokens[0], source)
    if route.count == 0:
        assert assets <= largest, errors.ROUTER_MAX_INPUT
        funds._wrap(assets)
    else:
        paid = swaps._buy(route, assets, source, largest)
    self._mint(token, asset, held, shares, receiver, assets)
    return paid


@internal
def _deposit(
    token: address,
    asset: address,
    held: uint256,
    assets: uint256,
    receiver: address,
    min_shares: uint256,
) -> uint256:
    """
    @param held What the router had of the collateral before this call.
    """
    funds._approve(asset, token, assets)
    shares: uint256 = extcall IInverseIndexToken(token).deposit(assets, receiver, min_shares)
    self._check_held(asset, held)
    return shares


@internal
def _mint(
    token: address,
    asset: address,
    held: uint256,
    shares: uint256,
    receiver: address,
    assets: uint256,
):
    """
    @param held What the router had of the collateral before this call.
    """
    funds._approve(asset, token, assets)
    extcall IInverseIndexToken(token).mint(shares, receiver, assets)
    self._check_held(asset, held)


# --- out ---


@internal
def _swap_out(
    token: address, path: DynArray[IRouter.Hop, 3], shares: uint256, receiver: address
) -> uint256:
    """
    @param receiver Of the path's first token; zero: the router, for ETH.
    @return What the last pool has paid, or the token where there is no path.
    """
    asset: address = self._asset(token)
    route: swaps.Route = swaps._route_out(path, asset)
    to: address = receiver
    if receiver == empty(address):
        assert route.tokens[route.count] == funds.WETH, errors.ROUTER_NOT_WETH
        to = self
    held: uint256 = funds._held(asset, self)
    # The bound is on what comes out in the end.
    self._redeem(token, shares, self, 0)
    assets: uint256 = funds._held(asset, self) - held
    if route.count == 0:
        return assets
    amount: uint256 = swaps._sell(route, assets, swaps.Source.ROUTER, to)
    self._check_held(asset, held)
    return amount


@internal
def _redeem(token: address, shares: uint256, receiver: address, min_assets: uint256) -> uint256:
    funds._check_allowance(token, msg.sender, shares)
    return extcall IInverseIndexToken(token).redeem(shares, receiver, msg.sender, min_assets)


# --- checks ---


@view
@internal
def _check_call(receiver: address, deadline: uint256):
    assert block.timestamp <= deadline, errors.ROUTER_DEADLINE
    assert receiver != empty(address) and receiver != self, errors.ROUTER_RECEIVER


@view
@internal
def _check_ether(first: address, source: swaps.Source):
    assert source != swaps.Source.NATIVE or first == funds.WETH, errors.ROUTER_NOT_WETH


@view
@internal
def _check_held(asset: address, held: uint256):
    assert funds._held(asset, self) == held, errors.ROUTER_HELD
