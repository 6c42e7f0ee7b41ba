# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title LiquidityPool
@license AGPL-3.0-only
@notice The counterparty of every trade on a `PerpExchange`: a vault of its
        collateral whose shares are a token, with the insurance fund and the reserve
        from which every winner is paid.
@dev Two books at scale 1e36, `cash` and `insurance`, which the exchange changes with
     `book`. The pool's worth is its cash less what it owes on open positions, at
     oracle prices, and less the price impact that it has taken in and owes back to
     those who close: what a market has taken in as impact is a function of its skew
     alone, so moving the skew does not move the price of a share.
     Shares have 18 decimals and cost one whole unit of collateral to begin with.
     Everything is rounded against the caller.
     Assumes an `exchange` that books what it does and nothing else: it must be the
     `PerpExchange` whose `pool` is this contract. That one checks the reverse.
     It asks the exchange for `obligations`, which reads nothing of the pool. While
     either contract sends or pulls collateral its own views and functions are
     locked, so nobody reads the two between two steps of one change.
@custom:kill Nothing here can be switched off or taken back by anybody; there is no
             owner. Shares are redeemed while prices are usable, as far as the
             reserve for open positions allows; once the exchange is settled, when
             no position is open.
"""

from ethereum.ercs import IERC20
from ethereum.ercs import IERC4626
from snekmate.auth import ownable
from snekmate.tokens import erc20
from snekmate.utils import math

from ...interfaces import ILiquidityPool
from ...interfaces import IPerpExchange

implements: IERC20
implements: ILiquidityPool

from ..modules.lib import errors
from ..modules.exchange import custody

initializes: ownable
initializes: erc20[ownable := ownable]
initializes: custody

exports: (
    erc20.name,
    erc20.symbol,
    erc20.decimals,
    erc20.totalSupply,
    erc20.balanceOf,
    erc20.allowance,
    erc20.approve,
    erc20.permit,
    erc20.nonces,
    erc20.DOMAIN_SEPARATOR,
    erc20.eip712Domain,
    # `transfer` and `transferFrom` are below: locked shares stay. `mint`, `burn`,
    # `burn_from`, `set_minter` and all of ownership are left out: shares come and
    # go with collateral alone, and nobody owns the pool.
    custody.asset,
    custody.held,
    custody.partner,
    custody.pay,
)


# @dev Seconds for which the shares of an account stay after it has deposited.
LIQUIDITY_LOCK: public(constant(uint256)) = 3_600

# @dev A thousandth of a share and of a whole unit of collateral that nobody
#      owns: the price of a share starts at one and cannot be blown up.
_VIRTUAL_SHARES: constant(uint256) = 10**15
_VIRTUAL_ASSETS: constant(uint256) = 10**33
# @dev Deposits up to these are within all ranges: native units, and shares.
_MOST_ASSETS: constant(uint256) = 2**112
_MOST_SHARES: constant(uint256) = 2**160

exchange: public(immutable(address))

cash: public(int256)
insurance: public(uint256)
# @dev Time from which an account's shares may be redeemed and transferred.
unlocked_at: public(HashMap[address, uint256])


@deploy
def __init__(asset_: address, exchange_: address):
    """
    @param asset_ Collateral of at most 18 decimals, without a fee on transfers.
    @param exchange_ The exchange, which need not be deployed yet: its constructor
           refuses a pool of another one.
    @dev Warning: nothing here can tell an exchange from another contract. Look for
         the exchange's `pool`.
    """
    ownable.__init__()
    erc20.__init__("Exchange Liquidity", "XLP", 18, "Exchange Liquidity", "1")
    erc20.is_minter[msg.sender] = False
    ownable._transfer_ownership(empty(address))
    custody.__init__(asset_, exchange_)
    exchange = exchange_


# --- flows ---


@external
def deposit(assets: uint256, receiver: address, min_shares: uint256 = 0) -> uint256:
    """
    @notice Become a part of the pool at its worth at oracle prices. All shares of
            the account stay for `LIQUIDITY_LOCK` seconds, so nobody deposits for
            another: that would lock what the other one has.
    @return Shares, rounded down.
    """
    assert assets != 0, errors.EXCHANGE_ZERO
    assert receiver == msg.sender, errors.POOL_RECEIVER
    due: IPerpExchange.Obligations = self._obligations()
    assert not due.is_settled, errors.EXCHANGE_SETTLED
    shares: uint256 = self._to_shares_down(assets, self._share_assets(due))
    assert shares != 0 and shares >= min_shares, errors.POOL_MIN_SHARES
    self.cash += convert(assets * custody.SCALE, int256)
    self.unlocked_at[receiver] = block.timestamp + LIQUIDITY_LOCK
    erc20._mint(receiver, shares)
    log IERC4626.Deposit(sender=msg.sender, owner=receiver, assets=assets, shares=shares)
    custody._pull(assets)
    return shares


@external
def redeem(shares: uint256, receiver: address, owner: address, min_assets: uint256 = 0) -> uint256:
    """
    @notice Leave the pool at its worth at oracle prices, as far as the reserve
            for open positions allows; once settled, when none is open.
    @return Collateral, rounded down.
    """
    assert shares != 0, errors.EXCHANGE_ZERO
    self._check_unlocked(owner)
    assert shares <= erc20.balanceOf[owner], errors.POOL_SHARES
    due: IPerpExchange.Obligations = self._obligations()
    assert not (due.is_settled and due.has_positions), errors.EXCHANGE_OPEN
    assets: uint256 = self._to_assets_down(shares, self._share_assets(due))
    assert assets >= min_assets, errors.POOL_MIN_ASSETS
    if msg.sender != owner:
        erc20._spend_allowance(owner, msg.sender, shares)
    erc20._burn(owner, shares)
    self.cash -= convert(assets * custody.SCALE, int256)
    assert self._spare(due) >= 0, errors.EXCHANGE_RESERVE
    log IERC4626.Withdraw(
        sender=msg.sender, receiver=receiver, owner=owner, assets=assets, shares=shares
    )
    custody._pay(receiver, assets)
    return assets


@external
def fund_insurance(amount: uint256):
    """
    @notice Give collateral to the insurance fund, for good.
    """
    self.insurance += amount * custody.SCALE
    custody._pull(amount)
    log ILiquidityPool.InsuranceFunded(payer=msg.sender, amount=amount)


# --- the exchange ---


@external
def book(cash_change: int256, insurance_change: int256) -> int256:
    """
    @notice The exchange alone: what its accounts have paid the pool and the
            insurance fund, less what these have paid them. Moves no collateral.
    @return The pool's cash after it.
    """
    assert msg.sender == exchange, errors.POOL_EXCHANGE
    cash: int256 = self.cash + cash_change
    self.cash = cash
    if insurance_change != 0:
        self.insurance = convert(convert(self.insurance, int256) + insurance_change, uint256)
    return cash


# --- shares ---


@external
def transfer(to: address, amount: uint256) -> bool:
    """
    @notice Locked shares stay where they are.
    """
    self._check_unlocked(msg.sender)
    erc20._transfer(msg.sender, to, amount)
    return True


@external
def transferFrom(owner: address, to: address, amount: uint256) -> bool:
    """
    @notice Locked shares stay where they are.
    """
    self._check_unlocked(owner)
    erc20._spend_allowance(owner, msg.sender, amount)
    erc20._transfer(owner, to, amount)
    return True


# --- views ---


@view
@external
def equity() -> int256:
    """
    @return Cash less what the pool owes on open positions at oracle prices, scale
            1e36.
    """
    return self.cash - self._obligations().owed


@view
@external
def totalAssets() -> uint256:
    """
    @return What all shares are worth at oracle prices, native units, rounded down;
            0 for an exhausted pool.
    """
    worth: int256 = self._worth(self._obligations())
    return convert(max(worth, 0), uint256) // custody.SCALE


@view
@external
def convertToShares(assets: uint256) -> uint256:
    return self._to_shares_down(assets, self._share_assets(self._obligations()))


@view
@external
def convertToAssets(shares: uint256) -> uint256:
    return self._to_assets_down(shares, self._share_assets(self._obligations()))


@view
@external
def previewDeposit(assets: uint256) -> uint256:
    """
    @return Shares for a deposit now, limits apart.
    """
    return self._to_shares_down(assets, self._share_assets(self._obligations()))


@view
@external
def previewRedeem(shares: uint256) -> uint256:
    """
    @return Collateral for a redemption now, limits apart.
    """
    return self._to_assets_down(shares, self._share_assets(self._obligations()))


@view
@external
def maxDeposit(receiver: address) -> uint256:
    """
    @return What the receiver may deposit at the most; 0 while prices are unusable,
            after the settlement, and while the pool is exhausted.
    """
    ok: bool = False
    due: IPerpExchange.Obligations = empty(IPerpExchange.Obligations)
    ok, due = self._try_obligations()
    if not ok or due.is_settled or not self._is_sound(due):
        return 0
    supply: uint256 = erc20.totalSupply + _VIRTUAL_SHARES
    most: uint256 = math._mul_div(_MOST_SHARES, self._share_assets(due), supply, False)
    return min(_MOST_ASSETS, most // custody.SCALE)


@view
@external
def maxRedeem(owner: address) -> uint256:
    """
    @return How many of the owner's shares can be redeemed now, to the unit; 0 while
            they are locked and while nothing can be redeemed.
    """
    if block.timestamp < self.unlocked_at[owner]:
        return 0
    ok: bool = False
    due: IPerpExchange.Obligations = empty(IPerpExchange.Obligations)
    ok, due = self._try_obligations()
    if not ok or (due.is_settled and due.has_positions) or not self._is_sound(due):
        return 0
    spare: int256 = self._spare(due)
    if spare < 0:
        return 0
    most: uint256 = custody._payable(convert(spare, uint256) // custody.SCALE)
    owned: uint256 = erc20.balanceOf[owner]
    assets: uint256 = self._share_assets(due)
    if self._to_assets_down(owned, assets) <= most:
        return owned
    # The largest number of shares that are worth less than one unit more.
    supply: uint256 = erc20.totalSupply + _VIRTUAL_SHARES
    return math._mul_div((most + 1) * custody.SCALE, supply, assets, True) - 1


# --- internal ---


@view
@internal
def _check_unlocked(owner: address):
    assert block.timestamp >= self.unlocked_at[owner], errors.POOL_LOCKED


@view
@internal
def _obligations() -> IPerpExchange.Obligations:
    return staticcall IPerpExchange(exchange).obligations()


@view
@internal
def _try_obligations() -> (bool, IPerpExchange.Obligations):
    """
    @return False while the exchange has no prices.
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
    return True, abi_decode(data, IPerpExchange.Obligations)


@view
@internal
def _worth(due: IPerpExchange.Obligations) -> int256:
    """
    @return Equity, scale 1e36.
    """
    return self.cash - due.owed


@view
@internal
def _is_sound(due: IPerpExchange.Obligations) -> bool:
    """
    @return Whether shares have a price.
    """
    worth: int256 = self._worth(due)
    return worth > 0 or (erc20.totalSupply == 0 and worth + convert(_VIRTUAL_ASSETS, int256) > 0)


@view
@internal
def _share_assets(due: IPerpExchange.Obligations) -> uint256:
    """
    @return What the shares, the virtual ones included, stand for; scale 1e36.
    """
    assert self._is_sound(due), errors.POOL_EXHAUSTED
    return convert(self._worth(due) + convert(_VIRTUAL_ASSETS, int256), uint256)


@view
@internal
def _spare(due: IPerpExchange.Obligations) -> int256:
    """
    @return Equity less the reserve for open positions, scale 1e36.
    """
    return self.cash - due.owed - convert(due.reserve, int256)


@view
@internal
def _to_shares_down(assets: uint256, share_assets: uint256) -> uint256:
    """
    @param assets Native units.
    """
    supply: uint256 = erc20.totalSupply + _VIRTUAL_SHARES
    return math._mul_div(assets * custody.SCALE, supply, share_assets, False)


@view
@internal
def _to_assets_down(shares: uint256, share_assets: uint256) -> uint256:
    """
    @return Native units.
    """
    supply: uint256 = erc20.totalSupply + _VIRTUAL_SHARES
    value: uint256 = math._mul_div(shares, share_assets, supply, False)
    # The virtual assets are not there to be paid: after losses the last shares
    # would claim a part of them.
    return min(value, max(share_assets, _VIRTUAL_ASSETS) - _VIRTUAL_ASSETS) // custody.SCALE
