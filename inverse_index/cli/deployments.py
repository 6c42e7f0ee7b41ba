# SPDX-License-Identifier: AGPL-3.0-only
"""`ape run deployments`: what is recorded, of all chains."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..deployment.registry import Registry, recorded_chains
from .output import Output
from .verb import AlwaysOfflineVerb, registry_option, verb

EXAMPLES = """
ape run deployments
ape run deployments --json | jq '.[].addresses.token'
"""


@verb("deployments", EXAMPLES, AlwaysOfflineVerb)
@click.option("--chain", "chain_id", type=int, help="Only of the chain of this id.")
@registry_option
def cli(registry: Path | None, chain_id: int | None, as_json: bool) -> None:
    """List every recorded deployment, the oldest first. Asks no node."""
    out, found = Output(as_json), []
    for chain in recorded_chains(registry):
        if chain_id in (None, chain):
            kept = Registry(chain, registry)
            found += [_entry(chain, name, kept.record(name)) for name in kept.names()]
    for each in found:
        out.say(f"{each['chain_id']:>9}  {each['name']:<20}  {each['token']}  {each['from']}")
    if not found:
        out.say("nothing is recorded; next: ape run deploy")
    if as_json:
        click.echo(_json(found))


def _entry(chain: int, name: str, record: dict[str, Any]) -> dict[str, Any]:
    origin = record.get("deployment", {})
    config = origin.get("config", {})
    block = f", block {origin['block']}" if "block" in origin else ""
    return {
        "chain_id": chain,
        "name": name,
        "token": record["addresses"]["token"],
        "from": f"{config.get('file', 'an unrecorded file')}{block}",
        "addresses": record["addresses"],
        "deployment": origin or None,
    }


def _json(found: list[dict[str, Any]]) -> str:
    import json

    return json.dumps(found, indent=2)
