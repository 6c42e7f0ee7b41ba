# SPDX-License-Identifier: AGPL-3.0-only
"""`ape run deploy`, in the order to read it: command, work, given, dry_run, summary."""

from .command import cli

__all__ = ["cli"]
