# SPDX-License-Identifier: AGPL-3.0-only
"""Redeem shares: `ape run redeem --help`."""

from inverse_index.cli.redeem import cli

__all__ = ["cli"]
