# SPDX-License-Identifier: AGPL-3.0-only
"""What a deployment file names on its network: is it there, and as the file says?

Asks views alone, so it costs no gas. `check_given` is the whole of it; the first
prices of a deployment whose feeds exist are what they answer now.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...artifacts import artifact
from ...chain import Contract, Reverted, contract_at
from ...chain.backend import Backend
from ...config import AaveVenueConfig, DeploymentFile, PeripheryConfig
from ...config.aave_venue import DIRECT
from ...config.fields import ZERO_ADDRESS
from ...deployment import Given
from ...deployment.check import is_code_of
from ...errors import Unreachable, UserError
from ...prices import PRICE_DECIMALS
from ...protocols.npm import AAVE, UNISWAP_CORE, npm_at

WETH_DECIMALS = 18


def check_given(backend: Backend, file: DeploymentFile, given: Given) -> None:
    """Contracts are there, with the stated decimals; feeds answer."""
    deployment = file.deployment
    if given.collateral:
        field = f"{file.path}: collateral"
        token = _at(backend, field, given.collateral, "LocalCollateral")
        _same(field, _read(field, token.decimals), deployment.collateral.decimals)
    for field, address in given.venue.items():
        _there(backend, f"{file.path}: venue.{field}", address)
    check_aave(backend, file, given)
    check_periphery(backend, file, given)
    if deployment.oracle.sequencer:
        _there(backend, f"{file.path}: oracle.sequencer", deployment.oracle.sequencer)
    for symbol, feed in (given.feeds or {}).items():
        field = f"{file.path}: oracle.feeds.{symbol}"
        _check_feed(backend, f"{field}.primary", feed.primary, feed.primary_decimals)
        if feed.secondary != ZERO_ADDRESS:
            _check_feed(backend, f"{field}.secondary", feed.secondary, feed.secondary_decimals)


def live_prices(backend: Backend, given: Given) -> dict[str, int] | None:
    """USD with 8 decimals by symbol, rounded down, of the primary feeds; None
    without feeds."""
    if given.feeds is None:
        return None
    return {
        symbol: _latest_answer(backend, feed.primary)
        * 10**PRICE_DECIMALS
        // 10**feed.primary_decimals
        for symbol, feed in given.feeds.items()
    }


def _latest_answer(backend: Backend, address: str) -> int:
    feed = Contract(backend, address, artifact("BoardFeed").abi, "feed")
    return int(feed.latestRoundData()[1])


def _check_feed(backend: Backend, field: str, address: str, decimals: int) -> None:
    feed = _at(backend, field, address, "BoardFeed")
    _same(field, _read(field, feed.decimals), decimals)
    answer = _read(field, feed.latestRoundData)[1]
    if answer <= 0:
        raise UserError(f"{field}: the feed's answer is {answer}", "choose another feed")


# Aave and Uniswap


def check_aave(backend: Backend, file: DeploymentFile, given: Given) -> None:
    """Tokens have the stated decimals, Aave's reserves, and Uniswap's pools."""
    venue = file.deployment.venue
    if not isinstance(venue, AaveVenueConfig) or "pool" not in given.venue:
        return
    tokens = dict(_tokens(venue))
    for symbol, (field, address) in tokens.items():
        where = f"{file.path}: {field}"
        token = Contract(backend, address, artifact("LocalCollateral").abi, symbol)
        _same(where, _read(where, token.decimals), venue.pool_of(symbol).decimals)
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


# periphery


def check_periphery(backend: Backend, file: DeploymentFile, given: Given) -> None:
    """Parts that exist already have this project's code, on this Uniswap."""
    config = given.periphery
    if config is None:
        return
    where = f"{file.path}: periphery"
    if config.weth is not None:
        _check_weth(backend, f"{where}.weth", config.weth)
    if isinstance(config.keeper_adapter, str):
        _check_code(backend, f"{where}.keeper_adapter", config.keeper_adapter, "KeeperAdapter")
    if isinstance(config.router, str):
        _check_code(backend, f"{where}.router", config.router, "Router")
        _check_router(contract_at(backend, "Router", config.router), where, config, given)


def _check_weth(backend: Backend, field: str, address: str) -> None:
    decimals = _read(field, _at(backend, field, address, "LocalCollateral").decimals)
    if decimals != WETH_DECIMALS:
        raise UserError(
            f"{field}: has {decimals} decimals, wrapped ETH has {WETH_DECIMALS}",
            "correct the address",
        )


def _check_code(backend: Backend, field: str, address: str, name: str) -> None:
    if not is_code_of(backend, name, address):
        raise UserError(
            f"{field}: {address} is no {name} of these sources on this network",
            f"correct the address, or write `true` to have a {name} deployed",
        )


def _check_router(router: Contract, where: str, config: PeripheryConfig, given: Given) -> None:
    """Its immutables, which its code does not tell."""
    wanted = {"factory": given.venue.get("factory"), "weth": config.weth}
    for name, address in wanted.items():
        found = router.method(name)()
        if address is not None and found != address:
            raise UserError(
                f"{where}.router: its {name} is {found}, expected {address}",
                "name another router, or write `true` to have one deployed",
            )


# parts


def _there(backend: Backend, field: str, address: str) -> None:
    if not backend.code(address):
        raise UserError(
            f"{field}: no contract at {address} on this network", "check address and --network"
        )


def _at(backend: Backend, field: str, address: str, abi_of: str) -> Contract:
    _there(backend, field, address)
    return Contract(backend, address, artifact(abi_of).abi, abi_of)


def _read(field: str, view: Any, *args: object) -> Any:
    try:
        return view(*args)
    except Unreachable:
        raise
    except (Reverted, UserError) as error:
        raise UserError(f"{field}: {view.name} fails ({error})", "check the address") from error


def _same(field: str, found: int, stated: int) -> None:
    if found != stated:
        raise UserError(
            f"{field}: has {found} decimals, the file says {stated}", "correct the file"
        )
