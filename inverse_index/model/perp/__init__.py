# SPDX-License-Identifier: AGPL-3.0-only
"""Model of the vault on the exchange, and of its venue."""
