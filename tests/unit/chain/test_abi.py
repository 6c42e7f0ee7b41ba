# SPDX-License-Identifier: AGPL-3.0-only
"""Types, structs, overloads and events from an ABI."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from eth_abi import decode, encode
from eth_abi.exceptions import InsufficientDataBytes

from inverse_index.artifacts import project_root
from inverse_index.chain import Contract, Log, Receipt
from inverse_index.chain.abi import EventType, FunctionType, struct_class
from inverse_index.chain.receipts import decode_reason

ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
LEG = [{"name": "index", "type": "uint256"}, {"name": "feed", "type": "address"}]
PLAN = [
    {"name": "legs", "type": "tuple[2]", "components": LEG},
    {"name": "units", "type": "uint256[]"},
    {"name": "delta", "type": "int256"},
]
TYPE = "((uint256,address)[2],uint256[],int256)"
VALUE = (((1, ADDRESS.lower()), (2, ADDRESS.lower())), (7, 8), -9)


def _function(inputs: list[Any], outputs: list[Any], name: str = "plan") -> FunctionType:
    return FunctionType(
        {"name": name, "stateMutability": "view", "inputs": inputs, "outputs": outputs}
    )


TAKES = _function([{"name": "p", "type": "tuple", "components": PLAN}], [])
GIVES = _function([], [{"name": "", "type": "tuple", "components": PLAN}])


@dataclass
class Leg:
    index: int
    feed: str


def test_signature_and_selector() -> None:
    transfer = _function(
        [{"name": "to", "type": "address"}, {"name": "n", "type": "uint256"}], [], "transfer"
    )
    assert transfer.signature == "transfer(address,uint256)"
    assert transfer.selector.hex() == "a9059cbb"
    assert TAKES.signature == f"plan({TYPE})"


def test_structs_come_back_by_name() -> None:
    plan = GIVES.decode(encode([TYPE], [VALUE]))
    assert plan.legs[1].index == 2
    assert plan.legs[0].feed == ADDRESS
    assert (plan.units, plan.delta) == ([7, 8], -9)
    assert plan == ([(1, ADDRESS), (2, ADDRESS)], [7, 8], -9)
    assert type(plan.legs[0]) is struct_class(("index", "feed"))


@pytest.mark.parametrize(
    "plan",
    [
        VALUE,
        GIVES.decode(encode([TYPE], [VALUE])),
        {"delta": -9, "units": [7, 8], "legs": [Leg(1, ADDRESS), Leg(2, ADDRESS)]},
        ([(1, ADDRESS), {"feed": SimpleNamespace(address=ADDRESS), "index": 2}], (7, 8), -9),
    ],
    ids=["tuple", "struct", "dict and dataclass", "contract"],
)
def test_structs_are_accepted_in_every_form(plan: Any) -> None:
    assert decode([TYPE], TAKES.encode([plan])[4:])[0] == VALUE


@pytest.mark.parametrize("leg", [{"index": 1}, {"index": 1, "feed": ADDRESS, "more": 2}])
def test_struct_with_wrong_fields_is_refused(leg: Any) -> None:
    with pytest.raises(TypeError, match=r"missing or unknown: (feed|more)"):
        TAKES.encode([([leg, leg], [], 0)])


def test_struct_that_is_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        TAKES.encode([([], [])])


def test_outputs_none_one_several() -> None:
    number = {"name": "", "type": "uint256"}
    data = encode(["uint256", "uint256"], [1, 2])
    assert _function([], []).decode(b"") is None
    assert _function([], [number]).decode(data) == 1
    assert _function([], [number, number]).decode(data) == (1, 2)


def test_several_outputs_are_named_where_the_abi_names_all() -> None:
    def decoded(*names: str) -> Any:
        outputs = [{"name": name, "type": "uint256"} for name in names]
        return _function([], outputs).decode(encode(["uint256"] * len(names), [*range(len(names))]))

    state = decoded("price", "tick")
    assert state == (0, 1)
    assert (state.price, state.tick) == (0, 1)
    for names in (("price", ""), ("same", "same"), ("_price", "tick"), ("class", "tick")):
        assert type(decoded(*names)) is tuple
    assert decoded("price") == 0


def test_bytes_are_accepted_as_hex() -> None:
    word = _function([{"name": "w", "type": "bytes32"}], [])
    assert word.encode(["0x" + "ab" * 32]) == word.encode([b"\xab" * 32])


def test_event_with_indexed_and_hashed_fields() -> None:
    entry = {
        "name": "Filled",
        "inputs": [
            {"name": "size", "type": "int256", "indexed": False},
            {"name": "who", "type": "address", "indexed": True},
            {"name": "note", "type": "string", "indexed": True},
            {"name": "leg", "type": "tuple", "components": LEG, "indexed": False},
        ],
    }
    event = EventType(entry)
    topics = [event.topic, bytes(12) + bytes.fromhex(ADDRESS[2:]), b"\x01" * 32]
    data = encode(["int256", "(uint256,address)"], [-5, (3, ADDRESS)])
    assert event.decode(topics, data) == {
        "size": -5,
        "who": ADDRESS,
        "note": b"\x01" * 32,
        "leg": (3, ADDRESS),
    }


NUMBER = [{"name": "a", "type": "uint256"}]
ABI = [
    {
        "type": "function",
        "name": "act",
        "stateMutability": "nonpayable",
        "inputs": NUMBER,
        "outputs": [],
    },
    {
        "type": "function",
        "name": "act",
        "stateMutability": "nonpayable",
        "inputs": NUMBER * 2,
        "outputs": [],
    },
    {
        "type": "function",
        "name": "events",
        "stateMutability": "view",
        "inputs": [],
        "outputs": NUMBER,
    },
    {"type": "event", "name": "Done", "inputs": [{**NUMBER[0], "indexed": False}]},
]


class Recorder:
    """Stands where a chain would, to see what is sent."""

    sent: tuple[Any, ...] = ()

    def send(self, *sent: Any) -> str:
        self.sent = sent
        return "receipt"

    def call(self, to: str, data: bytes, sender: str | None) -> bytes:
        return encode(["uint256"], [42])


@pytest.fixture
def contract() -> Contract:
    return Contract(Recorder(), ADDRESS.lower(), ABI, "Thing")  # type: ignore[arg-type]


def test_overloads_by_number_of_arguments(contract: Contract) -> None:
    assert contract.act(1, 2, sender=ADDRESS, value=3) == "receipt"
    expected = contract.encode("act", 1, 2)
    assert contract.backend.sent == (ADDRESS, expected, ADDRESS, 3)  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match="takes 1 or 2 arguments, not 3"):
        contract.act(1, 2, 3, sender=ADDRESS)


def test_state_change_needs_a_sender(contract: Contract) -> None:
    with pytest.raises(TypeError, match="sender="):
        contract.act(1)


def test_unknown_function(contract: Contract) -> None:
    with pytest.raises(AttributeError, match="Thing has no function nothing"):
        _ = contract.nothing


def test_function_with_a_members_name(contract: Contract) -> None:
    assert contract.method("events")() == 42


def test_foreign_logs_are_left_out(contract: Contract) -> None:
    topic = EventType(ABI[3]).topic
    data = encode(["uint256"], [6])
    logs = (
        Log(ADDRESS, (topic,), data),
        Log("0x" + "00" * 20, (topic,), data),
        Log(ADDRESS, (b"\x02" * 32,), data),
        Log(ADDRESS, (), data),
    )
    receipt = Receipt("0x", 1, 0, 0, 0, logs, None)
    (event,) = receipt.events(contract)
    assert (event.name, event.a, event.args) == ("Done", 6, {"a": 6})
    with pytest.raises(AttributeError, match="Done has no field b"):
        _ = event.b


SHORT = """
{imports}
from inverse_index.chain.abi import Codec
from eth_abi.exceptions import DecodingError
for kind in ("uint256", "uint8", "int256", "address", "bool"):
    for size in (0, 31):
        try:
            print(kind, size, Codec([{{"type": kind}}]).decode(bytes(size)))
        except DecodingError:
            pass
"""


@pytest.mark.parametrize(
    "imports", ["import ape.utils.abi", "import inverse_index.chain.abi, ape.utils.abi"]
)
def test_short_data_is_never_read_as_zero(imports: str) -> None:
    """Also where Ape, which makes eth_abi itself do so, is loaded first or later."""
    command = [sys.executable, "-W", "ignore", "-c", SHORT.format(imports=imports)]
    done = subprocess.run(command, cwd=project_root(), capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_short_struct_is_refused() -> None:
    data = encode([TYPE], [VALUE])
    for cut in (1, 32, 64, len(data)):
        with pytest.raises(InsufficientDataBytes):
            GIVES.decode(data[: len(data) - cut])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", ""),
        (bytes.fromhex("08c379a0") + encode(["string"], ["a: b"]), "a: b"),
        (bytes.fromhex("4e487b71") + encode(["uint256"], [0x12]), "panic 0x12"),
        (bytes.fromhex("4e487b71"), "0x4e487b71"),
        (bytes.fromhex("08c379a0ff"), "0x08c379a0ff"),
        (bytes.fromhex("deadbeef"), "0xdeadbeef"),
    ],
    ids=["none", "string", "panic", "short panic", "short string", "custom"],
)
def test_reasons_in_revert_data(data: bytes, reason: str) -> None:
    assert decode_reason(data) == reason
