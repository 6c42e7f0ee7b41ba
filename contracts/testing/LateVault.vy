# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title LateVault
@notice Test vault of a venue that cannot quote: it trades at the given prices
        less a loss that is set, goes as far as is set, and may leave an order
        waiting; it quotes exactly what it is told to quote, if anything.
        Everybody may set everything.
@custom:kill For tests only.
"""

from ethereum.ercs import IERC20

from ...interfaces import ICollateralVault

implements: ICollateralVault

from ..modules.lib import errors

_WAD: constant(uint256) = 10**18

token: public(immutable(address))
asset: public(immutable(address))
component_count: public(immutable(uint256))
_VIRTUAL: immutable(uint256)

pending: public(bool)
loss_bps: public(uint256)  # of every trade's notional
reach_bps: public(int256)  # part of the way that a trade goes
idle: public(uint256)
_quoted: int256  # collateral, of every trade
_exact: bool
_cash: int256  # equity, were all shorts closed at no cost; native
_shorts: uint256[10]


@deploy
def __init__(token_: address, asset_: address, count: uint256, decimals: uint256):
    token = token_
    asset = asset_
    component_count = count
    _VIRTUAL = 10**(18 - decimals)
    self.reach_bps = 10_000


@external
def set_pending(pending: bool):
    self.pending = pending


@external
def set_venue(loss_bps: uint256, reach_bps: int256):
    """
    @param reach_bps 10000 trades to the target, more goes beyond it, less
           leaves a rest, a negative part goes the other way.
    """
    self.loss_bps = loss_bps
    self.reach_bps = reach_bps


@external
def set_quote(cost: int256, exact: bool):
    """
    @param cost What every quote says, whatever a trade then costs.
    @param exact Whether the quote calls itself exact.
    """
    self._quoted = cost
    self._exact = exact


@view
@external
def max_trade() -> uint256[10]:
    return empty(uint256[10])


@view
@external
def value(prices: uint256[10]) -> ICollateralVault.Value:
    return self._value(prices)


@view
@external
def min_trade() -> uint256[10]:
    smallest: uint256[10] = empty(uint256[10])
    for i: uint256 in range(component_count, bound=10):
        smallest[i] = 1
    return smallest


@view
@external
def leverage_limits() -> (uint256, uint256):
    return max_value(uint256), max_value(uint256)


@view
@external
def quote(targets: uint256[10], prices: uint256[10], incoming: uint256) -> (int256, bool):
    """
    @return No cost, and False, until something else is set.
    """
    return self._quoted, self._exact


@view
@external
def estimate(shorts: uint256[10], targets: uint256[10], prices: uint256[10]) -> int256:
    return 0


@view
@external
def in_kind(shares: uint256, supply: uint256) -> (uint256, uint256[10]):
    raise errors.VAULT_NO_KIND


@view
@external
def backing(
    direction: uint256[10], worth: uint256, prices: uint256[10], bound: uint256, more: bool
) -> uint256:
    return max_value(uint256)


@view
@external
def spendable(prices: uint256[10]) -> uint256:
    return self.idle


@view
@external
def depth(direction: uint256[10], prices: uint256[10], bound: uint256, more: bool) -> uint256:
    return max_value(uint256)


@view
@external
def capacity(
    held: ICollateralVault.Value,
    direction: uint256[10],
    worth: uint256,
    prices: uint256[10],
    bound: uint256,
    more: bool,
) -> ICollateralVault.Capacity:
    return ICollateralVault.Capacity(
        depth=max_value(uint256),
        backing=max_value(uint256),
        spendable=self.idle,
        pending=self.pending,
    )


@view
@external
def halted() -> bool:
    return False


@view
@external
def remainder() -> uint256:
    return self.idle


@external
def can_settle(late: bool) -> bool:
    for short: uint256 in self._shorts:
        if short != 0:
            return False
    return True


@external
def book(amount: uint256):
    tracked: uint256 = self.idle + amount
    assert staticcall IERC20(asset).balanceOf(self) >= tracked, errors.VAULT_NOT_RECEIVED
    self.idle = tracked


@external
def pay(receiver: address, amount: uint256):
    self.idle -= amount
    assert extcall IERC20(asset).transfer(receiver, amount), errors.VAULT_NOT_SENT


@external
def trade(
    held: ICollateralVault.Value,
    targets: uint256[10],
    prices: uint256[10],
    bound: uint256,
    chunked: bool,
) -> (bool, ICollateralVault.Value):
    """
    @return Whether it went all the way. No bound is checked: the token has to.
    """
    if self.pending:
        return False, self._value(prices)
    for i: uint256 in range(component_count, bound=10):
        self._move(i, targets[i], prices[i])
    return True, self._value(prices)


@external
def redeem_in_kind(shares: uint256, supply: uint256, payer: address, receiver: address) -> uint256:
    raise errors.VAULT_NO_KIND


@view
@internal
def _value(prices: uint256[10]) -> ICollateralVault.Value:
    return ICollateralVault.Value(idle=self.idle, equity=self._equity(prices), shorts=self._shorts)


@internal
def _move(i: uint256, target: uint256, price: uint256):
    before: int256 = convert(self._shorts[i], int256)
    delta: int256 = (convert(target, int256) - before) * self.reach_bps // 10_000
    notional: int256 = delta * convert(price, int256) // convert(_WAD * _VIRTUAL, int256)
    self._cash += notional - abs(notional) * convert(self.loss_bps, int256) // 10_000
    self._shorts[i] = convert(before + delta, uint256)


@view
@internal
def _equity(prices: uint256[10]) -> int256:
    owed: uint256 = 0
    for i: uint256 in range(component_count, bound=10):
        owed += self._shorts[i] * prices[i]
    return self._cash - convert(owed // (_WAD * _VIRTUAL), int256)
