# SPDX-License-Identifier: AGPL-3.0-only
"""Figures that are measured, not tested: gas and speed."""
