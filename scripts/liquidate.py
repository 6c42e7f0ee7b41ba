# SPDX-License-Identifier: AGPL-3.0-only
"""Liquidate accounts on the embedded exchange: `ape run liquidate --help`."""

from inverse_index.cli.liquidate import cli

__all__ = ["cli"]
