# SPDX-License-Identifier: AGPL-3.0-only
"""Compare a deployment with its file: `ape run check --help`."""

from inverse_index.cli.check import cli

__all__ = ["cli"]
