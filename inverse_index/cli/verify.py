# SPDX-License-Identifier: AGPL-3.0-only
"""`ape run verify`: the sources of a recorded deployment to the block explorer."""

from __future__ import annotations

from pathlib import Path

from ape.api import ProviderAPI

from ..errors import UserError
from .publish import Publisher, publish_all
from .session import Session
from .verb import deployment_options, verb

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
