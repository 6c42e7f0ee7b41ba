# SPDX-License-Identifier: AGPL-3.0-only
"""Mint shares: `ape run mint --help`."""

from inverse_index.cli.mint import cli

__all__ = ["cli"]
