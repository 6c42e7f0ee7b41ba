# SPDX-License-Identifier: AGPL-3.0-only
"""Show positions on the embedded exchange: `ape run positions --help`."""

from inverse_index.cli.positions import cli

__all__ = ["cli"]
