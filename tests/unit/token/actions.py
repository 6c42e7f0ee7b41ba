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
from inverse_index.model.system import build_model
from inverse_index.model.terms import Kind
from inverse_index.model.token import Rebalanced
from tests.support import only_event, reverts
from tests.systems import Bench

ZERO = "0x" + "00" * 20
NEVER = 2**256 - 1
DAY = 86_400
MONTH = 31 * DAY  # the longest epoch, to keep that trigger out of the way


def set_parameters(bench: Bench, **changes: int) -> None:
    """New parameters on chain and in the model."""
    changed = replace(bench.plan.parameters, **changes)
    bench.token.set_parameters(changed, sender=bench.owner)
    bench.model.token.parameters = replace(bench.model.token.parameters, **changes)
    bench.plan = replace(bench.plan, parameters=changed)


def set_supply_cap(bench: Bench, cap: int) -> None:
    """New cap on chain and in the model."""
    bench.token.set_supply_cap(cap, sender=bench.owner)
    bench.model.token.supply_cap = cap


def transfer(bench: Bench, sender: str, receiver: str, shares: int) -> Receipt:
    """Move shares on chain and in the model."""
    receipt = bench.token.transfer(receiver, shares, sender=sender)
    bench.model.token.transfer(sender, receiver, shares)
    bench.names[receiver] = receiver
    return receipt


def rebalance(bench: Bench) -> Rebalanced:
    """Rebalance both; the event has every field of the model's."""
    receipt = bench.token.rebalance(sender=bench.keeper)
    done = bench.model.token.rebalance(receipt.timestamp)
    only_event(receipt, bench.token, "Rebalanced", keeper=bench.keeper, **asdict(done))
    bench.check()
    return done


def preview(bench: Bench, kind: Kind, amount: int) -> Any:
    """The flow of the preview, equal to the model's in every field."""
    on_chain = bench.system.views.preview(bench.token, int(kind), amount)
    in_model = asdict(bench.model.token.preview(kind, amount, bench.now))
    assert tuple(on_chain) == tuple(in_model.values())
    return on_chain


def flow_events(receipt: Receipt, token: Contract) -> list[str]:
    """Names of the token's events that tell netted from hedged."""
    return [e.name for e in token.events(receipt) if e.name.startswith("Flow")]


@contextmanager
def refused(bench: Bench, reason: str) -> Iterator[None]:
    """The block reverts with the reason, and nothing changed on chain."""
    before = figures(bench)
    with reverts(reason):
        yield
    assert figures(bench) == before


def model_refuses(reason: str, action: Any, *args: Any) -> None:
    """The model refuses with the same reason."""
    try:
        action(*args)
    except Revert as error:
        assert error.reason == reason
        return
    raise AssertionError(f"the model did not refuse, expected {reason!r}")


def figures(bench: Bench) -> tuple[Any, ...]:
    """What no refused call may change; nothing of it needs a price."""
    token, system = bench.token, bench.system
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
        [tuple(system.venue.exchange.market_state(i)) for i in range(len(system.symbols))],
    )


def deploy_on(
    chain: LocalBackend, owner: str, keeper: str, plan: Plan, collateral: Contract
) -> Bench:
    """A bench on a collateral that exists already, its pool funded by the owner."""
    system = deploy_system(chain, plan, owner, Given(collateral=collateral.address))
    model = build_model(plan, chain.now())
    exchange = system.venue.exchange
    liquidity, insurance = plan.venue.pool_liquidity, plan.venue.insurance
    collateral.mint(owner, liquidity + insurance, sender=owner)
    collateral.approve(exchange, liquidity + insurance, sender=owner)
    exchange.add_liquidity(liquidity, 0, sender=owner)
    exchange.fund_insurance(insurance, sender=owner)
    return Bench(chain, plan, system, model, owner, keeper, dict(plan.prices))
