# SPDX-License-Identifier: AGPL-3.0-only
"""What stands around a token: price feeds, the adapter of keeper networks, the router."""

from __future__ import annotations

from collections.abc import Mapping

from ..chain import Contract, contract_at
from ..config import PeripheryConfig
from ..plan.deployment import Plan
from ..protocols.weth import deploy_weth, weth_at
from .venues import Site, Venue
from .venues.aave import AaveVenue

MAX_DESCRIPTION = 64  # characters


def level_description(plan: Plan) -> str:
    """Of the level's feed; the name of an index is cut where it is too long."""
    quote = f" / {plan.collateral_symbol}"
    return plan.index_name[: MAX_DESCRIPTION - len(quote)].rstrip() + quote


def nav_description(plan: Plan) -> str:
    """Of the share's feed."""
    return f"{plan.token_symbol} / {plan.collateral_symbol}"


def new_contracts(config: PeripheryConfig | None) -> list[str]:
    """This project's contracts that are deployed, in their order."""
    if config is None:
        return []
    feeds = [] if config.feeds is None else ["LevelFeed", "NavFeed"]
    keeper_adapter = ["KeeperAdapter"] if config.keeper_adapter is True else []
    return [*feeds, *keeper_adapter, *(["Router"] if config.router is True else [])]


def deploy_periphery(
    site: Site, oracle: Contract, token: Contract, venue: Venue
) -> dict[str, Contract]:
    """By the names that a system has for them; prices must be usable now."""
    config = site.given.periphery
    if config is None:
        return {}
    made = {} if config.feeds is None else _feeds(site, oracle, token, config.feeds)
    if config.keeper_adapter is not None:
        made["keeper_adapter"] = _keeper_adapter(site, config.keeper_adapter)
    if config.router is not None:
        made |= _router(site, config, venue)
    return made


def stand_in_periphery(
    site: Site, wanted: PeripheryConfig | None, factory: Contract
) -> Mapping[str, str]:
    """Local contracts for those that a file names: their addresses by its fields."""
    given = {} if wanted is None else wanted.given
    found: dict[str, str] = {}
    if "weth" in given or "router" in given:
        weth = _local_weth(site)
        found["periphery.weth"] = weth.address
        if "router" in given:
            found["periphery.router"] = site.new("Router", weth, factory).address
    if "keeper_adapter" in given:
        found["periphery.keeper_adapter"] = site.new("KeeperAdapter").address
    return found


def _feeds(site: Site, oracle: Contract, token: Contract, decimals: int) -> dict[str, Contract]:
    plan = site.plan
    return {
        "level_feed": site.new("LevelFeed", oracle, decimals, level_description(plan)),
        "nav_feed": site.new("NavFeed", token, decimals, nav_description(plan)),
    }


def _keeper_adapter(site: Site, wanted: bool | str) -> Contract:
    if isinstance(wanted, str):
        return contract_at(site.backend, "KeeperAdapter", wanted)
    return site.new("KeeperAdapter")


def _router(site: Site, config: PeripheryConfig, venue: Venue) -> dict[str, Contract]:
    """The router and its wrapped ETH."""
    if isinstance(config.router, str):
        router = contract_at(site.backend, "Router", config.router)
        return {"router": router, "weth": weth_at(site.backend, router.weth())}
    assert isinstance(venue, AaveVenue)  # the configuration has a router there alone
    weth = weth_at(site.backend, config.weth) if config.weth else _local_weth(site)
    return {"router": site.new("Router", weth, venue.factory), "weth": weth}


def _local_weth(site: Site) -> Contract:
    site.progress("deploy local WETH")
    return deploy_weth(site.backend, site.sender)
