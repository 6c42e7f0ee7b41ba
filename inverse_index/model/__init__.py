# SPDX-License-Identifier: AGPL-3.0-only
"""Bit-exact integer models of the contracts; they know no chain."""
