# SPDX-License-Identifier: AGPL-3.0-only
"""What a chain offers to the rest of the package."""

from __future__ import annotations

from typing import Any, Protocol

from .contract import Contract
from .transport import Transport


class Backend(Transport, Protocol):
    """A chain that also deploys this project's contracts."""

    def deploy(self, artifact_name: str, *args: Any, sender: str) -> Contract:
        """Deploy a contract of this project with its constructor's arguments."""
        ...
