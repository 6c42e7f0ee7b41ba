# SPDX-License-Identifier: AGPL-3.0-only
"""Wind a token down: `ape run wind-down --help`."""

from inverse_index.cli.wind_down import cli

__all__ = ["cli"]
