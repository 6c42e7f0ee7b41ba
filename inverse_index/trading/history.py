# SPDX-License-Identifier: AGPL-3.0-only
"""What the exchange's and the pool's logs tell, read in ranges and kept in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..chain import Contract, Event, Reverted
from ..chain.past import Past, logs_in_ranges
from ..errors import Unreachable, UserError
from .books import Exchange
from .entries import Trade

REREAD = 64  # last blocks that are read again, since they may have been replaced


@dataclass(frozen=True, slots=True)
class Flow:
    """Collateral (native) into the pool for shares, or back."""

    block: int
    enters: bool
    account: str
    assets: int
    shares: int


class History:
    """Logs of one exchange from its deployment's block on. Reading raises UserError where
    that block is None, which is not known, or the node keeps no logs."""

    def __init__(self, exchange: Exchange, past: Past, first_block: int | None) -> None:
        self._exchange = exchange
        self._past = past
        self._next = self._first = first_block
        self._traders: dict[str, None] = {}

    def traders(self) -> list[str]:
        """Everybody who has ever traded, in order; only new blocks are read."""
        for _, event in self._events(self._exchange.contract, "Traded", first=self._next):
            self._traders.setdefault(event.account)
        self._next = max(self._first or 0, self._last() - REREAD)
        return list(self._traders)

    def trades_of(self, account: str) -> dict[int, list[Trade]]:
        """By market, in order."""
        found: dict[int, list[Trade]] = {}
        events = self._events(self._exchange.contract, "Traded", account)
        for block, event in events:
            funding = self._funding_at(event.market, block, event.delta > 0)
            found.setdefault(event.market, []).append(Trade(event.delta, event.price, funding))
        return found

    def frozen_prices(self) -> list[int]:
        """Prices of the settlement; none before."""
        for _, event in self._events(self._exchange.contract, "Settled"):
            return list(event.prices)
        return []

    def flows(self) -> list[Flow]:
        """Claims of all providers, in order."""
        pool = self._exchange.pool
        found = [
            Flow(block, True, event.owner, event.assets, event.shares)
            for block, event in self._events(pool, "Deposit")
        ]
        found += [
            Flow(block, False, event.owner, event.assets, event.shares)
            for block, event in self._events(pool, "Withdraw")
        ]
        return sorted(found, key=lambda flow: flow.block)

    def _last(self) -> int:
        return self._past.block_number()

    def _events(
        self, contract: Contract, name: str, account: str | None = None, first: int | None = None
    ) -> Iterator[tuple[int, Event]]:
        topics: list[bytes | None] = [contract.topic(name)]
        if account is not None:
            topics.append(bytes(12) + bytes.fromhex(account[2:]))
        start = self._first if first is None else first
        if start is None:
            raise UserError(
                "the record does not tell in which block the exchange was deployed",
                "say so with --from-block",
            )
        for found in logs_in_ranges(self._past, contract.address, topics, start, self._last()):
            event = contract.event_of(found.log)
            if event is not None:
                yield found.block, event

    def _funding_at(self, market: int, block: int, is_long: bool) -> int | None:
        """Cumulative funding of a market's side when it was traded in this block; None where
        the node keeps no old states."""
        exchange = self._exchange.contract
        data = exchange.encode("market_state", market)
        try:
            answer = self._past.call_at(exchange.address, data, block)
        except Unreachable:
            raise
        except (Reverted, UserError):
            return None
        state = exchange.decode_output("market_state", answer)
        return int(state.long_funding if is_long else state.short_funding)
