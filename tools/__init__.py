# SPDX-License-Identifier: AGPL-3.0-only
"""Tools of the developers: not a part of the package."""
