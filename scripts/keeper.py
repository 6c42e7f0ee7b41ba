# SPDX-License-Identifier: AGPL-3.0-only
"""Rebalance when it is due: `ape run keeper --help`."""

from inverse_index.cli.keeper import cli

__all__ = ["cli"]
