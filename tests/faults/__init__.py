# SPDX-License-Identifier: AGPL-3.0-only
"""USDC and the markets below it at fault: who is refused what, and who still leaves."""
