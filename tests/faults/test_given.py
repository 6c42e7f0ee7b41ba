# SPDX-License-Identifier: AGPL-3.0-only
"""An attacker gives the vault collateral on Aave, so that Aave's rules for it
would stop the vault."""

from __future__ import annotations

from inverse_index.chain import LocalBackend
from tests.support.assertions import reverts
from tests.support.fault_actions import ALL, BOUNDED, HEDGED, IN_KIND, LESS, Row, outcomes, row
from tests.support.fault_harness import USDC, FaultHarness
from tests.support.plans import make_aave_plan
from tests.support.system_harness import deploy_harness

NO_LTV = "vault: Aave refused a withdrawal, code 57"


def give_on_aave(harness: FaultHarness, symbol: str, actor: str, amount: int) -> None:
    """The person supplies for the vault, on chain and in the model."""
    harness.give(symbol, actor, amount)
    harness.erc20(symbol).approve(harness.venue.pool, amount, sender=actor)
    token = harness.venue.tokens[symbol]
    harness.venue.pool.supply(token, amount, harness.vault, 0, sender=actor)
    harness.aave.supply(symbol, amount, "attacker", harness.base.now, "vault")


def test_another_collateral(
    harness: FaultHarness, attacker: str, trader: str, table: list[Row]
) -> None:
    """It becomes the vault's collateral by itself. Once it loses its loan to
    value, Aave refuses the vault's own: anybody takes it out of the account."""
    n = harness.n()
    give_on_aave(harness, "C0", attacker, 10**15)
    harness.configure("C0", ltv_bps=0)
    assert harness.n() == n
    refused = dict.fromkeys((HEDGED, BOUNDED, IN_KIND, LESS), NO_LTV)
    assert outcomes(harness) == ALL | refused
    table.append(row("given a collateral without loan to value", refused))
    with reverts("vault: that is the collateral"):
        harness.vault.ignore_collateral(harness.usdc, sender=attacker)
    harness.vault.ignore_collateral(harness.venue.tokens["C0"], sender=trader)
    place = harness.aave.reserves["C0"].place
    harness.aave._accounts.set_collateral(place, "vault", False)
    assert harness.n() == n
    assert outcomes(harness) == ALL
    give_on_aave(harness, "C0", attacker, 10**15)  # not the first time, so nothing
    assert outcomes(harness) == ALL


def test_first_supply_while_nothing_is_lent(
    chain: LocalBackend,
    owner: str,
    keeper: str,
    depositor: str,
    second_holder: str,
    attacker: str,
    trader: str,
) -> None:
    """A first supply is collateral only while Aave lends against it. An attacker
    makes it for an empty vault when it does not; anybody sets that right. [VA-10]"""
    base = deploy_harness(chain, owner, keeper, make_aave_plan())
    harness = FaultHarness(base, base.fund(depositor), base.fund(second_holder))
    harness.configure(USDC, ltv_bps=0)
    give_on_aave(harness, USDC, attacker, 1)
    harness.configure(USDC, ltv_bps=7_500)
    amount = 100_000 * harness.unit
    with reverts("vault: Aave refused a loan, code 34"):
        harness.token.deposit(amount, depositor, sender=depositor)
    harness.vault.use_collateral(sender=trader)
    harness.aave._accounts.set_collateral(harness.aave.reserves[USDC].place, "vault", True)
    base.deposit(amount, depositor)
    harness.check()
    harness.vault.use_collateral(sender=attacker)  # changes nothing
    base.redeem(harness.token.balanceOf(depositor), depositor, 0)
    harness.check()
