# SPDX-License-Identifier: AGPL-3.0-only
"""Wrapped ETH as it is on the main network."""

from __future__ import annotations

from inverse_index.chain import LocalBackend
from inverse_index.protocols.weth import deploy_weth


def test_wrap_and_unwrap(chain: LocalBackend, owner: str, depositor: str) -> None:
    weth = deploy_weth(chain, owner)
    assert (weth.symbol(), weth.decimals()) == ("WETH", 18)
    before = chain.balance(depositor)
    weth.deposit(sender=depositor, value=7)
    assert (weth.balanceOf(depositor), chain.balance(depositor)) == (7, before - 7)
    weth.withdraw(3, sender=depositor)
    assert (weth.balanceOf(depositor), chain.balance(depositor)) == (4, before - 4)
