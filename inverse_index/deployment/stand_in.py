# SPDX-License-Identifier: AGPL-3.0-only
"""A file for a real network on a local one, with everything that it names replaced.

Aave, Uniswap, USDC, tokens and feeds are deployed locally, and the file is read
again with their addresses in place of the network's. What then checks, plans and
deploys it is the same code that does so on the network: nothing else differs from
the file, the heartbeats and bounds of its feeds and its sequencer included.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from math import isqrt

from ..chain import Contract
from ..chain.backend import Backend
from ..config import AssetUnits, Deployment, DeploymentFile
from ..config.fields import ZERO_ADDRESS
from ..config.load import checked
from ..config.units import WAD, wad
from ..config.yaml_io import read_yaml, validate
from ..errors import UserError
from ..plan.deployment import plan_deployment
from .deploy import deploy_system
from .local_feeds import deploy_feeds
from .periphery import stand_in_periphery
from .system import System
from .venues import Given, Progress, Site
from .venues.aave import AaveVenue
from .venues.aave_builder import AaveBuilder

FEED_USD = 10**8  # one USD, of feeds
Advance = Callable[[int], object]  # lets seconds pass


@dataclass(frozen=True)
class StandIns:
    """file: the same with local addresses. replaced: network's and local address
    by field. The rest moves prices and gives out collateral."""

    file: DeploymentFile
    replaced: Mapping[str, tuple[str, str]]
    board: Contract
    venue: AaveVenue
    minter: str | None

    def complete(self, system: System) -> System:
        """The deployed system with what only a local network has."""
        assert isinstance(system.venue, AaveVenue)
        venue = replace(system.venue, maker=self.venue.maker, provider=self.venue.provider)
        return replace(system, venue=venue, board=self.board, minter=self.minter)


def middle_prices(file: DeploymentFile) -> dict[str, int]:
    """Start prices, USD with 8 decimals: the geometric middle of each component's
    bounds, rounded down."""
    feeds = file.deployment.oracle.feeds
    return {
        symbol: _middle(feeds[symbol].min_price, feeds[symbol].max_price)
        for symbol in file.index.symbols
    }


def _middle(low: Decimal, high: Decimal) -> int:
    scaled = isqrt(wad(low) * wad(high))
    return scaled * FEED_USD // WAD


def check_can_stand_in(file: DeploymentFile) -> None:
    """Stand-ins replace addresses: the file must have some, of a known kind."""
    if file.deployment.network is None or file.deployment.venue.kind != "aave":
        raise UserError(
            f"--stand-in: {file.path} is not for a network with Aave and Uniswap",
            "leave --stand-in out: files without addresses deploy locally by themselves",
        )


def deploy_stand_ins(
    backend: Backend,
    file: DeploymentFile,
    prices: Mapping[str, int],
    sender: str,
    advance: Advance,
    progress: Progress = lambda step: None,
) -> StandIns:
    """Deploy everything that the file names; prices in USD with 8 decimals."""
    check_can_stand_in(file)
    site = Site(backend, plan_deployment(file, prices), sender, Given(), progress)
    found: dict[str, str] = {}
    if file.deployment.oracle.sequencer is not None:
        found["oracle.sequencer"] = _sequencer(site, file, advance)
    builder = AaveBuilder(site)
    collateral, minter = builder.collateral()
    board, feeds = deploy_feeds(site)
    venue = builder.local(collateral, feeds)
    found |= _addresses(file, collateral.address, venue, feeds)
    found |= stand_in_periphery(site, file.deployment.periphery, venue.factory)
    given = _given(file)
    replaced = {field: (given[field], found[field]) for field in given}
    local = {field: found[field] for field in given}
    return StandIns(with_addresses(file, local), replaced, board, venue, minter)


def deploy_with_stand_ins(
    backend: Backend,
    file: DeploymentFile,
    prices: Mapping[str, int],
    sender: str,
    advance: Advance,
    progress: Progress = lambda step: None,
) -> tuple[StandIns, System]:
    """Stand-ins, then the file's own token on them."""
    parts = deploy_stand_ins(backend, file, prices, sender, advance, progress)
    plan = plan_deployment(parts.file, prices)
    given = Given.from_file(parts.file)
    system = deploy_system(backend, plan, sender, given, progress)
    return parts, parts.complete(system)


def _sequencer(site: Site, file: DeploymentFile, advance: Advance) -> str:
    """An uptime feed that has shown 0 (up) for longer than the grace period."""
    board = site.new("PriceBoard")
    board.post([0], sender=site.sender)
    feed = site.new("BoardFeed", board, 0, 0, "L2 sequencer uptime")
    advance(file.deployment.oracle.sequencer_grace + 1)
    return feed.address


def _addresses(
    file: DeploymentFile, collateral: str, venue: AaveVenue, feeds: Mapping[str, AssetUnits]
) -> dict[str, str]:
    """Local address of every field that may name one."""
    found = {
        "collateral.address": collateral,
        "venue.pool": venue.pool.address,
        "venue.factory": venue.factory.address,
    }
    for symbol, address in venue.tokens.items():
        group = "components" if symbol in venue.symbols else "tokens"
        found[f"venue.{group}.{symbol}.address"] = address
    for symbol, feed in feeds.items():
        found[f"oracle.feeds.{symbol}.primary.address"] = feed.primary
        if feed.secondary != ZERO_ADDRESS:
            found[f"oracle.feeds.{symbol}.secondary.address"] = feed.secondary
    return found


def _given(file: DeploymentFile) -> dict[str, str]:
    """The network's address of every field that is replaced."""
    from ..config.addresses import addresses_of, is_actor

    return {field: a for field, a in addresses_of(file).items() if not is_actor(field)}


def with_addresses(file: DeploymentFile, addresses: Mapping[str, str]) -> DeploymentFile:
    """The file, read again with other addresses by field and for no network."""
    data = read_yaml(file.path)
    data.pop("network")
    for field, address in addresses.items():
        *groups, last = field.split(".")
        place = data
        for group in groups:
            place = place[group]
        place[last] = address
    deployment = validate(data, Deployment, str(file.path))
    return checked(DeploymentFile(file.path, deployment, file.index))
