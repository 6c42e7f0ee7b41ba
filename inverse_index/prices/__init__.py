# SPDX-License-Identifier: AGPL-3.0-only
"""Price histories from files or from the seeded scenario."""

from inverse_index.prices.csv_file import default_max_gap, find_data_dir, load_prices
from inverse_index.prices.history import MAX_PRICE, ONE_USD, PRICE_DECIMALS, PriceHistory
from inverse_index.prices.times import format_span, format_time, parse_option, parse_time

__all__ = [
    "MAX_PRICE",
    "ONE_USD",
    "PRICE_DECIMALS",
    "PriceHistory",
    "default_max_gap",
    "find_data_dir",
    "format_span",
    "format_time",
    "load_prices",
    "parse_option",
    "parse_time",
]
