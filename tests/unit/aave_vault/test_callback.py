# SPDX-License-Identifier: AGPL-3.0-only
"""uniswapV3SwapCallback: for the pool that is being asked, while it is asked."""

from __future__ import annotations

from eth_abi.abi import encode

from tests.support.assertions import reverts
from tests.support.system_harness import SystemHarness

CALLBACK = "vault: caller is not the pool"


def asked(harness: SystemHarness, caller: str, sells: bool) -> None:
    data = encode(["uint256", "uint256", "bool"], [0, 0, sells])
    sender = harness.chain.impersonate(caller)
    harness.system.vault.uniswapV3SwapCallback(10**6, -(10**9), data, sender=sender)


def test_nobody_else_asks(held: SystemHarness, attacker: str, owner: str) -> None:
    """[VA-2]"""
    venue = held.system.venue
    before = held.system.vault.value(held.system.oracle.read().mid)
    for caller in (attacker, owner, held.token.address, venue.pool.address, venue.maker.address):
        for sells in (True, False):
            with reverts(CALLBACK):
                asked(held, caller, sells)
    assert held.system.vault.value(held.system.oracle.read().mid) == before
    held.check()


def test_the_right_pool_at_the_wrong_time(held: SystemHarness) -> None:
    """Outside of a trade no pool is expected, also after one in which it was. [VA-2]"""
    for symbol in held.plan.symbols:
        with reverts(CALLBACK):
            asked(held, held.system.venue.pools[symbol].address, True)
    held.check()


def test_a_swap_that_others_begin(held: SystemHarness, attacker: str) -> None:
    """A pool that is told to pay the vault asks the one who told it, not the vault. [VA-2]"""
    pool = held.system.venue.pools["C0"]
    limit = pool.slot0().sqrtPriceX96
    with reverts(""):
        pool.swap(held.system.vault, True, 10**6, limit * 99 // 100, b"", sender=attacker)
    held.check()
