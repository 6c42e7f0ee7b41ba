# SPDX-License-Identifier: AGPL-3.0-only
"""Model of the vault on Aave and Uniswap, and of its venue."""
