# SPDX-License-Identifier: AGPL-3.0-only
"""Checks of the sources as a whole: what tests reach, sizes, static analysers."""
