# SPDX-License-Identifier: AGPL-3.0-only
"""Models of contracts that are not this project's, exact in every integer."""
