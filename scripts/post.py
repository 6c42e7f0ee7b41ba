# SPDX-License-Identifier: AGPL-3.0-only
"""Post prices on a local or test network: `ape run post --help`."""

from inverse_index.cli.post import cli

__all__ = ["cli"]
