# SPDX-License-Identifier: AGPL-3.0-only
"""What a deployment file is warned of: more net assets than its exchange carries."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from inverse_index.artifacts import project_root
from inverse_index.cli.deploy.dry_run import warnings_of
from inverse_index.config import DeploymentFile
from inverse_index.replay.session import read_deployment

CONFIGS = project_root() / "configs"


def changed(name: str, nav_cap: int, **venue: Any) -> DeploymentFile:
    """A shipped file with another cap, and other figures of its venue."""
    file = read_deployment(CONFIGS / name, None)
    token = file.deployment.token.model_copy(update={"nav_cap": Decimal(nav_cap)})
    other = file.deployment.venue.model_copy(update=venue)
    deployment = file.deployment.model_copy(update={"token": token, "venue": other})
    return replace(file, deployment=deployment)


@pytest.mark.parametrize("name", sorted(path.name for path in CONFIGS.glob("*.yaml")))
def test_shipped_files_have_none(name: str) -> None:
    assert warnings_of(read_deployment(CONFIGS / name, None)) == []


@pytest.mark.parametrize(("name", "most", "times"), [("local-1x", 10_000_000, 1)])
def test_the_limit_of_an_account(name: str, most: int, times: int) -> None:
    assert warnings_of(changed(f"{name}.yaml", most)) == []
    (line,) = warnings_of(changed(f"{name}.yaml", most + 1))
    assert line == (
        f"token.nav_cap: {most + 1} is more than the exchange carries at {times} times: {most}, "
        "where the pool's limit for one account ends; resets beyond it are done in part or refused"
    )


def test_three_times_needs_three_times_the_pool() -> None:
    (line,) = warnings_of(changed("local-3x.yaml", 4_000_000))
    assert "at 3 times: 3333333, where the pool's limit for one account ends" in line


def test_the_cap_on_shorts() -> None:
    """5 million of each of seven at 1x: 35 of net assets, with pool enough."""
    rich = Decimal(10**9)
    assert warnings_of(changed("local-1x.yaml", 34_000_000, pool_liquidity=rich)) == []
    (line,) = warnings_of(changed("local-1x.yaml", 36_000_000, pool_liquidity=rich))
    assert "at 1 times: 3" in line and "where shorts of" in line


def test_a_given_exchange_is_not_judged_by_the_file() -> None:
    given = changed("local-1x.yaml", 10**9, exchange="0x" + "11" * 20)
    assert warnings_of(given) == []
