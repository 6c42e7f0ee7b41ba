# SPDX-License-Identifier: AGPL-3.0-only
"""What is fixed at deployment, and what is refused."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract, LocalBackend
from tests.support.assertions import reverts
from tests.support.oracle_harness import OracleHarness


def test_what_is_fixed(harness: OracleHarness, feed: Contract, short: Contract) -> None:
    assert (feed.decimals(), short.decimals()) == (18, 8)
    assert feed.description() == "DEFI / USDC"
    assert feed.version() == 1
    assert feed.oracle() == harness.oracle.address


@pytest.mark.parametrize("decimals", [0, 6, 7, 9, 17, 19])
def test_other_decimals(
    harness: OracleHarness, chain: LocalBackend, owner: str, decimals: int
) -> None:
    """[F-ALL-3]"""
    with reverts("feed: decimals must be 8 or 18"):
        chain.deploy("LevelFeed", harness.oracle, decimals, "", sender=owner)


def test_an_oracle_that_cannot_be_read(
    harness: OracleHarness, chain: LocalBackend, owner: str
) -> None:
    harness.wait(7_201)
    with reverts("oracle: stale price"):
        chain.deploy("LevelFeed", harness.oracle, 8, "", sender=owner)
