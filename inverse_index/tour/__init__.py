# SPDX-License-Identifier: AGPL-3.0-only
"""A tour of modes, exits and powers on a chain of its own, every step checked."""

from .run import VENUES, Tour, run_tour

__all__ = ["VENUES", "Tour", "run_tour"]
