# SPDX-License-Identifier: AGPL-3.0-only
"""A search for attacks and for states that nobody gets out of; it is not told where."""
