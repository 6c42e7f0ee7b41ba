# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title liquidation
@license AGPL-3.0-only
@notice Keeps the exchange solvent: accounts below maintenance margin are closed
        in part or whole, and bad debt is borne by insurance and then the pool.
"""

from snekmate.utils import math

from ....interfaces import IIndexOracle
from ....interfaces import ILiquidityPool
from ....interfaces import IPerpExchange

from ..lib import errors
from . import custody
from . import ledger
from . import margin
from . import marks

uses: custody
uses: ledger
uses: margin
uses: marks

_MAX: constant(uint256) = 10
_WAD: constant(uint256) = 10**18
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
    @dev Valued and closed at oracle prices, under a restriction at the best for the
         account that are left possible; without impact or fee. The penalty never
         exceeds its equity. A bounty of a thousandth of what was closed, at most a
         hundredth of the insurance fund, makes up a reward that is smaller.
         Once settled, any position can be closed: at the frozen price nobody
         loses by it, and debts come to light before the pool is divided.
    @return Reward, native; none once settled.
    """
    read: IIndexOracle.Prices = marks._read()
    for market: uint256 in range(marks.COUNT, bound=_MAX):
        if ledger.sizes[account][market] != 0:
            ledger._accrue(market, marks._charged(market, read.mid[market], read.restriction))
    prices: uint256[10] = ledger._prices_of(account, read, False)
    if marks._are_frozen():
        self._close_out(account, prices)
        return 0
    equity: int256 = ledger._equity(account, prices)
    fraction: uint256 = self._fraction_to_close(account, equity, prices)
    closed: ledger.Closing = ledger._close_fraction(account, fraction, prices)

    insurance: uint256 = staticcall ILiquidityPool(ledger.pool).insurance()
    penalty: uint256 = min(closed.notional // _PENALTY, convert(max(equity, 0), uint256))
    bounty: uint256 = min(closed.notional // _BOUNTY, insurance // _BOUNTY_SHARE)
    reward: uint256 = custody._payable(max(penalty // 2, bounty) // custody.SCALE)
    ledger.cash[account] -= convert(penalty, int256)
    log IPerpExchange.Liquidated(
        account=account, liquidator=msg.sender, fraction=fraction, penalty=penalty, reward=reward
    )
    rest: uint256 = insurance + penalty - reward * custody.SCALE
    debt: ledger.Debt = empty(ledger.Debt)
    if fraction == _WAD:
        debt = ledger._clear_bad_debt(account, rest)
    ledger._book(
        -closed.proceeds - convert(debt.pooled, int256),
        convert(rest - debt.insured, int256) - convert(insurance, int256),
    )
    if reward != 0:
        custody._pay(receiver, reward)
    return reward


@internal
def _close_out(account: address, prices: uint256[10]):
    assert ledger._has_position(account), errors.EXCHANGE_HEALTHY
    closed: ledger.Closing = ledger._close_fraction(account, _WAD, prices)
    log IPerpExchange.Liquidated(
        account=account, liquidator=msg.sender, fraction=_WAD, penalty=0, reward=0
    )
    ledger._book_closing(account, closed.proceeds, True)


@view
@internal
def _fraction_to_close(account: address, equity: int256, prices: uint256[10]) -> uint256:
    """
    @return WAD part of every position, rounded up, after whose closing, the penalty
            paid, the rest has its initial margin; all of it when equity is under
            half of the maintenance margin or little would be left.
    """
    initial_up: uint256 = 0
    maintenance_up: uint256 = 0
    initial_up, maintenance_up = margin._requirements_up(account, prices)
    maintenance: int256 = convert(maintenance_up, int256)
    assert equity < maintenance, errors.EXCHANGE_HEALTHY
    if 2 * equity < maintenance:
        return _WAD
    notional: uint256 = ledger._notional(account, prices)
    initial: int256 = convert(initial_up, int256)
    costs: int256 = convert(math._ceil_div(notional, _PENALTY), int256)
    if costs >= equity:
        return _WAD
    fraction: uint256 = math._ceil_div(
        convert(initial - equity, uint256) * _WAD, convert(initial - costs, uint256)
    )
    if notional * (_WAD - fraction) < _DUST * _WAD:
        return _WAD
    return fraction
