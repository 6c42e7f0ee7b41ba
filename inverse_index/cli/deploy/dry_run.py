# SPDX-License-Identifier: AGPL-3.0-only
"""`ape run deploy --dry-run`: a deployment file judged without sending anything.

Without `--network` no node is asked: whatever the file alone can tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from hashlib import sha256
from typing import Any

from ape.api import ProviderAPI

from ...chain.ape_backend import ApeBackend
from ...config import AaveVenueConfig, DeploymentFile, PerpVenueConfig
from ...config.addresses import addresses_of, is_actor
from ...config.fields import plain
from ...config.network_checks import check_chain, network_of
from ...config.units import WAD, format_percent, percent_wad
from ...deployment import Given, plan_deployment
from ...deployment.outline import Step, outline
from ...deployment.registry import LOCAL_CHAINS
from ...deployment.round_trip import RoundTrip, planned
from ...deployment.stand_in import middle_prices
from ...prices.start_prices import start_prices
from ..flows import round_trip_rows, round_trip_values
from ..output import Output, Rows
from .given import check_given, live_prices

ONCE = "once deployed, `ape run check` reads all of it back"
ON_CHAIN = (
    "contracts are at these addresses, with the stated decimals",
    "the feeds answer, are fresh and inside their bounds",
)
ON_AAVE = (
    "Aave lends every component and takes the collateral, at which terms and up to which caps",
    "Uniswap has the pools, and they carry max_trade (2 * fee * depth)",
)


@dataclass(frozen=True)
class DryRun:
    """connected: what the node's chain is, None without one."""

    file: DeploymentFile
    steps: list[Step]
    connected: str | None
    round_trip: RoundTrip

    @property
    def gas(self) -> int:
        return sum(step.gas for step in self.steps)

    @property
    def open_questions(self) -> list[str]:
        """What only the chain can tell, and nobody has asked yet."""
        if self.connected is not None or not Given.from_file(self.file).feeds:
            return []
        on_aave = ON_AAVE if isinstance(self.file.deployment.venue, AaveVenueConfig) else ()
        return [*ON_CHAIN, *on_aave]

    @property
    def warnings(self) -> list[str]:
        return warnings_of(self.file)


def warnings_of(file: DeploymentFile) -> list[str]:
    """What is valid and should not stay so."""
    return [*_roles_left_out(file), *_more_than_carried(file)]


def _roles_left_out(file: DeploymentFile) -> Iterator[str]:
    roles, network = file.deployment.roles, network_of(file)
    if network is None or network.is_test:
        return
    for name in ("owner", "guardian", "fee_recipient"):
        # The timelock of a `governance` group is the owner.
        governed = name == "owner" and file.deployment.governance is not None
        if getattr(roles, name) is None and not governed:
            yield f"roles.{name}: left out, so it is the deployer: name it"


def _more_than_carried(file: DeploymentFile) -> Iterator[str]:
    """Of an exchange that is deployed with the token; a given one is asked by `check`."""
    deployment = file.deployment
    venue, token = deployment.venue, deployment.token
    if not isinstance(venue, PerpVenueConfig) or venue.exchange is not None:
        return
    parts = {
        symbol: Decimal(weight) / WAD
        for symbol, weight in zip(file.index.symbols, file.index.weights_wad, strict=True)
    }
    most, what = venue.carried(token.leverage, parts)
    if token.nav_cap > most:
        yield (
            f"token.nav_cap: {plain(token.nav_cap)} is more than the exchange carries at "
            f"{token.leverage} times: {plain(most.quantize(Decimal(1), ROUND_DOWN))}, where "
            f"{what} ends; resets beyond it are done in part or refused"
        )


def dry_run(file: DeploymentFile, provider: ProviderAPI | None, out: Output) -> None:
    """Judge the file, with a node its addresses too; print what it would deploy."""
    given = Given.from_file(file)
    prices = middle_prices(file) if given.feeds else start_prices(file, None)
    connected = None
    if provider is not None:
        backend = ApeBackend(provider)
        check_chain(file, backend.chain_id, LOCAL_CHAINS)
        check_given(backend, file, given)
        prices = live_prices(backend, given) or prices
        connected = provider.network_choice
    plan = plan_deployment(file, prices)
    done = DryRun(file, outline(plan, given), connected, planned(plan))
    _show(out, done)
    out.result(_values(done))


def _show(out: Output, done: DryRun) -> None:
    file = done.file
    out.table(_head(done), f"{file.path} is valid")
    out.say("would deploy")
    for place, step in enumerate(done.steps, 1):
        out.say(f"  {place:>2}. {step.gas / 1e6:6.2f} million gas  {step.what}")
    out.say(f"      {done.gas / 1e6:6.2f} million gas, about")
    for actors, title in ((False, "what has to be there"), (True, "roles")):
        found = {f: a for f, a in addresses_of(file).items() if is_actor(f) == actors}
        if found:
            out.say(title)
        for field, address in found.items():
            out.say(f"  {field:<{max(map(len, found))}}  {address}")
    for line in done.warnings:
        out.say(f"warning: {line}")
    if done.open_questions:
        out.say("only the chain can tell whether")
        for line in done.open_questions:
            out.say(f"  - {line}")
        network = network_of(file)
        where = f"{network.choice}:URL" if network else "NETWORK"
        out.say(f"ask it with --network {where}; {ONCE}")


def _head(done: DryRun) -> Rows:
    file, deployment = done.file, done.file.deployment
    token, index, network = deployment.token, file.index, network_of(done.file)
    weights = ", ".join(
        f"{symbol} {format_percent(weight)}"
        for symbol, weight in zip(index.symbols, index.weights_wad, strict=True)
    )
    title = f"{network.title}, chain {network.chain_id}" if network else "any local network"
    collateral = deployment.collateral
    rows = [
        ("network", title),
        ("asked", done.connected or "no node"),
        ("token", f"{token.name} ({token.symbol}), -{token.leverage}x {index.name}"),
        ("components", weights),
        ("collateral", f"{collateral.symbol}, {collateral.decimals} decimals"),
    ]
    venue = deployment.venue
    if isinstance(venue, AaveVenueConfig):
        rows += [("health at band", _health(done)), ("min health", plain(venue.min_health))]
    rows += round_trip_rows(done.round_trip)
    rows.append(("max trade", f"{plain(venue.max_trade)} {deployment.collateral.symbol}"))
    return rows


def _health(done: DryRun) -> str:
    """Aave's health factor where the band ends, at the stated terms, rounded down."""
    deployment = done.file.deployment
    venue, token = deployment.venue, deployment.token
    assert isinstance(venue, AaveVenueConfig)
    edge_bps = token.leverage * (10_000 + token.band_bps)
    supplied_bps = 10_000 - 2 * percent_wad(venue.idle_buffer) // 10**14 + edge_bps
    threshold_bps = venue.collateral.reserve.units.liquidation_threshold_bps
    hundredths = supplied_bps * threshold_bps // (100 * edge_bps)
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _values(done: DryRun) -> Mapping[str, Any]:
    file, network = done.file, network_of(done.file)
    deployment = file.deployment
    return {
        "valid": True,
        "config": str(file.path),
        "sha256": sha256(file.path.read_bytes()).hexdigest(),
        "network": None if network is None else network.name,
        "chain_id": None if network is None else network.chain_id,
        "connected": done.connected,
        "token": deployment.token.symbol,
        "index": dict(
            zip(file.index.symbols, map(format_percent, file.index.weights_wad), strict=True)
        ),
        "addresses": addresses_of(file),
        "steps": [{"what": step.what, "gas": step.gas} for step in done.steps],
        "gas": done.gas,
        "round_trip": round_trip_values(done.round_trip),
        "warnings": done.warnings,
        "open": done.open_questions,
    }
