# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title admin
@license AGPL-3.0-only
@notice What owner and guardian may do: stop minting, move the cap, set
        parameters and fee within constant bounds. Nothing else; the owner can
        also wind the token down, see `wind_down`.
"""

from snekmate.auth import ownable

from ....interfaces import IInverseIndexToken
from ....interfaces import ITokenPolicy

from ..lib import errors
from . import streaming_fee
from . import core

uses: ownable
uses: core
uses: streaming_fee

guardian: public(address)


@deploy
def __init__(
    policy: address,
    vault: address,
    parameters: IInverseIndexToken.Parameters,
    multiple: uint256,
    cap: uint256,
    guardian: address,
):
    self._set_parameters(policy, vault, parameters, multiple)
    self._set_cap(cap)
    self._set_guardian(guardian)


@external
def pause_mint():
    self._check_guardian()
    core.control |= core.PAUSED
    log IInverseIndexToken.ModeSet(mode=core._mode())


@external
def resume_mint():
    ownable._check_owner()
    core.control = core.control >> 1 << 1  # `PAUSED`
    log IInverseIndexToken.ModeSet(mode=core._mode())


@external
def set_nav_cap(cap: uint256):
    self._check_guardian()
    lowers: bool = cap <= core._cap()
    assert lowers or msg.sender == ownable.owner, errors.TOKEN_ONLY_LOWER
    self._set_cap(cap)


@external
def set_parameters(parameters: IInverseIndexToken.Parameters):
    ownable._check_owner()
    self._set_parameters(core.POLICY.address, core.VAULT.address, parameters, core.MULTIPLE)


@external
def set_streaming_fee(rate: uint256, recipient: address):
    ownable._check_owner()
    assert core._winding_down_since() == 0, errors.TOKEN_WINDING_DOWN
    streaming_fee._accrue()
    streaming_fee._set(rate, recipient)


@external
def set_guardian(guardian: address):
    ownable._check_owner()
    self._set_guardian(guardian)


@view
@internal
def _check_guardian():
    permitted: bool = msg.sender == self.guardian or msg.sender == ownable.owner
    assert permitted, errors.TOKEN_NOT_GUARDIAN


@internal
def _set_parameters(
    policy: address,
    vault: address,
    parameters: IInverseIndexToken.Parameters,
    multiple: uint256,
):
    core.parameters_word = staticcall ITokenPolicy(policy).packed(vault, parameters, multiple)
    log IInverseIndexToken.ParametersSet(parameters=parameters)


@internal
def _set_cap(cap: uint256):
    assert cap <= 2**112, errors.TOKEN_CAP_RANGE
    core.control = cap << core.CAP_BITS | core.control & (2**core.CAP_BITS - 1)
    log IInverseIndexToken.NavCapSet(cap=cap)


@internal
def _set_guardian(guardian: address):
    self.guardian = guardian
    log IInverseIndexToken.GuardianSet(guardian=guardian)
