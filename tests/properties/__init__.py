# SPDX-License-Identifier: AGPL-3.0-only
"""What holds for all inputs: random amounts and histories."""
