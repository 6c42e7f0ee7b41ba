# SPDX-License-Identifier: AGPL-3.0-only
"""The real Safe proposes and executes every owner's power of docs/governance.md:
two of three sign each step, and nothing less does it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from eth_utils.crypto import keccak

from inverse_index.chain import Contract, LocalBackend, Receipt
from inverse_index.deployment import Given, System, deploy_system
from inverse_index.deployment.governance import Governance, Operation, batch, operation
from inverse_index.protocols.safe import (
    CALL,
    ZERO_ADDRESS,
    deploy_safe,
    execute_as_safe,
    owner_of,
    signatures,
)
from tests.support.assertions import no_event, only_event, reverts
from tests.support.constants import DAY, WAD
from tests.support.plans import PARAMETERS, make_plan
from tests.unit.docs.test_governance import POWERS

DELAY = 2 * DAY
KEYS = [keccak(text=f"owner {i} of this wallet") for i in range(3)]
STRANGER = keccak(text="stranger")
SOMEBODY = "0x" + "33" * 20
WEIGHTS = [WAD // 4, WAD - WAD // 4]
TOO_FEW, NOT_OURS, FAILED = "GS020", "GS026", "GS013"  # Safe's numbers
NOT_READY = "timelock_controller: operation is not ready"
MISSING = "access_control: account is missing role"
OWNERS = {"owner", "guardian or owner", "owner, or anyone once it has failed", "timelock"}


@dataclass
class Board:
    """The wallet whose owners govern a token, and nobody else does anything."""

    chain: LocalBackend
    safe: Contract
    system: System
    timelock: Contract
    sender: str

    def part(self, name: str) -> Contract:
        system = self.system
        return {
            "InverseIndexToken": system.token,
            "IndexOracle": system.oracle,
            "Timelock": self.timelock,
        }[name]

    def sign(self, data: bytes, signers: Sequence[bytes] = KEYS[:2]) -> Receipt:
        """A call to the timelock, signed by these; anybody sends it."""
        return execute_as_safe(self.safe, signers, self.timelock, data, self.sender)

    def announce(self, wanted: Operation) -> bytes:
        """Calldata."""
        data: bytes = self.timelock.schedule.encode(*wanted.arguments, DELAY)
        return data

    def carry_out(self, wanted: Operation) -> Receipt:
        """Announced, waited for to the second, executed."""
        self.sign(self.announce(wanted))
        self.chain.increase_time(DELAY)
        return self.sign(self.timelock.execute.encode(*wanted.arguments), KEYS[1:])

    def ready_at(self, wanted: Operation) -> int:
        """0: not announced, 1: done."""
        number = self.timelock.hash_operation(*wanted.arguments)
        return int(self.timelock.get_timestamp(number))


@pytest.fixture(scope="module")
def board(chain: LocalBackend, owner: str, keeper: str) -> Board:
    safe = deploy_safe(chain, owner, [owner_of(key) for key in KEYS], 2)
    governance = Governance(DELAY, (safe.address,), (safe.address,))
    given = Given(governance=governance, guardian=SOMEBODY)
    plan = make_plan(2)  # feeds whose heartbeat can still be raised
    plan = replace(plan, local_feed=replace(plan.local_feed, primary_heartbeat=6 * 86_400))
    system = deploy_system(chain, plan, owner, given)
    assert system.timelock is not None
    return Board(chain, safe, system, system.timelock, keeper)


def executor_role(board: Board) -> bytes:
    role: bytes = board.timelock.EXECUTOR_ROLE()
    return role


# contract and function: its arguments, what shows that it happened, and what has
# to happen before
Arguments = Callable[[Board], tuple[Any, ...]]
Shows = Callable[[Board], bool]
Before = tuple[str, str, Arguments] | None
TOKEN, ORACLE, TIMELOCK = ("InverseIndexToken", "IndexOracle", "Timelock")
CALLS: dict[tuple[str, str], tuple[Arguments, Shows, Before]] = {
    (ORACLE, "set_heartbeats"): (
        lambda b: (0, 7 * 86_400, b.system.oracle.asset(0).secondary_heartbeat),
        lambda b: b.system.oracle.asset(0).primary_heartbeat == 7 * 86_400,
        None,
    ),
    (TOKEN, "pause_mint"): (lambda b: (), lambda b: b.system.token.state().mode == 2, None),
    (TOKEN, "resume_mint"): (
        lambda b: (),
        lambda b: b.system.token.state().mode == 1,
        (TOKEN, "pause_mint", lambda b: ()),
    ),
    (TOKEN, "set_nav_cap"): (
        lambda b: (2**112,),
        lambda b: b.system.token.state().nav_cap == 2**112,
        None,
    ),
    (TOKEN, "set_parameters"): (
        lambda b: (replace(PARAMETERS, band_bps=2_000),),
        lambda b: b.system.token.state().parameters.band_bps == 2_000,
        None,
    ),
    (TOKEN, "set_streaming_fee"): (
        lambda b: (7, SOMEBODY),
        lambda b: tuple(b.system.token.state().fee)[:2] == (7, SOMEBODY),
        None,
    ),
    (TOKEN, "set_guardian"): (
        lambda b: (b.safe,),
        lambda b: b.system.token.guardian() == b.safe.address,
        None,
    ),
    (TOKEN, "wind_down"): (lambda b: (), lambda b: b.system.token.state().mode == 4, None),
    (TOKEN, "transfer_ownership"): (
        lambda b: (b.safe,),
        lambda b: b.system.token.owner() == b.safe.address,
        None,
    ),
    (ORACLE, "schedule_reconstitution"): (
        lambda b: (WEIGHTS,),
        lambda b: b.system.oracle.scheduled()[0] == WEIGHTS,
        None,
    ),
    (ORACLE, "cancel_reconstitution"): (
        lambda b: (),
        lambda b: b.system.oracle.scheduled() == ([], 0),
        (ORACLE, "schedule_reconstitution", lambda b: (WEIGHTS,)),
    ),
    (ORACLE, "transfer_ownership"): (
        lambda b: (b.safe,),
        lambda b: b.system.oracle.owner() == b.safe.address,
        None,
    ),
    (TIMELOCK, "update_delay"): (
        lambda b: (3 * DAY,),
        lambda b: b.timelock.get_minimum_delay() == 3 * DAY,
        None,
    ),
    (TIMELOCK, "grantRole"): (
        lambda b: (executor_role(b), SOMEBODY),
        lambda b: b.timelock.hasRole(executor_role(b), SOMEBODY),
        None,
    ),
    (TIMELOCK, "revokeRole"): (
        lambda b: (executor_role(b), b.safe),
        lambda b: not b.timelock.hasRole(executor_role(b), b.safe),
        None,
    ),
}


def test_these_are_all_powers_of_an_owner() -> None:
    rows = {(contract, function) for contract, function, who, _ in POWERS if who in OWNERS}
    assert rows == set(CALLS)


@pytest.mark.parametrize("power", CALLS, ids=lambda power: ".".join(power))
def test_each_power(board: Board, attacker: str, power: tuple[str, str]) -> None:
    """Nobody without two signatures, not a second early, once. [G-TL-9] [G-TL-2] [G-TL-3]"""
    arguments, shows, before = CALLS[power]
    if before is not None:
        where, function, given = before
        board.carry_out(operation(board.part(where), function, *given(board)))
    wanted = operation(board.part(power[0]), power[1], *arguments(board))
    announce = board.announce(wanted)
    execute = board.timelock.execute.encode(*wanted.arguments)
    assert not shows(board)

    refusals(board, announce)
    with reverts(MISSING):
        board.timelock.schedule(*wanted.arguments, DELAY, sender=attacker)
    with reverts(FAILED):  # a delay below the timelock's
        board.sign(board.timelock.schedule.encode(*wanted.arguments, DELAY - 1))
    assert board.ready_at(wanted) == 0
    receipt = board.sign(announce)
    assert board.ready_at(wanted) == receipt.timestamp + DELAY

    board.chain.increase_time(DELAY - 1)
    with reverts(FAILED):
        board.sign(execute)
    assert not shows(board)
    board.chain.increase_time(1)
    refusals(board, execute)
    with reverts(MISSING):
        board.timelock.execute(*wanted.arguments, sender=attacker)
    assert not shows(board)
    receipt = board.sign(execute, [KEYS[0], KEYS[2]])
    assert shows(board)
    only_event(
        receipt,
        board.timelock,
        "CallExecuted",
        id=board.timelock.hash_operation(*wanted.arguments),
        index=0,
        target=wanted.target,
        amount=0,
        payload=wanted.payload,
    )
    assert board.ready_at(wanted) == 1
    with reverts(FAILED):
        board.sign(execute)


def refusals(board: Board, data: bytes) -> None:
    """What is not signed by two different owners of three."""
    nonce = board.safe.nonce()
    for signers, reason in (
        ([], TOO_FEW),
        (KEYS[:1], TOO_FEW),
        ([KEYS[0], STRANGER], NOT_OURS),
        ([KEYS[0], KEYS[0]], NOT_OURS),
    ):
        with reverts(reason):
            board.sign(data, signers)
    assert board.safe.nonce() == nonce


# signatures


def terms(board: Board, data: bytes) -> tuple[Any, ...]:
    """What `execTransaction` takes but the signatures."""
    return (board.timelock, 0, data, CALL, 0, 0, 0, ZERO_ADDRESS, ZERO_ADDRESS)


def signed(board: Board, data: bytes, nonce: int, signers: Sequence[bytes]) -> bytes:
    digest: bytes = board.safe.getTransactionHash(*terms(board, data), nonce)
    return signatures(digest, signers)


def test_a_signature_serves_once(board: Board, attacker: str) -> None:
    """The wallet's number has moved on; those for a later number wait for theirs."""
    wanted = operation(board.system.token, "pause_mint")
    data, nonce = board.announce(wanted), board.safe.nonce()
    proof = signed(board, data, nonce, KEYS[:2])
    cancel = board.timelock.cancel.encode(board.timelock.hash_operation(*wanted.arguments))
    later = signed(board, cancel, nonce + 1, KEYS[1:])
    with reverts(NOT_OURS):
        board.safe.execTransaction(*terms(board, cancel), later, sender=attacker)
    board.safe.execTransaction(*terms(board, data), proof, sender=attacker)
    assert board.ready_at(wanted) > 1
    with reverts(NOT_OURS):
        board.safe.execTransaction(*terms(board, data), proof, sender=attacker)
    board.safe.execTransaction(*terms(board, cancel), later, sender=attacker)
    assert board.ready_at(wanted) == 0
    with reverts(NOT_OURS):  # nor is it announced again
        board.safe.execTransaction(*terms(board, data), proof, sender=attacker)


def test_a_signature_serves_for_what_it_signs(
    chain: LocalBackend, board: Board, owner: str, attacker: str
) -> None:
    """Neither for another call, nor for another wallet of the same owners, nor
    in another order."""
    token = board.system.token
    data = board.announce(operation(token, "pause_mint"))
    other = board.announce(operation(token, "wind_down"))
    nonce = board.safe.nonce()
    proof = signed(board, data, nonce, KEYS[:2])
    with reverts(NOT_OURS):
        board.safe.execTransaction(*terms(board, other), proof, sender=attacker)
    twin = deploy_safe(chain, owner, [owner_of(key) for key in KEYS], 2, salt=1)
    assert twin.nonce() == 0
    elsewhere = replace(board, safe=twin)
    with reverts(NOT_OURS):
        board.safe.execTransaction(
            *terms(board, data), signed(elsewhere, data, nonce, KEYS[:2]), sender=attacker
        )
    with reverts(NOT_OURS):
        turned = proof[65:] + proof[:65]
        board.safe.execTransaction(*terms(board, data), turned, sender=attacker)
    board.safe.execTransaction(*terms(board, data), proof, sender=attacker)


def test_a_wallet_that_is_no_proposer(chain: LocalBackend, board: Board, owner: str) -> None:
    """The same owners with another wallet have no power. [G-TL-2]"""
    twin = deploy_safe(chain, owner, [owner_of(key) for key in KEYS], 2, salt=2)
    wanted = operation(board.system.token, "pause_mint")
    with reverts(FAILED):
        replace(board, safe=twin).sign(board.announce(wanted))
    assert board.ready_at(wanted) == 0


def test_a_batch(board: Board) -> None:
    """All of it in one operation, signed twice; or nothing of it. [G-TL-4]"""
    token, oracle = board.system.token, board.system.oracle
    wanted = [
        operation(token, "set_streaming_fee", 9, SOMEBODY),
        operation(oracle, "schedule_reconstitution", WEIGHTS),
        operation(board.timelock, "update_delay", 4 * DAY),
    ]
    wrong = [
        operation(token, "set_guardian", SOMEBODY[:-2] + "44"),
        operation(token, "set_streaming_fee", 2**255, SOMEBODY),
    ]
    for each in (wanted, wrong):
        board.sign(board.timelock.schedule_batch.encode(*batch(each), DELAY))
    board.chain.increase_time(DELAY)
    receipt = board.sign(board.timelock.execute_batch.encode(*batch(wanted)))
    done = [e.payload for e in board.timelock.events(receipt) if e.name == "CallExecuted"]
    assert done == [each.payload for each in wanted]
    assert (token.state().fee.rate, board.timelock.get_minimum_delay()) == (9, 4 * DAY)
    assert oracle.scheduled()[0] == WEIGHTS
    before = token.state()
    with reverts(FAILED):
        board.sign(board.timelock.execute_batch.encode(*batch(wrong)))
    assert (token.state(), token.guardian()) == (before, SOMEBODY)


def test_an_owner_is_replaced_meanwhile(board: Board, keeper: str) -> None:
    """What was announced stays, and the new owner's signature executes it; the
    old one's does not."""
    wanted = operation(board.system.token, "pause_mint")
    board.sign(board.announce(wanted))
    new = keccak(text="new owner of this wallet")
    owners = board.safe.getOwners()
    old = owner_of(KEYS[2])
    place = owners.index(old)
    sentinel = "0x" + "00" * 19 + "01"
    ahead = owners[place - 1] if place else sentinel
    swap = board.safe.swapOwner.encode(ahead, old, owner_of(new))
    receipt = execute_as_safe(board.safe, KEYS[:2], board.safe, swap, keeper)
    no_event(receipt, board.safe, "ExecutionFailure")
    board.chain.increase_time(DELAY)
    execute = board.timelock.execute.encode(*wanted.arguments)
    with reverts(NOT_OURS):
        board.sign(execute, [KEYS[0], KEYS[2]])
    board.sign(execute, [KEYS[0], new])
    assert board.system.token.state().mode == 2
