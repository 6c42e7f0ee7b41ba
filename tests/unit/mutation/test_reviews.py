# SPDX-License-Identifier: AGPL-3.0-only
"""The reviews of survivors belong to lines that exist."""

from __future__ import annotations

import pytest

from inverse_index.artifacts import project_root
from tools.mutation.report import END, START, Review, document_path, reviews

REVIEWS = list(reviews().values())


@pytest.mark.parametrize("review", REVIEWS, ids=lambda each: each["file"].split("/")[-1])
def test_every_review_is_of_a_line_that_exists(review: Review) -> None:
    text = " ".join((project_root() / review["file"]).read_text().split())
    assert review["before"] in text
    assert review["before"] != review["after"]
    assert review["verdict"] in ("equivalent", "open")
    assert len(review["review"]) > 10


def test_the_document_lists_them() -> None:
    text = document_path().read_text()
    assert text.count(START) == text.count(END) == 1
