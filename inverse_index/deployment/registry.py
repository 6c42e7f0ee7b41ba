# SPDX-License-Identifier: AGPL-3.0-only
"""Which tokens were deployed where: one JSON file per chain."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..artifacts import project_root
from ..chain.backend import Backend
from ..errors import UserError
from ..files import write_atomic
from .system import System

LOCAL_CHAINS = (31337, 1337)


class Registry:
    """The deployments of one chain, by name.

    Those of local chains are kept in `build/deployments`, which is not part of
    the repository, those of all others in `deployments`.
    """

    def __init__(self, chain_id: int, folder: Path | None = None) -> None:
        if folder is None:
            parent = "build/deployments" if chain_id in LOCAL_CHAINS else "deployments"
            folder = project_root() / parent
        self.chain_id = chain_id
        self.path = folder / f"{chain_id}.json"

    def names(self) -> list[str]:
        """Recorded deployments, oldest first."""
        return list(self._read())

    def record(self, name: str) -> dict[str, Any]:
        """What is kept of one deployment."""
        records = self._read()
        if name not in records:
            raise self._unknown(name, records)
        return dict(records[name])

    def save(self, system: System, facts: Mapping[str, Any] | None = None) -> Path:
        """Record a deployment as the newest. An older one of that name stays, as
        `name@1`, `name@2` and so on."""
        records = self._read()
        older = records.pop(system.name, None)
        if older is not None and _token(older) != system.token.address:
            records[_free(system.name, records)] = older
        own = {} if facts is None else {"deployment": dict(facts)}
        records[system.name] = {**system.record(), **own}
        return write_atomic(self.path, json.dumps(records, indent=2) + "\n")

    def load(self, backend: Backend, name: str | None = None) -> System:
        """A recorded deployment; the newest without a name."""
        records = self._read()
        if not records:
            raise UserError(
                f"nothing is deployed on chain {self.chain_id}",
                "run `ape run deploy` on this network first",
            )
        wanted = name or list(records)[-1]
        if wanted not in records:
            raise self._unknown(wanted, records)
        try:
            system = System.from_record(backend, wanted, records[wanted])
        except (KeyError, TypeError) as error:
            raise UserError(
                f"{self.path}: the record of '{wanted}' is damaged ({error})", "deploy again"
            ) from error
        if not backend.code(system.token.address):
            raise UserError(
                f"the chain has no contract at {system.token.address}, where '{wanted}' was",
                "the local chain was restarted: run `ape run deploy` again",
            )
        return system

    def _unknown(self, name: str, records: Mapping[str, Any]) -> UserError:
        return UserError(
            f"no deployment '{name}' on chain {self.chain_id}",
            f"use one of: {', '.join(records)}",
        )

    def _read(self) -> dict[str, Any]:
        if not self.path.exists():
            return {}
        try:
            records = json.loads(self.path.read_text())
        except ValueError as error:
            raise UserError(
                f"{self.path} is not valid JSON ({error})", "restore or remove it"
            ) from None
        if not isinstance(records, dict):
            raise UserError(f"{self.path} does not hold deployments", "restore or remove it")
        return records


def recorded_chains(folder: Path | None = None) -> list[int]:
    """Ids of the chains that have deployments, in one folder or in the usual ones."""
    folders = [Registry(chain, folder).path.parent for chain in (1, *LOCAL_CHAINS)]
    found = {
        int(path.stem) for each in folders for path in each.glob("*.json") if path.stem.isdigit()
    }
    return sorted(found)


def _token(record: Any) -> str | None:
    """Address of a record's token; None of a damaged one."""
    addresses = record.get("addresses") if isinstance(record, dict) else None
    return addresses.get("token") if isinstance(addresses, dict) else None


def _free(name: str, records: Mapping[str, Any]) -> str:
    """The next name for an older deployment."""
    number = 1
    while f"{name}@{number}" in records:
        number += 1
    return f"{name}@{number}"
