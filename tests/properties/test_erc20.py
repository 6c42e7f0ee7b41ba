# SPDX-License-Identifier: AGPL-3.0-only
"""ERC-20: random histories of transfers and allowances against a ledger written from
the EIP's text, in every state of the token. No state changes anything in them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from inverse_index.chain import Contract, Reverted
from tests.support.assertions import only_event
from tests.support.constants import MAX_UINT256, ZERO
from tests.support.standards_harness import StandardsHarness, search

BALANCE = "erc20: transfer amount exceeds balance"
ALLOWANCE = "erc20: insufficient allowance"
TO_ZERO = "erc20: transfer to the zero address"
APPROVE_ZERO = "erc20: approve to the zero address"
ACTORS = 4

actor = st.integers(0, ACTORS - 1)
receiver = st.integers(0, ACTORS + 2)  # the token itself, its vault, nobody
amount = st.one_of(
    st.tuples(st.just("of balance"), st.integers(0, 100)),
    st.tuples(st.just("of allowance"), st.integers(0, 100)),
    st.tuples(st.just("over balance"), st.integers(1, 2)),
    st.tuples(st.just("over allowance"), st.integers(1, 2)),
    st.tuples(st.just("exactly"), st.sampled_from([0, 1, 10**18, MAX_UINT256 - 1, MAX_UINT256])),
)
steps = st.one_of(
    st.tuples(st.just("transfer"), actor, actor, receiver, amount),
    st.tuples(st.just("transferFrom"), actor, actor, receiver, amount),
    st.tuples(st.just("transferFrom"), actor, st.integers(0, 1), actor, amount),
    st.tuples(st.just("approve"), actor, actor, receiver, amount),
)


@dataclass
class Ledger:
    """What the EIP says, and what this token says where the EIP leaves it open:
    zero addresses are refused, an allowance of MAX_UINT256 is never spent, whoever
    sends his own through `transferFrom` needs an allowance for himself."""

    balances: dict[str, int]
    allowances: dict[tuple[str, str], int] = field(default_factory=dict)

    def allowance(self, owner: str, spender: str) -> int:
        return self.allowances.get((owner, spender), 0)

    def transfer(self, sender: str, to: str, value: int) -> list[tuple[Any, ...]]:
        """The events; raises ValueError with the reason."""
        refuse_if(to == ZERO, TO_ZERO)
        refuse_if(value > self.balances[sender], BALANCE)
        self.balances[sender] -= value
        self.balances[to] = self.balances.get(to, 0) + value
        return [("Transfer", sender, to, value)]

    def transfer_from(self, caller: str, owner: str, to: str, value: int) -> list[tuple[Any, ...]]:
        allowed, events = self.allowance(owner, caller), []
        refuse_if(value > allowed, ALLOWANCE)
        refuse_if(to == ZERO, TO_ZERO)
        refuse_if(value > self.balances[owner], BALANCE)
        if allowed != MAX_UINT256:
            self.allowances[owner, caller] = allowed - value
            events = [("Approval", owner, caller, allowed - value)]
        return [*events, *self.transfer(owner, to, value)]

    def approve(self, owner: str, spender: str, value: int) -> list[tuple[Any, ...]]:
        refuse_if(spender == ZERO, APPROVE_ZERO)
        self.allowances[owner, spender] = value
        return [("Approval", owner, spender, value)]


def refuse_if(condition: bool, reason: str) -> None:
    if condition:
        raise ValueError(reason)


class History:
    """One random history on the chain and in the ledger."""

    def __init__(self, harness: StandardsHarness, seen: Counter[str]) -> None:
        self.harness = harness
        self.seen = seen
        others = (harness.token.address, harness.base.system.vault.address)
        self.actors = harness.accounts
        self.places = (*harness.accounts, *others)
        self.ledger = Ledger(dict(zip(self.places, harness.shares(), strict=True)))
        self.pairs = [(a, b) for a in self.actors for b in self.places]
        self.supply = harness.token.totalSupply()

    def allow(self) -> None:
        """Some can spend from the start, half of them without end."""
        for i, (owner, spender) in enumerate([(0, 1), (0, 2), (0, 3), (1, 0), (1, 2), (1, 3)]):
            value = MAX_UINT256 if i % 2 else self.ledger.balances[self.actors[owner]]
            args = (self.actors[spender], value)
            self.expect(
                "approve",
                self.actors[owner],
                args,
                self.ledger.approve,
                (self.actors[owner], *args),
            )

    def run(self, step: tuple[Any, ...]) -> None:
        name, who, owner, to, size = step
        token: Contract = self.harness.token
        caller, owner, to = self.actors[who], self.actors[owner], (*self.places, ZERO)[to]
        if name == "approve":
            value = self.value(size, caller, to)
            self.expect(name, caller, (to, value), self.ledger.approve, (caller, to, value))
        elif name == "transfer":
            value = self.value(size, caller, caller)
            self.expect(name, caller, (to, value), self.ledger.transfer, (caller, to, value))
        else:
            value = self.value(size, owner, caller)
            unlimited = self.ledger.allowance(owner, caller) == MAX_UINT256
            went = self.seen[name]
            self.expect(
                name,
                caller,
                (owner, to, value),
                self.ledger.transfer_from,
                (caller, owner, to, value),
            )
            self.seen["without end"] += unlimited and self.seen[name] > went and value > 0
        assert token.totalSupply() == self.supply == sum(self.ledger.balances.values())

    def value(self, size: tuple[str, int], owner: str, spender: str) -> int:
        kind, n = size
        held, allowed = self.ledger.balances.get(owner, 0), self.ledger.allowance(owner, spender)
        found = {
            "of balance": held * n // 100,
            "of allowance": min(allowed, held) * n // 100,
            "over balance": held + n,
            "over allowance": allowed + n,
            "exactly": n,
        }[kind]
        return min(found, MAX_UINT256)

    def expect(self, name: str, caller: str, args: tuple[Any, ...], rule: Any, known: Any) -> None:
        """The call does what the rule says: returns true with its events, or
        reverts with its reason."""
        call = self.harness.token.method(name)
        try:
            events = rule(*known)
        except ValueError as refusal:
            try:
                call(*args, sender=caller)
            except Reverted as error:
                assert error.reason == str(refusal)
                self.seen[error.reason] += 1
                self.check()
                return
            raise AssertionError(f"{name}{args} did not revert") from refusal
        assert call.call(*args, sender=caller) is True
        receipt = call(*args, sender=caller)
        found = [(e.name, *e.args.values()) for e in self.harness.token.events(receipt)]
        assert found == events and len(receipt.logs) == len(events)
        self.seen[name] += 1
        self.seen["to itself"] += args[-2] == self.harness.token.address
        self.seen["of nothing"] += args[-1] == 0
        self.seen["to the sender"] += name != "approve" and args[-2] == args[0]
        self.check()

    def check(self) -> None:
        """Every balance and every allowance is the ledger's."""
        assert self.harness.shares() == [self.ledger.balances[who] for who in self.places]
        found = self.harness.ask("allowance", *self.pairs)
        assert found == [self.ledger.allowance(*pair) for pair in self.pairs]


def test_a_history_of_transfers(harness: StandardsHarness) -> None:
    """Every return value, event, reason, balance and allowance; the sum of the
    balances is the supply. In any state, without a price. [T-ERC-3]"""
    seen: Counter[str] = Counter()
    thorough = harness.state.name == "active" and harness.base.plan.decimals == 6 and harness.exact

    @search(25 if thorough else 1)
    @given(st.lists(steps, min_size=8, max_size=12))
    def histories(history: list[tuple[Any, ...]]) -> None:
        with harness.undone():
            run = History(harness, seen)
            run.allow()
            for step in history:
                run.run(step)

    histories()
    everything = {
        BALANCE,
        ALLOWANCE,
        TO_ZERO,
        APPROVE_ZERO,
        "transfer",
        "transferFrom",
        "approve",
        "of nothing",
        "to itself",
        "to the sender",
        "without end",
    }
    assert not thorough or {what for what in seen if seen[what] >= 3} == everything, seen


def test_metadata_needs_no_price(harness: StandardsHarness) -> None:
    """Name, symbol and decimals are those of the deployment; 18 whatever the
    collateral has."""
    token, plan = harness.token, harness.base.plan
    assert token.method("name")() == plan.token_name
    assert (token.symbol(), token.decimals()) == (plan.token_symbol, 18)
    supply = harness.ask("totalSupply", ())[0]
    assert sum(harness.shares()) == supply <= token.state().supply


def test_the_value_of_a_share_does_not_move(harness: StandardsHarness) -> None:
    """A transfer changes nothing of what the token stores but two balances; what is
    sent to the token itself can never be sent on. [T-ERC-3]"""
    token, who = harness.token, harness.holder
    with harness.undone():
        before = token.state(), token.totalSupply()
        value = token.totalAssets() if harness.state.priced else None
        half = token.balanceOf(who) // 2
        receipt = token.transfer(token, half, sender=who)
        only_event(receipt, token, "Transfer", sender=who, receiver=token, value=half)
        assert (token.state(), token.totalSupply()) == before
        assert value is None or token.totalAssets() == value
        assert token.balanceOf(token) == half
        with harness.refuses(ALLOWANCE):
            token.transferFrom(token, who, 1, sender=who)


def test_the_race_of_two_allowances(harness: StandardsHarness) -> None:
    """`approve` replaces and does not add: the known race between two of them is the
    EIP's own, an owner who fears it goes through zero."""
    token, owner, spender = harness.token, harness.holder, harness.stranger
    with harness.undone():
        for value in (5, MAX_UINT256, 7, 0):
            receipt = token.approve(spender, value, sender=owner)
            only_event(receipt, token, "Approval", owner=owner, spender=spender, value=value)
            assert token.allowance(owner, spender) == value
        with harness.refuses(ALLOWANCE):
            token.transferFrom(owner, spender, 1, sender=spender)
        token.transferFrom(owner, spender, 0, sender=spender)  # nothing needs no allowance
