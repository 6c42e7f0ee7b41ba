# SPDX-License-Identifier: AGPL-3.0-only
"""What every `ICollateralVault` must do, run against each kind of venue."""
