# SPDX-License-Identifier: AGPL-3.0-only
"""From a dead oracle to the last share with the commands alone."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inverse_index.artifacts import project_root
from tests.support.constants import DAY
from tests.support.scripts import Call, PlainAnvil, caller

importlib.import_module("ape")
importlib.import_module("ape_ethereum.trace")
pytestmark = [pytest.mark.scripts, pytest.mark.filterwarnings("ignore")]

INDEX = str(project_root() / "configs/indices/eth.yaml")
HOLDER, OTHER, STRANGER = "TEST::2", "TEST::3", "TEST::4"


@pytest.fixture
def anvil() -> Iterator[PlainAnvil]:
    node = PlainAnvil()
    yield node
    node.stop()


@pytest.fixture
def call(
    anvil: PlainAnvil,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Call:
    return caller(anvil, tmp_path, monkeypatch, capsys)


def values(call: Call, verb: str, *arguments: str) -> Any:
    """The JSON of a verb that must succeed."""
    ended, printed, errors = call(verb, *arguments, "--json")
    assert (ended, errors) == (0, ""), errors
    return json.loads(printed)


def refusal(call: Call, code: int, verb: str, *arguments: str) -> str:
    """The one line of a verb that must fail."""
    ended, _, errors = call(verb, *arguments)
    assert (ended, errors.count("\n")) == (code, 1), errors
    return errors.strip()


def closed(call: Call) -> list[dict[str, Any]]:
    """The keeper's events, until the token is settled."""
    events: list[dict[str, Any]] = []
    for _ in range(20):
        ended, printed, errors = call("keeper", "--json")
        assert (ended, errors) == (0, "")
        events += [json.loads(line) for line in printed.splitlines()]
        if any(event["event"] == "settled" for event in events):
            return events
    raise AssertionError("not settled")


def past(anvil: PlainAnvil, seconds: int) -> None:
    anvil.rpc("evm_increaseTime", seconds)
    anvil.rpc("evm_mine")


def mined(anvil: PlainAnvil, sender: str, target: str, data: str) -> None:
    """Sent, mined and carried out."""
    call = {"from": sender, "to": target, "data": data, "gas": hex(5_000_000)}
    assert anvil.rpc("eth_sendTransactionSync", call)["status"] == "0x1"


@pytest.fixture
def held(call: Call) -> None:
    """Two holders in a token that the deployer owns."""
    values(call, "deploy", "--index", INDEX, "--name", "ends")
    for holder in (HOLDER, OTHER):
        values(call, "mint", "--amount", "10000", "--faucet", "--account", holder)


def test_a_dead_oracle(held: None, call: Call, anvil: PlainAnvil) -> None:
    line = refusal(call, 3, "wind_down", "--report", "--account", STRANGER)
    assert line.startswith("error: oracle: prices are usable; there is nothing to report")
    past(anvil, 2 * DAY)
    reported = values(call, "wind_down", "--report", "--account", STRANGER)
    assert reported["dead_at"] == reported["unusable_since"] + 10 * DAY
    assert (reported["dead"], reported["by_anyone"], reported["mode"]) == (False, [], "active")
    line = refusal(call, 1, "wind_down", "--account", STRANGER)
    assert "the token works; --dry-run shows the conditions" in line
    assert "unusable since" in call("status")[1]
    line = refusal(call, 3, "wind_down", "--settle-exchange")
    assert line.startswith("error: exchange: oracle is not dead; ")

    past(anvil, 10 * DAY)
    shown = call("wind_down", "--dry-run")[1]
    assert "the oracle is dead" in shown and "dead: anyone may wind down" in shown
    wound = values(call, "wind_down", "--account", STRANGER)
    shown = call("status")[1]
    assert (
        "wind-down slippage bound" in shown and "NAV per share" in shown and "unusable: " in shown
    )
    assert (wound["mode"], wound["wind_down_bound_bps"]) == ("winding_down", 100)
    line = refusal(call, 1, "wind_down", "--account", STRANGER)
    assert line.startswith("error: ends is winding down already; ")
    line = refusal(call, 1, "redeem", "--all", "--account", HOLDER)
    assert "oracle: stale price, and the positions are still being closed" in line
    assert "--settle-exchange" in line
    line = refusal(call, 1, "mint", "--amount", "10", "--faucet")
    assert "nothing can be minted any more (token: winding down)" in line
    assert "blocked (oracle: stale price)" in refusal(call, 4, "keeper")
    values(call, "wind_down", "--settle-exchange", "--account", STRANGER)
    assert closed(call)[-1]["event"] == "settled"

    status = values(call, "status", "--holder", "TEST::2")
    assert (status["mode"], status["usable"]) == ("settled", False)
    assert status["ending"]["dead"] is True
    assert 0.99 < float(status["nav_per_share"]) < 1.01
    assert status["holder"]["max_redeem"] == status["holder"]["shares"]
    shown = call("status")[1]
    assert "left a share" in shown and "settled" in shown
    everybody_leaves(call)


def everybody_leaves(call: Call) -> None:
    """The fee recipient, who deployed, then the holders: nothing is left."""
    for account in ("TEST::0", OTHER, HOLDER):
        done = values(call, "redeem", "--all", "--account", account)
        assert (done["balance"], done["settled"], done["netted"]) == ("0", True, False)
    status = values(call, "status")
    assert (status["supply"], status["nav_mid"]) == ("0", "0")


def test_by_the_owner(held: None, call: Call, anvil: PlainAnvil) -> None:
    line = refusal(call, 1, "wind_down", "--account", STRANGER)
    assert "--report starts the clock" in line
    values(call, "post", "--advance", "1d", "--refresh")
    wound = values(call, "wind_down")
    assert wound["mode"] == "winding_down" and wound["proposal"] is None
    past(anvil, DAY - 60)
    assert "wind-down slippage bound" in call("status")[1]
    some = values(call, "redeem", "--shares", "1000", "--account", HOLDER)
    assert some["settled"] is False
    events = closed(call)
    assert [event["why"] for event in events if event["event"] == "rebalanced"] == ["wind_down"]
    assert "your part of what is left" in call("redeem", "--shares", "1", "--account", HOLDER)[1]
    line = refusal(call, 1, "wind_down")
    assert line == "error: ends is settled already; `ape run redeem --all`"
    everybody_leaves(call)


def test_a_timelock_is_told_what_to_propose(call: Call, anvil: PlainAnvil, tmp_path: Path) -> None:
    """The calldata that is shown winds the token down two days later."""
    proposer, executor = anvil.rpc("eth_accounts")[5:7]
    local = (project_root() / "configs/local-1x.yaml").read_text()
    local = local.replace("indices/defi7.yaml", INDEX)
    local = local.replace("roles: {}", f"roles: {{guardian: '{proposer}'}}")
    file = tmp_path / "governed.yaml"
    file.write_text(
        f"{local}\ngovernance:\n  delay: 172800\n  proposers: ['{proposer}']\n  executors: []\n"
    )
    values(call, "deploy", "--config", str(file), "--name", "governed")
    line = refusal(call, 1, "wind_down")
    assert "propose it to the timelock: --dry-run shows the call" in line
    proposal = values(call, "wind_down", "--dry-run")["proposal"]
    target = proposal["target"]
    mined(anvil, proposer, target, proposal["schedule"])
    past(anvil, 2 * DAY)
    mined(anvil, executor, target, proposal["execute"])
    assert values(call, "status")["mode"] == "winding_down"
