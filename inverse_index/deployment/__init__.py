# SPDX-License-Identifier: AGPL-3.0-only
"""From a deployment file to contracts on a chain, and to the exact model."""

from ..plan.deployment import Plan, plan_deployment
from .deploy import Given, deploy_system
from .registry import Registry
from .system import System

__all__ = ["Given", "Plan", "Registry", "System", "deploy_system", "plan_deployment"]
