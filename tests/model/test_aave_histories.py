# SPDX-License-Identifier: AGPL-3.0-only
"""Random histories of three users in the real Aave v3 and in its model: equal in
every figure after every step, refused for the same reason or not at all."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inverse_index.chain import LocalBackend
from inverse_index.model.fixed import MAX_UINT256, WAD
from tests.support.aave_harness import DECIMALS, PARAMETERS, PRICES, SYMBOLS, AaveHarness
from tests.support.constants import DAY, YEAR
from tests.support.profiles import machine_settings

USERS = ("depositor", "trader", "liquidator")
MILLION = 10**6
HIGHEST_CAP = 2**36 - 1
HIGHEST_PRICE = 10**20
ACTIONS = ("supply", "withdraw", "borrow", "repay", "transfer", "liquidate")

user = st.sampled_from(USERS)
symbol = st.sampled_from(SYMBOLS)
amount = st.one_of(
    st.tuples(st.just("dust"), st.integers(1, 20)),
    st.tuples(st.just("part"), st.integers(1, 1_050_000)),  # millionths of what is there
    st.tuples(st.just("part"), st.integers(1, 1_000_000)),
    st.tuples(st.just("all"), st.just(0)),
)
actions = st.one_of(
    st.tuples(st.just("supply"), symbol, amount, user, st.one_of(st.none(), user)),
    st.tuples(st.just("withdraw"), symbol, amount, user),
    st.tuples(st.just("borrow"), symbol, amount, user),
    st.tuples(st.just("borrow"), symbol, amount, user),
    st.tuples(st.just("repay"), symbol, amount, user, st.one_of(st.none(), user)),
    st.tuples(st.just("transfer"), symbol, amount, user, user),
    st.tuples(st.just("liquidate"), symbol, symbol, user, amount, user, st.booleans()),
)
seconds = st.one_of(st.integers(1, 60), st.integers(1, 30 * DAY), st.integers(1, YEAR))
switch = st.sampled_from([("frozen", True), ("paused", True), ("borrowing", False), ("ltv_bps", 0)])
setting = st.one_of(
    st.tuples(st.sampled_from(["supply_cap", "borrow_cap"]), st.integers(-1, 20)),
    st.tuples(st.just("reserve_factor_bps"), st.integers(0, 10_000)),
    st.tuples(st.just("liquidation_protocol_fee_bps"), st.integers(0, 10_000)),
    st.tuples(st.just("ltv_bps"), st.sampled_from([0, 1])),
)
health = st.sampled_from([999, 980, 951, 949, 800, 300])  # thousandths
begun = st.sampled_from([True, True, True, False])
steps = st.one_of(
    actions,
    actions,
    actions,
    st.tuples(st.just("wait"), seconds),
    st.tuples(st.just("reprice"), symbol, st.integers(40, 250)),
    st.tuples(st.just("under"), symbol, switch, actions),
    st.tuples(st.just("configure"), symbol, setting),
    st.tuples(st.just("crash"), user, health, st.integers(0, 8), amount, user, st.booleans()),
    st.tuples(st.just("donate"), symbol, amount, user),
)


class History:
    """Carries random steps out; amounts are chosen near what is possible."""

    def __init__(self, harness: AaveHarness, seen: Counter[str]) -> None:
        self.harness, self.model, self.seen = harness, harness.model, seen

    def run(self, step: tuple[Any, ...]) -> None:
        kind, *arguments = step
        getattr(self, kind)(*arguments)
        self.harness.check()

    def begin(self) -> None:
        """The depositor lends everything, the others have collateral and debts."""
        for each in SYMBOLS:
            self._note("supply", self.harness.supply(each, self._worth(each, MILLION), "depositor"))
        self._note("supply", self.harness.supply("USD", self._worth("USD", MILLION), "trader"))
        self._note("supply", self.harness.supply("ETH", self._worth("ETH", MILLION), "liquidator"))
        for who, asset, dollars in (("trader", "ETH", 400_000), ("liquidator", "BTC", 700_000)):
            self._note("borrow", self.harness.borrow(asset, self._worth(asset, dollars), who))

    # actions

    def supply(self, asset: str, size: tuple[str, int], who: str, owner: str | None) -> None:
        units = self._amount(size, self._worth(asset, MILLION), self._worth(asset, MILLION))
        self._note("supply", self.harness.supply(asset, units, who, owner))

    def withdraw(self, asset: str, size: tuple[str, int], who: str) -> None:
        held = self.model.supplied(asset, who, self.harness.now)
        self._note("withdraw", self.harness.withdraw(asset, self._amount(size, held), who))

    def borrow(self, asset: str, size: tuple[str, int], who: str) -> None:
        power = self.model.account_data(who, self.harness.now).available_borrows
        most = power * 10 ** DECIMALS[asset] // self.harness.prices[asset]
        there = self.model.available(asset)
        most = there if 0 < there < most else most
        self._note("borrow", self.harness.borrow(asset, self._amount(size, most, most), who))

    def repay(self, asset: str, size: tuple[str, int], who: str, owner: str | None) -> None:
        debt = self.model.owed(asset, owner or who, self.harness.now)
        self._note("repay", self.harness.repay(asset, self._amount(size, debt), who, owner))

    def transfer(self, asset: str, size: tuple[str, int], who: str, receiver: str) -> None:
        held = self.model.supplied(asset, who, self.harness.now)
        units = self._amount(size, held, held)
        self._note("transfer", self.harness.transfer(asset, units, who, receiver))

    def liquidate(
        self, taken: str, debt: str, who: str, size: tuple[str, int], by: str, tokens: bool
    ) -> None:
        units = self._amount(size, self.model.owed(debt, who, self.harness.now))
        self._note("liquidate", self.harness.liquidate(taken, debt, who, units, by, tokens))

    # what happens around them

    def wait(self, time: int) -> None:
        self.harness.wait(time)

    def reprice(self, asset: str, percent: int) -> None:
        self.harness.reprice(asset, PRICES[asset] * percent // 100)

    def donate(self, asset: str, size: tuple[str, int], who: str) -> None:
        self.harness.donate(asset, self._amount(size, self._worth(asset, 10_000), 1), who)

    def under(self, asset: str, switched: tuple[str, int], action: tuple[Any, ...]) -> None:
        """An action on an asset while it is frozen, paused or the like."""
        name, value = switched
        before = getattr(self.model.reserves[asset].config, name)
        self.harness.configure(asset, **{name: value})
        kind, _, *rest = action
        self.run((kind, asset, *rest))
        self.harness.configure(asset, **{name: before})

    def configure(self, asset: str, setting: tuple[str, int]) -> None:
        """Caps: so many units over what there is, or none."""
        name, value = setting
        reserve = self.model.reserves[asset]
        if name == "ltv_bps":
            value *= PARAMETERS[asset].ltv_bps
        elif name == "supply_cap":
            income = self.model.normalized_income(asset, self.harness.now)
            value = self._cap(asset, reserve.scaled_supply * income, value)
        elif name == "borrow_cap":
            debt = self.model.normalized_debt(asset, self.harness.now)
            value = self._cap(asset, reserve.scaled_debt * debt, value)
        self.harness.configure(asset, **{name: value})

    def crash(
        self, who: str, target: int, choice: int, size: tuple[str, int], by: str, tokens: bool
    ) -> None:
        """Debts grow dearer until a user can be liquidated; then somebody does."""
        now = self.harness.now
        owed = [each for each in SYMBOLS if self.model.owed(each, who, now)]
        held = [each for each in SYMBOLS if self.model.supplied(each, who, now)]
        if not owed or not held:
            return
        factor = self.model.account_data(who, now).health_factor * 1_000 // target
        for each in owed:
            if factor > WAD and each not in held:
                price = self.harness.prices[each] * factor // WAD
                self.harness.reprice(each, min(price, HIGHEST_PRICE))
        taken, debt = held[choice % len(held)], owed[choice % len(owed)]
        self.liquidate(taken, debt, who, size, by, tokens)

    # parts

    def _note(self, action: str, reason: str) -> None:
        self.seen[f"{action} {reason}"] += 1

    def _worth(self, asset: str, dollars: int) -> int:
        return dollars * 10 ** (DECIMALS[asset] + 8) // PRICES[asset]

    def _amount(self, size: tuple[str, int], there: int, all_of_it: int = MAX_UINT256) -> int:
        kind, number = size
        if kind == "dust":
            return number
        return all_of_it if kind == "all" else max(there * number // MILLION, 1)

    def _cap(self, asset: str, total_ray: int, over: int) -> int:
        whole = total_ray // 10 ** (27 + DECIMALS[asset])
        return min(whole + over, HIGHEST_CAP) if over > 0 else 0


@pytest.fixture(scope="module")
def harness(
    chain: LocalBackend, owner: str, depositor: str, trader: str, liquidator: str
) -> AaveHarness:
    return AaveHarness(chain, owner, dict(zip(USERS, (depositor, trader, liquidator), strict=True)))


@pytest.mark.stateful
def test_histories(harness: AaveHarness) -> None:
    seen: Counter[str] = Counter()

    @machine_settings()
    @given(begun, st.lists(steps, min_size=40, max_size=80))
    def histories(seeded: bool, history: list[tuple[Any, ...]]) -> None:
        snapshot, before = harness.chain.snapshot(), harness.saved()
        try:
            run = History(harness, seen)
            if seeded:
                run.begin()
            for step in history:
                run.run(step)
        finally:
            harness.chain.revert(snapshot)
            harness.restore(before)

    histories()
    assert all(seen[f"{action} ok"] for action in ACTIONS), sorted(seen.items())
