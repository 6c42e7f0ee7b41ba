# SPDX-License-Identifier: AGPL-3.0-only
"""Trading, providing and liquidating by hand, with the commands alone, on one plain Anvil."""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from inverse_index.artifacts import project_root
from inverse_index.chain import LocalBackend
from inverse_index.deployment import Registry, System
from inverse_index.deployment.system import UNIT_PRICE
from tests.support.constants import DAY, HOUR
from tests.support.scripts import Call, PlainAnvil, caller

importlib.import_module("ape")
importlib.import_module("ape_ethereum.trace")
pytestmark = [pytest.mark.scripts, pytest.mark.filterwarnings("ignore")]

INDEX = str(project_root() / "configs/indices/eth.yaml")
TRADER = ("--account", "TEST::3")
PROVIDER = ("--account", "TEST::4")
STRANGER = ("--account", "TEST::6")


@pytest.fixture(scope="module")
def anvil() -> Iterator[PlainAnvil]:
    node = PlainAnvil()
    yield node
    node.stop()


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("registry")


@pytest.fixture
def call(
    anvil: PlainAnvil,
    registry: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Call:
    return caller(anvil, registry, monkeypatch, capsys)


@pytest.fixture
def deployed(call: Call, registry: Path) -> None:
    """One component, ETH at its first price."""
    if not (registry / "31337.json").exists():
        values(call, "deploy", "--index", INDEX)


def values(call: Call, verb: str, *arguments: str) -> Any:
    """The JSON of a verb that must succeed."""
    ended, printed, errors = call(verb, *arguments, "--json")
    assert (ended, errors) == (0, ""), errors
    return json.loads(printed)


def text(call: Call, verb: str, *arguments: str) -> str:
    ended, printed, errors = call(verb, *arguments)
    assert (ended, errors) == (0, ""), errors
    return printed


def refusal(call: Call, code: int, verb: str, *arguments: str) -> str:
    """The one line of a verb that must fail."""
    ended, _, errors = call(verb, *arguments)
    assert (ended, errors.count("\n")) == (code, 1), errors
    return errors.strip()


def events(done: tuple[int, str, str]) -> list[dict[str, Any]]:
    assert (done[0], done[2]) == (0, "")
    return [json.loads(line) for line in done[1].splitlines()]


def test_mistakes(call: Call, deployed: None) -> None:
    """Each is one line that says what to do, and sends nothing."""
    short = ("trade", "open", "ETH", "--short")
    assert "there is no market 'DOGE'; use one of: ETH" in refusal(
        call, 1, "trade", "open", "DOGE", "--short", "--size", "1", *TRADER
    )
    assert "--size: 0 is too small" in refusal(call, 1, *short, "--size", "0", *TRADER)
    assert "more than 18 decimal places" in refusal(
        call, 1, *short, "--size", "0.0000000000000000001", *TRADER
    )
    assert "more than 6 decimal places" in refusal(
        call, 1, *short, "--notional", "1.0000001", *TRADER
    )
    assert "say how much with --notional or --size" in refusal(call, 2, *short, *TRADER)
    assert "say which way with --long or --short" in refusal(
        call, 2, "trade", "open", "ETH", "--size", "1", *TRADER
    )
    assert "--slippage: '50' is no percentage" in refusal(
        call, 1, *short, "--size", "1", "--slippage", "50", *TRADER
    )
    line = refusal(call, 1, *short, "--notional", "1000", *TRADER)
    assert line.startswith("error: 100.5") and line.endswith("`ape run trade margin add 100.5025`")
    assert "USDC of margin are missing (exchange: margin too low)" in line
    assert "has no position in ETH" in refusal(call, 1, "trade", "close", "ETH", *TRADER)
    assert "has no free margin" in refusal(call, 1, "trade", "margin", "take", "all", *TRADER)
    assert "are needed; use less, or on a local chain --faucet" in refusal(
        call, 1, "trade", "margin", "add", "10", *TRADER
    )
    assert "has asked for nothing" in refusal(call, 1, "pool", "claim", *TRADER)
    assert "has no pending deposit" in refusal(call, 1, "pool", "cancel", *TRADER)
    assert "has no free shares" in refusal(call, 1, "pool", "redeem", "all", *TRADER)
    assert "No such command 'fly'" in refusal(call, 2, "trade", "fly")
    assert "exclude each other" in refusal(
        call, 2, "positions", "--account", "TEST::1", "--address", "TEST::2"
    )


@pytest.mark.parametrize(
    "words",
    [
        ("trade",),
        ("trade", "open"),
        ("trade", "close"),
        ("trade", "margin"),
        ("trade", "margin", "add"),
        ("trade", "margin", "take"),
        ("positions",),
        ("pool",),
        ("pool", "state"),
        ("pool", "deposit"),
        ("pool", "redeem"),
        ("pool", "claim"),
        ("pool", "cancel"),
        ("pool", "fix"),
        ("liquidate",),
    ],
)
def test_every_help_has_examples(words: tuple[str, ...]) -> None:
    cli = importlib.import_module(f"inverse_index.cli.{words[0]}").cli
    for word in words[1:]:
        cli = cli.commands[word]
    assert cli.epilog and f"ape run {' '.join(words)}" in cli.epilog
    assert cli.help


def test_by_hand(call: Call, deployed: None, anvil: PlainAnvil, registry: Path) -> None:
    """Liquidity is requested and claimed; a short is opened, pays funding, is liquidated by
    a watching liquidator; the provider leaves with what the pool has won."""
    asked = values(call, "pool", "deposit", "100000", "--faucet", *PROVIDER)
    assert (asked["amount"], asked["bound"], asked["ready_at"]) == (
        "100000",
        "100000",
        asked["since"],
    )
    (claimed,) = values(call, "pool", "claim", *PROVIDER)["claims"]
    assert (claimed["claimed"], claimed["brought"]) == ("100000", "100000")

    added = values(call, "trade", "margin", "add", "2000", "--faucet", *TRADER)
    assert (added["added"], added["cash"]) == ("2000", "2000")
    opened = values(call, "trade", "open", "ETH", "--short", "--notional", "18000", *TRADER)
    assert opened["price"] == opened["expected_price"]
    assert opened["fee"] == opened["expected_fee"] == "9"
    assert Decimal(opened["limit_price"]) == Decimal(opened["price"]) * Decimal("0.995")
    assert 9 < float(opened["margin"]["leverage"]) < 9.1
    line = refusal(call, 1, "trade", "open", "ETH", "--short", "--notional", "18000", *TRADER)
    assert "of margin are missing (exchange: margin too low); `ape run trade margin add" in line

    positions = values(call, "positions", *TRADER)
    (position,) = positions["positions"]
    assert position["entry"] == opened["price"]
    assert float(position["liquidation_price"]) == pytest.approx(
        float(opened["liquidation_price"]), rel=1e-6
    )
    values(call, "post", "--advance", "1d", "--refresh")
    later = values(call, "positions", *TRADER)["positions"][0]
    assert Decimal(later["funding"]) < 0
    assert float(later["funding"]) == pytest.approx(float(position["funding_per_day"]), rel=0.01)
    assert "liquidation" in text(call, "positions", *TRADER)

    early = values(call, "pool", "redeem", "40000", *PROVIDER)
    assert early["ready_at"] == early["since"] + HOUR
    assert "come back then" in refusal(call, 1, "pool", "claim", *PROVIDER)
    assert "(pool: requests are binding)" in refusal_of_a_binding_deposit(call)

    waits = events(call("liquidate", "--json"))
    assert [event["event"] for event in waits] == ["wait"]
    done = liquidated_by_a_watcher(call, anvil, registry)
    assert done["account"] == positions["address"]
    assert Decimal(done["reward"]) > 0
    after = values(call, "positions", *TRADER)
    assert abs(Decimal(after["positions"][0]["size"] if after["positions"] else 0)) < abs(
        Decimal(later["size"])
    )

    values(call, "post", "--advance", "2h", "--refresh")
    state = values(call, "pool", "state", "--provider", "TEST::4")
    (request,) = state["provider"]["requests"]
    assert request["claimable"] == "40000"
    (left,) = values(call, "pool", "claim", "--out", *PROVIDER)["claims"]
    assert left["brought"] == left["brings"]
    assert Decimal(left["brought"]) == min(Decimal(left["at_request"]), Decimal(left["at_present"]))
    assert [each["kind"] for each in state["claims"]] == ["deposit", "deposit"]
    assert "share price" in text(call, "pool", "state", "--provider", "TEST::4")


def refusal_of_a_binding_deposit(call: Call) -> str:
    values(call, "pool", "deposit", "10", "--faucet", *STRANGER)
    return refusal(call, 1, "pool", "cancel", *STRANGER)


def liquidated_by_a_watcher(call: Call, anvil: PlainAnvil, registry: Path) -> dict[str, Any]:
    """A process of its own that is told to end; what it told of its liquidation."""
    ape = Path(sys.executable).parent / "ape"
    arguments = ("--watch", "--interval", "1s", "--json", "--registry", str(registry))
    environment = {**os.environ, "COLUMNS": "200"}
    environment.pop("APE_FOUNDRY_HOST", None)
    watcher = subprocess.Popen(
        [ape, "run", "liquidate", *arguments, "--network", f"ethereum:local:{anvil.url}"],
        cwd=project_root(),
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert watcher.stdout is not None
        assert json.loads(watcher.stdout.readline())["event"] == "wait"
        values(call, "post", "--move", "7.5%")
        told = {"event": "wait"}
        while told["event"] in ("wait", "sent"):
            told = json.loads(watcher.stdout.readline())
    finally:
        watcher.send_signal(signal.SIGTERM)
        rest, errors = watcher.communicate(timeout=60)
    assert (watcher.returncode, errors) == (0, "")
    assert told["event"] == "liquidated", told
    end = json.loads(rest.splitlines()[-1])
    assert (end["event"], end["liquidations"], end["failures"]) == ("end", 1, 0)
    return told


def test_who_fills_the_pool_pays_for_it(call: Call, deployed: None) -> None:
    """A quarter of the pool: the fee shows before and after, and anybody sets the rate anew
    once it is free again."""
    whale = ("--account", "TEST::5")
    values(call, "trade", "margin", "add", "1000000", "--faucet", *whale)
    opened = values(call, "trade", "open", "ETH", "--short", "--notional", "4900000", *whale)
    fee, funding = Decimal(opened["borrowing_per_day"]), Decimal(opened["funding_per_day"])
    assert 0 < fee < funding
    (position,) = values(call, "positions", *whale)["positions"]
    assert Decimal(position["borrowing_per_day"]) == fee.copy_negate()
    state = values(call, "pool", "state")
    assert 0.22 < float(state["utilisation"]) < 0.25
    (market,) = state["markets"]
    rate = Decimal(market["borrowing_per_day"])
    worth = abs(Decimal(opened["position"])) * Decimal(opened["oracle_price"])
    assert float(fee) == pytest.approx(float(rate * worth), rel=1e-9)
    more = text(call, "trade", "open", "ETH", "--short", "--notional", "1000", *whale)
    assert "borrows from the pool" in more
    values(call, "trade", "close", "ETH", *whale)
    assert Decimal(values(call, "pool", "state")["markets"][0]["borrowing_per_day"]) >= rate
    (done,) = values(call, "pool", "accrue", *STRANGER)["markets"]
    assert Decimal(done["borrowing_per_day_before"]) >= rate > Decimal(done["borrowing_per_day"])


def test_without_prices(call: Call, deployed: None, anvil: PlainAnvil) -> None:
    """Nothing is traded, the state is shown with the reason, a deposit can be taken back."""
    values(call, "pool", "deposit", "500", "--faucet", "--account", "TEST::7")
    anvil.rpc("evm_increaseTime", 3 * DAY)
    line = refusal(call, 1, "trade", "open", "ETH", "--long", "--size", "1", *TRADER)
    assert line.startswith("error: there are no prices now (oracle: stale price); ")
    assert "oracle: stale price" in text(call, "positions", *TRADER)
    state = values(call, "pool", "state")
    assert (state["worth"], state["reason"]) == (None, "oracle: stale price")
    ended, printed, errors = call("liquidate", "--json")
    assert ended == 4 and json.loads(printed.splitlines()[0])["event"] == "blocked"
    assert json.loads(errors)["error"]["type"] == "blocked"
    back = values(call, "pool", "cancel", "--account", "TEST::7")
    assert back["assets"] == "500"
    values(call, "post", "--refresh")


def test_prices_that_are_doubted(
    call: Call, deployed: None, anvil: PlainAnvil, registry: Path
) -> None:
    """Nothing opens, the account is spared, what closes fills at the worse price."""
    long = ("--account", "TEST::8")
    margin = ("--margin", "60", "--faucet")
    values(call, "trade", "open", "ETH", "--long", "--size", "5", *margin, *long)
    post_to_the_primary_alone(anvil, registry)
    line = refusal(call, 1, "trade", "open", "ETH", "--long", "--size", "1", *long)
    assert line.startswith("error: nothing can be opened now: ")
    assert "the price sources disagree (exchange: oracle restricts its prices)" in line
    told = events(call("liquidate", "--json"))
    assert [each["event"] for each in told] == ["spared", "wait"]
    assert "below maintenance at the mid price" in told[0]["why"]
    line = refusal(call, 1, "pool", "deposit", "10", "--faucet", *PROVIDER)
    assert line.startswith("error: nothing can be asked for now: ")
    assert "shares have no price" in text(call, "pool", "state")
    values(call, "trade", "margin", "add", "500", "--faucet", *long)
    closed = values(call, "trade", "close", "ETH", "--part", "20%", *long)
    assert "sources disagree" in closed["restricted"]
    assert Decimal(closed["price"]) <= Decimal(closed["oracle_price"])


def post_to_the_primary_alone(anvil: PlainAnvil, registry: Path) -> None:
    """12% lower than what the secondary says."""
    with LocalBackend(anvil.url, frozen_time=False) as backend:
        system = Registry(31337, registry).load(backend)
        assert system.board is not None
        mid = system.oracle.read().mid[0]
        answer = mid // 10**10
        answers = [answer * 88 // 100, answer, UNIT_PRICE]
        system.board.post(answers, sender=backend.accounts[0])


def test_an_aave_deployment_has_no_exchange(
    call: Call, monkeypatch: pytest.MonkeyPatch, registry: Path, deployed: None
) -> None:
    load = Registry.load

    def without(self: Registry, *given: Any) -> System:
        system: Any = load(self, *given)
        return replace(system, name="other", venue=object())

    monkeypatch.setattr(Registry, "load", without)
    for verb in (
        ("positions",),
        ("pool", "state"),
        ("liquidate",),
        ("trade", "close", "ETH"),
    ):
        line = refusal(call, 1, *verb)
        assert line == (
            "error: other holds its shorts on Aave: it has no exchange and pool of its own; "
            "choose a deployment on the embedded exchange with --deployment"
        )


def test_once_settled_everything_ends_without_a_price(
    call: Call, deployed: None, anvil: PlainAnvil
) -> None:
    """Positions close at the frozen price, by anybody; margin and shares leave."""
    late, last = ("--account", "TEST::9"), ("--account", "TEST::5")
    values(call, "post", "--refresh")
    values(call, "pool", "deposit", "1000", "--faucet", *last)
    values(call, "post", "--advance", "2h", "--refresh")
    values(call, "pool", "claim", "--in", *last)
    margin = ("--margin", "200", "--faucet")
    values(call, "trade", "open", "ETH", "--short", "--size", "5", *margin, *late)
    anvil.rpc("evm_increaseTime", 3 * DAY)
    values(call, "wind_down", "--report")
    anvil.rpc("evm_increaseTime", 11 * DAY)
    values(call, "wind_down", "--settle-exchange")

    line = refusal(call, 1, "trade", "open", "ETH", "--short", "--size", "1", *late)
    assert "nothing can be opened any more (exchange: settled, orders only reduce)" in line
    shown = values(call, "positions", *late)
    assert (shown["settled"], shown["positions"][0]["size"]) == (True, "-5")
    assert "frozen prices" in text(call, "positions", *late)
    closed = values(call, "trade", "close", "ETH", "--part", "40%", *late)
    assert (closed["fee"], closed["position"]) == ("0", "-3")
    assert "exchange: settled" in refusal(call, 1, "pool", "deposit", "5", "--faucet", *last)

    values(call, "pool", "redeem", "all", *last)
    line = refusal(call, 1, "pool", "claim", *last)
    assert "positions are open); close them with `liquidate`, which is open to anyone" in line
    told = events(call("liquidate", "--json"))
    done = [each for each in told if each["event"] == "liquidated"]
    assert done and {each["reward"] for each in done} == {"0"}
    taken = values(call, "trade", "margin", "take", "all", *late)
    assert Decimal(taken["taken"]) > 0
    (left,) = values(call, "pool", "claim", *last)["claims"]
    assert Decimal(left["brought"]) > 0
