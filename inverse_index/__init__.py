# SPDX-License-Identifier: AGPL-3.0-only
"""An inverse crypto index token: chain client, exact reference model, analytics."""

__version__ = "0.1.0"
