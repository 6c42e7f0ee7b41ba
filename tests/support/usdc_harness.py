# SPDX-License-Identifier: AGPL-3.0-only
"""A token on Circle's real USDC beside its model, on either venue, with the
router; its holders sign instead of approving."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from inverse_index.chain import Contract, LocalBackend
from inverse_index.chain.permit import Permit, sign_permit
from inverse_index.model.system import FEE_RECIPIENT
from inverse_index.protocols.usdc import deploy_usdc
from inverse_index.protocols.weth import deploy_weth
from tests.support.aave_venue_harness import renewed
from tests.support.constants import DAY, MAX_UINT256
from tests.support.plans import make_aave_plan, make_plan
from tests.support.system_harness import SystemHarness, SystemShortcuts, deploy_harness
from tests.support.token_actions import deploy_on

UNIT = 10**6
START = 1_000_000 * UNIT  # what each holder has at first


@dataclass
class UsdcHarness(SystemShortcuts):
    """harness: chain and model. at: time of the deployment."""

    base: SystemHarness
    router: Contract
    holders: tuple[str, str]
    at: int

    @property
    def usdc(self) -> Contract:
        return self.base.system.collateral

    @property
    def model(self) -> Any:
        """Of the token."""
        return self.base.model.token

    def renewed(self) -> UsdcHarness:
        """With a model of its own, as it was deployed."""
        return replace(self, base=renewed(self.base, self.at))

    # actions, on chain and in the model

    def sign(self, asset: Contract, owner: str, amount: int) -> Permit:
        version = "2" if asset == self.usdc else "1"
        return sign_permit(
            self.chain, asset, version, owner, self.router.address, amount, MAX_UINT256
        )

    def deposit(self, assets: int, holder: str) -> int:
        """Through the router, by USDC's own permit; the shares."""
        expected, had = self.token.previewDeposit(assets), self.token.balanceOf(holder)
        permit = self.sign(self.usdc, holder, assets)
        with self.moves({holder: -assets}):
            self.router.deposit(
                self.token, assets, holder, expected, MAX_UINT256, permit, sender=holder
            )
        minted = int(self.token.balanceOf(holder)) - had
        assert minted == self.model.deposit(assets, holder, self.base.now).shares == expected
        assert self.usdc.allowance(holder, self.router) == 0
        self.base.sound()
        return minted

    def redeem(self, shares: int, holder: str, receiver: str | None = None) -> int:
        """Through the router, by the token's permit; the USDC paid."""
        paid, receiver = self.token.previewRedeem(shares), receiver or holder
        permit = self.sign(self.token, holder, shares)
        with self.moves({receiver: paid}):
            self.router.redeem(
                self.token, shares, receiver, paid, MAX_UINT256, permit, sender=holder
            )
        assert self.model.redeem(shares, holder, self.base.now).assets == paid
        self.base.sound()
        return int(paid)

    def leave(self, shares: int, holder: str, receiver: str) -> int:
        """Without the router, to another account; the USDC paid."""
        paid, name = self.token.previewRedeem(shares), self._name(holder)
        with self.moves({receiver: paid}):
            self.token.redeem(shares, receiver, holder, sender=holder)
        assert self.model.redeem(shares, name, self.base.now).assets == paid
        self.base.sound()
        return int(paid)

    def rebalance(self, percent: int, receiver: str | None = None) -> int:
        """A day and half an hour later, prices moved by that much; the reward."""
        harness = self.base
        harness.move(percent, DAY + 1_800)
        reward, receiver = self.token.due().reward, receiver or harness.keeper
        with self.moves({receiver: reward}):
            self.token.method("rebalance")(receiver, sender=harness.keeper)
        assert self.model.rebalance(harness.now).reward == reward
        harness.sound()
        return int(reward)

    def _name(self, holder: str) -> str:
        return FEE_RECIPIENT if holder == self.base.owner else holder

    # looking

    @contextmanager
    def moves(self, by: dict[str, int]) -> Iterator[None]:
        """These accounts' USDC change by exactly that, the router's not at all."""
        before = self._held(by)
        yield
        after = self._held(by)
        assert {who: after[who] - before[who] for who in by} == by
        assert after[self.router.address] == before[self.router.address]

    def _held(self, who: dict[str, int]) -> dict[str, int]:
        return {each: self.usdc.balanceOf(each) for each in [*who, self.router.address]}

    def figures(self) -> tuple[Any, ...]:
        """What no refused action may change."""
        state, system = self.token.state(), self.base.system
        return (
            self.token.totalSupply(),
            state.flows,
            state.reset,
            state.fee,
            state.mode,
            self.vault.idle(),
            system.venue.figures(self.vault),
            self.base.report().mid,
        )


def deploy_usdc_harness(
    chain: LocalBackend, owner: str, keeper: str, holders: tuple[str, str], kind: str
) -> UsdcHarness:
    """kind: "perp" or "aave". Holders have a million USDC each, and approve nothing."""
    if kind == "perp":
        usdc = deploy_usdc(chain, owner)
        harness = deploy_on(chain, owner, keeper, make_plan(), usdc)
        harness.system = replace(harness.system, collateral=usdc, minter=owner)
    else:
        harness = deploy_harness(chain, owner, keeper, make_aave_plan())
    no_factory = harness.system.oracle  # nothing is swapped here
    router = chain.deploy("Router", deploy_weth(chain, owner), no_factory, sender=owner)
    for holder in holders:
        harness.system.give(holder, START)
        harness.names[holder] = holder
    return UsdcHarness(harness, router, holders, chain.now())
