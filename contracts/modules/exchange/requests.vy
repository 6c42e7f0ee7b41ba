# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title requests
@license AGPL-3.0-only
@notice What providers have asked for and not yet been given: one deposit and one exit
        of each account, with the most that either can bring.
@dev The bound of a request is what it would have brought when it was made. A claim
     takes the worse of its part of the bound and of what it is worth then, so between
     the two a request has no gain and bears every loss. It cannot be taken back. That
     is what makes knowing a price before the feeds do worth nothing:
     - What is known when a request is made counts in the price of the claim. What is
       learnt after it does not better it: a request to leave never pays more than the
       shares were worth when it was made, and one to enter never brings more shares
       than they cost then. Who has asked for both gets both, and pays for each.
     - Could it be taken back, it would be an option at no cost: keep one open, claim
       just before a price that is known, cancel otherwise.
     - Waiting with a claim is worth something as long as the price is worse than it was
       at the request: claim before a move against oneself, wait otherwise. So
       anybody may have the present price written into a request that can be claimed.
       After it waiting has no gain and bears every loss.
     A debt that comes to light within the delay is borne by those who have asked to
     leave. What an account owes that nobody liquidates for the whole delay is not
     known to the pool: it cannot look through all accounts.
     The collateral of pending deposits lies at the pool beside `custody.held`: it is
     nobody's cash, pays no winner, and is a part of no share.
"""

from ethereum.ercs import IERC4626
from snekmate.tokens import erc20
from snekmate.utils import math

from ....interfaces import ILiquidityPool

from ..lib import errors
from . import custody
from . import shares as share_math

uses: custody
uses: erc20
uses: share_math

# @dev Seconds between a request and its claim. Who makes a request may know what the
#      feeds are about to say, and which accounts are already under water. An hour is
#      longer than a feed needs to answer a deviation and than liquidators need to
#      clear what has come to light, both minutes, and as long as the heartbeat of the
#      usual feeds; a provider can wait as long.
REQUEST_DELAY: public(constant(uint256)) = 3_600

# @dev Collateral of all pending deposits, native units.
pending_assets: public(uint256)
deposit_request: public(HashMap[address, ILiquidityPool.Request])
redeem_request: public(HashMap[address, ILiquidityPool.Request])


# --- deposits ---


@internal
def _ask_deposit(assets: uint256, account: address, share_assets: uint256):
    """
    @notice All but the collateral itself.
    """
    assert assets != 0, errors.EXCHANGE_ZERO
    old: ILiquidityPool.Request = self.deposit_request[account]
    bound: uint256 = share_math._to_shares_down(old.amount + assets, share_assets)
    assert bound != 0, errors.POOL_MIN_SHARES
    self.deposit_request[account] = self._added(old, assets, bound)
    self.pending_assets += assets
    log ILiquidityPool.DepositRequest(
        controller=account, owner=account, requestId=0, sender=account, assets=assets
    )


@internal
def _claim_deposit(
    assets: uint256,
    receiver: address,
    account: address,
    min_shares: uint256,
    share_assets: uint256,
    has_positions: bool,
) -> uint256:
    """
    @notice The collateral becomes the pool's; its cash is the caller's business.
    """
    request: ILiquidityPool.Request = self.deposit_request[account]
    assert assets <= request.amount, errors.POOL_REQUESTED
    assert self._is_ready(request, has_positions), errors.POOL_EARLY
    bound: uint256 = self._bound_of_part(request, assets)
    shares: uint256 = min(share_math._to_shares_down(assets, share_assets), bound)
    assert shares != 0 and shares >= min_shares, errors.POOL_MIN_SHARES
    self._take_deposit(account, request, assets, bound)
    custody.held += assets
    erc20._mint(receiver, shares)
    log IERC4626.Deposit(sender=account, owner=receiver, assets=assets, shares=shares)
    return shares


@internal
def _cancel_deposit(account: address, receiver: address) -> uint256:
    """
    @notice Whole.
    """
    request: ILiquidityPool.Request = self.deposit_request[account]
    assets: uint256 = request.amount
    assert assets != 0, errors.EXCHANGE_ZERO
    custody._check_receiver(receiver)
    self._take_deposit(account, request, assets, request.bound)
    log ILiquidityPool.DepositCancelled(controller=account, receiver=receiver, assets=assets)
    custody._send(receiver, assets)
    return assets


@internal
def _take_deposit(
    account: address, request: ILiquidityPool.Request, assets: uint256, bound: uint256
):
    self.deposit_request[account] = self._less(request, assets, bound)
    self.pending_assets -= assets


@view
@internal
def _max_deposit(account: address, share_assets: uint256, has_positions: bool) -> uint256:
    """
    @return How much of the pending collateral can be claimed now; 0 for too little to
            bring a share.
    """
    request: ILiquidityPool.Request = self.deposit_request[account]
    if not self._is_ready(request, has_positions):
        return 0
    claimed: uint256 = min(request.amount, share_math._most_assets(share_assets))
    shares: uint256 = share_math._to_shares_down(claimed, share_assets)
    return claimed if min(shares, request.bound) != 0 else 0


# --- exits ---


@internal
def _ask_exit(shares: uint256, account: address, share_assets: uint256):
    assert shares != 0, errors.EXCHANGE_ZERO
    assert shares <= erc20.balanceOf[account], errors.POOL_SHARES
    old: ILiquidityPool.Request = self.redeem_request[account]
    bound: uint256 = share_math._to_assets_down(old.amount + shares, share_assets)
    self.redeem_request[account] = self._added(old, shares, bound)
    erc20._transfer(account, self, shares)
    log ILiquidityPool.RedeemRequest(
        controller=account, owner=account, requestId=0, sender=account, shares=shares
    )


@internal
def _claim_exit(
    shares: uint256,
    receiver: address,
    account: address,
    min_assets: uint256,
    share_assets: uint256,
    has_positions: bool,
) -> uint256:
    """
    @notice All but the collateral itself, and the pool's cash.
    """
    request: ILiquidityPool.Request = self.redeem_request[account]
    assert shares <= request.amount, errors.POOL_REQUESTED
    assert self._is_ready(request, has_positions), errors.POOL_EARLY
    bound: uint256 = self._bound_of_part(request, shares)
    assets: uint256 = self._paid(shares, bound, share_assets)
    assert assets >= min_assets, errors.POOL_MIN_ASSETS
    self.redeem_request[account] = self._less(request, shares, bound)
    erc20._burn(self, shares)
    log IERC4626.Withdraw(
        sender=account, receiver=receiver, owner=account, assets=assets, shares=shares
    )
    return assets


@view
@internal
def _max_exit(
    account: address, most: uint256, share_assets: uint256, has_positions: bool
) -> uint256:
    """
    @param most Collateral that may leave now.
    @return How many of the shares can be claimed now, to the unit.
    """
    request: ILiquidityPool.Request = self.redeem_request[account]
    if not self._is_ready(request, has_positions):
        return 0
    if self._paid(request.amount, request.bound, share_assets) <= most:
        return request.amount
    # The largest number that pays less than one unit more at one of both prices. The
    # last provider's bound can be as low as what may leave.
    by_worth: uint256 = share_math._least_above(most, share_assets)
    by_bound: uint256 = request.amount
    if request.bound > most:
        by_bound = math._mul_div(most + 1, request.amount, request.bound, True)
    return max(by_worth, by_bound) - 1


@view
@internal
def _paid(shares: uint256, bound: uint256, share_assets: uint256) -> uint256:
    """
    @return The lower amount; what all shares are worth for the last provider, who
            leaves nobody behind to whom a gain since the request would belong.
    """
    worth: uint256 = share_math._to_assets_down(shares, share_assets)
    return worth if shares == erc20.totalSupply else min(worth, bound)


# --- both ---


@internal
def _fix_price(account: address, most: uint256, share_assets: uint256, has_positions: bool):
    """
    @notice The price of now, where it is the worse one, into what can be claimed whole.
    """
    enters: uint256 = self._max_deposit(account, share_assets, has_positions)
    leaves: uint256 = self._max_exit(account, most, share_assets, has_positions)
    entry: ILiquidityPool.Request = self.deposit_request[account]
    exit: ILiquidityPool.Request = self.redeem_request[account]
    if enters != entry.amount:
        enters = 0
    if leaves != exit.amount:
        leaves = 0
    assert enters + leaves != 0, errors.POOL_EARLY
    if enters != 0:
        entry.bound = min(entry.bound, share_math._to_shares_down(enters, share_assets))
        self.deposit_request[account] = entry
    if leaves != 0:
        exit.bound = min(exit.bound, share_math._to_assets_down(leaves, share_assets))
        self.redeem_request[account] = exit
    log ILiquidityPool.PriceFixed(controller=account, shares=entry.bound, assets=exit.bound)


@view
@internal
def _added(old: ILiquidityPool.Request, amount: uint256, bound: uint256) -> ILiquidityPool.Request:
    """
    @notice Old and new together, at the worse of both prices; the clock starts anew.
            So asking again never betters what was asked before.
    @param bound Of both together, now.
    """
    total: uint256 = old.amount + amount
    most: uint256 = bound
    if old.amount != 0:
        most = min(bound, math._mul_div(old.bound, total, old.amount, False))
    return ILiquidityPool.Request(amount=total, bound=most, since=block.timestamp)


@pure
@internal
def _bound_of_part(request: ILiquidityPool.Request, amount: uint256) -> uint256:
    """
    @return Rounded down: all parts together are bound by what the whole is.
    """
    if amount == request.amount:
        return request.bound
    return math._mul_div(request.bound, amount, request.amount, False)


@pure
@internal
def _less(
    request: ILiquidityPool.Request, amount: uint256, bound: uint256
) -> ILiquidityPool.Request:
    """
    @return What is left of the request, nothing at all after the last part.
    """
    if amount == request.amount:
        return empty(ILiquidityPool.Request)
    return ILiquidityPool.Request(
        amount=request.amount - amount, bound=request.bound - bound, since=request.since
    )


@view
@internal
def _is_ready(request: ILiquidityPool.Request, has_positions: bool) -> bool:
    """
    @return Whether it may be claimed. While no position is open no price moves the
            worth of a share and no account owes anything: there is nothing to know,
            and nothing to wait for. What is opened between request and claim brings
            the delay back, since the claim looks at its own moment.
    """
    return not has_positions or block.timestamp >= request.since + REQUEST_DELAY
