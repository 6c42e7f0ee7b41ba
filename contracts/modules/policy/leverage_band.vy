# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title leverage_band
@notice The band around the multiple inside which the leverage E / N may drift:
        |E - L * N| <= L * N * band. Out of it a rebalance is due, and a deposit is
        hedged at the multiple instead of with the present leverage.
"""

BPS: constant(uint256) = 10_000
_BPS_WAD: constant(uint256) = 10**14


@pure
@internal
def _is_within(exposure: uint256, n: uint256, multiple: uint256, band_bps: uint256) -> bool:
    """
    @return True when there is value and E / N is within the band.
    """
    target: uint256 = n * multiple
    gap: uint256 = max(exposure, target) - min(exposure, target)
    return n > 0 and gap * BPS <= target * band_bps


@pure
@internal
def _upper_edge(multiple: uint256, band_bps: uint256) -> uint256:
    """
    @return The highest leverage of the band, WAD.
    """
    return multiple * (BPS + band_bps) * _BPS_WAD


@pure
@internal
def _lower_edge(multiple: uint256, band_bps: uint256) -> uint256:
    """
    @return The lowest leverage of the band, WAD.
    """
    return multiple * (BPS - band_bps) * _BPS_WAD
