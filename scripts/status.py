# SPDX-License-Identifier: AGPL-3.0-only
"""Show the state of a token: `ape run status --help`."""

from inverse_index.cli.status import cli

__all__ = ["cli"]
