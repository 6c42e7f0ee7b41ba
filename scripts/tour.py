# SPDX-License-Identifier: AGPL-3.0-only
"""Try every mode, exit and power on a local chain: `ape run tour --help`."""

from inverse_index.cli.tour import cli

__all__ = ["cli"]
