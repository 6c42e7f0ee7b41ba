# SPDX-License-Identifier: AGPL-3.0-only
"""The policy alone, and a vault and an oracle for what it asks of them."""

from __future__ import annotations

from typing import Any

import pytest

from inverse_index.chain import LocalBackend

from .site import Site
from .snapshots import composition_code

ORACLE = "0x" + "0a" * 20


@pytest.fixture(scope="module")
def views(chain: LocalBackend, owner: str) -> Any:
    return chain.deploy("TokenViews", sender=owner)


@pytest.fixture(scope="module")
def reset_policy(chain: LocalBackend, owner: str) -> Any:
    return chain.deploy("ResetPolicy", sender=owner)


@pytest.fixture(scope="module")
def policy(chain: LocalBackend, owner: str, views: Any, reset_policy: Any) -> Any:
    return chain.deploy("TokenPolicy", views, reset_policy, sender=owner)


@pytest.fixture(scope="module")
def any_vault(chain: LocalBackend, owner: str) -> Any:
    """One component, trades of one unit, no limit on leverage."""
    collateral = chain.deploy("LocalCollateral", "Local USDC", "USDC", 6, sender=owner)
    return chain.deploy("LateVault", owner, collateral, 1, 6, sender=owner)


@pytest.fixture(scope="module")
def any_oracle(chain: LocalBackend) -> str:
    """An address that answers every question with the composition of `UNITS`."""
    chain.set_code(ORACLE, composition_code())
    return ORACLE


@pytest.fixture(scope="module")
def site(chain: LocalBackend, owner: str, policy: Any, any_vault: Any, any_oracle: str) -> Site:
    """The policy with what it asks, and the model's answers beside its own."""
    return Site(policy, any_vault, any_oracle, owner)
