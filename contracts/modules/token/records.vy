# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title records
@notice What the token remembers of its flows and of its last reset, packed.
@dev Flows, one word: unhedged (112 bits, 2**111 added) | reserve (80) | netting
     since (32) | in band at (32). Reset, two words: epoch (32) | version (32) |
     at (40) | chunk due at (40) | N (112), and level (128) | N per share (128).
     Amounts saturate instead of reverting, because a record must never stand
     between a holder and the exit: 2**80 is 1.2 million whole units of 18
     decimals, and what a saturated reserve does not hold belongs to N. Times of
     32 bits last until 2106.
"""

from ....interfaces import IInverseIndexToken

_BITS_32: constant(uint256) = 2**32 - 1
_BITS_40: constant(uint256) = 2**40 - 1
_BITS_80: constant(uint256) = 2**80 - 1
_BITS_128: constant(uint256) = 2**128 - 1
_BIAS: constant(int256) = 2**111  # unhedged is stored as unhedged + _BIAS

_flows_word: uint256
_reset_words: uint256[2]


@deploy
def __init__():
    self._store_flows(empty(IInverseIndexToken.Flows))


@view
@internal
def _flows() -> IInverseIndexToken.Flows:
    word: uint256 = self._flows_word
    return IInverseIndexToken.Flows(
        unhedged=convert(word & (2**112 - 1), int256) - _BIAS,
        reserve=word >> 112 & _BITS_80,
        netting_since=word >> 192 & _BITS_32,
        in_band_at=word >> 224,
    )


@internal
def _store_flows(flows: IInverseIndexToken.Flows):
    unhedged: int256 = min(max(flows.unhedged, -_BIAS), _BIAS - 1)
    self._flows_word = (
        convert(unhedged + _BIAS, uint256)
        | min(flows.reserve, _BITS_80) << 112
        | flows.netting_since << 192
        | flows.in_band_at << 224
    )


@view
@internal
def _reset() -> IInverseIndexToken.Reset:
    clock: uint256 = self._reset_words[0]
    record: uint256 = self._reset_words[1]
    return IInverseIndexToken.Reset(
        epoch=clock & _BITS_32,
        version=clock >> 32 & _BITS_32,
        at=clock >> 64 & _BITS_40,
        chunk_due_at=clock >> 104 & _BITS_40,
        nav=clock >> 144,
        level=record & _BITS_128,
        nav_per_share=record >> 128,
    )


@internal
def _store_reset(reset: IInverseIndexToken.Reset):
    self._reset_words[0] = (
        reset.epoch
        | reset.version << 32
        | reset.at << 64
        | reset.chunk_due_at << 104
        | min(reset.nav, 2**112 - 1) << 144
    )
    self._reset_words[1] = (
        min(reset.level, _BITS_128) | min(reset.nav_per_share, _BITS_128) << 128
    )
