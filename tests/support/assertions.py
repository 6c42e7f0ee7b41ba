# SPDX-License-Identifier: AGPL-3.0-only
"""Assertions that tests share: `from tests.support.assertions import reverts, only_event`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from inverse_index.chain import Contract, Event, Receipt, Reverted


@contextmanager
def reverts(reason: str) -> Iterator[None]:
    """The block must revert with exactly this reason ("" for none)."""
    try:
        yield
    except Reverted as error:
        assert error.reason == reason, f"reverted with {error}, expected {reason!r}"
        return
    raise AssertionError(f"did not revert, expected {reason!r}")


def only_event(receipt: Receipt, contract: Contract, name: str, **fields: Any) -> Event:
    """Exactly one such event of the contract, with exactly these fields."""
    found = [event for event in contract.events(receipt) if event.name == name]
    assert len(found) == 1, f"{len(found)} events {name}, expected one"
    expected = {key: _plain(value) for key, value in fields.items()}
    assert found[0].args == expected
    return found[0]


def no_event(receipt: Receipt, contract: Contract, name: str) -> None:
    """No such event of the contract."""
    assert [event for event in contract.events(receipt) if event.name == name] == []


def _plain(value: Any) -> Any:
    return value.address if isinstance(value, Contract) else value
