# SPDX-License-Identifier: AGPL-3.0-only
"""The command line scripts, as a user starts them, against a plain Anvil."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from inverse_index.artifacts import artifact, project_root
from inverse_index.chain.abi import interface_of
from tests.support.constants import DAY
from tests.support.scripts import PlainAnvil

importlib.import_module("ape")
importlib.import_module("ape_ethereum.trace")  # keeps the output that is there when it is imported
pytestmark = [pytest.mark.scripts, pytest.mark.filterwarnings("ignore")]

OWNER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
POOR = "TEST::15"  # a plain Anvil funds ten accounts


@pytest.fixture(scope="module")
def anvil() -> Iterator[PlainAnvil]:
    node = PlainAnvil()
    yield node
    node.stop()


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("registry")


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def run(anvil: PlainAnvil, registry: Path) -> Run:
    """`ape run VERB ...` in a process of its own."""
    ape = Path(sys.executable).parent / "ape"
    environment = {**os.environ, "INVERSE_INDEX_REGISTRY": str(registry), "COLUMNS": "200"}
    environment.pop("APE_FOUNDRY_HOST", None)

    def start(
        *arguments: str, network: str = f"ethereum:local:{anvil.url}"
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [ape, "run", *arguments, "--network", network],
            cwd=project_root(),
            env=environment,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=120,
            check=False,
        )

    return start


def values(done: subprocess.CompletedProcess[str]) -> Any:
    """The JSON on the standard output; nothing may be on the other one."""
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def deployed(run: Run) -> dict[str, Any]:
    return dict(values(run("deploy", "--name", "mine", "--json")))


def test_deploy_records_what_it_says(deployed: dict[str, Any], registry: Path) -> None:
    recorded = json.loads((registry / "31337.json").read_text())
    assert recorded["mine"]["addresses"] == deployed["addresses"]
    assert deployed["name"] == "mine"
    assert deployed["chain_id"] == 31337
    assert deployed["deployer"] == OWNER
    assert deployed["recorded"] == str(registry / "31337.json")
    assert deployed["transactions"] == 35


def test_more_than_the_venue_takes(run: Run, deployed: dict[str, Any]) -> None:
    done = run("mint", "--amount", "99000000", "--faucet", "--account", "TEST::5")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("can be minted in one go now; mint in parts\n")


def test_a_day_by_hand(run: Run, deployed: dict[str, Any]) -> None:
    """Mint, a day in which the index rises by 5%, rebalance, look, redeem."""
    holder = ("--account", "TEST::2")
    minted = values(run("mint", "--amount", "10000", "--faucet", "--json", *holder))
    assert (minted["assets"], minted["shares"]) == ("10000", "9990")
    assert minted["balance"] == "9990"

    posted = values(run("post", "--advance", "1d", "--move", "5%", "--json"))
    assert posted["prices"]["UNI"] == "8.4"
    assert posted["prices"]["USDC"] == "1"

    rebalanced, sent = _keeper_events(run("keeper", "--json"))
    assert sent["event"] == "sent"
    assert rebalanced["event"] == "rebalanced"
    assert rebalanced["complete"] is True
    assert float(rebalanced["index_return"]) == pytest.approx(0.05, abs=1e-15)
    assert float(rebalanced["token_return"]) == pytest.approx(-0.05, abs=2e-3)
    assert float(rebalanced["leverage_after"]) == pytest.approx(1, abs=1e-6)

    status = values(run("status", "--holder", "TEST::2", "--json"))
    assert status["token"] == deployed["addresses"]["token"]
    assert list(status["periphery"]) == ["level_feed", "nav_feed", "keeper_adapter"]
    assert status["usable"] is True and status["triggers"] == []
    assert status["leverage"][:6] in ("1", "1.0000", "0.9999")
    assert 15 < float(status["health"]) < 25  # over 5% of maintenance margin
    assert status["last_reset"]["at"] == rebalanced["time"]
    assert status["holder"]["shares"] == "9990"
    worth = Decimal(status["holder"]["worth"])
    assert worth == pytest.approx(Decimal(9_500), rel=Decimal("0.01"))
    assert status["components"][0]["symbol"] == "UNI"
    assert {feed["state"] for feed in status["feeds"]} == {"fresh"}

    redeemed = values(run("redeem", "--all", "--json", *holder))
    assert redeemed["shares"] == "9990"
    assert redeemed["balance"] == "0"
    assert worth * Decimal("0.99") < Decimal(redeemed["assets"]) < worth


def _keeper_events(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """Newest first."""
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in reversed(done.stdout.splitlines())]


def test_a_network_that_is_down(run: Run, registry: Path) -> None:
    """No Anvil is started in its place, no traceback, nothing written."""
    before = (registry / "31337.json").read_bytes()
    done = run("deploy", network="ethereum:sepolia:http://127.0.0.1:9")
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr.startswith("error: cannot connect to the network (")
    assert done.stderr.count("\n") == 1
    assert (registry / "31337.json").read_bytes() == before


# The same commands inside this process, which is faster.


@pytest.fixture
def inside(
    anvil: PlainAnvil,
    registry: Path,
    deployed: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., tuple[int, str, str]]:
    """Runs a verb; its exit code and both outputs."""
    monkeypatch.setenv("APE_FOUNDRY_HOST", anvil.url)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(project_root())

    def call(verb: str, *arguments: str) -> tuple[int, str, str]:
        cli = importlib.import_module(f"inverse_index.cli.{verb}").cli
        given = [*arguments, "--registry", str(registry), "--network", "ethereum:local:foundry"]
        with pytest.raises(SystemExit) as ended:
            cli.main(args=given, prog_name=f"ape run {verb}")
        shown = capsys.readouterr()
        return int(ended.value.code or 0), shown.out, shown.err

    return call


@pytest.fixture
def fails(inside: Callable[..., tuple[int, str, str]]) -> Callable[..., str]:
    """Runs a verb that must fail with this code; its one line."""

    def call(code: int, verb: str, *arguments: str) -> str:
        ended, _, errors = inside(verb, *arguments)
        assert (ended, errors.count("\n")) == (code, 1), errors
        assert "Traceback" not in errors
        return errors.strip()

    return call


@pytest.fixture
def works(inside: Callable[..., tuple[int, str, str]]) -> Callable[..., str]:
    """Runs a verb that must succeed; what it prints."""

    def call(verb: str, *arguments: str) -> str:
        ended, printed, errors = inside(verb, *arguments)
        assert (ended, errors) == (0, "")
        return printed

    return call


Works = Callable[..., str]
Fails = Callable[..., str]


def test_text_for_people(works: Works) -> None:
    shown = works("status", "--holder", OWNER)
    for text in ("mine on ethereum:local", "NAV per share", "leverage", "components", "UNI", OWNER):
        assert text in shown


def test_unknown_deployment(fails: Fails) -> None:
    line = "error: no deployment 'other' on chain 31337; use one of: mine"
    assert fails(1, "mint", "--amount", "1", "--deployment", "other") == line
    assert fails(1, "status", "--deployment", "other") == line


def test_more_than_the_balance(fails: Fails) -> None:
    assert fails(1, "mint", "--amount", "1000", "--account", "TEST::3") == (
        "error: 0x90F79bf6EB2c4f870365E785982E1f101E93b906 has 0 USDC, 1,000 are needed; "
        "use less, or on a local chain --faucet"
    )
    assert "has no shares; choose the holder" in fails(1, "redeem", "--all", "--account", "TEST::3")


def test_an_account_without_funds(fails: Fails) -> None:
    line = fails(1, "mint", "--amount", "10", "--faucet", "--account", POOR)
    assert "cannot pay for this transaction; send it some of the network's own coin" in line


def test_deadline_passed(fails: Fails, anvil: PlainAnvil) -> None:
    """Every block comes ten seconds after the last: the approval takes the time."""
    anvil.rpc("anvil_setBlockTimestampInterval", 10)
    try:
        line = fails(3, "mint", "--amount", "10", "--faucet", "--deadline", "0")
    finally:
        anvil.rpc("anvil_removeBlockTimestampInterval")
    assert line == "error: token: deadline passed; allow more --deadline seconds"


def test_a_bound_that_is_too_tight(fails: Fails) -> None:
    line = fails(3, "mint", "--amount", "10", "--faucet", "--min-shares", "11")
    assert line.startswith("error: token: shares below minimum; ")


def test_bad_amounts_and_options(fails: Fails) -> None:
    assert "--amount: 'lots' is not a number" in fails(1, "mint", "--amount", "lots")
    assert "more than 6 decimal places" in fails(1, "mint", "--amount", "0.0000001")
    assert "say how much with --amount or --shares" in fails(2, "mint")
    assert "--amount and --shares exclude each other" in fails(
        2, "mint", "--amount", "1", "--shares", "1"
    )
    assert "No such option: --ammount" in fails(2, "mint", "--ammount", "1")
    assert "Account with alias 'nobody' not found" in fails(
        2, "mint", "--amount", "1", "--account", "nobody"
    )
    assert "unknown symbol 'DOGE'" in fails(1, "post", "--set", "DOGE=1")
    assert "say what to post" in fails(2, "post")


def test_errors_as_json(fails: Fails) -> None:
    line = json.loads(fails(1, "mint", "--amount", "lots", "--json"))
    assert line["error"]["type"] == "user"
    assert line["error"]["message"] == "--amount: 'lots' is not a number"


def test_only_the_boards_owner_posts(fails: Fails) -> None:
    line = fails(3, "post", "--refresh", "--account", "TEST::4")
    assert line.startswith("error: ownable: caller is not the owner; ")


def test_bad_configurations_write_nothing(fails: Fails, registry: Path, tmp_path: Path) -> None:
    before = (registry / "31337.json").read_bytes()
    bad = tmp_path / "bad.yaml"
    local = (project_root() / "configs/local-1x.yaml").read_text()
    local = local.replace("indices/", f"{project_root()}/configs/indices/")
    bad.write_text(local.replace("leverage: 1", "leverage: 7"))
    assert "token.leverage: got '7', expected" in fails(1, "deploy", "--config", str(bad))
    bad.write_text(local.replace("band_bps", "band_bsp"))
    assert "unknown key" in fails(1, "deploy", "--config", str(bad))
    missing = fails(1, "deploy", "--config", str(tmp_path / "none.yaml"))
    assert "none.yaml" in missing
    prices = tmp_path / "prices.csv"
    prices.write_text("timestamp,UNI\n2024-01-01,x\n")
    assert "prices.csv" in fails(1, "deploy", "--prices", str(prices))
    assert (registry / "31337.json").read_bytes() == before
    assert [path.name for path in registry.iterdir()] == ["31337.json"]


def test_addresses_without_contracts_cost_no_gas(
    fails: Fails, anvil: PlainAnvil, tmp_path: Path
) -> None:
    local = (project_root() / "configs/local-1x.yaml").read_text()
    local = local.replace("indices/", f"{project_root()}/configs/indices/")
    given = tmp_path / "given.yaml"
    given.write_text(local.replace("symbol: USDC", f"symbol: USDC\n  address: '{OWNER}'"))
    before = anvil.rpc("eth_getTransactionCount", OWNER, "latest")
    line = fails(1, "deploy", "--config", str(given))
    assert f"collateral: no contract at {OWNER} on this network" in line
    assert anvil.rpc("eth_getTransactionCount", OWNER, "latest") == before


def test_stale_prices(fails: Fails, works: Works, anvil: PlainAnvil) -> None:
    """Priced actions say why they fail, status still answers, a refresh heals.
    No block is mined: what counts is the time of the next one."""
    anvil.rpc("evm_increaseTime", 2 * DAY)
    assert fails(3, "mint", "--amount", "1", "--faucet").startswith("error: oracle: stale price;")
    status = json.loads(works("status", "--json"))
    assert (status["usable"], status["reason"]) == (False, "oracle: stale price")
    assert status["nav_per_share"] is None
    assert {feed["state"] for feed in status["feeds"]} == {"stale"}
    works("post", "--refresh")
    assert json.loads(works("status", "--json"))["usable"] is True


def test_the_real_aave_and_uniswap(
    run: Run, anvil: PlainAnvil, deployed: dict[str, Any], tmp_path: Path
) -> None:
    """Deploy, mint with a faucet that only the deployer has, a move that the
    pools follow, look, redeem in kind and for collateral; recorded apart from
    the others."""
    apart, holder = ("--registry", str(tmp_path), "--json"), ("--account", "TEST::3")
    index = str(project_root() / "configs/indices/eth.yaml")
    done = values(run("deploy", "--venue", "aave", "--index", index, "--fund", "5", *apart))
    assert {"aave_pool", "uniswap_factory", "market_maker", "token ETH"} <= set(done["addresses"])
    minted = values(run("mint", "--amount", "10000", "--faucet", *apart, *holder))
    assert (minted["assets"], minted["shares"]) == ("10000", "9990")
    values(run("post", "--move", "2%", *apart))
    status = values(run("status", "--holder", "TEST::3", *apart))
    assert status["usable"] is True
    # 78% of what is supplied, 1.95 of N, against about 1.02 owed
    assert float(status["health"]) == pytest.approx(0.78 * 1.95 / 1.02, rel=0.02)
    worth = Decimal(status["holder"]["worth"])
    assert worth == pytest.approx(Decimal(9_800), rel=Decimal("0.005"))
    leave = ("redeem", "--shares", "990", "--in-kind", *apart, *holder)
    empty_handed = run(*leave)
    assert empty_handed.returncode == 1 and "ETH are needed" in empty_handed.stderr
    brought = _mint_tokens(anvil, done["addresses"]["token ETH"], minted["holder"])
    left = values(run(*leave))
    assert (left["shares"], left["balance"]) == ("990", "9000")
    assert 0 < Decimal(left["brought"]["ETH"]) < brought
    in_kind = Decimal(left["assets"])
    assert in_kind == pytest.approx(Decimal(990 + 990), rel=Decimal("0.01"))
    redeemed = values(run("redeem", "--all", *apart, *holder))
    assert redeemed["balance"] == "0"
    rest = worth * 9_000 / 9_990
    assert rest * Decimal("0.995") < Decimal(redeemed["assets"]) < rest


def _mint_tokens(anvil: PlainAnvil, token: str, holder: str) -> int:
    """Ten whole tokens that anybody mints."""
    mint = interface_of(artifact("LocalCollateral").abi).functions["mint"][2]
    data = "0x" + mint.encode((holder, 10**19)).hex()
    anvil.rpc("eth_sendTransactionSync", {"from": OWNER, "to": token, "data": data})
    return 10


def test_a_venue_that_the_file_is_not_for(fails: Fails) -> None:
    path = project_root() / "configs/local-3x.yaml"
    line = fails(1, "deploy", "--venue", "aave", "--config", str(path))
    assert line == (
        f"error: --venue: got aave, but {path} is for the venue 'perp'; leave --venue out, or "
        "give another file with --config"
    )
