# SPDX-License-Identifier: AGPL-3.0-only
"""Trade on the embedded exchange: `ape run trade --help`."""

from inverse_index.cli.trade import cli

__all__ = ["cli"]
