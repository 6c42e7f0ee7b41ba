# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title liquidation
@license AGPL-3.0-only
@notice Keeps the exchange solvent: accounts below maintenance margin are closed
        in part or whole, bad debt is borne by insurance and then the pool, and
        longs are deleveraged while the pool does not cover the shorts.
"""

from snekmate.utils import math

from ....interfaces import IPerpExchange

from ..lib import errors
from . import collateral
from . import ledger
from . import linear
from . import markets

uses: collateral
uses: ledger
uses: markets

_WAD: constant(uint256) = 10**18
_MAX: constant(uint256) = 10
# @dev Divisors of the notional that a liquidation closes.
_PENALTY: constant(uint256) = 100
_BOUNTY: constant(uint256) = 1_000
# @dev Largest part of the insurance fund that one bounty may take.
_BOUNTY_SHARE: constant(uint256) = 100
# @dev Positions under ten whole units of collateral are not left behind.
_DUST: constant(uint256) = 10 * 10**36


@external
def liquidate(account: address, receiver: address) -> uint256:
    """
    @notice Close a fraction of an account below maintenance margin, or all of
            it, and pay the caller's reward.
    @dev Closed at oracle price plus impact, without a fee. The penalty never
         exceeds what equity is left then. A bounty of a thousandth of what was closed, at most a
         hundredth of the insurance fund, makes up a reward that is smaller.
         Once settled, any position can be closed: at the frozen price nobody
         loses by it, and debts come to light before the pool is divided.
    @return Reward, native; none once settled.
    """
    prices: uint256[10] = ledger._oracle_prices()
    if markets._settled():
        self._close_out(account, prices)
        return 0
    equity: int256 = ledger._equity(account, prices)
    fraction: uint256 = self._fraction_to_close(account, equity, prices)
    closed: uint256 = 0
    impact: int256 = 0
    closed, impact = self._close_fraction(account, fraction, prices)

    penalty: uint256 = min(closed // _PENALTY, convert(max(equity - impact, 0), uint256))
    bounty: uint256 = min(closed // _BOUNTY, ledger.insurance // _BOUNTY_SHARE)
    reward: uint256 = min(max(penalty // 2, bounty) // collateral.SCALE, collateral.held)
    ledger.cash[account] -= convert(penalty, int256)
    ledger.insurance = ledger.insurance + penalty - reward * collateral.SCALE
    log IPerpExchange.Liquidated(
        account=account, liquidator=msg.sender, fraction=fraction, penalty=penalty, reward=reward
    )
    if fraction == _WAD:
        self._settle_bad_debt(account)
    if reward != 0:
        collateral._push(receiver, reward)
    return reward


@external
def deleverage(account: address, m: uint256):
    """
    @notice Close an account's long at oracle price plus impact, without a fee,
            while the pool no longer covers what shorts could still win.
    """
    assert not markets._settled(), errors.EXCHANGE_SETTLED
    markets._check_listed(m)
    size: int256 = ledger.sizes[account][m]
    assert size > 0, errors.EXCHANGE_NO_LONG
    prices: uint256[10] = ledger._oracle_prices()
    assert ledger._pool_equity(prices) < convert(
        ledger._short_notional(prices), int256
    ), errors.EXCHANGE_COVERED
    price: uint256 = ledger._close(account, m, size, prices[m])
    log IPerpExchange.Deleveraged(account=account, market=m, size=size, price=price)
    if not ledger._has_position(account):
        self._settle_bad_debt(account)


@internal
def _close_out(account: address, prices: uint256[10]):
    assert ledger._has_position(account), errors.EXCHANGE_HEALTHY
    self._close_fraction(account, _WAD, prices)
    log IPerpExchange.Liquidated(
        account=account, liquidator=msg.sender, fraction=_WAD, penalty=0, reward=0
    )
    self._settle_bad_debt(account)


@view
@internal
def _fraction_to_close(account: address, equity: int256, prices: uint256[10]) -> uint256:
    """
    @return WAD part of every position, rounded up, after whose closing, impact
            and penalty paid, the rest has its initial margin; all of it when
            equity is under half of the maintenance margin or little would be
            left.
    """
    maintenance: int256 = convert(ledger._maintenance_up(account, prices), int256)
    assert equity < maintenance, errors.EXCHANGE_HEALTHY
    if 2 * equity < maintenance:
        return _WAD
    notional: uint256 = ledger._notional(account, prices)
    initial: int256 = convert(ledger._initial_up(account, prices), int256)
    # Impact per unit grows with the part closed: that of the whole is enough.
    costs: int256 = convert(math._ceil_div(notional, _PENALTY), int256) + self._closing_impact(
        account, prices
    )
    if costs >= equity:
        return _WAD
    fraction: uint256 = math._ceil_div(
        convert(initial - equity, uint256) * _WAD, convert(initial - costs, uint256)
    )
    if notional * (_WAD - fraction) < _DUST * _WAD:
        return _WAD
    return fraction


@view
@internal
def _closing_impact(account: address, prices: uint256[10]) -> int256:
    """
    @return What closing all positions costs against oracle prices, scale 1e36.
    """
    impact: int256 = 0
    for m: uint256 in range(ledger.COUNT, bound=_MAX):
        size: int256 = ledger.sizes[account][m]
        if size != 0:
            fill: uint256 = markets._fill_price(m, -size, prices[m])
            impact += linear._value(size, prices[m], convert(fill, int256))
    return impact


@internal
def _close_fraction(account: address, fraction: uint256, prices: uint256[10]) -> (uint256, int256):
    """
    @return Notional closed and what that cost against oracle prices, both at
            scale 1e36.
    """
    closed: uint256 = 0
    impact: int256 = 0
    for m: uint256 in range(ledger.COUNT, bound=_MAX):
        size: int256 = ledger.sizes[account][m]
        if size == 0:
            continue
        part: int256 = convert(linear._share_up(convert(abs(size), uint256), fraction), int256)
        if size < 0:
            part = -part
        fill: uint256 = ledger._close(account, m, part, prices[m])
        closed += linear._notional(part, prices[m])
        impact += linear._value(part, prices[m], convert(fill, int256))
    return closed, impact


@internal
def _settle_bad_debt(account: address):
    """
    @notice Clear what an account without positions owes: insurance pays first,
            then the pool.
    """
    cash: int256 = ledger.cash[account]
    if cash >= 0:
        return
    debt: uint256 = convert(-cash, uint256)
    insured: uint256 = min(debt, ledger.insurance)
    ledger.cash[account] = 0
    ledger.insurance -= insured
    ledger.pool_cash -= convert(debt - insured, int256)
    log IPerpExchange.BadDebt(account=account, insurance_paid=insured, pool_paid=debt - insured)
