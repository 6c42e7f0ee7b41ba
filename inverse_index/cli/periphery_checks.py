# SPDX-License-Identifier: AGPL-3.0-only
"""Are keeper adapter, router and wrapped ETH of a file what they should be? Costs no gas."""

from __future__ import annotations

from typing import Any

from ..artifacts import artifact
from ..chain import Contract, Reverted, contract_at
from ..chain.backend import Backend
from ..config import DeploymentFile, PeripheryConfig
from ..deployment import Given
from ..deployment.check import is_code_of
from ..errors import Unreachable, UserError

WETH_DECIMALS = 18


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
    if not backend.code(address):
        raise UserError(
            f"{field}: no contract at {address} on this network", "check address and --network"
        )
    weth = Contract(backend, address, artifact("LocalCollateral").abi, "WETH")
    decimals = _decimals(field, weth)
    if decimals != WETH_DECIMALS:
        raise UserError(
            f"{field}: has {decimals} decimals, wrapped ETH has {WETH_DECIMALS}",
            "correct the address",
        )


def _decimals(field: str, weth: Contract) -> Any:
    try:
        return weth.decimals()
    except Unreachable:
        raise
    except (Reverted, UserError) as error:
        raise UserError(f"{field}: decimals fails ({error})", "check the address") from error


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
