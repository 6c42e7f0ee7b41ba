# SPDX-License-Identifier: AGPL-3.0-only
"""Is on the chain what a deployment file says? Everything is read back.

The expected values come from the file by the code that deployed it; bytecode comes
from the compiler. Immutables lie behind the code that the compiler gives, so they
are compared through the functions that show them, and through the constructor's
arguments, which the creating transaction proves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..artifacts import artifact
from ..chain.abi import checksum, interface_of
from ..chain.backend import Backend
from ..config import PeripheryConfig
from ..config.fields import ZERO_ADDRESS
from ..plan.aave import AavePlan
from ..plan.deployment import Plan
from ..plan.perp import PerpPlan
from .periphery import level_description, nav_description
from .system import System
from .venues import Given
from .venues.aave import AaveVenue
from .venues.aave_builder import vault_arguments
from .venues.perp import PerpVenue

MAX_COMPONENTS = 10
SentData = Callable[[str], bytes]  # calldata of a transaction


@dataclass(frozen=True)
class Finding:
    """One value: what it should be and what it is, as text."""

    what: str
    expected: str
    found: str

    @property
    def ok(self) -> bool:
        return self.expected == self.found


@dataclass(frozen=True)
class Expected:
    """What a deployment was to be. facts: of the registry."""

    plan: Plan
    given: Given
    facts: Mapping[str, Any]

    @property
    def deployer(self) -> str:
        return str(self.facts["deployer"])

    def owner(self, system: System) -> str:
        """Of token, oracle and an exchange of its own."""
        if self.given.governance is not None and system.timelock is not None:
            return system.timelock.address
        return self.given.owner or self.deployer


def check_system(system: System, expected: Expected, sent_data: SentData) -> list[Finding]:
    """Every parameter, role, feed and byte of code."""
    return [
        *_code(system, expected, sent_data),
        *_token(system, expected),
        *_oracle(system, expected),
        *_vault(system, expected),
        *_venue(system, expected),
        *_timelock(system, expected),
        *_periphery(system, expected),
    ]


def _finding(what: str, expected: object, found: object) -> Finding:
    return Finding(what, _text(expected), _text(found))


def _text(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_text, value))
    return str(getattr(value, "address", value))


def _padded(values: Any) -> list[Any]:
    """As the contracts show arrays: ten places."""
    found = list(values)
    blank = ZERO_ADDRESS if found and isinstance(found[0], str) else 0
    return found + [blank] * (MAX_COMPONENTS - len(found))


# code


def _code(system: System, expected: Expected, sent_data: SentData) -> Iterator[Finding]:
    addresses = system.addresses()
    for part, each in expected.facts["contracts"].items():
        if part in addresses:
            yield _finding(f"{part}: address", addresses[part], each["address"])
        yield _code_finding(system, part, each["contract"], each["address"])
        built = artifact(each["contract"])
        creation = bytes.fromhex(built.bytecode[2:] + each["arguments"][2:])
        created = sent_data(each["transaction"]) == creation
        yield _finding(
            f"{part}: created with",
            "the recorded arguments",
            "the recorded arguments" if created else "something else",
        )


def is_code_of(backend: Backend, name: str, address: str) -> bool:
    """Whether the code there is that of a contract of these sources, whatever its
    immutables are."""
    runtime, code = _runtime(name), backend.code(address)
    tail = _immutables(artifact(name).layout)
    return code[: len(runtime)] == runtime and len(code) == len(runtime) + tail


def _code_finding(system: System, part: str, name: str, address: str) -> Finding:
    shown = f"{name}, {len(_runtime(name))} + {_immutables(artifact(name).layout)} bytes"
    if is_code_of(system.backend, name, address):
        return _finding(f"{part}: code", shown, shown)
    return _finding(f"{part}: code", shown, f"other, {len(system.backend.code(address))} bytes")


def _immutables(layout: Mapping[str, Any]) -> int:
    """Bytes of immutables, in whatever module they are declared."""
    return sum(_lengths(layout.get("code_layout", {})))


def _lengths(group: Mapping[str, Any]) -> Iterator[int]:
    for value in group.values():
        if isinstance(value.get("length"), int) and isinstance(value.get("offset"), int):
            yield value["length"]
        else:
            yield from _lengths(value)


# token


def _token(system: System, expected: Expected) -> Iterator[Finding]:
    token, plan, given = system.token, expected.plan, expected.given
    state = token.state()
    for name, wanted in (
        ("name", plan.token_name),
        ("symbol", plan.token_symbol),
        ("decimals", 18),
        ("asset", system.collateral),
        ("oracle", system.oracle),
        ("vault", system.vault),
        ("policy", system.policy),
        ("reset_policy", system.reset_policy),
        ("views", system.views),
        ("owner", expected.owner(system)),
        ("guardian", given.guardian or expected.deployer),
    ):
        yield _finding(f"token: {name}", wanted, token.method(name)())
    for name, wanted in asdict(plan.parameters).items():
        yield _finding(f"token: {name}", wanted, getattr(state.parameters, name))
    recipient = given.fee_recipient or expected.deployer
    yield _finding("token: streaming fee rate", plan.fee_rate, state.fee.rate)
    yield _finding("token: fee recipient", recipient, state.fee.recipient)
    yield _finding("token: NAV cap", plan.nav_cap, state.nav_cap)
    yield _finding("token: multiple", plan.multiple, state.multiple)
    yield _finding("token: components", len(plan.symbols), state.components)
    yield _finding("token: collateral unit", 10**plan.decimals, state.unit)
    epoch = (plan.epoch_interval, plan.epoch_offset)
    yield _finding("token: epoch", epoch, (state.epoch_interval, state.epoch_offset))


# oracle


def _oracle(system: System, expected: Expected) -> Iterator[Finding]:
    oracle, plan = system.oracle, expected.plan
    yield _finding("oracle: owner", expected.owner(system), oracle.owner())
    yield _finding("oracle: components", len(plan.symbols), oracle.component_count())
    yield _finding("oracle: collateral decimals", plan.decimals, oracle.collateral_decimals())
    yield _finding("oracle: weights", list(plan.weights), oracle.weights())
    yield _finding("oracle: scheduled weights", ([], 0), tuple(oracle.scheduled()))
    found = oracle.parameters()
    for name, wanted in asdict(plan.oracle).items():
        yield _finding(f"oracle: {name}", _address(wanted), getattr(found, name))
    for place, symbol in enumerate(plan.assets):
        yield from _feed(system, expected, place, symbol)


def _feed(system: System, expected: Expected, place: int, symbol: str) -> Iterator[Finding]:
    found = system.oracle.asset(place)
    feeds = expected.given.feeds
    if feeds is not None:
        for name, wanted in asdict(feeds[symbol]).items():
            yield _finding(f"oracle: {symbol} {name}", _address(wanted), getattr(found, name))
        return
    local = expected.plan.local_feed  # feeds of the deployment's own board
    for name in ("primary_heartbeat", "primary_decimals", "min_price", "max_price"):
        yield _finding(f"oracle: {symbol} {name}", getattr(local, name), getattr(found, name))
    floor = expected.plan.min_spreads[symbol]
    yield _finding(f"oracle: {symbol} min_spread", floor, found.min_spread)
    second = local.primary_heartbeat if found.secondary != ZERO_ADDRESS else 0
    yield _finding(f"oracle: {symbol} secondary_heartbeat", second, found.secondary_heartbeat)
    board = system.backend.code(found.primary)[: len(_runtime("BoardFeed"))]
    same = "BoardFeed" if board == _runtime("BoardFeed") else "another contract"
    yield _finding(f"oracle: {symbol} primary", "BoardFeed", same)


def _runtime(name: str) -> bytes:
    return bytes.fromhex(artifact(name).runtime[2:])


def _address(value: object) -> object:
    is_address = isinstance(value, str) and value.startswith("0x")
    return checksum(str(value)) if is_address else value


# vault and venue


def _vault(system: System, expected: Expected) -> Iterator[Finding]:
    vault, plan = system.vault, expected.plan
    yield _finding("vault: token", system.token, vault.token())
    yield _finding("vault: asset", system.collateral, vault.asset())
    yield _finding("vault: components", len(plan.symbols), vault.component_count())
    yield _finding("vault: idle buffer", plan.venue.idle_buffer, vault.idle_buffer())
    yield _finding("vault: max trade", _padded(plan.venue.max_trade), vault.max_trade())


def _venue(system: System, expected: Expected) -> Iterator[Finding]:
    venue, plan = system.venue, expected.plan.venue
    if isinstance(venue, AaveVenue) and isinstance(plan, AavePlan):
        yield from _aave(system, venue, plan, expected)
    if isinstance(venue, PerpVenue) and isinstance(plan, PerpPlan):
        yield from _perp(system, venue, plan, expected)


def _aave(
    system: System, venue: AaveVenue, plan: AavePlan, expected: Expected
) -> Iterator[Finding]:
    vault, given = system.vault, expected.given.venue
    for name, part in (("pool", venue.pool), ("factory", venue.factory)):
        if name in given:
            yield _finding(f"venue: {name}", given[name], part)
    for symbol in venue.symbols:
        wanted = given.get(f"components.{symbol}.address", venue.tokens[symbol])
        yield _finding(f"venue: {symbol}", wanted, venue.tokens[symbol])
    tokens = [venue.tokens[symbol] for symbol in venue.symbols]
    yield _finding("vault: borrowed tokens", _padded(tokens), vault.components())
    yield _finding("vault: min health", plan.min_health, vault.min_health())
    yield _finding("vault: quoter", venue.quoter, vault.quoter())
    recorded = expected.facts["contracts"]["vault"]["arguments"]
    arguments = vault_arguments(plan, venue, system.collateral.address)
    encoded = interface_of(vault.abi).constructor.encode((system.token.address, *arguments))
    same = recorded == "0x" + encoded.hex()
    yield _finding("vault: paths", "as in the file", "as in the file" if same else recorded)
    for symbol, address in venue.tokens.items():
        if symbol in venue.symbols or symbol == venue.collateral:
            token = type(vault)(system.backend, address, system.collateral.abi, symbol)
            endless = token.allowance(vault, venue.pool) >= 2**96 - 1  # no token has more
            allowed = "all" if endless else "less"
            yield _finding(f"vault: {symbol} that Aave may take", "all", allowed)


def _perp(
    system: System, venue: PerpVenue, plan: PerpPlan, expected: Expected
) -> Iterator[Finding]:
    exchange, pool = venue.exchange, venue.pool
    wanted = expected.given.venue.get("exchange", exchange.address)
    yield _finding("vault: exchange", wanted, system.vault.exchange())
    yield _finding("exchange: pool", pool, exchange.pool())
    yield _finding("pool: exchange", exchange, pool.exchange())
    yield _finding("exchange: who can make it pay", pool, exchange.partner())
    yield _finding("pool: who can make it pay", exchange, pool.partner())
    yield _finding("exchange: asset", system.collateral, exchange.asset())
    yield _finding("pool: asset", system.collateral, pool.asset())
    yield _finding("exchange: oracle", system.oracle, exchange.oracle())
    if "exchange" in expected.given.venue:  # somebody else's: its code is not recorded
        yield _code_finding(system, "exchange", "PerpExchange", exchange.address)
        yield _code_finding(system, "pool", "LiquidityPool", pool.address)
        return
    yield _finding("exchange: markets", len(plan.markets), exchange.market_count())
    for i, market in enumerate(plan.markets):
        found = exchange.market(i)
        for name, value in asdict(market).items():
            what = f"exchange: {expected.plan.symbols[i]} {name}"
            yield _finding(what, value, getattr(found, name))


# governance


def _timelock(system: System, expected: Expected) -> Iterator[Finding]:
    """Its delay, and who has its roles; that nobody else has is seen in its events only."""
    governance, timelock = expected.given.governance, system.timelock
    yield _finding("timelock", governance is not None, timelock is not None)
    if governance is None or timelock is None:
        return
    yield _finding("timelock: delay", governance.delay, timelock.get_minimum_delay())
    roles = {
        name: timelock.method(f"{name}_ROLE")()
        for name in ("PROPOSER", "CANCELLER", "EXECUTOR", "DEFAULT_ADMIN")
    }
    for name, members in (
        ("PROPOSER", governance.proposers),
        ("CANCELLER", governance.proposers),
        ("EXECUTOR", governance.executors),
        ("DEFAULT_ADMIN", (timelock.address,)),
    ):
        for member in members:
            what = f"timelock: {member} has {name}"
            yield _finding(what, True, timelock.hasRole(roles[name], member))
    for name, role in roles.items():
        if expected.deployer not in (*governance.proposers, *governance.executors):
            what = f"timelock: the deployer has {name}"
            yield _finding(what, False, timelock.hasRole(role, expected.deployer))


# periphery


def _periphery(system: System, expected: Expected) -> Iterator[Finding]:
    """What is deployed anew also has its code and arguments compared with the rest."""
    wanted = expected.given.periphery or PeripheryConfig()
    for part, is_wanted in (
        ("level_feed", wanted.feeds is not None),
        ("nav_feed", wanted.feeds is not None),
        ("keeper_adapter", wanted.keeper_adapter is not None),
        ("router", wanted.router is not None),
    ):
        yield _finding(part, is_wanted, getattr(system, part) is not None)
    yield from _feeds(system, expected, wanted)
    for part, name in (("keeper_adapter", "KeeperAdapter"), ("router", "Router")):
        address, found = getattr(wanted, part), getattr(system, part)
        if isinstance(address, str) and found is not None:
            yield _finding(f"{part}: address", address, found)
            yield _code_finding(system, part, name, address)
    yield from _router(system, wanted)


def _feeds(system: System, expected: Expected, wanted: PeripheryConfig) -> Iterator[Finding]:
    plan = expected.plan
    for part, source, text in (
        ("level_feed", "oracle", level_description(plan)),
        ("nav_feed", "token", nav_description(plan)),
    ):
        feed = getattr(system, part)
        if wanted.feeds is None or feed is None:
            continue
        yield _finding(f"{part}: {source}", getattr(system, source), feed.method(source)())
        yield _finding(f"{part}: decimals", wanted.feeds, feed.decimals())
        yield _finding(f"{part}: description", text, feed.description())


def _router(system: System, wanted: PeripheryConfig) -> Iterator[Finding]:
    """weth: the file's, or the local one of the record."""
    if system.router is None or wanted.router is None:
        return
    if isinstance(system.venue, AaveVenue):
        yield _finding("router: factory", system.venue.factory, system.router.factory())
    yield _finding("router: weth", wanted.weth or system.weth, system.router.weth())
