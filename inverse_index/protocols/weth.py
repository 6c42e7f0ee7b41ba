# SPDX-License-Identifier: AGPL-3.0-only
"""Wrapped ETH, the contract of Ethereum's main network."""

from __future__ import annotations

from ..chain.backend import Backend
from ..chain.contract import Contract
from .npm import AAVE, npm_at, npm_deploy


def deploy_weth(backend: Backend, sender: str) -> Contract:
    """WETH9 with nothing wrapped yet."""
    return npm_deploy(backend, AAVE, "WETH9", sender=sender)


def weth_at(backend: Backend, address: str) -> Contract:
    """Wrapped ETH that is there already."""
    return npm_at(backend, AAVE, "WETH9", address)
