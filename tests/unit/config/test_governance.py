# SPDX-License-Identifier: AGPL-3.0-only
"""The `governance:` block: what it gives, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from inverse_index.config import load_deployment
from inverse_index.config.governance import MAX_DELAY, MAX_MEMBERS, MIN_DELAY
from inverse_index.deployment import Given
from inverse_index.deployment.governance import ANYONE, Governance
from inverse_index.errors import UserError

SAFE, GUARDIAN = "0x" + "11" * 20, "0x" + "22" * 20


def written(folder: Path, governance: dict[str, Any] | None, **roles: str) -> Path:
    (folder / "index.yaml").write_text("name: A\ncomponents: [{symbol: A, weight: 1}]\n")
    content: dict[str, Any] = {
        "index": "index.yaml",
        "token": {"name": "Inverse A", "symbol": "IA"},
        "roles": roles,
    }
    path = folder / "token.yaml"
    path.write_text(yaml.safe_dump(content | ({"governance": governance} if governance else {})))
    return path


def given(path: Path) -> Given:
    return Given.from_file(load_deployment(path))


def test_what_it_gives(tmp_path: Path) -> None:
    found = given(written(tmp_path, {"proposers": [SAFE]}, guardian=GUARDIAN))
    assert found.governance == Governance(MIN_DELAY, (SAFE,), (ANYONE,))
    assert (found.owner, found.guardian) == (None, GUARDIAN)
    block = {"delay": MAX_DELAY, "proposers": [SAFE, GUARDIAN], "executors": [SAFE]}
    found = given(written(tmp_path, block, guardian=GUARDIAN))
    assert found.governance == Governance(MAX_DELAY, (SAFE, GUARDIAN), (SAFE,))
    assert found.governance.text == (
        f"a timelock of 30 days, {SAFE}, {GUARDIAN} propose, {SAFE} execute"
    )
    assert given(written(tmp_path, None)).governance is None


@pytest.mark.parametrize(
    ("block", "roles", "message"),
    [
        (
            {"delay": MIN_DELAY - 1, "proposers": [SAFE]},
            {"guardian": GUARDIAN},
            "governance.delay: got '172799', expected a whole number from 172800 to 2592000"
            " seconds",
        ),
        (
            {"proposers": []},
            {"guardian": GUARDIAN},
            "governance.proposers: got 0, expected 1 to 10 addresses",
        ),
        (
            {"proposers": [SAFE], "executors": [SAFE] * (MAX_MEMBERS + 1)},
            {"guardian": GUARDIAN},
            "governance.executors: got 11, expected at most 10 addresses",
        ),
        (
            {"proposers": [ANYONE]},
            {"guardian": GUARDIAN},
            f"governance.proposers[0]: got '{ANYONE}', expected an address: 0x and 40 hex"
            " digits, not the zero address",
        ),
        (
            {"proposers": [SAFE]},
            {},
            "roles.guardian: missing, a timelock is too slow to stop minting",
        ),
        (
            {"proposers": [SAFE]},
            {"guardian": GUARDIAN, "owner": SAFE},
            "roles.owner: given, but the timelock of `governance` is the owner",
        ),
    ],
)
def test_what_it_refuses(
    tmp_path: Path, block: dict[str, Any], roles: dict[str, str], message: str
) -> None:
    path = written(tmp_path, block, **roles)
    with pytest.raises(UserError) as caught:
        load_deployment(path)
    assert caught.value.message == f"{path}: {message}"


def test_the_document_shows_a_block_that_works(tmp_path: Path) -> None:
    """The example of docs/governance.md, with addresses put in."""
    text = (Path(__file__).parents[3] / "docs" / "governance.md").read_text()
    block = text.split("```yaml\n")[1].split("```")[0].replace("0x...", SAFE)
    content = yaml.safe_load(block)
    found = given(written(tmp_path, content["governance"], **content["roles"]))
    assert found.governance == Governance(MIN_DELAY, (SAFE,), (ANYONE,))
