# SPDX-License-Identifier: AGPL-3.0-only
"""The commands behind `ape run`: one verb each, see `scripts/`."""
