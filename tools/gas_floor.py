# SPDX-License-Identifier: AGPL-3.0-only
"""What a rebalance on Aave and Uniswap costs at the least.

A plain account with the same kind of position does by hand what the vault does:
`more` borrows, sells and supplies; `less` withdraws, buys and repays: three
transactions to Aave and to Uniswap's own router, less what two of them pay only
for being transactions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inverse_index.chain import LocalBackend, Receipt
from inverse_index.deployment import System
from inverse_index.protocols.aave import VARIABLE_RATE
from inverse_index.protocols.npm import UNISWAP_PERIPHERY, npm_deploy

TRANSACTION = 21_000
ALL = 2**256 - 1


class Floor:
    """A plain account with a short position in the first component."""

    def __init__(self, chain: LocalBackend, system: System, account: str, price: int) -> None:
        """price: of the component, whole collateral."""
        venue: Any = system.venue
        self._chain = chain
        self._account = account
        self._price = price
        self._unit = system.unit
        self._pool = venue.pool
        self._collateral = system.collateral
        symbol = venue.symbols[0]
        self._component = type(self._collateral)(
            chain, venue.tokens[symbol], self._collateral.abi, symbol
        )
        self._fee = venue.pools[symbol].fee()
        weth = venue.tokens[symbol]  # the router never wraps here
        self._router = npm_deploy(
            chain, UNISWAP_PERIPHERY, "SwapRouter", venue.factory, weth, sender=account
        )
        self._open(system)

    def _open(self, system: System) -> None:
        system.give(self._account, 1_000_000 * self._unit)
        for token in (self._collateral, self._component):
            for spender in (self._pool, self._router):
                token.approve(spender, ALL, sender=self._account)
        self._supply(500_000 * self._unit)
        self._borrow(self._worth(100_000))

    def _worth(self, collateral: int) -> int:
        """Component of 18 decimals for whole collateral."""
        return collateral * 10**18 // self._price

    def more(self, size: int) -> int:
        """Gas of a growth by `size`, whole collateral."""
        amount = self._worth(size)
        steps: list[Callable[[], Receipt]] = [
            lambda: self._borrow(amount),
            lambda: self._swap(self._component, self._collateral, amount, exact_in=True),
            lambda: self._supply(size * self._unit),
        ]
        return self._cost(steps)

    def less(self, size: int) -> int:
        """Gas of a reduction by `size`, whole collateral."""
        amount = self._worth(size)
        steps: list[Callable[[], Receipt]] = [
            lambda: self._withdraw(size * self._unit),
            lambda: self._swap(self._collateral, self._component, amount, exact_in=False),
            lambda: self._repay(amount),
        ]
        return self._cost(steps)

    def _cost(self, steps: list[Callable[[], Receipt]]) -> int:
        snapshot = self._chain.snapshot()
        self._chain.increase_time(60)
        gas = sum(step().gas_used for step in steps) - (len(steps) - 1) * TRANSACTION
        self._chain.revert(snapshot)
        return gas

    def _supply(self, amount: int) -> Receipt:
        receipt: Receipt = self._pool.supply(
            self._collateral, amount, self._account, 0, sender=self._account
        )
        return receipt

    def _withdraw(self, amount: int) -> Receipt:
        receipt: Receipt = self._pool.withdraw(
            self._collateral, amount, self._account, sender=self._account
        )
        return receipt

    def _borrow(self, amount: int) -> Receipt:
        receipt: Receipt = self._pool.borrow(
            self._component, amount, VARIABLE_RATE, 0, self._account, sender=self._account
        )
        return receipt

    def _repay(self, amount: int) -> Receipt:
        receipt: Receipt = self._pool.repay(
            self._component, amount, VARIABLE_RATE, self._account, sender=self._account
        )
        return receipt

    def _swap(self, sold: Any, bought: Any, amount: int, exact_in: bool) -> Receipt:
        call = self._router.exactInputSingle if exact_in else self._router.exactOutputSingle
        bound = 0 if exact_in else 2**128
        terms = (sold, bought, self._fee, self._account, ALL, amount, bound, 0)
        receipt: Receipt = call(terms, sender=self._account)
        return receipt
