# SPDX-License-Identifier: AGPL-3.0-only
"""Two accounts, long and short eight million each on the shipped exchange, took its spare
reserve from 19 to 3 million for the 8,000 that opening cost, once: deposits of 100,000 were
refused and providers could not take out what was theirs, for as long as the two wished."""

from __future__ import annotations

import pytest

from inverse_index.artifacts import project_root
from inverse_index.chain import LocalBackend
from inverse_index.config import load_deployment
from inverse_index.deployment import plan_deployment
from inverse_index.model.fixed import WAD
from tests.support.constants import DAY, HOUR, MAX_UINT256
from tests.support.exchange_harness import ten
from tests.support.system_harness import SystemHarness, deploy_harness

UNIT = 10**6
LEDGER = 10**30
SIDE = 4_000_000  # of each of two markets
MARGIN = 2_600_000


@pytest.fixture
def squatted(
    chain: LocalBackend, owner: str, keeper: str, attacker: str, second_trader: str
) -> SystemHarness:
    file = load_deployment(project_root() / "configs" / "local-1x.yaml")
    prices = {symbol: 10 * 10**8 for symbol in file.index.symbols}
    harness = deploy_harness(chain, owner, keeper, plan_deployment(file, prices))
    exchange, collateral = harness.system.venue.exchange, harness.system.collateral
    for who, sign in ((attacker, 1), (second_trader, -1)):
        collateral.mint(who, MARGIN * UNIT, sender=owner)
        collateral.approve(exchange, MAX_UINT256, sender=who)
        exchange.deposit(MARGIN * UNIT, sender=who)
        size = sign * (SIDE * 99 // 100) * WAD // 10
        limit = MAX_UINT256 if sign > 0 else 0
        exchange.trade([(market, size, limit) for market in (0, 1)], sender=who)
    return harness


def test_others_grow_and_leave(
    squatted: SystemHarness, owner: str, depositor: str, attacker: str
) -> None:
    """[X-BOR-1] [X-TRD-7]"""
    exchange, pool = squatted.system.venue.exchange, squatted.system.venue.pool
    prices = ten(squatted.system.oracle.read().mid[:7])
    spare = exchange.spare_reserve(depositor, prices)
    assert spare > 9_000_000 * UNIT * LEDGER
    squatted.fund(depositor)
    squatted.deposit(100_000 * UNIT, depositor)
    shares = pool.balanceOf(owner) * 45 // 100
    pool.requestRedeem(shares, owner, owner, sender=owner)
    squatted.chain.increase_time(HOUR)
    pool.redeem(shares, owner, owner, sender=owner)


def test_a_month_of_it(squatted: SystemHarness, attacker: str, second_trader: str) -> None:
    """Of half of the pool, whose rates somebody sets anew every day: a hundred and fifty
    thousand to its providers. [X-BOR-1]"""
    exchange, pool = squatted.system.venue.exchange, squatted.system.venue.pool
    prices = ten(squatted.system.oracle.read().mid[:7])
    state = exchange.market_state(0)
    assert pool.max_borrowing() // 17 < state.borrowing < pool.max_borrowing() // 16
    before = [exchange.account_value(who, prices)[0] for who in (attacker, second_trader)]
    for _ in range(30):
        squatted.chain.increase_time(DAY)
        squatted.system.post_prices(squatted.prices, squatted.owner)
        exchange.accrue(sender=squatted.owner)
    after = [exchange.account_value(who, prices)[0] for who in (attacker, second_trader)]
    paid = [old - new for old, new in zip(before, after, strict=True)]
    assert sum(paid) > 150_000 * UNIT * LEDGER
