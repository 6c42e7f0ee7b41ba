# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title LiquidityPool
@license AGPL-3.0-only
@notice The counterparty of every trade on a `PerpExchange`: a vault of its
        collateral whose shares are a token, with the insurance fund and the reserve
        from which every winner is paid.
@dev Two books at scale 1e36, `cash` and `insurance`, which the exchange changes, see
     `books`. The pool's worth is its cash less what it owes on open positions, at
     oracle prices. It trades at these and is paid nothing for price impact, so moving
     a market's price does not move the price of a share.
     Shares have 18 decimals and cost one whole unit of collateral to begin with,
     rounded against the caller.
     Providers come and go in two steps, with the names of ERC-7540: a request, and
     after `REQUEST_DELAY` a claim, at the worse of both prices. `requests` says why
     nobody gains there by knowing a price before the feeds do.
     Assumes an `exchange` that books what it does and nothing else: it must be the
     `PerpExchange` whose `pool` is this contract. That one checks the reverse.
     It asks the exchange for `obligations`, which reads nothing of the pool. While
     either contract sends or pulls collateral its own views and functions are
     locked, so nobody reads the two between two steps of one change.
@custom:kill Nothing here can be switched off or taken back by anybody; there is no
             owner. Shares are redeemed while prices are usable, as far as the
             reserve for open positions allows; once the exchange is settled, when
             no position is open. Pending deposits that cannot be claimed come back.
"""

from ethereum.ercs import IERC20
from snekmate.auth import ownable
from snekmate.tokens import erc20

from ...interfaces import ILiquidityPool
from ...interfaces import IPerpExchange

implements: IERC20
implements: ILiquidityPool

from ..modules.lib import errors
from ..modules.exchange import books
from ..modules.exchange import borrowing
from ..modules.exchange import custody
from ..modules.exchange import requests
from ..modules.exchange import shares as share_math
from ..modules.oracle import faults

initializes: ownable
initializes: erc20[ownable := ownable]
initializes: borrowing
initializes: custody
initializes: books[borrowing := borrowing, custody := custody]
initializes: share_math[custody := custody, erc20 := erc20]
initializes: requests[custody := custody, erc20 := erc20, share_math := share_math]

exports: (
    erc20.name,
    erc20.symbol,
    erc20.decimals,
    erc20.totalSupply,
    erc20.balanceOf,
    erc20.allowance,
    erc20.approve,
    erc20.transfer,
    erc20.transferFrom,
    erc20.permit,
    erc20.nonces,
    erc20.DOMAIN_SEPARATOR,
    erc20.eip712Domain,
    # `mint`, `burn`, `burn_from`, `set_minter` and all of ownership are left out:
    # shares come and go with collateral alone, and nobody owns the pool.
    books.cash,
    books.insurance,
    books.fund_insurance,
    books.book,
    books.book_kept,
    books.spare,
    borrowing.max_borrowing,
    borrowing.account_limit,
    custody.asset,
    custody.held,
    custody.partner,
    custody.pay,
    requests.REQUEST_DELAY,
    requests.pending_assets,
    requests.deposit_request,
    requests.redeem_request,
)

exchange: public(immutable(address))


@deploy
def __init__(asset_: address, exchange_: address, max_borrowing_: uint256, account_limit_: uint256):
    """
    @param asset_ Collateral of at most 18 decimals, without a fee on transfers.
    @param exchange_ The exchange, which need not be deployed yet: its constructor
           refuses a pool of another one.
    @param max_borrowing_ WAD of the notional per second that positions pay for a pool
           that is wholly kept for them, at most 1e13.
    @param account_limit_ WAD of the pool's equity to which one account's notional may
           grow, at most one.
    @dev Warning: nothing here can tell an exchange from another contract. Look for
         the exchange's `pool`.
    """
    ownable.__init__()
    erc20.__init__("Exchange Liquidity", "XLP", 18, "Exchange Liquidity", "1")
    erc20.is_minter[msg.sender] = False
    ownable._transfer_ownership(empty(address))
    custody.__init__(asset_, exchange_)
    borrowing.__init__(max_borrowing_, account_limit_)
    exchange = exchange_


# --- providers ---


@external
def requestDeposit(assets: uint256, controller: address, owner: address) -> uint256:
    """
    @notice Ask for a part of the pool. The collateral waits beside the pool's.
    """
    self._check_caller(controller, owner)
    due: IPerpExchange.Obligations = self._obligations()
    assert not due.is_settled, errors.EXCHANGE_SETTLED
    requests._ask_deposit(assets, controller, self._share_assets(due))
    custody._take(assets)
    return 0


@external
def deposit(
    assets: uint256, receiver: address, controller: address = msg.sender, min_shares: uint256 = 0
) -> uint256:
    """
    @notice Become a part, at the higher of the pool's prices at the request and now.
    """
    assert assets != 0, errors.EXCHANGE_ZERO
    self._check_caller(controller, controller)
    due: IPerpExchange.Obligations = self._obligations()
    assert not due.is_settled, errors.EXCHANGE_SETTLED
    share_assets: uint256 = self._share_assets(due)
    books.cash += convert(assets * custody.SCALE, int256)
    return requests._claim_deposit(
        assets, receiver, controller, min_shares, share_assets, due.has_positions
    )


@external
def cancel_deposit(receiver: address) -> uint256:
    """
    @notice Take a pending deposit back, whole, when it cannot be claimed: without
            prices, once settled, while the pool is exhausted.
    @dev Reading prices also fails for want of gas, which must not look like a fault.
    """
    # In the middle of the exchange's own calls this reverts: a lock is no missing price.
    is_settled: bool = staticcall IPerpExchange(exchange).settled()
    assert is_settled or not self._try_obligations()[0], errors.POOL_BINDING
    assert msg.gas >= 2 * faults.CALL_GAS, errors.POOL_GAS
    return requests._cancel_deposit(msg.sender, receiver)


@external
def requestRedeem(shares: uint256, controller: address, owner: address) -> uint256:
    """
    @notice Ask to leave. The shares wait here, and bear what the pool loses.
    """
    self._check_caller(controller, owner)
    requests._ask_exit(shares, controller, self._share_assets(self._obligations()))
    return 0


@external
def redeem(
    shares: uint256, receiver: address, controller: address, min_assets: uint256 = 0
) -> uint256:
    """
    @notice Leave the pool at the lower of its prices at the request and now, as far as
            the reserve allows; once settled, when no position is open.
    """
    assert shares != 0, errors.EXCHANGE_ZERO
    self._check_caller(controller, controller)
    due: IPerpExchange.Obligations = self._obligations()
    assert not (due.is_settled and due.has_positions), errors.EXCHANGE_OPEN
    assets: uint256 = requests._claim_exit(
        shares, receiver, controller, min_assets, self._share_assets(due), due.has_positions
    )
    books.cash -= convert(assets * custody.SCALE, int256)
    assert self._spare(due) >= 0, errors.EXCHANGE_RESERVE
    custody._pay(receiver, assets)
    return assets


@external
def fix_price(controller: address):
    """
    @notice Anybody: write the price of now into what could be claimed now, if worse.
    """
    due: IPerpExchange.Obligations = self._obligations()
    assert not due.is_settled, errors.EXCHANGE_SETTLED
    assets: uint256 = self._share_assets(due)
    requests._fix_price(controller, self._most(due), assets, due.has_positions)


# --- views ---


@view
@external
def equity() -> int256:
    return books.cash - self._obligations().owed


@view
@external
def totalAssets() -> uint256:
    """
    @return Rounded down; 0 for an exhausted pool.
    """
    worth: int256 = self._worth(self._obligations())
    return convert(max(worth, 0), uint256) // custody.SCALE


@view
@external
def convertToShares(assets: uint256) -> uint256:
    return share_math._to_shares_down(assets, self._share_assets(self._obligations()))


@view
@external
def convertToAssets(shares: uint256) -> uint256:
    return share_math._to_assets_down(shares, self._share_assets(self._obligations()))


@view
@external
def pendingDepositRequest(requestId: uint256, controller: address) -> uint256:
    return requests.deposit_request[controller].amount - self._max_deposit(controller)


@view
@external
def claimableDepositRequest(requestId: uint256, controller: address) -> uint256:
    return self._max_deposit(controller)


@view
@external
def pendingRedeemRequest(requestId: uint256, controller: address) -> uint256:
    return requests.redeem_request[controller].amount - self._max_redeem(controller)


@view
@external
def claimableRedeemRequest(requestId: uint256, controller: address) -> uint256:
    return self._max_redeem(controller)


@view
@external
def maxDeposit(controller: address) -> uint256:
    return self._max_deposit(controller)


@view
@external
def maxRedeem(controller: address) -> uint256:
    return self._max_redeem(controller)


# --- internal ---


@view
@internal
def _check_caller(controller: address, owner: address):
    """
    @notice Nobody acts for another: what is asked for cannot be taken back.
    """
    assert controller == msg.sender and owner == msg.sender, errors.POOL_CALLER


@view
@internal
def _max_deposit(controller: address) -> uint256:
    """
    @return Collateral; 0 where `deposit` reverts.
    """
    ok: bool = False
    due: IPerpExchange.Obligations = empty(IPerpExchange.Obligations)
    ok, due = self._try_obligations()
    if not ok or due.is_settled:
        return 0
    return requests._max_deposit(controller, self._share_assets(due), due.has_positions)


@view
@internal
def _max_redeem(controller: address) -> uint256:
    """
    @return Shares, to the unit; 0 where `redeem` reverts.
    """
    ok: bool = False
    due: IPerpExchange.Obligations = empty(IPerpExchange.Obligations)
    ok, due = self._try_obligations()
    if not ok or (due.is_settled and due.has_positions) or self._spare(due) < 0:
        return 0
    assets: uint256 = self._share_assets(due)
    return requests._max_exit(controller, self._most(due), assets, due.has_positions)


@view
@internal
def _obligations() -> IPerpExchange.Obligations:
    return staticcall IPerpExchange(exchange).obligations()


@view
@internal
def _try_obligations() -> (bool, IPerpExchange.Obligations):
    """
    @return False while the exchange has no prices, or shares have none.
    """
    ok: bool = False
    data: Bytes[128] = b""
    ok, data = raw_call(
        exchange,
        method_id("obligations()"),
        max_outsize=128,
        is_static_call=True,
        revert_on_failure=False,
    )
    if not ok or len(data) != 128:
        return False, empty(IPerpExchange.Obligations)
    due: IPerpExchange.Obligations = abi_decode(data, IPerpExchange.Obligations)
    return self._is_sound(due), due


@view
@internal
def _worth(due: IPerpExchange.Obligations) -> int256:
    """
    @return Equity, scale 1e36.
    """
    return books.cash - due.owed


@view
@internal
def _is_sound(due: IPerpExchange.Obligations) -> bool:
    """
    @return Whether shares have a price.
    """
    worth: int256 = self._worth(due)
    return worth > 0 or (
        erc20.totalSupply == 0 and worth + convert(share_math.VIRTUAL_ASSETS, int256) > 0
    )


@view
@internal
def _share_assets(due: IPerpExchange.Obligations) -> uint256:
    """
    @return What the shares, the virtual ones included, stand for; scale 1e36.
    """
    assert self._is_sound(due), errors.POOL_EXHAUSTED
    return convert(self._worth(due) + convert(share_math.VIRTUAL_ASSETS, int256), uint256)


@view
@internal
def _spare(due: IPerpExchange.Obligations) -> int256:
    """
    @return Equity less the reserve for open positions, scale 1e36.
    """
    return books.cash - due.owed - convert(due.reserve, int256)


@view
@internal
def _most(due: IPerpExchange.Obligations) -> uint256:
    """
    @return Collateral that may leave the pool now, native units.
    """
    spare: uint256 = convert(max(self._spare(due), 0), uint256)
    return custody._payable(spare // custody.SCALE)
