# SPDX-License-Identifier: AGPL-3.0-only
"""Model of the policy: terms of flows, triggers, the wind-down's bounds."""
