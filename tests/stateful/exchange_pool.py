# SPDX-License-Identifier: AGPL-3.0-only
"""The exchange's rules for providers, and for the vault of a token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from inverse_index.model.exchange.pool import REQUEST_DELAY, bound_of_part
from inverse_index.model.exchange.records import Request
from tests.stateful.exchange_base import (
    ACCOUNT,
    BANKRUPT,
    EXHAUSTED,
    LONG_CAP,
    MARGIN,
    MILLION,
    PROVIDERS,
    RESERVE,
    SHORT_CAP,
    SLIPPAGE,
    VAULT,
    ExchangeBase,
    everybody,
    parts,
    providers,
    share_up,
)
from tests.stateful.machine import step
from tests.support.assertions import reverts
from tests.support.constants import MAX_UINT256

EARLY = "pool: too early"
FEW = "pool: fewer shares than asked"
BINDING = "pool: requests are binding"
OPENING = {MARGIN, RESERVE, ACCOUNT, LONG_CAP, SHORT_CAP}


class PoolMachine(ExchangeBase):
    """Liquidity and hedges."""

    # liquidity

    @step(when=ExchangeBase.open_for_trade, who=providers, amount=st.integers(1, 30_000 * MILLION))
    def ask_in(self, who: int, amount: int) -> None:
        name, harness = self.name(who), self.harness
        value = self.native(amount) + 1
        refused = self.refuses(lambda: self.model.request_deposit(name, value, *self.at()))
        if refused:
            assert refused in (EXHAUSTED, FEW)
            with reverts(refused):
                harness.pool_calls("requestDeposit", value, name, name, sender=name)
            self.note("pool exhausted" if refused == EXHAUSTED else "too little for a share")
            return
        self.note("asked again" if self.model.accounts[name].joining.amount else "request made")
        with self.share_holds():
            harness.request_deposit(name, value)
        self.binding(name)

    @step(when=ExchangeBase.undisputed, who=providers, part=parts)
    def ask_out(self, who: int, part: int) -> None:
        name, harness = self.name(who), self.harness
        account = self.model.accounts[name]
        with reverts("pool: not enough shares" if self.pool_assets() else EXHAUSTED):
            harness.pool_calls("requestRedeem", account.liquidity + 1, name, name, sender=name)
        shares = share_up(account.liquidity, part)
        if not shares or not self.pool_assets():
            return
        self.note("asked again" if account.leaving.amount else "request made")
        with self.share_holds():
            harness.request_redeem(name, shares)

    @step(when=ExchangeBase.open_for_trade, who=providers, part=parts, waits=st.booleans())
    def claim_in(self, who: int, part: int, waits: bool) -> None:
        """A part or all, for at the most what it is worth now and what it was worth."""
        name, harness, model = self.name(who), self.harness, self.model
        if waits:
            harness.wait(REQUEST_DELAY)
        joining = model.accounts[name].joining
        most = model.max_deposit(name, *self.at())
        with reverts("pool: more than was requested" if self.pool_assets() else EXHAUSTED):
            harness.pool_calls("deposit", joining.amount + 1, name, sender=name)
        amount = share_up(most, part)
        if not amount:
            self.too_early("deposit", joining, name, 1, name)
            return
        shares = harness.trial_value(lambda: model.claim_deposit(name, amount, 0, *self.at()))
        if not shares:
            return
        with reverts(FEW):
            harness.pool_calls("deposit", amount, name, name, shares + 1, sender=name)
        self.note_claim(joining, amount, shares)
        assert shares * joining.amount <= joining.bound * amount or amount == joining.amount
        with self.share_holds():
            harness.claim_deposit(name, amount, shares)

    @step(when=ExchangeBase.undisputed, who=providers, part=parts, waits=st.booleans())
    def claim_out(self, who: int, part: int, waits: bool) -> None:
        """As much of the part as the reserve for the open positions lets go."""
        name, harness, model = self.name(who), self.harness, self.model
        if waits:
            harness.wait(REQUEST_DELAY)
        leaving = model.accounts[name].leaving
        shares = share_up(leaving.amount, part)
        if not shares:
            return

        def fits(amount: int) -> str:
            return self.refuses(lambda: model.claim_redeem(name, amount, 0, *self.at()))

        while shares and (reason := fits(shares)):
            with reverts(reason):
                harness.pool_calls("redeem", shares, name, name, sender=name)
            assert reason in (RESERVE, EXHAUSTED, EARLY, "exchange: settled, positions are open")
            self.note("claim too early" if reason == EARLY else f"provider waits: {reason}")
            if reason != RESERVE:
                return
            shares //= 8
        if not shares:
            return
        if self.debts():
            self.note("provider leaves before debts are cleared")
        amount = harness.pool_calls("redeem", shares, name, name, sender=name)
        with reverts("pool: smaller amount than asked"):
            harness.pool_calls("redeem", shares, name, name, amount + 1, sender=name)
        self.note_claim(leaving, shares, amount)
        assert amount * leaving.amount <= leaving.bound * shares or shares in (
            leaving.amount,
            model.total_liquidity,
        )
        with self.share_holds():
            harness.claim_redeem(name, shares, amount)

    @step(when=ExchangeBase.undisputed, who=providers)
    def leave_as_far_as_possible(self, who: int) -> None:
        """The maximum leaves, and one share more does not."""
        name, harness, model = self.name(who), self.harness, self.model
        most = model.max_redeem(name, *self.at())
        if most < model.accounts[name].leaving.amount:
            refused = self.refuses(lambda: model.claim_redeem(name, most + 1, 0, *self.at()))
            assert refused
            with reverts("" if refused == "arithmetic" else refused):
                harness.pool_calls("redeem", most + 1, name, name, sender=name)
        if most and harness.pool_calls("redeem", most, name, name, sender=name):
            own = model.pool_held
            with self.share_holds():
                harness.claim_redeem(name, most)
            self.note("exchange pays a provider" if own and not model.pool_held else "pool pays")

    @step(when=ExchangeBase.has_pending, who=providers)
    def cancel(self, who: int) -> None:
        """Only what cannot be claimed, and all of it."""
        name, harness = self.name(who), self.harness
        refused = self.refuses(lambda: self.model.cancel_deposit(name, *self.at()))
        if refused:
            assert refused in (BINDING, "exchange: zero amount")
            with reverts(refused):
                harness.pool_calls("cancel_deposit", name, sender=name)
            return
        harness.cancel_deposit(name)
        self.note("pending deposit comes back")

    @step(when=ExchangeBase.open_for_trade, who=providers, by=everybody)
    def fix(self, who: int, by: int) -> None:
        """By anybody; no bound gets better, and nothing moves."""
        name, model = self.name(who), self.model
        refused = self.refuses(lambda: model.fix_price(name, *self.at()))
        if refused:
            assert refused in (EARLY, EXHAUSTED)
            with reverts(refused):
                self.harness.pool_calls("fix_price", name, sender=self.name(by))
            return
        before = model.accounts[name].copy()
        self.harness.fix_price(self.name(by), name)
        after = model.accounts[name]
        for old, new in ((before.joining, after.joining), (before.leaving, after.leaving)):
            assert (new.amount, new.since) == (old.amount, old.since)
            assert new.bound <= old.bound
        self.note("price fixed")

    @step(who=providers, part=parts)
    def send_shares(self, who: int, part: int) -> None:
        """To the other provider; those in custody stay."""
        name, harness = self.name(who), self.harness
        other = self.name(sum(PROVIDERS) - who)
        shares = self.model.accounts[name].liquidity
        with reverts("erc20: transfer amount exceeds balance"):
            harness.pool_calls("transfer", other, shares + 1, sender=name)
        harness.transfer_shares(name, other, shares * part // MILLION)
        self.note("shares sent")

    def at(self) -> tuple[Any, int]:
        """Prices, or the oracle's refusal, and time."""
        return self.harness.oracle_prices, self.now

    def refuses(self, act: Callable[[], Any]) -> str:
        return self.harness.trial(act)

    def binding(self, name: str) -> None:
        with reverts(BINDING):
            self.harness.pool_calls("cancel_deposit", name, sender=name)

    def too_early(self, function: str, request: Request, name: str, *args: Any) -> None:
        """Nothing can be claimed though something is pending."""
        if request.amount and self.pool_assets() and not self.model._is_ready(request, self.now):
            with reverts(EARLY):
                self.harness.pool_calls(function, *args, sender=name)
            self.note("claim too early")

    def note_claim(self, request: Request, amount: int, brought: int) -> None:
        part = bound_of_part(request, amount)
        self.note(f"claimed at the price of the {'request' if brought == part else 'claim'}")
        if amount < request.amount:
            self.note("claimed in part")
        if self.now < request.since + REQUEST_DELAY:
            self.note("claimed without a delay")

    # the vault of a token

    @step(amount=st.integers(1, 5_000 * MILLION), part=parts, in_or_out=st.booleans())
    def vault_flow(self, amount: int, part: int, in_or_out: bool) -> None:
        harness = self.harness
        if in_or_out:
            harness.book(self.native(amount) + 1)
            return
        if not harness.undisputed:
            most = harness.vault_model.idle
        else:
            most = harness.vault_model.spendable(self.prices, self.now)
            assert harness.vault.spendable([*self.prices, *[0] * 7]) == most
        amount = min(most * part // MILLION, harness.vault_model.idle + self.model.collateral)
        if amount:
            harness.pay(self.name(0), amount)

    @step(
        when=ExchangeBase.undisputed,
        wanted=st.lists(st.integers(0, MILLION), min_size=3, max_size=3),
        bound=st.sampled_from([0, 10**16, 2 * 10**16, MAX_UINT256]),
        chunked=st.booleans(),
    )
    def hedge(self, wanted: list[int], bound: int, chunked: bool) -> None:
        """To parts of what the caps allow; refused for the model's reason."""
        harness, model = self.harness, self.harness.vault_model
        targets = [share_up(self.headroom(VAULT, m, False), part) for m, part in enumerate(wanted)]

        def fits() -> str:
            return harness.trial(
                lambda: model.trade(targets, [*self.prices, *[0] * 7], bound, chunked, self.now)
            )

        while any(targets) and (reason := fits()):
            with reverts(reason):
                arguments = harness.hedge_arguments(targets, bound, chunked)
                harness.vault.trade.call(*arguments, sender=harness.vault_token)
            assert reason in OPENING | {BANKRUPT, SLIPPAGE, "exchange: settled, orders only reduce"}
            self.note(f"hedge refused: {reason}")
            if reason in (BANKRUPT, SLIPPAGE) or self.model.settled:
                return
            targets = [each // 3 for each in targets]
        if fits():
            return
        reached = harness.hedge(targets, bound, chunked)
        self.note("hedged" if reached else "hedged in chunks")
