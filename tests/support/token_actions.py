# SPDX-License-Identifier: AGPL-3.0-only
"""Actions on chain and model that several token tests share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any

from inverse_index.chain import Contract, LocalBackend, Receipt
from inverse_index.deployment import Given, Plan, deploy_system
from inverse_index.model.fixed import Revert
from inverse_index.model.policy.flow_terms import Kind
from inverse_index.model.system import build_model
from inverse_index.model.token.core import Rebalanced
from tests.support.assertions import only_event, reverts
from tests.support.constants import DAY
from tests.support.system_harness import SystemHarness

MONTH = 31 * DAY  # the longest epoch, to keep that trigger out of the way


def set_parameters(harness: SystemHarness, **changes: int) -> None:
    """New parameters on chain and in the model."""
    changed = replace(harness.plan.parameters, **changes)
    harness.token.set_parameters(changed, sender=harness.owner)
    harness.model.token.parameters = replace(harness.model.token.parameters, **changes)
    harness.plan = replace(harness.plan, parameters=changed)


def set_nav_cap(harness: SystemHarness, cap: int) -> None:
    """New cap on chain and in the model."""
    harness.token.set_nav_cap(cap, sender=harness.owner)
    harness.model.token.nav_cap = cap


def transfer(harness: SystemHarness, sender: str, receiver: str, shares: int) -> Receipt:
    """Move shares on chain and in the model."""
    receipt = harness.token.transfer(receiver, shares, sender=sender)
    harness.model.token.transfer(sender, receiver, shares)
    harness.names[receiver] = receiver
    return receipt


def rebalance(harness: SystemHarness) -> Rebalanced:
    """Rebalance both; the event has every field of the model's."""
    receipt = harness.token.rebalance(sender=harness.keeper)
    done = harness.model.token.rebalance(receipt.timestamp)
    only_event(receipt, harness.token, "Rebalanced", keeper=harness.keeper, **asdict(done))
    harness.check()
    return done


def preview(harness: SystemHarness, kind: Kind, amount: int) -> Any:
    """The flow of the preview, equal to the model's in every field."""
    on_chain = harness.system.views.preview(harness.token, int(kind), amount)
    in_model = asdict(harness.model.token.preview(kind, amount, harness.now))
    assert tuple(on_chain) == tuple(in_model.values())
    return on_chain


def flow_events(receipt: Receipt, token: Contract) -> list[str]:
    """Names of the token's events that tell netted from hedged."""
    return [e.name for e in token.events(receipt) if e.name.startswith("Flow")]


@contextmanager
def refused(harness: SystemHarness, reason: str) -> Iterator[None]:
    """The block reverts with the reason, and nothing changed on chain."""
    before = figures(harness)
    with reverts(reason):
        yield
    assert figures(harness) == before


def model_refuses(reason: str, action: Any, *args: Any) -> None:
    """The model refuses with the same reason."""
    try:
        action(*args)
    except Revert as error:
        assert error.reason == reason
        return
    raise AssertionError(f"the model did not refuse, expected {reason!r}")


def figures(harness: SystemHarness) -> tuple[Any, ...]:
    """What no refused call may change; nothing of it needs a price."""
    token, system = harness.token, harness.system
    state = token.state()
    return (
        token.totalSupply(),
        state.flows,
        state.reset,
        state.fee,
        state.mode,
        system.vault.idle(),
        system.venue.exchange.cash(system.vault),
        system.venue.exchange.held(),
        system.venue.pool.held(),
        [tuple(system.venue.exchange.market_state(i)) for i in range(len(system.symbols))],
    )


def deploy_on(
    chain: LocalBackend, owner: str, keeper: str, plan: Plan, collateral: Contract
) -> SystemHarness:
    """A harness on a collateral that exists already, its pool funded by the owner."""
    system = deploy_system(chain, plan, owner, Given(collateral=collateral.address))
    model = build_model(plan, chain.now())
    pool = system.venue.pool
    liquidity, insurance = plan.venue.pool_liquidity, plan.venue.insurance
    collateral.mint(owner, liquidity + insurance, sender=owner)
    collateral.approve(pool, liquidity + insurance, sender=owner)
    pool.requestDeposit(liquidity, owner, owner, sender=owner)
    pool.deposit(liquidity, owner, sender=owner)
    pool.fund_insurance(insurance, sender=owner)
    return SystemHarness(chain, plan, system, model, owner, keeper, dict(plan.prices))
