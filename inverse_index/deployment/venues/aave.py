# SPDX-License-Identifier: AGPL-3.0-only
"""Aave v3 and Uniswap v3: how the venue is read and recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, ClassVar

from ...chain import Contract, contract_at
from ...chain.backend import Backend
from ...model.aave.venue import AaveFigures, PoolFigures, ReserveFigures, pool_prices
from ...model.fixed import WAD
from ...model.uniswap.initial_pools import PoolShape
from ...protocols.npm import AAVE, STABLECOIN, UNISWAP_CORE, npm_at
from ..reading import View, balances_of, read_many

SAMPLE = 10**6  # whole collateral, whose fee is asked for


@dataclass(frozen=True)
class AaveVenue:
    """Aave's pool, Uniswap's factory, and the tokens between them.

    symbols: the components. tokens: addresses of components, further tokens of
    paths, and the collateral. fixed: prices, WAD collateral, that never move.
    quoter: computes what the vault asks. maker: moves local pools. provider:
    supplied local reserves.
    """

    backend: Backend
    pool: Contract
    factory: Contract
    quoter: Contract
    symbols: tuple[str, ...]
    collateral: str
    tokens: Mapping[str, str]
    shapes: tuple[PoolShape, ...]
    fixed: Mapping[str, int]
    maker: Contract | None = None
    provider: str | None = None
    kind: ClassVar[str] = "aave"
    vault_contract: ClassVar[str] = "AaveVault"

    @property
    def order(self) -> tuple[str, ...]:
        return tuple(sorted(self.tokens, key=lambda symbol: int(self.tokens[symbol], 16)))

    # registry

    def addresses(self) -> dict[str, str]:
        found = {
            "aave_pool": self.pool.address,
            "uniswap_factory": self.factory.address,
            "aave_quoter": self.quoter.address,
        }
        if self.maker is not None:
            found["market_maker"] = self.maker.address
        return found | {f"token {symbol}": self.tokens[symbol] for symbol in self._borrowed}

    def record(self) -> dict[str, Any]:
        return {
            "symbols": list(self.symbols),
            "collateral": self.collateral,
            "tokens": dict(self.tokens),
            "shapes": [asdict(shape) for shape in self.shapes],
            "fixed": {symbol: str(price) for symbol, price in self.fixed.items()},
            "provider": self.provider,
        }

    @classmethod
    def from_record(
        cls, backend: Backend, addresses: Mapping[str, str], record: Mapping[str, Any]
    ) -> AaveVenue:
        """The venue that the record was taken from."""
        maker = addresses.get("market_maker")
        shapes = [{**each, "decimals": tuple(each["decimals"])} for each in record["shapes"]]
        return cls(
            backend=backend,
            pool=npm_at(backend, AAVE, "Pool", addresses["aave_pool"]),
            factory=npm_at(backend, UNISWAP_CORE, "UniswapV3Factory", addresses["uniswap_factory"]),
            quoter=contract_at(backend, "AaveQuoter", addresses["aave_quoter"]),
            symbols=tuple(record["symbols"]),
            collateral=record["collateral"],
            tokens=record["tokens"],
            shapes=tuple(PoolShape(**each) for each in shapes),
            fixed={symbol: int(price) for symbol, price in record["fixed"].items()},
            maker=None if maker is None else contract_at(backend, "MarketMaker", maker),
            provider=record["provider"],
        )

    @staticmethod
    def collateral_at(backend: Backend, address: str) -> Contract:
        """USDC with all its functions; of another token those in common work."""
        return npm_at(backend, STABLECOIN, "FiatTokenV2_2", address)

    # contracts

    @property
    def _borrowed(self) -> list[str]:
        """Every token but the collateral."""
        return [symbol for symbol in self.tokens if symbol != self.collateral]

    @cached_property
    def receipts(self) -> Mapping[str, tuple[Contract, Contract]]:
        """Aave's aToken and variable debt token of collateral and components."""
        return {symbol: self._receipts(symbol) for symbol in (self.collateral, *self.symbols)}

    def _receipts(self, symbol: str) -> tuple[Contract, Contract]:
        data = self.pool.getReserveData(self.tokens[symbol])
        return (
            npm_at(self.backend, AAVE, "AToken", data.aTokenAddress),
            npm_at(self.backend, AAVE, "VariableDebtToken", data.variableDebtTokenAddress),
        )

    @cached_property
    def pools(self) -> Mapping[str, Contract]:
        """Uniswap's pool of every token that has one."""
        return {shape.symbol: self._pool(shape) for shape in self.shapes}

    def _pool(self, shape: PoolShape) -> Contract:
        pair = (self.tokens[shape.symbol], self.tokens[shape.quote])
        return npm_at(
            self.backend, UNISWAP_CORE, "UniswapV3Pool", self.factory.getPool(*pair, shape.fee)
        )

    # what all venues offer

    def figure_views(self, vault: Contract) -> list[View]:
        """Views of the stored state of reserves and pools."""
        views: list[View] = []
        for symbol, (a_token, debt) in self.receipts.items():
            views.append((self.pool, "getReserveData", (self.tokens[symbol],)))
            views += [(each, "scaledTotalSupply", ()) for each in (a_token, debt)]
            views += [(each, "scaledBalanceOf", (vault,)) for each in (a_token, debt)]
        for pool in self.pools.values():
            views += [(pool, "slot0", ()), (pool, "liquidity", ())]
        return views

    def figures_of(self, values: Sequence[Any]) -> AaveFigures:
        """From the values of those views."""
        row = iter(values)
        reserves = {
            symbol: _reserve_figures(*(next(row) for _ in range(5))) for symbol in self.receipts
        }
        pools = {symbol: _pool_figures(next(row), next(row)) for symbol in self.pools}
        return AaveFigures(reserves, pools)

    def figures(self, vault: Contract) -> AaveFigures:
        """Stored state of reserves and pools, in one request."""
        return self.figures_of(read_many(self.backend, self.figure_views(vault)))

    def health(self, vault: Contract) -> int | None:
        """Aave's health factor, WAD."""
        factor: int = vault.health()
        return None if factor == 2**256 - 1 else factor

    def fees(self, vault: Contract, mid: Sequence[int], unit: int) -> list[int]:
        """Of the pools on each path, as the vault estimates a trade of a million."""
        none, found = [0] * 10, []
        for i in range(len(self.symbols)):
            target = [*none]
            target[i] = SAMPLE * WAD * WAD // mid[i]
            found.append(vault.estimate(none, target, mid) * WAD // (SAMPLE * unit))
        return found

    def leak(self, figures: AaveFigures, collateral: Contract, vault: Contract) -> int:
        """Scaled balances of vault and provider against Aave's totals, the vault's
        tracked against its real collateral, and components left in the vault."""
        idle: int = vault.idle()
        errors = [balances_of(self.backend, collateral, [vault])[0] - idle]
        if self.provider is not None:
            views: list[View] = [
                (each, "scaledBalanceOf", (self.provider,))
                for pair in self.receipts.values()
                for each in pair
            ]
            provided = iter(read_many(self.backend, views))
            for at in figures.reserves.values():
                errors.append(at.total_supplied - at.supplied - next(provided))
                errors.append(at.total_owed - at.owed - next(provided))
        return max(map(abs, errors))

    def liquidate(self, symbol: str, vault: Contract, sender: str) -> None:
        """The sender repays as much as Aave lets him, with minted components."""
        token = contract_at(self.backend, "LocalCollateral", self.tokens[symbol])
        debt = self.receipts[symbol][1].balanceOf(vault)
        token.mint(sender, debt, sender=sender)
        token.approve(self.pool, debt, sender=sender)
        self.pool.liquidationCall(
            self.tokens[self.collateral], token, vault, 2**256 - 1, False, sender=sender
        )

    def follow(self, prices: Mapping[str, int], collateral_price: int, sender: str) -> None:
        """The market maker moves every local pool, in one transaction."""
        if self.maker is None:
            return
        at = pool_prices(self.fixed, self.symbols, prices, collateral_price)
        pools = [self.pools[shape.symbol] for shape in self.shapes]
        self.maker.move(pools, [shape.sqrt_price(at) for shape in self.shapes], sender=sender)


def _reserve_figures(
    data: Any, supplied: int, owed: int, of_vault: int, by_vault: int
) -> ReserveFigures:
    return ReserveFigures(
        liquidity_index=data.liquidityIndex,
        variable_borrow_index=data.variableBorrowIndex,
        liquidity_rate=data.currentLiquidityRate,
        variable_borrow_rate=data.currentVariableBorrowRate,
        last_update=data.lastUpdateTimestamp,
        accrued_to_treasury=data.accruedToTreasury,
        total_supplied=supplied,
        total_owed=owed,
        supplied=of_vault,
        owed=by_vault,
    )


def _pool_figures(slot: Any, liquidity: int) -> PoolFigures:
    return PoolFigures(slot.sqrtPriceX96, slot.tick, liquidity)
