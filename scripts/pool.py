# SPDX-License-Identifier: AGPL-3.0-only
"""Provide liquidity to the embedded exchange: `ape run pool --help`."""

from inverse_index.cli.pool import cli

__all__ = ["cli"]
