# SPDX-License-Identifier: AGPL-3.0-only
"""`ape run verify`: the sources of a recorded deployment to the block explorer.

Ape's plugin `ape_etherscan` finds the explorer of the network and speaks to it. The
document that it sends is this project's own, since it has to compile to the very
bytes deployed.
"""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ape.api import ProviderAPI
from ape.exceptions import ApeException
from requests.exceptions import RequestException

from ..artifacts import EVM_VERSION
from ..errors import Unreachable, UserError
from ..sources import compiler_version, source_id, standard_json
from .output import Output
from .session import Session
from .verb import deployment_options, verb

KEY: Final = "ETHERSCAN_API_KEY"
URL: Final = "INVERSE_INDEX_EXPLORER"  # another explorer's API, such as a Blockscout's
LICENCE: Final = 13  # the explorers' number of the GNU Affero GPL 3
POLL_SECONDS: Final = 3.0
MAX_POLLS: Final = 100
PASSED, FAILED = ("pass", "already verified"), "fail"

EXAMPLES = """
ETHERSCAN_API_KEY=... ape run verify --network ethereum:sepolia:URL
ape run verify --deployment arbitrum --network arbitrum:mainnet:URL
"""


@verb("verify", EXAMPLES)
@deployment_options
def cli(
    provider: ProviderAPI, deployment: str | None, registry: Path | None, as_json: bool
) -> None:
    """Publish the sources of every contract of a deployment.

    Uses Ape's plugin ape-etherscan and the key in ETHERSCAN_API_KEY. What is
    verified already stays so.
    """
    session = Session.reading(provider, as_json)
    publisher = Publisher.of(provider)
    system = session.load(deployment, registry)
    facts = session.registry(registry).record(system.name).get("deployment")
    if facts is None:
        raise UserError(
            f"'{system.name}' was recorded without its origin", "deploy again to have it verified"
        )
    said = publish_all(publisher, facts, session.out)
    session.out.result({"deployment": system.name, "verified": said})


@dataclass(frozen=True)
class Publisher:
    """instance: the plugin's description of the explorer."""

    plugin: Any
    instance: Any
    poll: float = POLL_SECONDS

    @classmethod
    def of(cls, provider: ProviderAPI) -> Publisher:
        """Refuses, before anything is sent, where plugin, key or explorer is missing."""
        plugin = _plugin()
        if not os.environ.get(KEY):
            raise UserError(
                f"--verify: no API key: {KEY} is not set", "get one from the explorer and set it"
            )
        return cls(plugin, _instance(provider))

    def publish(self, each: Mapping[str, Any]) -> str:
        """Send one recorded contract's sources; what the explorer says in the end."""
        name = str(each["contract"])
        client = self.plugin.ContractClient(self.instance, each["address"])
        try:
            ticket = client.verify_source_code(
                standard_json(name),
                compiler_version(),
                contract_name=f"{source_id(name)}:{name}",
                optimization_used=True,
                constructor_arguments=each["arguments"][2:],
                evm_version=EVM_VERSION,
                license_type=LICENCE,
                language="vyper",
            )
            return self._wait(client, ticket)
        except RequestException as error:
            raise Unreachable(
                f"the explorer does not answer ({type(error).__name__})",
                "try `ape run verify` later",
            ) from error
        except ApeException as error:
            if _is(str(error), PASSED):
                return "already verified"
            raise UserError(
                f"the explorer refuses {name}: {error}", "correct it, then `ape run verify`"
            ) from error

    def _wait(self, client: Any, ticket: str) -> str:
        for _ in range(MAX_POLLS):
            said = str(client.check_verify_status(ticket))
            if _is(said, PASSED):
                return said
            if said.lower().startswith(FAILED):
                raise UserError(f"the explorer says: {said}", "correct it, then `ape run verify`")
            time.sleep(self.poll)
        raise UserError("the explorer has not decided yet", "try `ape run verify` later")


def publish_all(publisher: Publisher, facts: Mapping[str, Any], out: Output) -> dict[str, str]:
    """Every contract of a deployment; the explorer's word by part."""
    said = {}
    for part, each in facts["contracts"].items():
        said[part] = publisher.publish(each)
        out.say(f"  {part}: {said[part]}")
    return said


def _plugin() -> Any:
    try:
        return importlib.import_module("ape_etherscan.client")
    except ModuleNotFoundError as error:
        raise UserError(
            "--verify: Ape's plugin ape-etherscan is not installed",
            "run `pip install ape-etherscan==0.8.7`",
        ) from error


def _instance(provider: ProviderAPI) -> Any:
    """The explorer named by the environment, else the plugin's of the network; the
    plugin asks Etherscan for the list of those."""
    types = importlib.import_module("ape_etherscan.types")
    network, other = provider.network, os.environ.get(URL)
    try:
        explorer: Any = None if other or network.is_dev else network.explorer
        if explorer is None and other is None:
            raise UserError(
                f"--verify: no explorer is known of {network.choice}",
                f"set {URL} to the address of its API, or leave --verify out",
            )
        return types.EtherscanInstance(
            ecosystem_name=network.ecosystem.name,
            network_name=network.name,
            uri=other or explorer.etherscan_uri,
            api_uri=other or explorer.etherscan_api_uri,
        )
    except RequestException as error:
        raise Unreachable(
            f"the list of explorers cannot be had ({type(error).__name__})", "try again later"
        ) from error


def _is(text: str, signs: tuple[str, ...]) -> bool:
    return any(sign in text.lower() for sign in signs)
