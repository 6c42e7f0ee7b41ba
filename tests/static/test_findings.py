# SPDX-License-Identifier: AGPL-3.0-only
"""What natrix and vyper-guard find: reviewed, each of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools import findings
from tools.findings import Finding

REMEDY = "`make static-update` writes static/findings.json; review what is new in it"


def test_nothing_that_has_not_been_reviewed() -> None:
    now, before = findings.found(), findings.reviewed()
    new = [str(each) for each in now if each not in before]
    gone = [str(each) for each in before if each not in now]
    assert not new, f"{REMEDY}:\n  " + "\n  ".join(new)
    assert not gone, f"no longer found, {REMEDY}:\n  " + "\n  ".join(gone)
    assert len(now) > 50  # both analysers have run


def test_every_review_says_something() -> None:
    short = [str(each) for each, review in findings.reviewed().items() if len(review) < 20]
    assert short == []
    tools = {each.tool for each in findings.reviewed()}
    assert tools == {"natrix", "vyper-guard"}


def test_reviews_are_kept_and_new_findings_are_not_reviewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A further finding in a reviewed function is new as well."""
    monkeypatch.setattr(findings, "baseline_path", lambda: tmp_path / "findings.json")
    first, second = Finding("t", "a.vy", "r", "f", 1), Finding("t", "b.vy", "r", "g", 2)
    findings.write([first, second], {first: "is fine", Finding("t", "b.vy", "r", "g", 1): "was"})
    assert findings.reviewed() == {first: "is fine", second: ""}
    entries = json.loads((tmp_path / "findings.json").read_text())
    assert [entry["review"] for entry in entries] == ["is fine", ""]
