# SPDX-License-Identifier: AGPL-3.0-only
"""Requests of providers kept open as options: claimed, or not, as prices suit."""

from __future__ import annotations

from contextlib import suppress

import pytest

from inverse_index.chain import LocalBackend, Reverted
from tests.attacks.table import settle
from tests.support.attack_exchange import UNIT
from tests.support.attack_grid import Search
from tests.support.attack_liquidity import (
    BINDING,
    ENTRY_AT_CLAIM,
    EXIT_AT_CLAIM,
    FIXED_ENTRY,
    FIXED_EXIT,
    VENUE,
    LiquidityHarness,
    both,
    either_way,
    who,
)
from tests.support.constants import HOUR
from tests.support.variants import Change

__all__ = ["who"]


@pytest.mark.parametrize(
    ("off", "defence"),
    [(BINDING, "requests are binding"), (ENTRY_AT_CLAIM, "entries at the price of the request")],
)
def test_a_request_that_waits_for_a_rise(
    chain: LocalBackend, owner: str, who: list[str], off: Change, defence: str
) -> None:
    """Ask for an entry when nothing is known, and keep it until the next round is: claim
    before a rise; before a fall take the collateral back, or claim after it."""

    def brings(harness: LiquidityHarness, short: int, move: int, liquidity: int, late: int) -> int:
        venue = harness.venue

        def played(sign: int) -> int:
            venue.trade(harness.short, -short)
            before = harness.has()
            venue.ask_in(harness.attacker, liquidity)
            venue.wait(HOUR + late)
            if sign > 0:
                venue.claim_in(harness.attacker)
            else:
                with suppress(Reverted):
                    venue.pool.cancel_deposit(harness.attacker, sender=harness.attacker)
            venue.price(1_000 + sign * move)
            venue.claim_in(harness.attacker)
            venue.remove(harness.attacker, 100, HOUR)
            return harness.has() - before

        return either_way(chain, played)

    axes = ((500, 2_000), (5, 50), (100_000, 9_000_000), (0, 1_800))
    found = [
        Search(chain, lambda *a, harness=harness: brings(harness, *a), axes).run(1)
        for harness in both(chain, owner, who, off, max_funding=0)
    ]
    settle("a request that waits for a rise", VENUE, defence, UNIT, *found)


def test_a_request_that_waits_for_a_fall(chain: LocalBackend, owner: str, who: list[str]) -> None:
    """Ask for an exit when nothing is known, and keep it: leave before a fall, and stay
    for a rise. Counted beside staying, whichever it is."""

    def brings(harness: LiquidityHarness, short: int, move: int, liquidity: int, late: int) -> int:
        venue = harness.venue

        def played(sign: int, asks: bool) -> int:
            before = harness.has()
            venue.add(harness.attacker, liquidity)
            venue.trade(harness.short, -short)
            if asks:
                venue.ask_out(harness.attacker)
            venue.wait(HOUR + late)
            if sign < 0:
                venue.claim_out(harness.attacker)
            venue.price(1_000 + sign * move)
            venue.claim_out(harness.attacker)
            venue.remove(harness.attacker, 100, HOUR)
            return harness.has() - before

        return either_way(chain, lambda sign: played(sign, True)) - either_way(
            chain, lambda sign: played(sign, False)
        )

    axes = ((500, 2_000), (5, 50), (500_000, 2_000_000), (0, 1_800))
    found = [
        Search(chain, lambda *a, harness=harness: brings(harness, *a), axes).run(1)
        for harness in both(chain, owner, who, EXIT_AT_CLAIM, max_funding=0)
    ]
    settle(
        "a request that waits for a fall",
        VENUE,
        "exits at the price of the request",
        UNIT,
        *found,
    )


@pytest.mark.parametrize(
    ("enters", "off", "defence"),
    [(True, FIXED_ENTRY, "anybody fixes an entry"), (False, FIXED_EXIT, "anybody fixes an exit")],
)
def test_a_claim_that_waits_behind_a_worse_price(
    chain: LocalBackend, owner: str, who: list[str], enters: bool, off: Change, defence: str
) -> None:
    """The price has gone against a request, so waiting costs nothing up to there: claim
    before a round that makes it worse, wait for one that makes it better. Another
    provider, at whose cost that is, has the price fixed as soon as the delay is over.
    Counted beside claiming then."""

    def brings(harness: LiquidityHarness, short: int, first: int, move: int, liquidity: int) -> int:
        venue = harness.venue
        worse = 1 if enters else -1

        def played(sign: int, waits: bool) -> int:
            before = harness.has()
            if not enters:
                venue.add(harness.attacker, liquidity)
            venue.trade(harness.short, -short)
            if enters:
                venue.ask_in(harness.attacker, liquidity)
            else:
                venue.ask_out(harness.attacker)
            venue.price(1_000 + worse * first)
            venue.wait(HOUR)
            venue.pool.fix_price(harness.attacker, sender=harness.provider)
            if sign == worse or not waits:
                venue.claim_in(harness.attacker)
                venue.claim_out(harness.attacker)
            venue.price(1_000 + worse * first + sign * move)
            venue.claim_in(harness.attacker)
            venue.claim_out(harness.attacker)
            venue.remove(harness.attacker, 100, HOUR)
            return harness.has() - before

        return either_way(chain, lambda sign: played(sign, True)) - either_way(
            chain, lambda sign: played(sign, False)
        )

    axes = ((500, 2_000), (20, 50), (5, 20), (500_000, 2_000_000))
    found = [
        Search(chain, lambda *a, harness=harness: brings(harness, *a), axes).run(1)
        for harness in both(chain, owner, who, off, max_funding=0)
    ]
    settle("a claim that waits behind a worse price", VENUE, defence, UNIT, *found)


def test_a_price_kept_for_later(chain: LocalBackend, owner: str, who: list[str]) -> None:
    """A small request at a bad time does not spoil, and one at a good time does not
    better, what is asked for later: before a rise ask for a little, afterwards for a
    lot, and have all of it at the price of before."""

    def brings(harness: LiquidityHarness, short: int, move: int, little: int, lot: int) -> int:
        venue = harness.venue
        venue.trade(harness.short, -short)
        before = harness.has()
        venue.price(1_000 - move)
        venue.ask_in(harness.attacker, little)
        venue.price(1_000)
        venue.ask_in(harness.attacker, lot)
        venue.wait(HOUR)
        venue.claim_in(harness.attacker)
        venue.remove(harness.attacker, 100, HOUR)
        return harness.has() - before

    axes = ((500, 2_000), (5, 50), (1, 100_000), (100_000, 9_000_000))
    harness = LiquidityHarness(chain, owner, who, max_funding=0)
    found = Search(chain, lambda *a: brings(harness, *a), axes).run(1)
    assert all(gain is not None and gain <= 0 for gain in found)
