# SPDX-License-Identifier: AGPL-3.0-only
"""A deployed token with its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..chain import Contract, contract_at
from ..chain.backend import Backend
from ..errors import UserError
from ..protocols.weth import weth_at
from .venues import KINDS, Venue

# Contract of each part that no venue brings, in the order of deployment.
PARTS = {
    "board": "PriceBoard",
    "oracle": "IndexOracle",
    "views": "TokenViews",
    "reset_policy": "ResetPolicy",
    "policy": "TokenPolicy",
    "lens": "Lens",
    "token": "InverseIndexToken",
    "timelock": "Timelock",
    "level_feed": "LevelFeed",
    "nav_feed": "NavFeed",
    "keeper_adapter": "KeeperAdapter",
    "router": "Router",
}
PERIPHERY = ("level_feed", "nav_feed", "keeper_adapter", "router", "weth")
UNIT_PRICE = 10**8  # one USD, of feeds


@dataclass(frozen=True)
class System:
    """The contracts of one token.

    board: the price board of a local deployment, else None.
    symbols: the components, in the oracle's order.
    minter: who alone can mint the collateral; None: anyone, where it is local.
    timelock: owns oracle and token, where the deployment has a governance.
    level_feed to weth: what stands around the token, where the deployment has it;
    weth is the router's.
    """

    backend: Backend
    name: str
    symbols: tuple[str, ...]
    collateral_symbol: str
    decimals: int
    collateral: Contract
    oracle: Contract
    venue: Venue
    policy: Contract
    reset_policy: Contract
    views: Contract
    lens: Contract
    vault: Contract
    token: Contract
    board: Contract | None = None
    secondaries: bool = True
    minter: str | None = None
    timelock: Contract | None = None
    level_feed: Contract | None = None
    nav_feed: Contract | None = None
    keeper_adapter: Contract | None = None
    router: Contract | None = None
    weth: Contract | None = None

    @property
    def unit(self) -> int:
        """One whole unit of collateral."""
        return int(10**self.decimals)

    def report(self) -> Any:
        """The lens's whole state of the token."""
        return self.lens.report(self.token)

    def give(self, account: str, amount: int) -> Any:
        """Mint local collateral (native units) to an account, through whoever may."""
        sender = self.minter or account
        if sender not in self.backend.accounts and self.minter:
            raise UserError(
                f"{self.collateral_symbol} is minted by {sender} alone",
                "use the account that deployed it, or get it from that one",
            )
        return self.collateral.mint(account, amount, sender=sender)

    def post_prices(self, prices: Mapping[str, int], sender: str) -> Any:
        """Post USD prices (8 decimals) on a local board; others keep theirs."""
        assert self.board is not None
        return self.board.post(self.answers(prices), sender=sender)

    def follow_prices(self, prices: Mapping[str, int], sender: str) -> None:
        """Move a local venue's own market to USD prices (8 decimals)."""
        self.venue.follow(prices, prices.get(self.collateral_symbol, UNIT_PRICE), sender)

    def answers(self, prices: Mapping[str, int]) -> list[int]:
        """The board's answers: primaries, secondaries, collateral."""
        row = [prices[symbol] for symbol in self.symbols]
        doubled = row + row if self.secondaries else row
        return [*doubled, prices.get(self.collateral_symbol, UNIT_PRICE)]

    def addresses(self) -> dict[str, str]:
        """Address of every part, the venue's too."""
        found = {name: getattr(self, name) for name in (*PARTS, "weth")}
        parts = {name: part.address for name, part in found.items() if part is not None}
        own = {"collateral": self.collateral.address, "vault": self.vault.address}
        return {**own, **self.venue.addresses(), **parts}

    def periphery(self) -> dict[str, str]:
        """Address of every part around the token that there is."""
        return {name: address for name, address in self.addresses().items() if name in PERIPHERY}

    def record(self) -> dict[str, Any]:
        """What a registry keeps."""
        return {
            "symbols": list(self.symbols),
            "collateral_symbol": self.collateral_symbol,
            "decimals": self.decimals,
            "secondaries": self.secondaries,
            "minter": self.minter,
            "venue": {"kind": self.venue.kind, **self.venue.record()},
            "addresses": self.addresses(),
        }

    @classmethod
    def from_record(cls, backend: Backend, name: str, record: Mapping[str, Any]) -> System:
        """The system that `record` was taken from."""
        addresses, kind = record["addresses"], KINDS[record["venue"]["kind"]].venue
        venue = kind.from_record(backend, addresses, record["venue"])
        parts = {
            part: contract_at(backend, PARTS[part], addresses[part])
            for part in PARTS
            if part in addresses
        }
        if "weth" in addresses:
            parts["weth"] = weth_at(backend, addresses["weth"])
        return cls(
            backend=backend,
            name=name,
            symbols=tuple(record["symbols"]),
            collateral_symbol=record["collateral_symbol"],
            decimals=record["decimals"],
            collateral=kind.collateral_at(backend, addresses["collateral"]),
            venue=venue,
            vault=contract_at(backend, kind.vault_contract, addresses["vault"]),
            secondaries=record["secondaries"],
            minter=record["minter"],
            **parts,
        )
