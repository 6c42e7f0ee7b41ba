# SPDX-License-Identifier: AGPL-3.0-only
"""Circle's USDC, version 2.2, behind its proxy."""

from __future__ import annotations

from ..chain.backend import Backend
from ..chain.contract import Contract
from .npm import STABLECOIN, npm_at, npm_deploy

DECIMALS = 6
UNLIMITED = 2**256 - 1
# A proxy answers its admin with nothing but its own functions: nobody's address
# takes that part, so that everybody can use the token.
NOBODY = "0x000000000000000000000000000000000000dEaD"


def deploy_usdc(backend: Backend, sender: str) -> Contract:
    """USDC with nothing minted yet.

    The sender has every role: owner, master minter, minter without limit,
    pauser, blacklister. Amounts have six decimals. `mint(to, amount)` is for
    the minter, `blacklist(account)` for the blacklister.
    """
    checker = npm_deploy(backend, STABLECOIN, "SignatureChecker", sender=sender)
    code = npm_deploy(
        backend, STABLECOIN, "FiatTokenV2_2", sender=sender, libraries={"SignatureChecker": checker}
    )
    proxy = npm_deploy(backend, STABLECOIN, "FiatTokenProxy", code, sender=sender)
    proxy.changeAdmin(NOBODY, sender=sender)
    usdc = npm_at(backend, STABLECOIN, "FiatTokenV2_2", proxy.address)
    roles = (sender, sender, sender, sender)  # master minter, pauser, blacklister, owner
    usdc.initialize("USD Coin", "USDC", "USD", DECIMALS, *roles, sender=sender)
    usdc.initializeV2("USD Coin", sender=sender)
    usdc.initializeV2_1(sender, sender=sender)
    usdc.initializeV2_2([], "USDC", sender=sender)
    usdc.configureMinter(sender, UNLIMITED, sender=sender)
    return usdc


def upgrade_usdc(usdc: Contract, version: str, sender: str) -> None:
    """Give the proxy the code of a version ("FiatTokenV1", "FiatTokenV2_1",
    "FiatTokenV2_2"), deployed anew; all that it has stored stays.

    Sent by the proxy's admin, nobody's address: for chains that let it send.
    """
    checker = npm_deploy(usdc.backend, STABLECOIN, "SignatureChecker", sender=sender)
    libraries = {"SignatureChecker": checker}
    code = npm_deploy(usdc.backend, STABLECOIN, version, sender=sender, libraries=libraries)
    proxy = npm_at(usdc.backend, STABLECOIN, "FiatTokenProxy", usdc.address)
    proxy.upgradeTo(code, sender=NOBODY)
