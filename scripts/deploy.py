# SPDX-License-Identifier: AGPL-3.0-only
"""Deploy a token: `ape run deploy --help`."""

from inverse_index.cli.deploy import cli

__all__ = ["cli"]
