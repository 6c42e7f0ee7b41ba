# SPDX-License-Identifier: AGPL-3.0-only
"""Python has the contracts' reasons from their source, each once."""

from __future__ import annotations

from inverse_index import reasons as constants
from tools import reasons, sources


def test_the_module_is_generated_from_the_contracts() -> None:
    message = "errors.vy has changed: `make reasons` writes inverse_index/reasons.py anew"
    assert reasons.path().read_text() == reasons.generated(), message


def test_names_and_texts_are_those_of_the_contracts() -> None:
    found = {name: text for name, text in vars(constants).items() if name.isupper()}
    assert found == {each.name: each.text for each in sources.reasons()}
    assert constants.TOKEN_NOT_DUE == "token: rebalance not due"
