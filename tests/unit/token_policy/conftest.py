# SPDX-License-Identifier: AGPL-3.0-only
"""The quoter alone, and a vault for what it asks of one."""

from __future__ import annotations

from typing import Any

import pytest

from inverse_index.chain import LocalBackend


@pytest.fixture(scope="module")
def quoter(chain: LocalBackend, owner: str) -> Any:
    return chain.deploy("Quoter", sender=owner)


@pytest.fixture(scope="module")
def any_vault(chain: LocalBackend, owner: str) -> Any:
    """One component, trades of one unit, no limit on leverage."""
    collateral = chain.deploy("LocalCollateral", "Local USDC", "USDC", 6, sender=owner)
    return chain.deploy("LateVault", owner, collateral, 1, 6, sender=owner)
