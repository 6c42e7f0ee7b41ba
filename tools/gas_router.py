# SPDX-License-Identifier: AGPL-3.0-only
"""A holder who mints and redeems through the router, with signatures."""

from __future__ import annotations

from typing import Any

from inverse_index.chain import LocalBackend, Receipt
from inverse_index.chain.permit import sign_permit
from inverse_index.deployment import System
from inverse_index.protocols.weth import deploy_weth

USDC_VERSION = "2"  # of the EIP-712 domains
TOKEN_VERSION = "1"
FAR = 2**64  # a deadline that never comes


class RouterUser:
    """One of the chain's own accounts that has done both once: what he pays for
    is no first signature."""

    def __init__(self, chain: LocalBackend, system: System, account: str) -> None:
        self._chain = chain
        self._system = system
        self._account = account
        venue: Any = system.venue
        weth = deploy_weth(chain, account)
        self._router = chain.deploy("Router", weth, venue.factory, sender=account)
        self.deposit(system.unit)
        self.redeem(10**18 // 2)

    def deposit(self, assets: int) -> Receipt:
        """assets: native units."""
        permit = self._permit(self._system.collateral, USDC_VERSION, assets)
        return self._send("deposit", assets, permit)

    def redeem(self, shares: int) -> Receipt:
        permit = self._permit(self._system.token, TOKEN_VERSION, shares)
        return self._send("redeem", shares, permit)

    def _permit(self, asset: Any, version: str, amount: int) -> Any:
        router = self._router.address
        return sign_permit(self._chain, asset, version, self._account, router, amount, FAR)

    def _send(self, name: str, amount: int, permit: Any) -> Receipt:
        receipt: Receipt = self._router.method(name)(
            self._system.token, amount, self._account, 1, FAR, permit, sender=self._account
        )
        return receipt
