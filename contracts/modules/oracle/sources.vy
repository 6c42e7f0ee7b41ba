# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title sources
@license AGPL-3.0-only
@notice The price of one asset from its two feeds, and its spread: their
        disagreement, or a wider one while a single feed serves.
@dev See `IndexOracle` for the rules.
"""

from . import asset_records
from . import faults
from . import feeds

uses: asset_records


# @dev The price of an asset as its sources have it.
struct Source:
    fault: uint256  # see `faults`
    price: uint256  # WAD USD
    spread: uint256  # WAD
    updated_at: uint256  # of the answer that gave the price
    confirmed: bool  # two sources agree within the maximum spread


_WAD: constant(uint256) = 10**18
_MAX_DISAGREEMENT: constant(uint256) = 10**6 * _WAD  # keeps every product small


@view
@internal
def _source(i: uint256) -> Source:
    """
    @notice The price of asset i in WAD USD from its primary, else its
            secondary, else the primary's fault.
    """
    first: feeds.Answer = self._latest(i, False)
    if asset_records.SECONDARY[i] == 0:
        return Source(
            fault=first.fault,
            price=first.price,
            spread=asset_records.MIN_SPREADS[i],
            updated_at=first.updated_at,
            confirmed=False,
        )
    second: feeds.Answer = self._latest(i, True)
    if first.fault == faults.NO_FAULT and second.fault == faults.NO_FAULT:
        spread: uint256 = self._disagreement_up(first.price, second.price)
        return Source(
            fault=faults.NO_FAULT,
            price=first.price,
            spread=max(spread, asset_records.MIN_SPREADS[i]),
            updated_at=first.updated_at,
            confirmed=spread <= asset_records.PARAMETERS.max_spread,
        )
    survivor: feeds.Answer = first
    if first.fault != faults.NO_FAULT and second.fault == faults.NO_FAULT:
        survivor = second
    if survivor.fault == faults.NO_FAULT and max(first.fault, second.fault) == faults.CALL:
        faults._check_gas()
    return Source(
        fault=survivor.fault,
        price=survivor.price,
        spread=asset_records.PARAMETERS.fallback_spread,
        updated_at=survivor.updated_at,
        confirmed=False,
    )


@view
@internal
def _latest(i: uint256, of_secondary: bool) -> feeds.Answer:
    """
    @notice A feed's answer. One that the heartbeat of the deployment calls stale is
            read again by a heartbeat that the owner has set.
    """
    word: uint256 = asset_records.SECONDARY[i] if of_secondary else asset_records.PRIMARY[i]
    answer: feeds.Answer = feeds._latest(word, asset_records.BOUNDS[i])
    if answer.fault != faults.STALE:
        return answer
    heartbeat: uint256 = asset_records._set_heartbeat(i, of_secondary)
    if heartbeat <= feeds._heartbeat(word):
        return answer
    raised: uint256 = feeds._pack_feed(feeds._feed(word), heartbeat, feeds._decimals(word))
    return feeds._latest(raised, asset_records.BOUNDS[i])


@pure
@internal
def _disagreement_up(price: uint256, other: uint256) -> uint256:
    """
    @return |price - other| / min(price, other), WAD, rounded up, at most a
            millionfold: each is within 1 + that, up or down, of the other.
    """
    low: uint256 = min(price, other)
    gap: uint256 = max(price, other) - low
    return min((gap * _WAD + low - 1) // low, _MAX_DISAGREEMENT)
