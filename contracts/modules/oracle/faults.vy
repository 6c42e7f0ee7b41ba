# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title faults
@license AGPL-3.0-only
@notice Why a price source cannot be used, each reason a number until it is
        reported, and how much gas must be left before a fault is believed.
@dev A call to a feed gets `CALL_GAS` at most, so that one which burns its gas
     leaves enough for the others. It may get less when the caller of the oracle
     gave little, and a healthy feed then looks broken. Whoever acts on a fault
     therefore checks, after the last call, that `ENOUGH_GAS` is left: gas only
     declines, so every call had all of `CALL_GAS` (which is 63/64 of what was
     there at the most, less the cost of the call itself).
"""

from ..lib import errors

NO_FAULT: constant(uint256) = 0
CALL: constant(uint256) = 1
INCOMPLETE: constant(uint256) = 2
NOT_POSITIVE: constant(uint256) = 3
STALE: constant(uint256) = 4
BOUNDS: constant(uint256) = 5
SEQUENCER_CALL: constant(uint256) = 6
SEQUENCER_DOWN: constant(uint256) = 7
SEQUENCER_GRACE: constant(uint256) = 8

CALL_GAS: constant(uint256) = 300_000
ENOUGH_GAS: constant(uint256) = CALL_GAS + CALL_GAS // 32


@pure
@internal
def _check(fault: uint256):
    """
    @notice Revert with the fault's reason, if there is one.
    """
    assert fault != CALL, errors.FEED_FAILED
    assert fault != INCOMPLETE, errors.ROUND_INCOMPLETE
    assert fault != NOT_POSITIVE, errors.NOT_POSITIVE
    assert fault != STALE, errors.STALE_PRICE
    assert fault != BOUNDS, errors.OUT_OF_BOUNDS
    assert fault != SEQUENCER_CALL, errors.SEQUENCER_FAILED
    assert fault != SEQUENCER_DOWN, errors.SEQUENCER_DOWN
    assert fault != SEQUENCER_GRACE, errors.SEQUENCER_GRACE


@view
@internal
def _check_gas():
    """
    @notice After a fault that is acted upon, be it that the other source serves
            alone: no feed can have failed for want of gas.
    """
    assert msg.gas >= ENOUGH_GAS, errors.ORACLE_GAS
