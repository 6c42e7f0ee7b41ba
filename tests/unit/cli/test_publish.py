# SPDX-License-Identifier: AGPL-3.0-only
"""What publishing sources needs is asked for before anything is sent."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from inverse_index.cli.verify import KEY, Publisher
from inverse_index.errors import UserError


class Nothing:
    """A provider that may not be asked."""


def refused(provider: Any) -> UserError:
    with pytest.raises(UserError) as caught:
        Publisher.of(provider)
    return caught.value


def test_without_the_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, "k")
    monkeypatch.setitem(sys.modules, "ape_etherscan.client", None)
    error = refused(Nothing())
    assert error.message == "--verify: Ape's plugin ape-etherscan is not installed"
    assert error.remedy == "run `pip install ape-etherscan==0.8.7`"


def test_without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY, raising=False)
    monkeypatch.setitem(sys.modules, "ape_etherscan.client", object())  # type: ignore[arg-type]
    assert refused(Nothing()).message == "--verify: no API key: ETHERSCAN_API_KEY is not set"
