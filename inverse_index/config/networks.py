# SPDX-License-Identifier: AGPL-3.0-only
"""The networks that a deployment file may be for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from inverse_index.config.fields import Rule, near, refuse


@dataclass(frozen=True)
class Network:
    """choice: Ape's name, to which a provider is added. usdc: the collateral called
    USDC there. weth: its wrapped ETH. is_rollup: transactions wait while a sequencer is down."""

    name: str
    title: str
    chain_id: int
    choice: str
    usdc: str
    weth: str
    is_rollup: bool = False
    is_test: bool = False


NETWORKS: Final[Mapping[str, Network]] = {
    each.name: each
    for each in (
        Network(
            "ethereum",
            "Ethereum",
            1,
            "ethereum:mainnet",
            "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
            "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2",
        ),
        Network(
            "arbitrum",
            "Arbitrum One",
            42_161,
            "arbitrum:mainnet",
            "0xaf88d065e77c8cC2239327C5EDb3A432268e5831",
            "0x82aF49447D8a07e3bd95BD0d56f35241523fBab1",
            is_rollup=True,
        ),
        Network(
            "base",
            "Base",
            8_453,
            "base:mainnet",
            "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",
            "0x4200000000000000000000000000000000000006",
            is_rollup=True,
        ),
        Network(
            "sepolia",
            "Sepolia (test network; Aave's test tokens)",
            11_155_111,
            "ethereum:sepolia",
            "0x94a9D9AC8a22534E3FaCa9F4e7F2E2cf85d5E4C8",
            "0xC558DBdd856501FCd9aaF1E62eae57A9F0629a3c",
            is_test=True,
        ),
    )
}
_EXPECTED: Final = f"one of {', '.join(NETWORKS)}"


def _read_name(value: Any) -> str:
    if not isinstance(value, str):
        raise refuse(_EXPECTED)
    if value not in NETWORKS:
        raise refuse(_EXPECTED + near(value, list(NETWORKS)))
    return value


NAME_RULE: Final = Rule(_read_name, _EXPECTED)
