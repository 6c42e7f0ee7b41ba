# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title books
@license AGPL-3.0-only
@notice The pool's cash and the insurance fund, scale 1e36, which the exchange books.
"""

from ....interfaces import ILiquidityPool

from ..lib import errors
from . import borrowing
from . import custody

uses: borrowing
uses: custody

cash: public(int256)
insurance: public(uint256)


@external
def fund_insurance(amount: uint256):
    self.insurance += amount * custody.SCALE
    custody._pull(amount)
    log ILiquidityPool.InsuranceFunded(payer=msg.sender, amount=amount)


@external
def book(cash_change: int256, insurance_change: int256):
    """
    @notice The exchange alone: what its accounts have paid the pool and the
            insurance fund, less what these have paid them. Moves no collateral.
    """
    self._book(cash_change, insurance_change)


@external
def book_kept(
    cash_change: int256, insurance_change: int256, owed: int256, kept: uint256, notional: uint256
) -> uint256:
    """
    @notice The same after a trade, which leaves the pool owing and keeping this much.
    @param notional Of an account that has added to open interest: as much as the pool
           has, and as an account may have. 0 where none has.
    @return Borrowing rate from now on, WAD per second.
    """
    self._book(cash_change, insurance_change)
    equity: int256 = self.cash - owed
    if notional != 0:
        borrowing._check_growth(kept, equity, notional)
    return borrowing._rate_down(kept, equity, borrowing.max_borrowing)


@view
@external
def spare(owed: int256, kept: uint256, notional: uint256) -> int256:
    """
    @return What an account of this notional could add to it while the pool owes and keeps
            this much, scale 1e36.
    """
    return borrowing._spare(kept, self.cash - owed, notional)


@internal
def _book(cash_change: int256, insurance_change: int256):
    assert msg.sender == custody.partner, errors.POOL_EXCHANGE
    self.cash += cash_change
    if insurance_change != 0:
        self.insurance = convert(convert(self.insurance, int256) + insurance_change, uint256)
