# SPDX-License-Identifier: AGPL-3.0-only
"""The embedded exchange as traders, providers and liquidators meet it: its books read into
the reference model, and what follows from them before anything is sent."""

from .books import Exchange, View
from .history import History
from .liquidator import Liquidator
from .rehearsal import Preview, Refused, preview

__all__ = ["Exchange", "History", "Liquidator", "Preview", "Refused", "View", "preview"]
