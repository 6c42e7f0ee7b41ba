# SPDX-License-Identifier: AGPL-3.0-only
"""The keeper: a pure decision and a thin runner around it."""

from .decide import Action, Blocked, Observe, Policy, Rebalance, Seen, Wait, decide
from .look import look
from .replacement import FeePolicy, Replacing
from .runner import Keeper, Summary

__all__ = [
    "Action",
    "Blocked",
    "FeePolicy",
    "Keeper",
    "Observe",
    "Policy",
    "Rebalance",
    "Replacing",
    "Seen",
    "Summary",
    "Wait",
    "decide",
    "look",
]
