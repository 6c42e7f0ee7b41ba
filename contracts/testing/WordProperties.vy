# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title WordProperties
@license AGPL-3.0-only
@notice What must hold of packed storage words, for all numbers: what is stored
        comes back, and no field touches another.
@custom:kill For tests only; never deployed elsewhere.
"""

from ...interfaces import IInverseIndexToken
from ..modules.policy import parameters
from ..modules.exchange import funding
from ..modules.exchange import markets
from ..modules.token import records
from ..modules.uniswap import hop_word

initializes: funding
initializes: markets[funding := funding]
initializes: records


@deploy
def __init__():
    records.__init__()


# --- token ---


@pure
@external
def parameters_packed(low: uint256, high: uint256) -> bool:
    """
    @notice What fits its bits comes back, and no field touches another.
    @param low Six fields of 16 bits. @param high Four of 32.
    """
    p: IInverseIndexToken.Parameters = IInverseIndexToken.Parameters(
        mint_fee_bps=low & 65535,
        redeem_fee_bps=low >> 16 & 65535,
        tolerance_bps=low >> 32 & 65535,
        band_bps=low >> 48 & 65535,
        slippage_bps=low >> 64 & 65535,
        reward_bps=low >> 80 & 65535,
        reward_cap=high & 4294967295,
        reward_ramp=high >> 32 & 4294967295,
        chunk_delay=high >> 64 & 4294967295,
        emergency_bps=high >> 96 & 4294967295,
    )
    q: IInverseIndexToken.Parameters = parameters._unpacked(parameters._packed(p))
    return (
        q.mint_fee_bps == p.mint_fee_bps
        and q.redeem_fee_bps == p.redeem_fee_bps
        and q.tolerance_bps == p.tolerance_bps
        and q.band_bps == p.band_bps
        and q.slippage_bps == p.slippage_bps
        and q.reward_bps == p.reward_bps
        and q.reward_cap == p.reward_cap
        and q.reward_ramp == p.reward_ramp
        and q.chunk_delay == p.chunk_delay
        and q.emergency_bps == p.emergency_bps
    )


@external
def flows_stored(unhedged: int256, reserve: uint256, since: uint256) -> bool:
    """
    @notice Comes back as it was, or at the nearest end of its range.
    @param since Two times of 32 bits.
    """
    netting: uint256 = since & (2**32 - 1)
    in_band: uint256 = since >> 32 & (2**32 - 1)
    records._store_flows(
        IInverseIndexToken.Flows(
            unhedged=unhedged, reserve=reserve, netting_since=netting, in_band_at=in_band
        )
    )
    f: IInverseIndexToken.Flows = records._flows()
    top: int256 = 2**111
    kept: int256 = unhedged
    if unhedged >= top:
        kept = top - 1
    elif unhedged < -top:
        kept = -top
    return (
        f.unhedged == kept
        and f.reserve == (reserve if reserve < 2**80 else 2**80 - 1)
        and f.netting_since == netting
        and f.in_band_at == in_band
    )


@external
def reset_stored(
    counts: uint256, times: uint256, n: uint256, level: uint256, per_share: uint256
) -> bool:
    """
    @notice Comes back as it was, or at the end of its range.
    @param counts Epoch and version, 32 bits each. @param times Two of 40 bits.
    """
    r: IInverseIndexToken.Reset = IInverseIndexToken.Reset(
        epoch=counts & (2**32 - 1),
        version=counts >> 32 & (2**32 - 1),
        at=times & (2**40 - 1),
        chunk_due_at=times >> 40 & (2**40 - 1),
        nav=n,
        level=level,
        nav_per_share=per_share,
    )
    records._store_reset(r)
    s: IInverseIndexToken.Reset = records._reset()
    return (
        s.epoch == r.epoch
        and s.version == r.version
        and s.at == r.at
        and s.chunk_due_at == r.chunk_due_at
        and s.nav == (n if n < 2**112 else 2**112 - 1)
        and s.level == (level if level < 2**128 else 2**128 - 1)
        and s.nav_per_share == (per_share if per_share < 2**128 else 2**128 - 1)
    )


# --- venues ---


@external
def funding_stored(total: int256, rate_: int256, fee: uint256, side: uint256) -> bool:
    """
    @notice A signed funding of 124 bits, its very lowest value apart, a signed rate of 48,
            a borrowing rate of 44 and the time come back, for longs (odd) and shorts.
    """
    if total >= 2**123 or total <= -(2**123) or rate_ >= 2**47 or rate_ < -(2**47):
        return True
    if fee >= 2**44:
        return True
    is_long: bool = side & 1 == 1
    funding._store(0, is_long, total, rate_, convert(fee, int256))
    word: int256 = funding._longs[0] if is_long else funding._shorts[0]
    upper: int256 = word >> 84
    if funding._stored(0, is_long) != total or ((upper << 208) >> 208) != rate_:
        return False
    if funding._borrowing(0, is_long) != fee:
        return False
    return is_long or funding._at(0) == block.timestamp


@external
def interest_stored(skew: int256, displacement: int256, short: uint256) -> bool:
    """
    @notice A signed skew of 104 bits, a signed displacement of 52 and a short interest of
            100 come back.
    """
    if skew >= 2**103 or skew <= -(2**103) or short >= 2**100:
        return True
    if displacement >= 2**51 or displacement < -(2**51):
        return True
    markets._store_interest(0, skew, displacement, short)
    back: int256 = 0
    short_back: uint256 = 0
    back, short_back = markets._open_interest(0)
    return (
        back == skew and short_back == short and markets._stored_displacement(0) == displacement
    )


@pure
@external
def hop_packed(pool: address, fee: uint24, spacing: uint256, sells_0: bool, last: bool) -> bool:
    """
    @param spacing Taken modulo 2**23, as a tick spacing is positive.
    """
    ticks: int24 = convert(spacing & (2**23 - 1), int24)
    hop: uint256 = hop_word._packed(pool, fee, ticks, sells_0, last)
    return (
        hop_word._pool(hop) == pool
        and hop_word._fee(hop) == convert(fee, uint256)
        and hop_word._spacing(hop) == spacing & (2**23 - 1)
        and hop_word._is_last(hop) == last
        and hop_word._falls(hop, True) == sells_0
        and hop_word._falls(hop, False) != sells_0
    )
