# SPDX-License-Identifier: AGPL-3.0-only
"""A verb that connects to no network unless one is named."""

from __future__ import annotations

import click

from .verb import Verb

FLAG = "--dry-run"
NONE = ("--network", "None")  # Ape reads this as no network at all


class OfflineVerb(Verb):
    """With `--dry-run` and without `--network`, the provider is None and nothing starts."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        named = any(arg == "--network" or arg.startswith("--network=") for arg in args)
        return super().parse_args(ctx, [*args, *NONE] if FLAG in args and not named else args)


class AlwaysOfflineVerb(Verb):
    """Connects to nothing."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, [*args, *NONE])
