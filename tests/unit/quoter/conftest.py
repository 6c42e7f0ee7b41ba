# SPDX-License-Identifier: AGPL-3.0-only
"""The quoter alone: it needs nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from inverse_index.chain import LocalBackend


@pytest.fixture(scope="module")
def quoter(chain: LocalBackend, owner: str) -> Any:
    return chain.deploy("Quoter", sender=owner)
