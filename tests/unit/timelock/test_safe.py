# SPDX-License-Identifier: AGPL-3.0-only
"""The real Safe proposes: two of three owners sign, the timelock waits, anyone executes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from eth_utils.crypto import keccak

from inverse_index.chain import Contract, LocalBackend
from inverse_index.deployment import Given, deploy_system
from inverse_index.deployment.governance import Governance, execute, operation, schedule
from inverse_index.protocols.safe import deploy_safe, execute_as_safe, owner_of
from tests.support.assertions import only_event, reverts
from tests.support.constants import DAY
from tests.support.plans import PARAMETERS, make_plan

DELAY = 2 * DAY
KEYS = [keccak(text=f"owner {i} of the wallet") for i in range(3)]
STRANGER = keccak(text="stranger")


@dataclass
class Wallet:
    safe: Contract
    token: Contract
    timelock: Contract


@pytest.fixture(scope="module")
def wallet(chain: LocalBackend, owner: str, guardian: str) -> Wallet:
    safe = deploy_safe(chain, owner, [owner_of(key) for key in KEYS], 2)
    governance = Governance(DELAY, (safe.address,))
    given = Given(governance=governance, guardian=guardian)
    system = deploy_system(chain, make_plan(), owner, given)
    assert system.timelock is not None
    return Wallet(safe, system.token, system.timelock)


def test_two_of_three_set_parameters(
    chain: LocalBackend, wallet: Wallet, keeper: str, attacker: str
) -> None:
    safe, token, timelock = wallet.safe, wallet.token, wallet.timelock
    assert (safe.VERSION(), safe.getThreshold(), len(safe.getOwners())) == ("1.4.1", 2, 3)
    changed = replace(PARAMETERS, mint_fee_bps=25)
    wanted = operation(token, "set_parameters", changed)
    announce = timelock.schedule.encode(*wanted.arguments, DELAY)

    for signers, reason in (
        (KEYS[:1], "GS020"),  # one signature
        ([KEYS[0], STRANGER], "GS026"),  # of somebody else
    ):
        with reverts(reason):
            execute_as_safe(safe, signers, timelock, announce, attacker)
    with reverts("access_control: account is missing role"):
        schedule(timelock, wanted, attacker)

    receipt = execute_as_safe(safe, [KEYS[2], KEYS[0]], timelock, announce, keeper)
    number = timelock.hash_operation(*wanted.arguments)
    only_event(
        receipt,
        timelock,
        "CallScheduled",
        id=number,
        index=0,
        target=token.address,
        amount=0,
        payload=wanted.payload,
        predecessor=bytes(32),
        delay=DELAY,
    )
    assert timelock.get_timestamp(number) == receipt.timestamp + DELAY

    chain.increase_time(DELAY - 1)
    with reverts("timelock_controller: operation is not ready"):
        execute(timelock, wanted, attacker)
    chain.increase_time(1)
    execute(timelock, wanted, attacker)
    assert token.state().parameters.mint_fee_bps == 25


def test_the_wallet_has_no_shorter_way(wallet: Wallet, keeper: str) -> None:
    """It is proposer, not owner. Safe reports the failure of a call as its own GS013. [G-TL-9]"""
    changed = wallet.token.set_parameters.encode(replace(PARAMETERS, mint_fee_bps=25))
    shorter = wallet.timelock.update_delay.encode(1)
    for target, data in ((wallet.token, changed), (wallet.timelock, shorter)):
        with reverts("GS013"):
            execute_as_safe(wallet.safe, KEYS[:2], target, data, keeper)


def test_the_wallet_cancels(chain: LocalBackend, wallet: Wallet, keeper: str) -> None:
    safe, timelock = wallet.safe, wallet.timelock
    wanted = operation(wallet.token, "set_guardian", safe)
    announce = timelock.schedule.encode(*wanted.arguments, DELAY)
    execute_as_safe(safe, KEYS[:2], timelock, announce, keeper)
    number = timelock.hash_operation(*wanted.arguments)
    execute_as_safe(safe, KEYS[1:], timelock, timelock.cancel.encode(number), keeper)
    chain.increase_time(DELAY)
    with reverts("timelock_controller: operation is not ready"):
        execute(timelock, wanted, keeper)
