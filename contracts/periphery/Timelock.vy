# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
# pragma optimize codesize
"""
@title Timelock
@license AGPL-3.0-only
@notice The owner of a token, its oracle and its exchange: whatever an owner may
        do happens at least two days after it was announced, and every holder can
        leave in between.
@dev The timelock controller of snekmate with three rules of its own:
     the delay is always within `MIN_DELAY` and `MAX_DELAY`, at construction and
     afterwards; nobody but the timelock itself, after that delay, changes roles
     or the delay; the admin role cannot be given to anybody, and the timelock
     keeps it.
     Once every proposer or every executor is revoked, the owner's powers are gone
     for good.
@custom:kill An operation is cancelled by any canceller before it is executed.
             The timelock as a whole cannot be stopped or replaced, except by
             an operation of its own that hands its contracts on.
"""

from snekmate.auth import access_control
from snekmate.governance import timelock_controller

from ...interfaces import ITimelock

implements: ITimelock

from ..modules.lib import errors

initializes: access_control
initializes: timelock_controller[access_control := access_control]

exports: (
    timelock_controller.PROPOSER_ROLE,
    timelock_controller.EXECUTOR_ROLE,
    timelock_controller.CANCELLER_ROLE,
    timelock_controller.DEFAULT_ADMIN_ROLE,
    timelock_controller.hasRole,
    timelock_controller.getRoleAdmin,
    timelock_controller.get_timestamp,
    timelock_controller.get_minimum_delay,
    timelock_controller.is_operation,
    timelock_controller.is_operation_pending,
    timelock_controller.is_operation_ready,
    timelock_controller.is_operation_done,
    timelock_controller.get_operation_state,
    timelock_controller.hash_operation,
    timelock_controller.hash_operation_batch,
    timelock_controller.schedule,
    timelock_controller.schedule_batch,
    timelock_controller.cancel,
    timelock_controller.execute,
    timelock_controller.execute_batch,
    # `grantRole`, `revokeRole` and `update_delay` are replaced by narrower ones.
    # `renounceRole` and `set_role_admin` are left out: roles change only after
    # the delay, and no role may be handed to another role's members.
    # The receivers of ETH and collectibles, and with them `supportsInterface`,
    # are left out: it owns contracts and nothing else.
)


# @dev Seconds; the delay can never be shorter.
MIN_DELAY: public(constant(uint256)) = 2 * 86_400
# @dev Seconds; the delay can never be longer: nobody locks the owner out.
MAX_DELAY: public(constant(uint256)) = 30 * 86_400

_MAX_MEMBERS: constant(uint256) = 10


@deploy
def __init__(
    delay: uint256,
    proposers: DynArray[address, _MAX_MEMBERS],
    executors: DynArray[address, _MAX_MEMBERS],
):
    """
    @param delay Seconds from announcement to execution.
    @param proposers Announce and cancel; at least one.
    @param executors Carry out what is ready; the zero address for anyone.
    """
    self._check_delay(delay)
    assert len(proposers) != 0, errors.TIMELOCK_PROPOSER
    assert empty(address) not in proposers, errors.TIMELOCK_PROPOSER
    assert len(executors) != 0, errors.TIMELOCK_EXECUTOR
    access_control.__init__()
    timelock_controller.__init__(delay, proposers, executors, empty(address))


@external
def update_delay(new_delay: uint256):
    """
    @notice The timelock itself: the delay of what is announced from now on.
    @param new_delay Seconds, 2 to 30 days.
    """
    self._check_self()
    self._check_delay(new_delay)
    log timelock_controller.MinimumDelayChange(
        old_duration=timelock_controller.get_minimum_delay, new_duration=new_delay
    )
    timelock_controller.get_minimum_delay = new_delay


@external
def grantRole(role: bytes32, account: address):
    """
    @notice The timelock itself: make a proposer, executor or canceller. Reverts with
            "timelock: role is fixed" for another role.
    """
    self._check_self()
    self._check_role_moves(role)
    access_control._grant_role(role, account)


@external
def revokeRole(role: bytes32, account: address):
    """
    @notice The timelock itself: take such a role away.
    """
    self._check_self()
    self._check_role_moves(role)
    access_control._revoke_role(role, account)


@view
@internal
def _check_self():
    assert msg.sender == self, errors.TIMELOCK_SELF


@pure
@internal
def _check_delay(delay: uint256):
    assert delay >= MIN_DELAY and delay <= MAX_DELAY, errors.TIMELOCK_DELAY


@pure
@internal
def _check_role_moves(role: bytes32):
    assert role in [
        timelock_controller.PROPOSER_ROLE,
        timelock_controller.EXECUTOR_ROLE,
        timelock_controller.CANCELLER_ROLE,
    ], errors.TIMELOCK_ROLE
