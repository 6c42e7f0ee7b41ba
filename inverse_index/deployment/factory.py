# SPDX-License-Identifier: AGPL-3.0-only
"""Sets through the factory: its code on chain, the factory, a set, and what it
made, read back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from eth_utils.crypto import keccak

from ..artifacts import artifact
from ..chain import Contract, contract_at
from ..chain.backend import Backend
from ..config import AssetUnits
from ..errors import UserError
from ..plan.deployment import Plan
from .deploy import Deployer
from .governance import ANYONE, Governance
from .system import System
from .venues import KINDS, Given, KnownBuilder, Progress, Site, Venue
from .venues.aave import AaveVenue

# Parts whose code the factory keeps, in the order of its constructor.
PARTS = ("Timelock", "IndexOracle", "PerpVault", "AaveVault", "InverseIndexToken")
CHUNK = 20_480  # bytes in one store, as in the contract module `factory_code`
MAX_STORES = 2

# Answers every call with all of its own code that follows:
#   PUSH1 11 CODESIZE SUB DUP1 PUSH1 11 PUSH0 CODECOPY PUSH0 RETURN
STORE = bytes.fromhex("600b380380600b5f395ff3")


def store_initcode(data: bytes) -> bytes:
    """Creation code of a contract that answers every call with the data."""
    runtime = STORE + data
    # PUSH2 size DUP1 PUSH1 10 PUSH0 CODECOPY PUSH0 RETURN
    return b"\x61" + len(runtime).to_bytes(2, "big") + bytes.fromhex("80600a5f395ff3") + runtime


def store_code(backend: Backend, code: bytes, sender: str) -> list[str]:
    """Keep creation code on chain; addresses of its one or two stores."""
    pieces = [code[at : at + CHUNK] for at in range(0, len(code), CHUNK)]
    if not 1 <= len(pieces) <= MAX_STORES:
        raise UserError(
            f"creation code of {len(code)} bytes needs {len(pieces)} stores, a part has"
            f" up to {MAX_STORES} of {CHUNK}",
            "make the contract smaller",
        )
    return [_created(backend, store_initcode(piece), sender) for piece in pieces]


def deploy_factory(
    backend: Backend, sender: str, progress: Progress = lambda step: None
) -> Contract:
    """A factory with its stores and what all of its sets share: policies, views and
    quoter."""
    stores = []
    for name in PARTS:
        progress(f"store the code of {name}")
        stores.append(store_code(backend, creation_code(name), sender))
    progress("deploy policies, views, quoter and factory")
    views = backend.deploy("TokenViews", sender=sender)
    reset_policy = backend.deploy("ResetPolicy", sender=sender)
    policy = backend.deploy("TokenPolicy", views, reset_policy, sender=sender)
    aave_quoter = backend.deploy("AaveQuoter", sender=sender)
    factory = backend.deploy("Factory", stores, policy, aave_quoter, sender=sender)
    check_factory(factory)
    return factory


def creation_code(name: str) -> bytes:
    """A part's creation code without arguments."""
    return bytes.fromhex(artifact(name).bytecode[2:])


def check_factory(factory: Contract) -> None:
    """The factory keeps exactly the code that these sources compile to."""
    for number, name in enumerate(PARTS):
        if factory.code_hash(1 << number) != keccak(creation_code(name)):
            raise UserError(
                f"the factory at {factory.address} makes another {name} than these sources",
                "use the sources that it was deployed from, or deploy a factory",
            )


@dataclass(frozen=True)
class Made:
    """A set as the factory's registry has it."""

    kind: int
    deployer: str
    timelock: str
    oracle: str
    vault: str
    token: str


def made_by(factory: Contract, token: str) -> Made:
    """The registry's entry of a token."""
    if not factory.is_token(token):
        raise UserError(
            f"the factory at {factory.address} has not made {token}", "check the address"
        )
    return Made(*factory.set_of(token))


def deploy_set(
    backend: Backend,
    factory: Contract,
    plan: Plan,
    sender: str,
    salt: bytes,
    given: Given,
    progress: Progress = lambda step: None,
) -> System:
    """Deploy a plan's set through the factory; its salt counts for the sender alone.

    What the factory does not make (local feeds, collateral, venue, lens) is
    deployed as by `deploy_system`. `given` has a governance, and a guardian.
    """
    site = Site(backend, plan, sender, given, progress)
    builder: KnownBuilder = KINDS[plan.venue.kind].builder(site)
    return _FactoryDeployer(site, builder, factory, salt).run()


class _FactoryDeployer(Deployer):
    """The same steps with the factory's hands."""

    def __init__(self, site: Site, builder: KnownBuilder, factory: Contract, salt: bytes) -> None:
        super().__init__(site, builder)
        self._known = builder
        if site.given.governance is None:
            raise UserError("a set of the factory needs a governance", "say who proposes")
        self.governance: Governance = site.given.governance
        self.factory = factory
        self.salt = salt

    def _oracle(self, feeds: dict[str, AssetUnits]) -> Contract:
        site, plan = self.site, self.plan
        site.progress("timelock and oracle from the factory")
        index = {
            "assets": [feeds[symbol] for symbol in plan.assets],
            "weights": list(plan.weights),
            "base_level": plan.base_level,
            "collateral_decimals": plan.decimals,
            "parameters": plan.oracle,
        }
        receipt = self.factory.deploy_oracle(self.salt, self.governance, index, sender=site.sender)
        event = _event(self.factory, receipt, "OracleDeployed")
        return contract_at(site.backend, "IndexOracle", event.oracle)

    def _policies_and_views(self) -> tuple[Contract, Contract, Contract]:
        backend = self.site.backend
        policy = contract_at(backend, "TokenPolicy", self.factory.POLICY())
        reset_policy = contract_at(backend, "ResetPolicy", policy.reset_policy())
        return policy, reset_policy, contract_at(backend, "TokenViews", policy.views())

    def _vault_and_token(
        self, collateral: Contract, venue: Venue, oracle: Contract, policy: Contract
    ) -> tuple[Contract, Contract]:
        site = self.site
        site.progress("vault and token from the factory")
        terms = set_terms(self._known, collateral, venue)
        configuration = self.configuration(oracle, ANYONE, policy)
        receipt = self.factory.method(f"deploy_on_{venue.kind}")(
            self.salt, oracle, *terms, configuration, sender=site.sender
        )
        event = _event(self.factory, receipt, "SetDeployed")
        return (
            contract_at(site.backend, venue.vault_contract, event.vault),
            contract_at(site.backend, "InverseIndexToken", event.token),
        )

    def _hand_over(self, oracle: Contract, token: Contract) -> Contract:
        """The factory has done it."""
        return contract_at(self.site.backend, "Timelock", token.owner())

    def run(self) -> System:
        system = super().run()
        if isinstance(system.venue, AaveVenue):
            shared = contract_at(self.site.backend, "AaveQuoter", self.factory.AAVE_QUOTER())
            return replace(system, venue=replace(system.venue, quoter=shared))
        return system


def set_terms(builder: KnownBuilder, collateral: Contract, venue: Venue) -> tuple[Any, ...]:
    """The venue's arguments of `deploy_on_perp` and `deploy_on_aave`."""
    arguments = builder.vault_arguments(collateral, venue)
    if venue.kind == "aave":
        return arguments
    exchange, idle_buffer, max_trade = arguments
    return ({"exchange": exchange, "idle_buffer": idle_buffer, "max_trade": max_trade},)


def _event(factory: Contract, receipt: Any, name: str) -> Any:
    return next(event for event in factory.events(receipt) if event.name == name)


def _created(backend: Backend, initcode: bytes, sender: str) -> str:
    receipt = backend.send(None, initcode, sender)
    if receipt.contract_address is None:
        raise UserError(f"the transaction {receipt.tx_hash} created nothing", "check the node")
    return receipt.contract_address
