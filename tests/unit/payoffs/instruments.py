# SPDX-License-Identifier: AGPL-3.0-only
"""One instrument of each kind, for tests that hold for all."""

from __future__ import annotations

from inverse_index.payoffs import (
    Dated,
    Instrument,
    InverseFuture,
    LinearFuture,
    MarginRates,
    Perpetual,
    ProtectivePut,
    TokenOverPath,
)

RATES = MarginRates(initial=0.1, maintenance=0.05)
PERPETUAL = Perpetual(funding=0.12)
DATED = Dated(years=0.5, basis=0.08)

INSTRUMENTS: dict[str, Instrument] = {
    "linear long": LinearFuture(60_000, 0.5, 20_000, RATES, PERPETUAL),
    "linear short": LinearFuture(60_000, -0.5, 20_000, RATES, PERPETUAL),
    "linear dated": LinearFuture(62_000, -0.5, 20_000, RATES, DATED),
    "inverse long": InverseFuture(60_000, 30_000, 0.8, RATES, PERPETUAL),
    "inverse short": InverseFuture(60_000, -30_000, 0.4, RATES, PERPETUAL),
    "inverse dated": InverseFuture(62_000, 30_000, 0.8, RATES, DATED),
    "token 1x": TokenOverPath([50_000, 55_000, 60_000], 1, 10_000, 0.6, 0.02),
    "token 3x": TokenOverPath([50_000, 55_000, 60_000], 3, 10_000, 0.6, 0.02),
    "put": ProtectivePut(60_000, 55_000, 0.5, 0.0, 1_500, 0.6, 0.25, 0.04, 0.01),
    "protective put": ProtectivePut(60_000, 55_000, 0.5, 0.5, 1_500, 0.6, 0.25, 0.04, 0.01),
}
