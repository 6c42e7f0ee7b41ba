# SPDX-License-Identifier: AGPL-3.0-only
"""A deployed token with its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..chain import Contract, contract_at
from ..chain.backend import Backend

# Contract of each part, in the order of deployment.
PARTS = {
    "collateral": "LocalCollateral",
    "board": "PriceBoard",
    "oracle": "IndexOracle",
    "exchange": "PerpExchange",
    "quoter": "Quoter",
    "lens": "Lens",
    "vault": "PerpVault",
    "token": "InverseIndexToken",
}


@dataclass(frozen=True)
class System:
    """The contracts of one token.

    board: the price board of a local deployment, else None.
    symbols: the components, in the oracle's order.
    """

    backend: Backend
    name: str
    symbols: tuple[str, ...]
    collateral_symbol: str
    decimals: int
    collateral: Contract
    oracle: Contract
    exchange: Contract
    quoter: Contract
    lens: Contract
    vault: Contract
    token: Contract
    board: Contract | None = None
    secondaries: bool = True

    @property
    def unit(self) -> int:
        """One whole unit of collateral."""
        return int(10**self.decimals)

    def report(self) -> Any:
        """The lens's whole state of the token."""
        return self.lens.report(self.token)

    def post_prices(self, prices: Mapping[str, int], sender: str) -> Any:
        """Post USD prices (8 decimals) on a local board; others keep theirs."""
        assert self.board is not None
        return self.board.post(self.answers(prices), sender=sender)

    def answers(self, prices: Mapping[str, int]) -> list[int]:
        """The board's answers: primaries, secondaries, collateral."""
        row = [prices[symbol] for symbol in self.symbols]
        doubled = row + row if self.secondaries else row
        return [*doubled, prices.get(self.collateral_symbol, 10**8)]

    def addresses(self) -> dict[str, str]:
        """Address of every part."""
        found = {name: getattr(self, name) for name in PARTS}
        return {name: part.address for name, part in found.items() if part is not None}

    def record(self) -> dict[str, Any]:
        """What a registry keeps."""
        return {
            "symbols": list(self.symbols),
            "collateral_symbol": self.collateral_symbol,
            "decimals": self.decimals,
            "secondaries": self.secondaries,
            "addresses": self.addresses(),
        }

    @classmethod
    def from_record(cls, backend: Backend, name: str, record: Mapping[str, Any]) -> System:
        """The system that `record` was taken from."""
        addresses = record["addresses"]
        parts = {
            part: contract_at(backend, PARTS[part], addresses[part])
            for part in PARTS
            if part in addresses
        }
        return cls(
            backend=backend,
            name=name,
            symbols=tuple(record["symbols"]),
            collateral_symbol=record["collateral_symbol"],
            decimals=record["decimals"],
            secondaries=record["secondaries"],
            **parts,
        )
