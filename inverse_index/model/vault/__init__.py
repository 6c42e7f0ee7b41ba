# SPDX-License-Identifier: AGPL-3.0-only
"""What the token's model asks of every vault."""
