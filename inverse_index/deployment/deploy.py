# SPDX-License-Identifier: AGPL-3.0-only
"""Deploy a plan: every contract of one token, wired and handed over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..chain import Contract, create_address
from ..chain.backend import Backend
from ..config import AssetUnits
from ..plan.deployment import Plan
from .governance import deploy_timelock
from .local_feeds import deploy_feeds
from .periphery import deploy_periphery
from .system import System
from .venues import KINDS, Builder, Given, Progress, Site, Venue

__all__ = ["Given", "Progress", "deploy_system"]


def deploy_system(
    backend: Backend,
    plan: Plan,
    sender: str,
    given: Given | None = None,
    progress: Progress = lambda step: None,
    builder: Callable[[Site], Builder] | None = None,
) -> System:
    """Deploy all that `given` does not name; the sender pays and owns at first.

    builder: makes another venue and vault than the plan's kind does.
    """
    site = Site(backend, plan, sender, given or Given(), progress)
    return Deployer(site, (builder or KINDS[plan.venue.kind].builder)(site)).run()


class Deployer:
    """One deployment, step by step."""

    def __init__(self, site: Site, builder: Builder) -> None:
        self.site = site
        self.plan = site.plan
        self.builder = builder
        self.board: Contract | None = None

    def run(self) -> System:
        site, plan = self.site, self.plan
        collateral, minter = self.builder.collateral()
        feeds = dict(site.given.feeds or self._local_feeds())
        oracle = self._oracle(feeds)
        venue = self.builder.venue(collateral, oracle, feeds)
        policy, reset_policy, views = self._policies_and_views()
        lens = site.new("Lens")
        vault, token = self._vault_and_token(collateral, venue, oracle, policy)
        periphery = deploy_periphery(site, oracle, token, venue)
        timelock = self._hand_over(oracle, token)
        return System(
            backend=site.backend,
            name=plan.name,
            symbols=plan.symbols,
            collateral_symbol=plan.collateral_symbol,
            decimals=plan.decimals,
            collateral=collateral,
            oracle=oracle,
            venue=venue,
            policy=policy,
            reset_policy=reset_policy,
            views=views,
            lens=lens,
            vault=vault,
            token=token,
            board=self.board,
            secondaries=site.given.secondaries,
            minter=minter,
            timelock=timelock,
            **periphery,
        )

    # parts

    def _policies_and_views(self) -> tuple[Contract, Contract, Contract]:
        views, reset_policy = self.site.new("TokenViews"), self.site.new("ResetPolicy")
        return self.site.new("TokenPolicy", views, reset_policy), reset_policy, views

    def _vault_and_token(
        self, collateral: Contract, venue: Venue, oracle: Contract, policy: Contract
    ) -> tuple[Contract, Contract]:
        site = self.site
        # The vault is built for the token's address, which comes right after.
        expected = create_address(site.sender, site.backend.nonce(site.sender) + 1)
        vault = self.builder.vault(expected, collateral, venue)
        token = site.new("InverseIndexToken", self.configuration(oracle, vault, policy))
        return vault, token

    def _oracle(self, feeds: dict[str, AssetUnits]) -> Contract:
        plan = self.plan
        return self.site.new(
            "IndexOracle",
            [feeds[symbol] for symbol in plan.assets],
            list(plan.weights),
            plan.base_level,
            plan.decimals,
            plan.oracle,
        )

    def _local_feeds(self) -> dict[str, AssetUnits]:
        self.board, feeds = deploy_feeds(self.site)
        return feeds

    def configuration(
        self, oracle: Contract | str, vault: Contract | str, policy: Contract | str
    ) -> dict[str, Any]:
        """What the token is made from."""
        site, plan = self.site, self.plan
        return {
            "name": plan.token_name,
            "symbol": plan.token_symbol,
            "oracle": oracle,
            "vault": vault,
            "policy": policy,
            "multiple": plan.multiple,
            "epoch_interval": plan.epoch_interval,
            "epoch_offset": plan.epoch_offset,
            "parameters": plan.parameters,
            "fee_rate": plan.fee_rate,
            "fee_recipient": site.given.fee_recipient or site.sender,
            "guardian": site.given.guardian or site.sender,
            "nav_cap": plan.nav_cap,
        }

    def _hand_over(self, oracle: Contract, token: Contract) -> Contract | None:
        """To the timelock of a governance, else to the given owner, if there is one."""
        site = self.site
        owner, timelock = site.given.owner, None
        if site.given.governance is not None:
            site.progress("deploy Timelock")
            timelock = deploy_timelock(site.backend, site.given.governance, site.sender)
            owner = timelock.address
        if owner is None or owner == site.sender:
            return timelock
        site.progress(f"hand over to {owner}")
        for owned in (oracle, token):
            owned.transfer_ownership(owner, sender=site.sender)
        return timelock
