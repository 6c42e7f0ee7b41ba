# SPDX-License-Identifier: AGPL-3.0-only
"""Publish the sources of a deployment: `ape run verify --help`."""

from inverse_index.cli.verify import cli

__all__ = ["cli"]
