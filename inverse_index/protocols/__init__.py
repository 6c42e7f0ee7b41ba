# SPDX-License-Identifier: AGPL-3.0-only
"""The real protocols on a local chain: Aave v3, Uniswap v3, Circle's USDC, Safe.

Deployed from the prebuilt artifacts of their npm packages, for demonstrations,
replays and tests. Production deployments use the contracts that exist.
"""
