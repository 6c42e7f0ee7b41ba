# SPDX-License-Identifier: AGPL-3.0-only
"""Many views at the same block, in one request where the chain can."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..chain import Contract, LocalBackend
from ..chain.transport import Transport

View = tuple[Contract, str, tuple[Any, ...]]


def read_many(backend: Transport, views: Sequence[View]) -> list[Any]:
    """Values of view functions."""
    if not isinstance(backend, LocalBackend):
        return [contract.method(name)(*args) for contract, name, args in views]
    calls = [(contract.address, contract.encode(name, *args)) for contract, name, args in views]
    answers = backend.call_many(calls)
    return [
        contract.decode_output(name, data, len(args))
        for (contract, name, args), data in zip(views, answers, strict=True)
    ]


def balances_of(backend: Transport, token: Contract, holders: Sequence[object]) -> list[int]:
    """Balances of many holders."""
    return read_many(backend, [(token, "balanceOf", (holder,)) for holder in holders])
