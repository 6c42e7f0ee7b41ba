# SPDX-License-Identifier: AGPL-3.0-only
"""Every remedy is for a reason that a contract gives."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import snekmate

from inverse_index.artifacts import project_root
from inverse_index.cli import remedies


def own() -> set[str]:
    text = (project_root() / "contracts" / "modules" / "lib" / "errors.vy").read_text()
    return set(re.findall(r'String\[64\]\) = "([^"]+)"', text))


def test_every_remedy_has_its_reason() -> None:
    theirs = {
        reason
        for path in Path(snekmate.__path__[0]).rglob("*.vy")
        for reason in re.findall(r'"([a-z_0-9]+: [^"]+)"', path.read_text())
    }
    assert set(remedies._REMEDIES) - own() - theirs == set()


@pytest.mark.parametrize("part", ["token: winding", "exchange: settled", "timelock: ", "router: "])
def test_the_parts_of_the_end_have_remedies(part: str) -> None:
    found = [reason for reason in own() if reason.startswith(part)]
    assert found
    for reason in found:
        assert remedies.remedy_of(reason) != "nothing was changed"
