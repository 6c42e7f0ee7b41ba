# SPDX-License-Identifier: AGPL-3.0-only
"""What is fixed at deployment, and what is refused."""

from __future__ import annotations

import pytest

from inverse_index.chain import Contract
from tests.support.assertions import reverts
from tests.support.system_harness import SystemHarness

from .conftest import nav_feed


def test_what_is_fixed(harness: SystemHarness, feed: Contract) -> None:
    assert (feed.decimals(), nav_feed(harness, 8).decimals()) == (18, 8)
    assert feed.description() == "ITEST / USDC"
    assert feed.version() == 1
    assert feed.token() == harness.token.address


@pytest.mark.parametrize("decimals", [0, 6, 17, 19, 255])
def test_other_decimals(harness: SystemHarness, decimals: int) -> None:
    """[F-ALL-3]"""
    with reverts("feed: decimals must be 8 or 18"):
        nav_feed(harness, decimals)


def test_something_that_is_no_token(harness: SystemHarness) -> None:
    with reverts(""):
        harness.chain.deploy("NavFeed", harness.system.views, 18, "", sender=harness.owner)
