# SPDX-License-Identifier: AGPL-3.0-only
"""Every reason and every event: in use, and named by a test."""

from __future__ import annotations

import re

from tools import reach
from tools.sources import code, events, reasons


def listed(what: str, missing: list[str], remedy: str) -> None:
    assert not missing, f"{what}; {remedy}:\n  " + "\n  ".join(missing)


def test_every_reason_is_used() -> None:
    listed("no contract uses these reasons", reach.unused_reasons(), "remove them from errors.vy")


def test_every_reason_is_reached_by_a_test() -> None:
    listed("no test names these reasons", reach.unreached_reasons(), "reach each in a test")


def test_every_event_is_logged() -> None:
    listed("no contract logs these events", reach.unlogged_events(), "log or remove them")


def test_every_event_is_asserted_by_a_test() -> None:
    listed("no test names these events", reach.unasserted_events(), "use only_event")


def test_reasons_have_their_form() -> None:
    """Lower case but for names, "<part>: <text>", as long as their type allows, all
    different."""
    found = reasons()
    assert len(found) > 100 and len(events()) > 20
    assert len({reason.text for reason in found}) == len(found)
    for reason in found:
        assert len(reason.text) <= reason.length <= 64, reason
        # As Chainlink's own proxy says, and as the messages of Aave begin.
        if reason.text != "No data present":
            part, _, rest = reason.text.partition(": ")
            assert re.fullmatch(r"[a-z][a-z ]*", part) and rest, reason


def test_no_contract_reverts_without_a_constant() -> None:
    """No bare assert, and no text that stands in the code."""
    bare = re.findall(r'^\s*assert [^\n]*, "[^\n]*$|^\s*raise "[^\n]*$', code(mocks=False), re.M)
    assert bare == []


def test_what_docstrings_say_does_not_count() -> None:
    """a docstring of tests/static"""
    named = reach.named_by_tests()
    assert "".join(["a docstring of ", "tests/static"]) not in named
    assert "a docstring of " in named
