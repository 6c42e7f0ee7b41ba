# SPDX-License-Identifier: AGPL-3.0-only
"""Which tokens were deployed where: one JSON file per chain."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..artifacts import project_root
from ..chain.backend import Backend
from ..errors import UserError
from ..report.files import write_atomic
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

    def save(self, system: System) -> Path:
        """Record a deployment, in place of an older one of that name."""
        records = self._read()
        records.pop(system.name, None)
        records[system.name] = system.record()
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
            raise UserError(
                f"no deployment '{wanted}' on chain {self.chain_id}",
                f"use one of: {', '.join(records)}",
            )
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
