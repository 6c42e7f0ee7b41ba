# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title funds
@license AGPL-3.0-only
@notice How the router takes and gives: signatures, allowances, tokens that
        answer badly, ETH and its wrapping.
"""

from ethereum.ercs import IERC20

from ....interfaces import IRouter

from ..lib import errors


interface IWeth:
    def deposit(): payable
    def withdraw(amount: uint256): nonpayable


_PERMIT: constant(Bytes[4]) = method_id(
    "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"
)

WETH: immutable(address)


@deploy
def __init__(weth_: address):
    """
    @param weth_ Trusted to give a wei for a wei.
    """
    assert weth_.is_contract, errors.ROUTER_PART
    WETH = weth_


# --- views ---


@view
@external
def weth() -> address:
    """
    @return The wrapped ETH that it wraps and unwraps.
    """
    return WETH


# --- allowances ---


@internal
def _use_permit(asset: address, amount: uint256, deadline: uint256, permit: IRouter.Permit):
    """
    @notice Use the caller's signature. Whether that has worked is the
            allowance's matter: it may have been used already, and an asset
            without signatures may answer anything.
    """
    if permit.v == 0:
        return
    ignored: bool = raw_call(
        asset,
        abi_encode(
            msg.sender, self, amount, deadline, permit.v, permit.r, permit.s, method_id=_PERMIT
        ),
        revert_on_failure=False,
    )


@view
@internal
def _check_allowance(asset: address, owner: address, amount: uint256):
    assert staticcall IERC20(asset).allowance(owner, self) >= amount, errors.ROUTER_ALLOWANCE


@internal
def _approve(asset: address, spender: address, amount: uint256):
    assert extcall IERC20(asset).approve(
        spender, amount, default_return_value=True
    ), errors.ROUTER_APPROVAL


# --- transfers ---


@view
@internal
def _held(asset: address, holder: address) -> uint256:
    return staticcall IERC20(asset).balanceOf(holder)


@internal
def _pull(asset: address, owner: address, receiver: address, amount: uint256):
    """
    @param owner The router's caller, nobody else.
    """
    self._check_allowance(asset, owner, amount)
    assert extcall IERC20(asset).transferFrom(
        owner, receiver, amount, default_return_value=True
    ), errors.ROUTER_PULL


@internal
def _push(asset: address, receiver: address, amount: uint256):
    assert extcall IERC20(asset).transfer(
        receiver, amount, default_return_value=True
    ), errors.ROUTER_PUSH


# --- ETH ---


@internal
def _wrap(amount: uint256):
    extcall IWeth(WETH).deposit(value=amount)


@internal
def _unwrap(amount: uint256):
    extcall IWeth(WETH).withdraw(amount)


@internal
def _send(receiver: address, amount: uint256):
    """
    @param amount Wei.
    """
    sent: bool = raw_call(receiver, b"", value=amount, revert_on_failure=False)
    assert sent, errors.ROUTER_ETH_REFUSED
