# SPDX-License-Identifier: AGPL-3.0-only
"""What documents refer to exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from inverse_index.artifacts import project_root

ROOT = project_root()
NAMES = (
    "README.md",
    "SECURITY.md",
    "CHANGELOG.md",
    *(
        f"docs/{name}.md"
        for name in ("attacks", "governance", "mutation", "proofs", "specification", "testing")
    ),
)
ID = r"[A-Z]+(?:-[A-Z]+)?-\d+"


def links(text: str) -> list[str]:
    return re.findall(r"\]\((?!https?:)([^)]+)\)", text)


def anchors(path: Path) -> set[str]:
    """Of the headings, as hosts of repositories make them."""
    heads = re.findall(r"^#+ (.+)$", path.read_text(), re.M)
    return {re.sub(r"[^\w -]", "", head).lower().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    page = ROOT / name
    for link in links(page.read_text()):
        place, _, anchor = link.partition("#")
        target = (page.parent / place).resolve() if place else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("name", NAMES)
def test_named_tests_exist(name: str) -> None:
    """As `tests/folder/test_file.py::test_it`, or `::test_it` after one of its file."""
    path = Path()
    text = (ROOT / name).read_text()
    for place, test in re.findall(r"`(tests/[\w/.]+|(?=::))(?:::(\w+))?`", text):
        path = ROOT / place if place else path
        assert path.exists(), place
        assert not test or f"\ndef {test}(" in path.read_text(), test


def test_named_rules_exist() -> None:
    known = set(re.findall(rf"\*\*({ID})\*\*", (ROOT / "docs" / "specification.md").read_text()))
    for name in ("README.md", "SECURITY.md"):
        cited = set(re.findall(rf"`({ID})`", (ROOT / name).read_text()))
        assert cited <= known, name
    assert len(known) > 300
