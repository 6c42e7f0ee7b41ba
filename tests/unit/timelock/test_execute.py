# SPDX-License-Identifier: AGPL-3.0-only
"""Every owner's function through the timelock; never early, never unannounced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import pytest

from inverse_index.chain import Contract, LocalBackend
from inverse_index.deployment.governance import ANYONE, batch, execute, operation, schedule
from tests.support.assertions import only_event, reverts
from tests.support.constants import DAY, WAD
from tests.support.plans import PARAMETERS

from .conftest import DELAY, Governed

WEIGHTS = [WAD // 20 * 11, *([WAD // 20] * 9)]
NOT_READY = "timelock_controller: operation is not ready"
MISSING = "access_control: account is missing role"

OTHER_REFUSALS = {  # the deployer is the guardian here
    "cap": "token: guardian can only lower the cap",
    "wind down": "token: only the owner can wind down",
}

# contract, function, arguments, and what shows that it happened
CALLS: dict[str, tuple[str, str, tuple[Any, ...], Callable[[Contract], bool]]] = {
    "parameters": (
        "token",
        "set_parameters",
        (replace(PARAMETERS, band_bps=2_000),),
        lambda token: token.state().parameters.band_bps == 2_000,
    ),
    "fee": (
        "token",
        "set_streaming_fee",
        (7, "0x" + "11" * 20),
        lambda token: tuple(token.state().fee)[:2] == (7, "0x" + "11" * 20),
    ),
    "cap": ("token", "set_nav_cap", (2**112,), lambda token: token.state().nav_cap == 2**112),
    "pause": ("token", "pause_mint", (), lambda token: token.state().mode == 2),
    "resume": ("token", "resume_mint", (), lambda token: token.state().mode == 1),
    "wind down": ("token", "wind_down", (), lambda token: token.state().mode == 4),
    "guardian": (
        "token",
        "set_guardian",
        ("0x" + "22" * 20,),
        lambda token: token.guardian() == "0x" + "22" * 20,
    ),
    "token handed on": (
        "token",
        "transfer_ownership",
        ("0x" + "33" * 20,),
        lambda token: token.owner() == "0x" + "33" * 20,
    ),
    "weights": (
        "oracle",
        "schedule_reconstitution",
        (WEIGHTS,),
        lambda oracle: oracle.scheduled()[0] == WEIGHTS,
    ),
    "oracle handed on": (
        "oracle",
        "transfer_ownership",
        ("0x" + "33" * 20,),
        lambda oracle: oracle.owner() == "0x" + "33" * 20,
    ),
}


def part(governed: Governed, name: str) -> Contract:
    system = governed.system
    found = {
        "token": system.token,
        "oracle": system.oracle,
        "exchange": system.venue.exchange,  # type: ignore[attr-defined]
    }
    return found[name]


@pytest.mark.parametrize("name", CALLS)
def test_each_function_of_an_owner(governed: Governed, owner: str, name: str) -> None:
    """[M-WIND-1] [G-TL-9]"""
    where, function, args, happened = CALLS[name]
    contract = part(governed, where)
    if name == "resume":
        governed.carry_out(contract, "pause_mint")
    if name != "pause":
        with reverts(OTHER_REFUSALS.get(name, "ownable: caller is not the owner")):
            contract.method(function)(*args, sender=owner)
        assert not happened(contract)
    receipt = governed.carry_out(contract, function, *args)
    assert happened(contract)
    only_event(
        receipt,
        governed.timelock,
        "CallExecuted",
        id=operation_id(governed, contract, function, *args),
        index=0,
        target=contract.address,
        amount=0,
        payload=contract.encode(function, *args),
    )


def operation_id(governed: Governed, contract: Contract, function: str, *args: Any) -> Any:
    wanted = operation(contract, function, *args)
    return governed.timelock.hash_operation(*wanted.arguments)


def test_announced_weights_are_withdrawn(governed: Governed) -> None:
    oracle = governed.system.oracle
    governed.carry_out(oracle, "schedule_reconstitution", WEIGHTS)
    governed.carry_out(oracle, "cancel_reconstitution")
    assert oracle.scheduled() == ([], 0)


def test_several_happen_together_or_not_at_all(governed: Governed) -> None:
    """[G-TL-4]"""
    timelock, token, oracle = governed.timelock, governed.system.token, governed.system.oracle
    wanted = [
        operation(token, "set_parameters", replace(PARAMETERS, mint_fee_bps=20)),
        operation(token, "set_streaming_fee", 9, "0x" + "11" * 20),
        operation(token, "set_guardian", "0x" + "22" * 20),
        operation(oracle, "schedule_reconstitution", WEIGHTS),
    ]
    arguments = batch(wanted)
    receipt = timelock.schedule_batch(*arguments, DELAY, sender=governed.proposer)
    announced = [e.payload for e in timelock.events(receipt) if e.name == "CallScheduled"]
    assert announced == [each.payload for each in wanted]
    governed.chain.increase_time(DELAY)
    receipt = timelock.execute_batch(*arguments, sender=governed.executor)
    print(f"batch of {len(wanted)}: {receipt.gas_used:,} gas")
    assert asdict(PARAMETERS) | {"mint_fee_bps": 20} == token.state().parameters._asdict()
    assert oracle.scheduled()[0] == WEIGHTS

    wrong = [wanted[0], operation(token, "set_streaming_fee", 2**255, "0x" + "11" * 20)]
    before = token.state()
    wrong[0] = operation(token, "set_guardian", "0x" + "44" * 20)
    timelock.schedule_batch(*batch(wrong), DELAY, sender=governed.proposer)
    governed.chain.increase_time(DELAY)
    with reverts("token: fee above ceiling"):
        timelock.execute_batch(*batch(wrong), sender=governed.executor)
    assert (token.state(), token.guardian()) == (before, "0x" + "22" * 20)


def test_not_a_second_early(governed: Governed) -> None:
    """[G-TL-3]"""
    timelock, token = governed.timelock, governed.system.token
    wanted = operation(token, "set_guardian", "0x" + "22" * 20)
    with reverts("timelock_controller: insufficient delay"):
        timelock.schedule(*wanted.arguments, DELAY - 1, sender=governed.proposer)
    schedule(timelock, wanted, governed.proposer)
    governed.chain.increase_time(DELAY - 1)
    with reverts(NOT_READY):
        execute(timelock, wanted, governed.executor)
    governed.chain.increase_time(1)
    execute(timelock, wanted, governed.executor)
    with reverts(NOT_READY):
        execute(timelock, wanted, governed.executor)


def test_one_operation_after_another(governed: Governed) -> None:
    """With a salt, which tells equal ones apart, and a predecessor."""
    timelock, token = governed.timelock, governed.system.token
    first = operation(token, "pause_mint", salt=b"1" * 32)
    number = timelock.hash_operation(*first.arguments)
    second = replace(operation(token, "resume_mint"), predecessor=number)
    receipt = schedule(timelock, first, governed.proposer)
    only_event(receipt, timelock, "CallSalt", id=number, salt=b"1" * 32)
    schedule(timelock, second, governed.proposer)
    with reverts("timelock_controller: operation already scheduled"):
        schedule(timelock, second, governed.proposer)
    schedule(timelock, replace(first, salt=b"2" * 32), governed.proposer)
    governed.chain.increase_time(DELAY)
    with reverts("timelock_controller: missing dependency"):
        execute(timelock, second, governed.executor)
    execute(timelock, first, governed.executor)
    execute(timelock, second, governed.executor)
    assert token.state().mode == 1


def test_only_members(governed: Governed, attacker: str) -> None:
    """[G-TL-2]"""
    timelock, token = governed.timelock, governed.system.token
    wanted = operation(token, "set_guardian", attacker)
    with reverts(MISSING):
        schedule(timelock, wanted, attacker)
    schedule(timelock, wanted, governed.proposer)
    governed.chain.increase_time(DELAY)
    for sender in (attacker, governed.proposer):
        with reverts(MISSING):
            execute(timelock, wanted, sender)
    with reverts(NOT_READY):  # something else than was announced
        execute(timelock, operation(token, "set_guardian", token), governed.executor)


def test_a_proposer_cancels(governed: Governed, attacker: str) -> None:
    """[G-TL-2]"""
    timelock, token = governed.timelock, governed.system.token
    wanted = operation(token, "set_guardian", attacker)
    schedule(timelock, wanted, governed.proposer)
    number = timelock.hash_operation(*wanted.arguments)
    for sender in (attacker, governed.executor):
        with reverts(MISSING):
            timelock.cancel(number, sender=sender)
    receipt = timelock.cancel(number, sender=governed.proposer)
    only_event(receipt, timelock, "Cancelled", id=number)
    governed.chain.increase_time(DELAY)
    with reverts(NOT_READY):
        execute(timelock, wanted, governed.executor)


def test_anyone_executes_where_the_zero_address_is_executor(
    chain: LocalBackend, deploy: Callable[..., Contract], trader: str, attacker: str
) -> None:
    """[G-TL-5]"""
    timelock = deploy(2 * DAY, [trader], [ANYONE])
    wanted = operation(timelock, "update_delay", 4 * DAY)
    schedule(timelock, wanted, trader)
    chain.increase_time(2 * DAY)
    execute(timelock, wanted, attacker)
    assert timelock.get_minimum_delay() == 4 * DAY


def test_no_call_of_an_owner_is_too_long(governed: Governed) -> None:
    """The longest takes 388 of the 1,024 bytes that a call may have."""
    longest = 0
    for where, function, args, _ in CALLS.values():
        longest = max(longest, len(part(governed, where).encode(function, *args)))
    assert longest == 4 + 32 * 12
    too_long = governed.timelock.schedule.encode(
        governed.timelock.address, 0, bytes(1_025), bytes(32), bytes(32), DELAY
    )
    with reverts(""):
        governed.chain.send(governed.timelock.address, too_long, governed.proposer)
