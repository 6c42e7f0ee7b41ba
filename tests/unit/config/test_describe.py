# SPDX-License-Identifier: AGPL-3.0-only
"""Documentation of the configuration comes from the models themselves."""

from __future__ import annotations

from inverse_index.config import Deployment, IndexDefinition
from inverse_index.config.describe import FieldDoc, field_docs, markdown_table


def test_paths_ranges_and_defaults() -> None:
    docs = {doc.path: doc for doc in field_docs(Deployment)}
    assert docs["token.leverage"] == FieldDoc(
        "token.leverage",
        "a whole number from 1 to 3",
        "`1`",
        "Target multiple L: the token returns -L times the index.",
    )
    assert docs["index"].default == "required"
    assert docs["venue(perp).kind"].accepts == "`perp`"
    assert docs["venue(aave).kind"].accepts == "`aave`"
    assert docs["token.streaming_fee_per_year"].default == "`0.95%`"
    assert docs["roles.owner"].accepts == "an address: 0x and 40 hex digits"
    assert docs["roles.owner"].default == ""
    assert docs["venue(perp).markets"].accepts == "a group by symbol"
    assert docs["venue(perp).markets.SYMBOL.depth"].accepts.startswith("a number from 0.000001 to ")
    assert docs["oracle.feeds.SYMBOL.primary.heartbeat"].default == "required"


def test_every_field_says_what_it_accepts_and_means() -> None:
    for model in (Deployment, IndexDefinition):
        for doc in field_docs(model):
            assert doc.accepts, doc.path
            assert doc.description, doc.path


def test_markdown() -> None:
    lines = markdown_table(IndexDefinition).splitlines()
    assert lines[0] == "| field | accepts | default | meaning |"
    assert lines[2] == (
        "| `name` | a text of 1 to 64 printable ASCII characters | required | Name of the index. |"
    )
    assert [line.split("`")[1] for line in lines[2:]] == [
        "name",
        "components",
        "components[].symbol",
        "components[].weight",
        "base_level",
        "reweight",
    ]
