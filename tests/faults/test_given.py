# SPDX-License-Identifier: AGPL-3.0-only
"""An attacker gives the vault collateral on Aave, so that Aave's rules for it
would stop the vault."""

from __future__ import annotations

from inverse_index.chain import LocalBackend
from tests.support.assertions import reverts
from tests.support.fault_actions import ALL, BOUNDED, HEDGED, IN_KIND, LESS, Row, outcomes, row
from tests.support.fault_harness import USDC, World
from tests.support.plans import make_aave_plan
from tests.support.system_harness import deploy_bench

NO_LTV = "vault: Aave refused a withdrawal, code 57"


def give_on_aave(world: World, symbol: str, person: str, amount: int) -> None:
    """The person supplies for the vault, on chain and in the model."""
    world.give(symbol, person, amount)
    world.erc20(symbol).approve(world.venue.pool, amount, sender=person)
    token = world.venue.tokens[symbol]
    world.venue.pool.supply(token, amount, world.vault, 0, sender=person)
    world.aave.supply(symbol, amount, "attacker", world.bench.now, "vault")


def test_another_collateral(world: World, attacker: str, trader: str, table: list[Row]) -> None:
    """It becomes the vault's collateral by itself. Once it loses its loan to
    value, Aave refuses the vault's own: anybody takes it out of the account."""
    n = world.n()
    give_on_aave(world, "C0", attacker, 10**15)
    world.configure("C0", ltv_bps=0)
    assert world.n() == n
    refused = dict.fromkeys((HEDGED, BOUNDED, IN_KIND, LESS), NO_LTV)
    assert outcomes(world) == ALL | refused
    table.append(row("given a collateral without loan to value", refused))
    with reverts("vault: that is the collateral"):
        world.vault.ignore_collateral(world.usdc, sender=attacker)
    world.vault.ignore_collateral(world.venue.tokens["C0"], sender=trader)
    place = world.aave.reserves["C0"].place
    world.aave._accounts.set_collateral(place, "vault", False)
    assert world.n() == n
    assert outcomes(world) == ALL
    give_on_aave(world, "C0", attacker, 10**15)  # not the first time, so nothing
    assert outcomes(world) == ALL


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
    bench = deploy_bench(chain, owner, keeper, make_aave_plan())
    world = World(bench, bench.fund(depositor), bench.fund(second_holder))
    world.configure(USDC, ltv_bps=0)
    give_on_aave(world, USDC, attacker, 1)
    world.configure(USDC, ltv_bps=7_500)
    amount = 100_000 * world.unit
    with reverts("vault: Aave refused a loan, code 34"):
        world.token.deposit(amount, depositor, sender=depositor)
    world.vault.use_collateral(sender=trader)
    world.aave._accounts.set_collateral(world.aave.reserves[USDC].place, "vault", True)
    bench.deposit(amount, depositor)
    world.check()
    world.vault.use_collateral(sender=attacker)  # changes nothing
    bench.redeem(world.token.balanceOf(depositor), depositor, 0)
    world.check()
