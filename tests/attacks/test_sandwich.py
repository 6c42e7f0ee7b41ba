# SPDX-License-Identifier: AGPL-3.0-only
"""A trader who moves the venue's price around a rebalance does not profit.

The rebalance of size v moves the premium by v / depth; a trader of size q who
goes first gains q * v / depth and pays the taker fee twice. The largest chunk
is 2 * fee * depth, so the two are equal at the most. Without that limit the
same trader profits.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from inverse_index.chain import LocalBackend, Reverted
from inverse_index.model.fixed import WAD
from tests.systems import Bench, deploy_bench, make_plan

NO_LIMIT = 2**256 - 1
SIZES = (1, 10, 50, 200, 400, 900)  # ether; the venue admits 2,500 on a side
STAKE = 5_000_000


@pytest.fixture
def fallen(chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str) -> Bench:
    """Prices fell by 12%: the token has to sell more than one chunk of 100."""
    bench = deploy_bench(chain, owner, keeper, make_plan())
    bench.fund(depositor)
    bench.deposit(800_000 * bench.system.unit, depositor)
    bench.move(-12)
    collateral, exchange = bench.system.collateral, bench.system.venue.exchange
    for person in (attacker, keeper):
        collateral.mint(person, STAKE * bench.system.unit, sender=person)
        collateral.approve(exchange, STAKE * bench.system.unit, sender=person)
        exchange.deposit(STAKE * bench.system.unit, sender=person)
    return bench


def trade(bench: Bench, person: str, units: int) -> None:
    order = (0, units, NO_LIMIT if units > 0 else 0)
    bench.system.venue.exchange.trade([order], sender=person)


def profit(bench: Bench, attacker: str, size: int, victim: Callable[[], object]) -> int:
    """Of going first, letting the victim trade, and going back; scale 1e36.
    Keeper rewards go to the attacker's wallet and count."""
    snapshot = bench.chain.snapshot()
    exchange = bench.system.venue.exchange
    before = exchange.cash(attacker)
    trade(bench, attacker, size)
    victim()
    trade(bench, attacker, -size)
    wallet = bench.system.collateral.balanceOf(attacker)
    gained = exchange.cash(attacker) - before + wallet * 10 ** (36 - bench.system.decimals)
    bench.chain.revert(snapshot)
    return int(gained)


@pytest.mark.parametrize("side", [-1, 1], ids=["sell first", "buy first"])
def test_no_profit_around_a_rebalance(fallen: Bench, attacker: str, side: int) -> None:
    """Either the trader loses, or the slippage bound refuses the rebalance. [V-15]"""

    def rebalance() -> None:
        fallen.token.rebalance(attacker, sender=attacker)

    found, refused = [], 0
    for size in SIZES:
        snapshot = fallen.chain.snapshot()
        try:
            found.append(profit(fallen, attacker, side * size * WAD, rebalance))
        except Reverted as error:
            assert error.reason == "vault: slippage above bound"
            fallen.chain.revert(snapshot)
            refused += 1
    assert max(found) <= 0
    assert len(found) >= 4
    assert refused == (0 if side > 0 else len(SIZES) - len(found))


def test_an_unlimited_trade_would_be_sandwiched(fallen: Bench, attacker: str, keeper: str) -> None:
    """The same trader around ten chunks at once, which the vault never sends."""
    chunk = fallen.plan.venue.max_trade[0]
    gains = [
        profit(fallen, attacker, -size * WAD, lambda: trade(fallen, keeper, -10 * chunk))
        for size in SIZES
    ]
    assert max(gains) > 0
