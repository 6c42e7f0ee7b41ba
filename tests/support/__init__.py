# SPDX-License-Identifier: AGPL-3.0-only
"""What tests stand on: harnesses, plans, constants, assertions. See tests/README.md."""
