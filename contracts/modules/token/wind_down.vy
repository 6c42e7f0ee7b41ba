# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title wind_down
@license AGPL-3.0-only
@notice Who may end a token, and what that stops for good: the owner at any time,
        anyone once `ITokenPolicy.has_failed`.
"""

from snekmate.auth import ownable

from ....interfaces import IInverseIndexToken

from ..lib import errors
from . import core
from . import price_acceptance
from . import streaming_fee

uses: ownable
uses: core
uses: streaming_fee


@external
def wind_down():
    """
    @notice Stop mints and the streaming fee for good and start to close the
            positions. The owner at any time; anyone once the oracle is dead, once
            the venue has halted, or when at undisputed prices a share is worth
            less than a hundredth of what it was at the last reset, and N no more.
            Usable and undisputed prices are accepted, so that closing never falls
            back to older ones.
    """
    assert core._winding_down_since() == 0, errors.TOKEN_WINDING_DOWN
    streaming_fee._accrue()
    if msg.sender != ownable.owner:
        failed: bool = staticcall core.RESETS.has_failed(
            core._state_of(core._unpriced()), core.VAULT.address, core.ORACLE.address
        )
        assert failed, errors.TOKEN_NOT_FAILED
    price_acceptance._try_refresh(core.ORACLE.address)
    streaming_fee._set(0, empty(address))
    core.control |= block.timestamp << 2
    log IInverseIndexToken.ModeSet(mode=core._mode())
