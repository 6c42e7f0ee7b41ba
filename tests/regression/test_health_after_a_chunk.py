# SPDX-License-Identifier: AGPL-3.0-only
"""A chunk of a reset left the vault's health check out for the next payment of the same
transaction: a netted redemption that was refused alone was paid 6,786 behind one."""

from __future__ import annotations

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from inverse_index.chain import LocalBackend
from tests.support.assertions import reverts
from tests.support.constants import HOUR
from tests.support.multicall import multicall3
from tests.support.plans import make_aave_plan
from tests.support.system_harness import SystemHarness, deploy_harness
from tests.support.token_actions import rebalance

UNIT = 10**6
UNHEALTHY = "vault: health factor too low"
TERMS = {"max_trade": "20000", "idle_buffer": "0.1%"}


def together(harness: SystemHarness, sender: str, batch: str, *calls: bytes) -> None:
    """Calls of the token's by Multicall3, in one transaction."""
    data = keccak(b"aggregate((address,bytes)[])")[:4]
    data += encode(["(address,bytes)[]"], [[(harness.token.address, call) for call in calls]])
    harness.chain.send(batch, data, sender)


def test_a_redemption_behind_a_chunk(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str
) -> None:
    """[VA-4]"""
    harness = deploy_harness(chain, owner, keeper, make_aave_plan(venue=TERMS))
    for who, whole in ((depositor, 300_000),) * 3 + ((attacker, 100_000),):
        harness.fund(who)
        harness.deposit(whole * UNIT, who)
        harness.move(0)
    token, batch = harness.token, multicall3(chain)
    chain.increase_time(HOUR)
    harness.post({"C0": harness.prices["C0"] * 152 // 100})
    assert not rebalance(harness).complete
    token.transfer(batch, token.balanceOf(attacker), sender=attacker)
    assert harness.system.vault.health() < harness.plan.venue.min_health
    chain.increase_time(harness.plan.parameters.chunk_delay)
    redeem = token.redeem.encode(token.totalSupply() * 49 // 10_000, attacker, batch)
    with reverts(UNHEALTHY):
        chain.send(token.address, redeem, chain.impersonate(batch))
    with reverts("Multicall3: call failed"):
        together(harness, attacker, batch, token.rebalance.encode(), redeem)
    together(harness, attacker, batch, token.rebalance.encode())
    assert harness.system.vault.health() < harness.plan.venue.min_health
