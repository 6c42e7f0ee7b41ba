# SPDX-License-Identifier: AGPL-3.0-only
"""The streaming fee's clock: an owner who would charge more than the rates of the
time come to, and holders who would pay less."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest

from inverse_index.chain import LocalBackend
from tests.attacks.table import settle
from tests.support.attack_grid import Search, at_prices
from tests.support.constants import DAY, WAD, ZERO
from tests.support.system_harness import SystemHarness, deploy_harness
from tests.support.variants import Change, variant

UNIT, SHARE = 10**6, 10**18
VENUE = "exchange"
RATE, MAX_RATE = 300_000_000, 1_550_000_000
FEE, ADMIN = "contracts/modules/token/streaming_fee.vy", "contracts/modules/token/admin.vy"
FLOWS = "contracts/modules/token/flows.vy"
ACCRUED_FIRST = Change(
    ADMIN,
    "    streaming_fee._accrue()\n    streaming_fee._set(rate, recipient)",
    "    streaming_fee._set(rate, recipient)",
)
CLOCK_STARTS = Change(
    FEE,
    "    self._store(rate, recipient)\n    log",
    "    since: uint256 = self._word >> 40 & _BITS_40\n"
    "    if since == 0:\n"
    "        since = block.timestamp\n"
    "    self._word = rate | since << 40 | convert(recipient, uint256) << 80\n"
    "    log",
)
IDLE_MOVES = Change(
    FEE,
    "    self._store(fee.rate, fee.recipient)\n    if shares > 0:\n",
    "    if shares > 0:\n        self._store(fee.rate, fee.recipient)\n",
)
IN_FLOWS = (
    Change(FEE, "return supply + self._unaccrued_down(self._fee(), supply)", "return supply"),
    Change(FLOWS, "return streaming_fee._accrue()", "return streaming_fee._supply()"),
)


def documented(supply: int, exponent: int) -> int:
    """Shares of the fee: supply * (exp(rate * time) - 1), rounded up."""
    with localcontext() as context:
        context.prec = 60
        return int(supply * ((Decimal(exponent) / WAD).exp() - 1)) + 1


@pytest.fixture
def harness(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str
) -> SystemHarness:
    return funded(chain, owner, keeper, depositor, attacker)


def funded(
    chain: LocalBackend, owner: str, keeper: str, depositor: str, attacker: str, *off: Change
) -> SystemHarness:
    with variant(*off):
        made = deploy_harness(chain, owner, keeper)
    for holder in (depositor, attacker):
        made.fund(holder)
    return made


def test_more_than_the_rates_of_the_time(
    chain: LocalBackend,
    owner: str,
    keeper: str,
    depositor: str,
    attacker: str,
    harness: SystemHarness,
) -> None:
    """The owner raises the rate after the time, switches it off and on again, changes
    or takes away the recipient, lets the clock run while nobody is there, accrues
    seldom or often."""

    def brings(b: SystemHarness, idle: int, days: int, first: int, pause: int, calls: int) -> int:
        token, exponent = b.token, 0

        def rate(value: int) -> None:
            recipient = owner if value else ZERO
            token.set_streaming_fee(value, recipient, sender=owner)

        def passes(seconds: int, at: int) -> None:
            nonlocal exponent
            for call in range(calls):
                chain.increase_time(seconds // calls)
                exponent += at * (seconds // calls)
                if call % 2:
                    token.accrue_fee(sender=owner)

        rate(first)
        if idle:
            chain.increase_time(idle * DAY)
            at_prices(b, 1_000)
        token.deposit(100_000 * UNIT, depositor, sender=depositor)
        supply = token.totalSupply()
        passes(days * DAY, first)
        if pause:
            rate(0)
            passes(pause * DAY, 0)
        rate(MAX_RATE)
        token.accrue_fee(sender=owner)
        return int(token.balanceOf(owner) - documented(supply, exponent)) // 10**12

    axes = ((0, 200), (1, 60), (0, RATE), (0, 30), (1, 4))
    off = funded(chain, owner, keeper, depositor, attacker, ACCRUED_FIRST, CLOCK_STARTS, IDLE_MOVES)
    found = [
        Search(chain, lambda *a, b=made: brings(b, *a), axes, frozenset((4,))).run(1)
        for made in (harness, off)
    ]
    assert None not in found[0]
    settle("a fee for the past", VENUE, "accrued before a change", UNIT, *found)


@pytest.mark.parametrize("idle", [1, 400])
def test_nobody_pays_for_the_time_before(harness: SystemHarness, depositor: str, idle: int) -> None:
    """Whoever comes first, after however long, owes nothing yet; nor for a change of the
    recipient."""
    chain, token = harness.chain, harness.token
    chain.increase_time(idle * DAY)
    at_prices(harness, 1_000)
    token.deposit(1_000 * UNIT, depositor, sender=depositor)
    for recipient in (depositor, harness.owner, harness.keeper):
        token.set_streaming_fee(MAX_RATE, recipient, sender=harness.owner)
        token.accrue_fee(sender=harness.owner)
    assert token.totalSupply() == token.balanceOf(depositor)


def test_less_than_the_rate(
    chain: LocalBackend,
    owner: str,
    keeper: str,
    depositor: str,
    attacker: str,
    harness: SystemHarness,
) -> None:
    """Accrue so often that nothing is left of each, leave before it is charged, give
    the shares to another account first. What the recipient lacks, but for a wei of
    shares for each accrual, is the gain."""

    def brings(b: SystemHarness, paid: int, seconds: int, calls: int, way: int) -> int:
        token = b.token
        token.deposit(100_000 * UNIT, depositor, sender=depositor)
        token.deposit(paid * UNIT, attacker, sender=attacker)
        supply = token.totalSupply()
        had = token.balanceOf(owner)
        for _ in range(calls):
            chain.increase_time(seconds // calls)
            if calls > 1:
                token.accrue_fee(sender=attacker)
        at_prices(b, 1_000)
        shares, leaver = token.balanceOf(attacker), attacker
        if way == 1:
            token.transfer(keeper, shares, sender=attacker)
            leaver = keeper
        if way == 2:
            token.withdraw(paid * UNIT // 2, attacker, attacker, sender=attacker)
        else:
            token.redeem(shares, leaver, leaver, 0, sender=leaver)
        token.accrue_fee(sender=attacker)
        due = documented(supply, RATE * (seconds // calls) * calls)
        missing = due - (token.balanceOf(owner) - had) - calls - 2
        return int(missing) // 10**12

    axes = ((500, 50_000, 900_000), (12, 30 * DAY), (1, 12), (0, 1, 2))
    off = funded(chain, owner, keeper, depositor, attacker, *IN_FLOWS)
    found = [
        Search(chain, lambda *a, b=made: brings(b, *a), axes, frozenset((2, 3))).run(1)
        for made in (harness, off)
    ]
    settle("a fee not paid", VENUE, "accrued in each flow", UNIT, *found)
