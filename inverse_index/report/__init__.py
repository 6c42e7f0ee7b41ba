# SPDX-License-Identifier: AGPL-3.0-only
"""What a run is shown with: chart, table, and figures of volatility decay."""
