# SPDX-License-Identifier: AGPL-3.0-only
"""List recorded deployments: `ape run deployments --help`."""

from inverse_index.cli.deployments import cli

__all__ = ["cli"]
