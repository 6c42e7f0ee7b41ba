# SPDX-License-Identifier: AGPL-3.0-only
"""Why an order is refused, and what would go through, in words."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from inverse_index import reasons
from inverse_index.cli.trade_preview import funding_text, leverage_text, liquidation_text, refusal
from inverse_index.model.exchange.marks import Restricted
from inverse_index.model.exchange.perp_exchange import ExchangeModel
from inverse_index.model.fixed import WAD
from inverse_index.model.oracle.prices import Restriction
from inverse_index.trading import Refused, View
from inverse_index.trading.rehearsal import Margins

ONE = 10**36
SYSTEM: Any = SimpleNamespace(decimals=6, collateral_symbol="USDC")
PRICES = (8 * WAD,)


def view(restriction: Restriction = Restriction(0)) -> View:  # noqa: B008
    prices: Any = Restricted(PRICES, PRICES, PRICES, PRICES) if restriction else PRICES
    return View(ExchangeModel(6, 1), prices, restriction, 0, ("UNI",))


@pytest.mark.parametrize(
    ("refused", "line"),
    [
        (
            Refused(reasons.EXCHANGE_MARGIN, ONE // 3, 5 * WAD),
            "0.333334 USDC of margin are missing (exchange: margin too low); "
            "`ape run trade margin add 0.333334`, or trade at most 5 UNI",
        ),
        (
            Refused(reasons.EXCHANGE_MARGIN, 1, 0),
            "0.000001 USDC of margin are missing (exchange: margin too low); "
            "`ape run trade margin add 0.000001`",
        ),
        (
            Refused(reasons.EXCHANGE_SHORT_CAP, None, 5 * WAD // 2),
            "at most 2.5 UNI, worth 20 USDC can be traded now (exchange: short interest capped); "
            "use a smaller amount",
        ),
        (
            Refused(reasons.EXCHANGE_RESERVE, None, 0),
            "nothing more can be traded that way now (exchange: pool reserve too low); "
            "use a smaller amount: the venue has no more depth",
        ),
        (
            Refused(reasons.EXCHANGE_REDUCE_ONLY),
            "nothing can be opened any more (exchange: settled, orders only reduce); "
            "`ape run trade close` closes what is open",
        ),
    ],
)
def test_refusals(refused: Refused, line: str) -> None:
    assert str(refusal(SYSTEM, view(), 0, refused)) == line


def test_restricted_prices_say_why() -> None:
    doubted = view(Restriction.STEP | Restriction.SPREAD)
    error = refusal(SYSTEM, doubted, 0, Refused(reasons.EXCHANGE_RESTRICTED))
    assert error.message == (
        "nothing can be opened now: a price has made a large step that is not confirmed yet and "
        "the price sources disagree (exchange: oracle restricts its prices)"
    )


def test_leverage_and_liquidation_in_words() -> None:
    assert leverage_text(Margins(10 * ONE, 0, 0, 0)) == "none: nothing is open"
    assert leverage_text(Margins(10 * ONE, 5 * ONE, 3 * ONE, 50 * ONE)) == "5x"
    assert leverage_text(Margins(-ONE, 5 * ONE, 3 * ONE, 50 * ONE)) == "no equity"
    assert liquidation_text(SYSTEM, None, WAD).startswith("none: ")
    assert liquidation_text(SYSTEM, WAD, WAD) == "now: below maintenance margin"
    assert liquidation_text(SYSTEM, 12 * WAD // 10, WAD) == (
        "at 1.2 USDC (+20.00%), while the other markets stand"
    )


def test_who_pays_funding() -> None:
    assert funding_text(SYSTEM, ONE, 0) == "pays 1 USDC, at this skew"
    assert funding_text(SYSTEM, -ONE, 0) == "receives 1 USDC, at this skew"
    assert funding_text(SYSTEM, 0, 0) == "none at this skew"
    of_it = "pays 3 USDC, at this skew; 1 USDC of it borrows from the pool"
    assert funding_text(SYSTEM, 3 * ONE, ONE) == of_it
