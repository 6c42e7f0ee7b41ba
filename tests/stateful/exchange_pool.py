# SPDX-License-Identifier: AGPL-3.0-only
"""The exchange's rules for providers, and for the vault of a token."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.stateful.exchange_base import (
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

OPENING = {MARGIN, RESERVE, LONG_CAP, SHORT_CAP}


class PoolMachine(ExchangeBase):
    """Liquidity and hedges."""

    # liquidity

    @step(when=ExchangeBase.open_for_trade, who=providers, amount=st.integers(1, 30_000 * MILLION))
    def provide(self, who: int, amount: int) -> None:
        name, harness, model = self.name(who), self.harness, self.model
        value = self.native(amount) + 1
        assets, shares = self.share_value()
        if not assets:
            with reverts(EXHAUSTED):
                harness.pool_calls("deposit", value, name, sender=name)
            self.note("pool exhausted")
            return
        gained = value * model.scale * shares // assets
        few = "pool: fewer shares than asked"
        with reverts(few):
            harness.pool_calls("deposit", value, name, gained + 1, sender=name)
        if gained:
            with self.share_holds():
                harness.add_liquidity(name, value, gained)
            with reverts("pool: shares are locked"):
                harness.pool_calls("redeem", 1, name, name, sender=name)
            with reverts("pool: shares are locked"):
                harness.pool_calls("transfer", self.name(0), 1, sender=name)

    @step(when=ExchangeBase.undisputed, who=providers, part=parts)
    def leave_pool(self, who: int, part: int) -> None:
        """As much of the part as the reserve for the open positions lets go."""
        name, harness, model = self.name(who), self.harness, self.model
        account = model.accounts[name]
        shares = share_up(account.liquidity, part)
        if not shares or self.now < account.unlocked_at:
            return
        with reverts("pool: not enough shares"):
            harness.pool_calls("redeem", account.liquidity + 1, name, name, sender=name)

        def fits(amount: int) -> str:
            return harness.trial(
                lambda: model.remove_liquidity(name, amount, 0, harness.oracle_prices, self.now)
            )

        while shares and (reason := fits(shares)):
            with reverts(reason):
                harness.pool_calls("redeem", shares, name, name, sender=name)
            assert reason in (RESERVE, EXHAUSTED, "exchange: settled, positions are open")
            self.note(f"provider waits: {reason}")
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
        with self.share_holds():
            harness.remove_liquidity(name, shares, amount)

    @step(when=ExchangeBase.undisputed, who=providers)
    def leave_as_far_as_possible(self, who: int) -> None:
        """The maximum leaves, and one share more does not."""
        name, harness, model = self.name(who), self.harness, self.model
        most = model.max_redeem(name, harness.oracle_prices, self.now)
        held = model.accounts[name].liquidity
        if most < held and self.now >= model.accounts[name].unlocked_at:
            refused = harness.trial(
                lambda: model.remove_liquidity(name, most + 1, 0, harness.oracle_prices, self.now)
            )
            assert refused
            with reverts("" if refused == "arithmetic" else refused):
                harness.pool_calls("redeem", most + 1, name, name, sender=name)
        if most and harness.pool_calls("redeem", most, name, name, sender=name):
            own = model.pool_held
            with self.share_holds():
                harness.remove_liquidity(name, most, 0)
            self.note("exchange pays a provider" if own and not model.pool_held else "pool pays")

    @step(who=providers, part=parts)
    def send_shares(self, who: int, part: int) -> None:
        """To the other provider: unlocked ones move, and take no lock along."""
        name, harness = self.name(who), self.harness
        other = self.name(sum(PROVIDERS) - who)
        account = self.model.accounts[name]
        shares = account.liquidity * part // MILLION
        if self.now < account.unlocked_at:
            with reverts("pool: shares are locked"):
                harness.pool_calls("transfer", other, shares, sender=name)
            return
        harness.transfer_shares(name, other, shares)
        self.note("shares sent")

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
