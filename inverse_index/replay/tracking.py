# SPDX-License-Identifier: AGPL-3.0-only
"""The tracking difference of each period, from -L times the index, and its causes.

Between two resets the value of a share changes step by step: with time and
prices, at a flow, at a rebalance. Each step's change is divided among

  fees         streaming fee, and the trading fees of an exchange
  swap fees    of the pools that are traded with
  impact       fills away from the oracle price
  funding      paid to or by an exchange
  interest     earned on what is supplied, less what is paid on what is borrowed
  liquidation  what liquidators of a loan took above the debt that they repaid
  keeper       rewards
  netting      exposure that differs from -L because flows wait to be hedged and
               resets are whole units, and what flows leave to the holders

from positions, rates and fills, not from the net asset value itself; what the
sum does not explain is the residual. The vault's venue says which items there
are, and what time costs on it. Floats: this is analytics.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..model.fixed import WAD
from ..model.system import SystemModel
from ..model.token import nav
from ..model.token.core import Rebalanced
from ..model.token.views import Context


@dataclass(frozen=True)
class Period:
    """One period between resets. Returns are fractions, items parts of the
    share's value at its start: positive is a gain of the holder."""

    ended_at: int
    index_return: float
    token_return: float
    items: dict[str, float]
    multiple: int

    @property
    def ideal_return(self) -> float:
        return -self.multiple * self.index_return

    @property
    def difference(self) -> float:
        """Tracking difference: token less -L times the index."""
        return self.token_return - self.ideal_return

    @property
    def residual(self) -> float:
        """What the items leave unexplained."""
        return self.difference - sum(self.items.values())


@dataclass
class Attribution:
    """Follows one token; call a method after each step on the model."""

    model: SystemModel
    periods: list[Period] = field(default_factory=list)
    started: bool = False

    def start(self, now: int) -> None:
        """Begin the first period."""
        self.started = True
        self._look(now)
        self._begin()

    def time_passed(self, now: int) -> None:
        """Time and prices have moved; nobody has acted."""
        before, mids, mark = self._context, self._mids, self._mark
        venue = self.model.venue
        self._look(now)
        supply = self._shares(before.supply)
        moved = sum(
            -short * (new - old)
            for short, old, new in zip(before.held.shorts, mids, self._mids, strict=True)
        )
        paid = venue.accrued(before, mark, self._context, self._mark)
        self._moved += moved / WAD / WAD / supply
        self._add(venue.time_item, paid / WAD / WAD / supply)
        self._add("fees", self._value - self._net() / supply)

    def flowed(self, now: int) -> None:
        """A holder has minted or redeemed."""
        before = self._value
        self._look(now)
        self._add("netting", self._value - before)

    def liquidated(self, now: int) -> None:
        """Somebody has taken collateral for debt, with a bonus."""
        before = self._value
        self._look(now)
        self._add("liquidation", self._value - before)

    def rebalanced(self, now: int, result: Rebalanced, reserve: int) -> None:
        """A rebalance has ended the period; `reserve` is what it released."""
        unit = self.model.token.unit
        supply = self._shares(self._context.supply)
        fees = sum(trade.fee for trade in self.model.vault.traded)
        self._look(now)
        self._add("netting", reserve / unit / supply)
        self._add(self.model.venue.fee_item, -fees / unit / supply)
        self._add("impact", -(result.cost - fees) / unit / supply)
        self._add("keeper", -result.reward / unit / supply)
        self._end(now, result)
        self._begin()

    # parts

    def _look(self, now: int) -> None:
        self._context: Context = self.model.token.context(now)
        self._mids: Sequence[int] = self._context.prices.mid
        self._mark: Any = self.model.venue.mark(self._context, now)
        self._value = self._net() / self._shares(self._context.supply)

    def _net(self) -> float:
        """N in whole collateral, the virtual unit included."""
        token = self.model.token
        return (self._context.v.net + nav.virtual_assets(token.virtual)) / token.unit

    def _shares(self, supply: int) -> float:
        virtual = self.model.token.virtual
        return (supply + virtual * nav.virtual_assets(virtual)) / WAD

    def _begin(self) -> None:
        self._first_value = self._value
        self._first_level = self.model.token.reset.level
        self._moved = 0.0
        self._items = dict.fromkeys(self.model.venue.items, 0.0)

    def _add(self, item: str, change: float) -> None:
        self._items[item] += change

    def _end(self, now: int, result: Rebalanced) -> None:
        index_return = result.level / self._first_level - 1
        multiple = self.model.token.multiple
        ideal = -multiple * index_return * self._first_value
        self._add("netting", self._moved - ideal)
        items = {item: change / self._first_value for item, change in self._items.items()}
        token_return = self._value / self._first_value - 1
        self.periods.append(Period(now, index_return, token_return, items, multiple))
