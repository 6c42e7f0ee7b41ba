# SPDX-License-Identifier: AGPL-3.0-only
"""Steps of those who govern, and of those who would like to."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from inverse_index.model.fixed import WAD
from inverse_index.model.token.modes import Mode
from inverse_index.model.token.views import Fee
from tests.stateful.machine import step
from tests.stateful.token import MILLION, TokenMachine
from tests.support.assertions import reverts

# field of the parameters, and values within its bounds
CHOICES = (
    ("mint_fee_bps", (0, 10, 100)),
    ("redeem_fee_bps", (0, 10, 100)),
    ("tolerance_bps", (0, 50, 200)),
    ("band_bps", (300, 1_000, 2_000)),
    ("slippage_bps", (80, 100, 500)),  # a pool takes 30, and 30 more by its impact
    ("reward_bps", (0, 10, 20)),
    ("reward_cap", (0, 100, 100_000)),
    ("reward_ramp", (600, 3_600, 86_400)),
    ("chunk_delay", (12, 60, 3_600)),
)
RATES = (0, 300_000_000, 1_500_000_000)  # WAD a second: none, 0.9%, 4.8% a year
UNLIMITED = 10**9 * WAD


class Powers(TokenMachine):
    """Only a documented role moves a parameter, within its bound; a pause stops
    mints and nothing else. [invariants 10, 13, 14]"""

    @step(when=lambda self: not self.closing)
    def pause(self) -> None:
        """By the guardian, at once; by nobody else."""
        mode = self.model.mode
        if mode != Mode.ACTIVE:
            return
        stranger, reason = self.harness.others[0], "token: caller is not guardian or owner"
        self.refused(reason, "pause_mint", sender=stranger)
        self.token.pause_mint(sender=self.harness.guardian)
        self.model.control = replace(self.model.control, paused=True)
        self.note("paused")

    @step(when=lambda self: self.model.mode == Mode.MINT_PAUSED)
    def resume(self) -> None:
        """By the owner alone."""
        if self.harness.guardian != self.harness.owner:
            self.refused(
                "ownable: caller is not the owner", "resume_mint", sender=self.harness.guardian
            )
        self.harness.govern(self.token, "resume_mint")
        self.model.control = replace(self.model.control, paused=False)

    @step(when=lambda self: self.usable and self.model.supply > 0, part=st.integers(1, 1_500_000))
    def lower_cap(self, part: int) -> None:
        """The guardian lowers, near N; never raises."""
        cap = self.model.context(self.now).v.bid * part // MILLION
        if cap >= self.model.nav_cap:
            if self.harness.guardian != self.harness.owner:
                self.refused(
                    "token: guardian can only lower the cap",
                    "set_nav_cap",
                    self.model.nav_cap + 1,
                    sender=self.harness.guardian,
                )
            return
        self.token.set_nav_cap(cap, sender=self.harness.guardian)
        self.model.nav_cap = cap
        self.note("cap lowered")

    @step(when=lambda self: self.model.nav_cap < UNLIMITED)
    def lift_cap(self) -> None:
        self.harness.govern(self.token, "set_nav_cap", UNLIMITED)
        self.model.nav_cap = UNLIMITED

    @step(
        when=lambda self: not self.closing,
        which=st.integers(0, len(CHOICES) - 1),
        value=st.integers(0, 2),
    )
    def set_parameter(self, which: int, value: int) -> None:
        name, values = CHOICES[which]
        changed = replace(self.model.parameters, **{name: values[value]})
        if changed.emergency_bps <= self.model.multiple * (10_000 + changed.band_bps):
            return
        waiting = 2 * changed.tolerance_bps
        if waiting * 10_000 > changed.band_bps * (10_000 - waiting):
            return
        self.harness.govern(self.token, "set_parameters", changed)
        self.model.parameters = changed

    @step(when=lambda self: not self.closing, rate=st.sampled_from(RATES))
    def set_fee(self, rate: int) -> None:
        """What has accrued until then is charged at the old rate."""
        recipient = self.harness.owner
        self.harness.govern(self.token, "set_streaming_fee", rate, recipient)
        fee: Fee = self.model.fee
        self.model.set_streaming_fee(rate, fee.recipient, self.now)

    @step(when=lambda self: not self.harness.model.oracle.scheduled_at, seed=st.integers(0, 999))
    def announce_weights(self, seed: int) -> None:
        """New weights, in force no sooner than after two days."""
        oracle, k = self.harness.model.oracle, len(self.harness.plan.symbols)
        shares = [(seed * (i + 3) ** 2) % 97 + 1 for i in range(k)]
        weights = [WAD * share // sum(shares) for share in shares]
        weights[0] += WAD - sum(weights)
        self.harness.govern(self.harness.system.oracle, "schedule_reconstitution", weights)
        oracle.schedule_reconstitution(weights, self.now)

    @step(when=lambda self: self.harness.model.oracle.scheduled_at, chance=st.integers(0, 3))
    def cancel_weights(self, chance: int) -> None:
        if chance == 0:
            self.harness.govern(self.harness.system.oracle, "cancel_reconstitution")
            self.harness.model.oracle.cancel_reconstitution()

    @step()
    def outsider(self) -> None:
        """Nobody else has any power."""
        stranger, reason = self.harness.others[0], "ownable: caller is not the owner"
        self.refused(reason, "set_parameters", self.model.parameters, sender=stranger)
        self.refused(reason, "set_streaming_fee", 0, stranger, sender=stranger)
        self.refused(reason, "set_guardian", stranger, sender=stranger)
        vault = self.harness.system.vault
        with reverts("vault: caller is not the token"):
            vault.pay.call(stranger, 1, sender=stranger)

    @step(amount=st.integers(1, 10**6))
    def donate(self, amount: int) -> None:
        """Collateral for the vault, for nothing: nobody's claim moves. [invariant 1]"""
        giver = self.harness.others[0]
        value = amount * self.unit // 10**3
        before = self.model.context(self.now).v if self.usable else None
        collateral = self.harness.system.collateral
        collateral.transfer(self.harness.system.vault, value, sender=giver)
        self.harness.pays(giver, value)
        self.harness.donated += value
        if before is not None:
            assert self.harness.system.report().mid == before.mid
        self.note("donation")
