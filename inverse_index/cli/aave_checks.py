# SPDX-License-Identifier: AGPL-3.0-only
"""Does the network's Aave lend, and its Uniswap trade, what a file says? Costs no gas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..artifacts import artifact
from ..chain import Contract, Reverted
from ..chain.backend import Backend
from ..config import AaveVenueConfig, DeploymentFile
from ..config.aave_venue import DIRECT
from ..config.fields import ZERO_ADDRESS
from ..deployment import Given
from ..errors import Unreachable, UserError
from ..protocols.npm import AAVE, UNISWAP_CORE, npm_at


def check_aave(backend: Backend, file: DeploymentFile, given: Given) -> None:
    """Tokens have the stated decimals, Aave's reserves, and Uniswap's pools."""
    venue = file.deployment.venue
    if not isinstance(venue, AaveVenueConfig) or "pool" not in given.venue:
        return
    tokens = dict(_tokens(venue))
    for symbol, (field, address) in tokens.items():
        token = Contract(backend, address, artifact("LocalCollateral").abi, symbol)
        _same_decimals(f"{file.path}: {field}", token, venue.pool_of(symbol).decimals)
    if given.collateral is None:
        return
    pool = npm_at(backend, AAVE, "Pool", given.venue["pool"])
    lent = [(f, a) for symbol, (f, a) in tokens.items() if symbol in file.index.symbols]
    for field, address in [("collateral.address", given.collateral), *lent]:
        data = _read(f"{file.path}: venue.pool", pool.getReserveData, address)
        if data.aTokenAddress == ZERO_ADDRESS:
            raise UserError(
                f"{file.path}: {field}: Aave has no reserve of {address}", "choose another token"
            )
    known = {symbol: address for symbol, (_, address) in tokens.items()}
    _check_pools(backend, file, venue, {**known, DIRECT: given.collateral})


def _tokens(venue: AaveVenueConfig) -> Iterator[tuple[str, tuple[str, str]]]:
    for group, members in (("components", venue.components), ("tokens", venue.tokens)):
        for symbol, each in members.items():
            if each.address is not None:
                yield symbol, (f"venue.{group}.{symbol}.address", each.address)


def _check_pools(
    backend: Backend, file: DeploymentFile, venue: AaveVenueConfig, addresses: dict[str, str]
) -> None:
    factory = npm_at(backend, UNISWAP_CORE, "UniswapV3Factory", venue.factory or "")
    for symbol in addresses:
        if symbol == DIRECT:
            continue
        config = venue.pool_of(symbol)
        pair = (addresses[symbol], addresses[config.via])
        made = _read(f"{file.path}: venue.factory", factory.getPool, *pair, config.fee_pips)
        if made == ZERO_ADDRESS:
            other = file.deployment.collateral.symbol if config.via == DIRECT else config.via
            raise UserError(
                f"{file.path}: venue.components.{symbol}.fee_bps: Uniswap has no pool "
                f"{symbol} / {other} at {config.fee_bps} basis points",
                "choose another fee tier or path",
            )


def _same_decimals(field: str, token: Contract, stated: int) -> None:
    found = _read(field, token.decimals)
    if found != stated:
        raise UserError(
            f"{field}: has {found} decimals, the file says {stated}", "correct the file"
        )


def _read(field: str, view: Any, *args: object) -> Any:
    try:
        return view(*args)
    except Unreachable:
        raise
    except (Reverted, UserError) as error:
        raise UserError(f"{field}: {view.name} fails ({error})", "check the address") from error
