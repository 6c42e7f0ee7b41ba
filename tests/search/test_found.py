# SPDX-License-Identifier: AGPL-3.0-only
"""What the search has found, played again."""

from __future__ import annotations

import pytest

from tests.search.genes import Gene
from tests.search.scenarios import scenarios
from tests.search.scoring import Judge


@pytest.mark.parametrize("market", [0, 1])
def test_a_reset_while_one_market_is_full(market: int) -> None:
    """Somebody else's order left no depth for the sale of one of two components, and what
    was bought back of the other moved the leverage away from its target: refused. [VP-8]"""
    history = (
        Gene("wait", x=180_000.0),
        Gene("trade", "accomplice", "units", 6.3235, market),
    )
    found = Judge(scenarios(701_000_323)).run(history, closely=True)
    assert len(found.done) == 2
    assert not found.stuck
