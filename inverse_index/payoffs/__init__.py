# SPDX-License-Identifier: AGPL-3.0-only
"""Payoffs of the instruments that give an inverse exposure, side by side.

Analytics in floating point: the exact integers are in `inverse_index.model`.
`Instrument` says what every one of them answers. Bad input raises ValueError
with the value at fault and what was expected.
"""

from .black_scholes import call_value, normal_cdf, put_delta, put_gamma, put_value
from .instrument import Instrument
from .inverse import InverseFuture
from .linear import LinearFuture
from .put import ProtectivePut
from .terms import Dated, MarginRates, Perpetual, Terms
from .token import TokenOverPath, compounded, expected_log_drift

__all__ = [
    "Dated",
    "Instrument",
    "InverseFuture",
    "LinearFuture",
    "MarginRates",
    "Perpetual",
    "ProtectivePut",
    "Terms",
    "TokenOverPath",
    "call_value",
    "compounded",
    "expected_log_drift",
    "normal_cdf",
    "put_delta",
    "put_gamma",
    "put_value",
]
