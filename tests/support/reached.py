# SPDX-License-Identifier: AGPL-3.0-only
"""What a run of tests has really seen of the chain: reasons of reverts, and events.

A run of everything ends with a list of the reasons and events that never came up;
`--all-reached` makes such a run fail. Parts of the tests say nothing about the
rest: then nothing is listed. What is seen inside other processes (scripts) does
not count.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inverse_index.chain import Contract, Receipt, Reverted
from tools.sources import events, reasons

_KEY = "seen on the chain"
_reasons: set[str] = set()
_events: set[str] = set()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option that makes a gap a failure."""
    parser.addoption(
        "--all-reached", action="store_true", help="fail when a reason or event never came up"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Listen to every revert and every decoded event."""
    Reverted.__init__ = _noting_reason(Reverted.__init__)  # type: ignore[method-assign]
    Contract.events = _noting_events(Contract.events)  # type: ignore[method-assign]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker tells; the run itself judges."""
    told = getattr(session.config, "workeroutput", None)
    if told is not None:
        told[_KEY] = (sorted(_reasons), sorted(_events))
    elif _is_everything(session.config) and session.config.getoption("all_reached") and missing():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take over what a worker has seen."""
    seen = getattr(node, "workeroutput", {}).get(_KEY, ((), ()))
    _reasons.update(seen[0])
    _events.update(seen[1])


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The list of what never came up."""
    if _is_everything(config) and missing():
        terminalreporter.section("never seen on the chain in this run")
        for line in missing():
            terminalreporter.line(line)


def missing() -> list[str]:
    """Reasons and events of the project that this run has not seen."""
    unseen = [
        f"reason {reason.text!r}"
        for reason in reasons()
        if not any(
            seen.startswith(reason.text) if reason.is_prefix else seen == reason.text
            for seen in _reasons
        )
    ]
    return unseen + [f"event {each.name}" for each in events() if each.name not in _events]


def _is_everything(config: pytest.Config) -> bool:
    chosen = config.getoption("keyword") or config.getoption("markexpr")
    return not chosen and not config.getoption("file_or_dir") and not config.option.collectonly


def _noting_reason(original: Callable[..., None]) -> Callable[..., None]:
    def noted(self: Reverted, reason: str, *rest: Any, **more: Any) -> None:
        _reasons.add(reason)
        original(self, reason, *rest, **more)

    return noted


def _noting_events(original: Callable[..., Any]) -> Callable[..., Any]:
    def noted(self: Contract, receipt: Receipt) -> Any:
        found = original(self, receipt)
        _events.update(event.name for event in found)
        return found

    return noted
