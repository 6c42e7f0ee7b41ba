# SPDX-License-Identifier: AGPL-3.0-only
"""Model of the token, by the contracts' modules of the same names."""
