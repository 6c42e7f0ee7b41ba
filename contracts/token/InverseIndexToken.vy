# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title InverseIndexToken
@license AGPL-3.0-only
@notice An ERC-20 that returns -L times the return of a crypto index over each
        rebalancing period, minted and redeemed in a stablecoin at net asset
        value. ERC-2612 and ERC-4626.
@dev The token knows how much exposure it wants. Custody and trading belong to
     its `ICollateralVault`, prices and composition to its `IIndexOracle`.

     With s[i] = L * N * u[i] / I set at a reset, until the next one
         N' = N * (1 - L * (I' / I - 1))   less costs,
     on any path of any component. Over many periods this compounds and, for a
     volatility v per period, loses about (L + L**2) / 2 * v**2 per period
     against -L times the index's own compound return. Not for holding unwatched.

     A flow (a mint or redemption) of size A at bid or ask N is
       netted  if |A| <= t * N and |unhedged + A| <= 2 * t * N: no trade, its
               flat fee goes to the hedge reserve;
       hedged  otherwise: all shorts and `unhedged` are scaled with N, and the
               flow pays the larger of its flat fee and its trade's real cost.
     The four ERC-4626 entry points also take a bound of the caller's and a
     deadline. On `redeem` a given `min_assets` replaces the slippage bound.
@custom:kill The guardian or owner can stop minting, at once. Nobody can stop
             redemption. The owner cannot move collateral, exceed the constant
             bounds in `parameters` and `streaming_fee`, or replace any part.
"""

from snekmate.auth import ownable
from snekmate.tokens import erc20

from ...interfaces import IInverseIndexToken
from ...interfaces import ITokenPolicy
from ...interfaces import ITokenViews

# `implements: IERC4626` is refused for functions with further default arguments;
# a test compares the selectors instead.
implements: IInverseIndexToken

from ..modules.lib import errors
from ..modules.token import records
from ..modules.token import streaming_fee
from ..modules.token import wind_down as wind_down_module
from ..modules.token import admin
from ..modules.token import core
from ..modules.token import flows
from ..modules.token import rebalance as token_rebalance

initializes: ownable
initializes: erc20[ownable := ownable]
initializes: streaming_fee[erc20 := erc20]
initializes: records
initializes: core[records := records, streaming_fee := streaming_fee]
initializes: admin[ownable := ownable, core := core, streaming_fee := streaming_fee]
initializes: wind_down_module[ownable := ownable, core := core, streaming_fee := streaming_fee]
initializes: flows[erc20 := erc20, records := records, streaming_fee := streaming_fee, core := core]
initializes: token_rebalance[records := records, streaming_fee := streaming_fee, core := core]

exports: (
    ownable.transfer_ownership,
    # `renounce_ownership` is left out: it would leave a paused mint paused.
    erc20.owner,
    erc20.name,
    erc20.symbol,
    erc20.decimals,
    erc20.totalSupply,
    erc20.balanceOf,
    erc20.allowance,
    erc20.transfer,
    erc20.transferFrom,
    erc20.approve,
    erc20.permit,
    erc20.nonces,
    erc20.DOMAIN_SEPARATOR,
    erc20.eip712Domain,
    core.asset,
    core.vault,
    core.oracle,
    core.policy,
    core.reset_policy,
    core.views,
    core.state,
    token_rebalance.rebalance,
    token_rebalance.accrue_fee,
    admin.guardian,
    admin.pause_mint,
    admin.resume_mint,
    admin.set_nav_cap,
    admin.set_parameters,
    admin.set_streaming_fee,
    admin.set_guardian,
    wind_down_module.wind_down,
    # `mint`, `burn`, `burn_from` and the minter role are left out: shares come
    # and go only with collateral, and with the streaming fee.
)


@deploy
def __init__(configuration: core.Configuration):
    """
    @dev Warning: policy, views, vault and oracle are trusted and can never be
         replaced. The constructor checks that they fit together, not that they are
         genuine: whoever mints first has to, as `ape run check` does.
    @param configuration See the struct. The vault must have been deployed for
           this contract's address, the oracle for the vault's collateral.
    """
    ownable.__init__()
    erc20.__init__(configuration.name, configuration.symbol, 18, configuration.name, "1")
    erc20.is_minter[msg.sender] = False
    records.__init__()
    streaming_fee.__init__(configuration.fee_rate, configuration.fee_recipient)
    core.__init__(configuration)
    admin.__init__(
        configuration.policy,
        configuration.vault,
        configuration.parameters,
        configuration.multiple,
        configuration.nav_cap,
        configuration.guardian,
    )


# --- views ---


@view
@external
def totalAssets() -> uint256:
    """
    @return N at mid prices. Reverts when prices are unusable.
    """
    return self._answer(ITokenViews.Question.TOTAL_ASSETS, 0)


@view
@external
def convertToShares(assets: uint256) -> uint256:
    """
    @return Shares at mid prices and without fees, rounded down.
    """
    return self._answer(ITokenViews.Question.TO_SHARES, assets)


@view
@external
def convertToAssets(shares: uint256) -> uint256:
    """
    @return Collateral at mid prices and without fees, rounded down.
    """
    return self._answer(ITokenViews.Question.TO_ASSETS, shares)


@view
@external
def previewDeposit(assets: uint256) -> uint256:
    """
    @return Shares that `deposit` mints: exact when netted or when the venue
            quotes exactly, at the slippage bound otherwise.
    """
    return self._answer(ITokenViews.Question.PREVIEW_DEPOSIT, assets)


@view
@external
def previewMint(shares: uint256) -> uint256:
    """
    @return Collateral that `mint` takes; at the slippage bound when hedged.
    """
    return self._answer(ITokenViews.Question.PREVIEW_MINT, shares)


@view
@external
def previewWithdraw(assets: uint256) -> uint256:
    """
    @return Shares that `withdraw` burns; at the slippage bound when hedged.
    """
    return self._answer(ITokenViews.Question.PREVIEW_WITHDRAW, assets)


@view
@external
def previewRedeem(shares: uint256) -> uint256:
    """
    @return Collateral that `redeem` pays: exact when netted or when the venue
            quotes exactly, at the slippage bound otherwise.
    """
    return self._answer(ITokenViews.Question.PREVIEW_REDEEM, shares)


@view
@external
def maxDeposit(receiver: address) -> uint256:
    """
    @return The largest deposit that cap, pause, prices and venue admit now.
    """
    return self._answer(ITokenViews.Question.MAX_DEPOSIT, 0)


@view
@external
def maxMint(receiver: address) -> uint256:
    """
    @return The shares of the largest mint that they admit.
    """
    return self._answer(ITokenViews.Question.MAX_MINT, 0)


@view
@external
def maxWithdraw(owner: address) -> uint256:
    """
    @return The most that `withdraw` can take out for the owner's shares.
    """
    return self._answer(ITokenViews.Question.MAX_WITHDRAW, erc20.balanceOf[owner])


@view
@external
def maxRedeem(owner: address) -> uint256:
    """
    @return The largest redemption inside the slippage bound. More is possible
            with an own `min_assets`.
    """
    return self._answer(ITokenViews.Question.MAX_REDEEM, erc20.balanceOf[owner])


@view
@external
def nav_per_share() -> uint256:
    """
    @return WAD collateral whole units per whole share at mid prices.
    """
    return self._answer(ITokenViews.Question.NAV_PER_SHARE, 0)


@view
@external
def due() -> IInverseIndexToken.Due:
    """
    @notice Whether `rebalance` is due. Reverts when prices are unusable.
    """
    return staticcall core.VIEWS.due(self)


# --- actions ---


@external
def deposit(
    assets: uint256,
    receiver: address,
    min_shares: uint256 = 0,
    deadline: uint256 = max_value(uint256),
) -> uint256:
    """
    @notice Pay collateral in and mint shares at the bid N.
    @param min_shares Fewer revert.
    @param deadline Unix time after which the call reverts.
    @return Shares minted.
    """
    flow: ITokenPolicy.Flow = flows._enter(ITokenPolicy.Kind.DEPOSIT, assets, receiver, deadline)
    assert flow.shares >= min_shares, errors.TOKEN_MIN_SHARES
    return flow.shares


@external
def mint(
    shares: uint256,
    receiver: address,
    max_assets: uint256 = max_value(uint256),
    deadline: uint256 = max_value(uint256),
) -> uint256:
    """
    @notice Mint exact shares. A hedged mint pays the slippage bound.
    @param max_assets More revert.
    @return Collateral taken.
    """
    flow: ITokenPolicy.Flow = flows._enter(ITokenPolicy.Kind.MINT, shares, receiver, deadline)
    assert flow.assets <= max_assets, errors.TOKEN_MAX_ASSETS
    return flow.assets


@external
def withdraw(
    assets: uint256,
    receiver: address,
    owner: address,
    max_shares: uint256 = max_value(uint256),
    deadline: uint256 = max_value(uint256),
) -> uint256:
    """
    @notice Take exact collateral out. A hedged withdrawal burns shares at the
            slippage bound.
    @param max_shares More revert.
    @return Shares burned.
    """
    flow: ITokenPolicy.Flow = flows._leave(
        ITokenPolicy.Kind.WITHDRAW, assets, receiver, owner, deadline, False
    )
    assert flow.shares <= max_shares, errors.TOKEN_MAX_SHARES
    return flow.shares


@external
def redeem(
    shares: uint256,
    receiver: address,
    owner: address,
    min_assets: uint256 = max_value(uint256),
    deadline: uint256 = max_value(uint256),
) -> uint256:
    """
    @notice Burn shares and take collateral out at the ask N.
    @param min_assets Less reverts. When given, it replaces the slippage bound
           of the hedging trade, so that an exit exists at any depth.
    @return Collateral paid.
    """
    unbounded: bool = min_assets != max_value(uint256)
    flow: ITokenPolicy.Flow = flows._leave(
        ITokenPolicy.Kind.REDEEM, shares, receiver, owner, deadline, unbounded
    )
    assert not unbounded or flow.assets >= min_assets, errors.TOKEN_MIN_ASSETS
    return flow.assets


@external
def redeem_in_kind(
    shares: uint256, receiver: address, owner: address, min_assets: uint256, deadline: uint256
) -> uint256:
    """
    @notice Burn shares, bring their part of the components that the vault owes,
            take their part of the collateral: an exit without prices, pools and
            fees. The caller approves the vault, see `ILens.in_kind`.
    @return Collateral paid.
    """
    assets: uint256 = flows._leave_in_kind(shares, receiver, owner, deadline)
    assert assets >= min_assets, errors.TOKEN_MIN_ASSETS
    return assets


# --- internal ---


@view
@internal
def _answer(question: ITokenViews.Question, x: uint256) -> uint256:
    return staticcall core.VIEWS.answer(self, question, x)
