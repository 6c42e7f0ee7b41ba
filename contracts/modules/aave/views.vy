# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title views
@license AGPL-3.0-only
@notice What an `AaveVault` is worth, and what it can do: the latter is asked of
        its `AaveQuoter`.
"""

from ....interfaces import IAaveQuoter
from ....interfaces import ICollateralVault

from . import account
from . import aave_math
from ..vault import idle_buffer
from . import health
from ..uniswap import path

uses: account
uses: path
uses: idle_buffer
uses: health

QUOTER: immutable(IAaveQuoter)


@deploy
def __init__(quoter: address):
    QUOTER = IAaveQuoter(quoter)


@view
@external
def leverage_limits() -> (uint256, uint256):
    """
    @return Highest leverage up to which shorts can grow, and highest that can
            be held at the minimum health, WAD, as Aave's terms are now.
    """
    return staticcall QUOTER.leverage_limits(self._parts())


@view
@external
def quote(targets: uint256[10], prices: uint256[10], incoming: uint256) -> (int256, bool):
    """
    @notice What an unchunked `trade` to the targets would cost now.
    @return By how much idle plus equity will fall, and whether that is exact to
            the unit: it is where all paths are of one pool.
    """
    return staticcall QUOTER.quote(self._parts(), targets, prices, incoming)


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
    """
    @notice What pools and Aave carry and pay now, see `ICollateralVault.Capacity`.
    """
    return staticcall QUOTER.capacity(self._parts(), held, direction, worth, prices, bound, more)


@view
@external
def depth(direction: uint256[10], prices: uint256[10], bound: uint256, more: bool) -> uint256:
    """
    @notice Largest multiple (WAD) of `direction` by which the shorts can grow
            (`more`) or shrink in one trade with no pool moved beyond the bound,
            as far as Aave lends, or takes back, the components.
    """
    return self._capacity(direction, 0, prices, bound, more).depth


@view
@external
def backing(
    direction: uint256[10], worth: uint256, prices: uint256[10], bound: uint256, more: bool
) -> uint256:
    """
    @notice Largest multiple (WAD) of `direction` that the collateral carries on
            Aave while `worth` collateral per multiple comes in or is paid out.
    """
    return self._capacity(direction, worth, prices, bound, more).backing


@view
@external
def spendable(prices: uint256[10]) -> uint256:
    """
    @return Collateral that `pay` can pay now: idle, and what Aave can pay down
            to the minimum health.
    """
    return self._capacity(empty(uint256[10]), 0, prices, 0, False).spendable


@view
@external
def value(prices: uint256[10]) -> ICollateralVault.Value:
    """
    @notice Holdings at the given prices.
    """
    return self._at(prices)


@view
@internal
def _capacity(
    direction: uint256[10], worth: uint256, prices: uint256[10], bound: uint256, more: bool
) -> ICollateralVault.Capacity:
    return staticcall QUOTER.capacity(
        self._parts(), self._at(prices), direction, worth, prices, bound, more
    )


@view
@internal
def _parts() -> IAaveQuoter.Vault:
    return IAaveQuoter.Vault(
        account=self,
        pool=account.POOL.address,
        asset=account._asset(),
        a_token=account.A_TOKEN,
        count=account.COUNT,
        scale=account.SCALE,
        components=account.COMPONENTS,
        units=account.UNITS,
        debts=account.DEBTS,
        hops=path.HOPS,
        idle=account._idle(),
        idle_buffer=idle_buffer.PART,
        min_health=health.MIN_HEALTH,
    )


@view
@internal
def _worth_up(shorts: uint256[10], prices: uint256[10]) -> uint256:
    return aave_math._worth_up(shorts, prices, account.COUNT, account.SCALE)


@view
@internal
def _value(supplied: uint256, worth: uint256, shorts: uint256[10]) -> ICollateralVault.Value:
    return ICollateralVault.Value(
        idle=account._idle(),
        equity=convert(supplied, int256) - convert(worth, int256),
        shorts=shorts,
    )


@view
@internal
def _at(prices: uint256[10]) -> ICollateralVault.Value:
    shorts: uint256[10] = account._shorts()
    return self._value(account._supplied(), self._worth_up(shorts, prices), shorts)
