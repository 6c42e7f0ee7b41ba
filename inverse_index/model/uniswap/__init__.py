# SPDX-License-Identifier: AGPL-3.0-only
"""Model of paths over Uniswap pools, and of pools as they start."""
