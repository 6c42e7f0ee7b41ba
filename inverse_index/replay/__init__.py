# SPDX-License-Identifier: AGPL-3.0-only
"""Run a token through a price history on a chain of its own, beside its model."""

from .runner import Replay, ReplayOptions, Result

__all__ = ["Replay", "ReplayOptions", "Result"]
