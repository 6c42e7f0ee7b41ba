# SPDX-License-Identifier: AGPL-3.0-only
"""A deployment in the contracts' own integers: contracts and model are built from it."""

from .deployment import Plan, plan_deployment

__all__ = ["Plan", "plan_deployment"]
