# SPDX-License-Identifier: AGPL-3.0-only
"""One file a finding: what went wrong, and cannot any more."""
