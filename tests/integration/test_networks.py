# SPDX-License-Identifier: AGPL-3.0-only
"""Files of real networks through the command line: judged without a node, deployed
on an Anvil in which stand-ins take the network's place, read back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inverse_index.artifacts import project_root
from tests.support.scripts import PlainAnvil

pytestmark = [pytest.mark.scripts, pytest.mark.filterwarnings("ignore")]

FILES = project_root() / "deployments"
ARBITRUM = str(FILES / "arbitrum.yaml")
Done = subprocess.CompletedProcess[str]


def ape(*arguments: str, **environment: str) -> Done:
    """`ape run VERB ...` in a process of its own, with no program but Python to start."""
    folder = Path(sys.executable).parent
    return subprocess.run(
        [folder / "ape", "run", *arguments],
        cwd=project_root(),
        env={**os.environ, "COLUMNS": "200", **environment},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=120,
        check=False,
    )


def values(done: Done) -> Any:
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def anvil() -> Iterator[PlainAnvil]:
    node = PlainAnvil()
    yield node
    node.stop()


@pytest.fixture(scope="module")
def there(anvil: PlainAnvil, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    registry = str(tmp_path_factory.mktemp("registry"))
    return ("--network", f"ethereum:local:{anvil.url}", "--registry", registry)


@pytest.fixture(scope="module")
def deployed(there: tuple[str, ...]) -> dict[str, Any]:
    return dict(values(ape("deploy", "--config", ARBITRUM, "--stand-in", "--json", *there)))


@pytest.mark.parametrize("name", ["ethereum", "arbitrum", "base", "sepolia"])
def test_a_dry_run_needs_no_node(name: str) -> None:
    """Not even a program that could be one: the search path holds nothing."""
    done = ape(
        "deploy",
        "--config",
        f"deployments/{name}.yaml",
        "--dry-run",
        "--json",
        PATH="/nowhere",
        APE_FOUNDRY_HOST="http://127.0.0.1:9",
    )
    found = values(done)
    assert (found["valid"], found["network"], found["connected"]) == (True, name, None)
    assert [step["what"] for step in found["steps"]] == [
        "IndexOracle",
        "AaveQuoter",
        "TokenViews",
        "ResetPolicy",
        "TokenPolicy",
        "Lens",
        "AaveVault",
        "InverseIndexToken",
        "LevelFeed",
        "NavFeed",
        "KeeperAdapter",
        "Router",
    ]
    assert found["gas"] == sum(step["gas"] for step in found["steps"])
    assert 25_000_000 < found["gas"] < 37_000_000
    assert len(found["open"]) == 4
    assert bool(found["warnings"]) == (name != "sepolia")


def test_a_dry_run_says_what_is_wrong(tmp_path: Path) -> None:
    text = Path(ARBITRUM).read_text().replace("../configs", f"{project_root()}/configs")
    bad = tmp_path / "bad.yaml"
    bad.write_text(text.replace("heartbeat: 4500 ", "heartbeat: 0 "))
    done = ape("deploy", "--config", str(bad), "--dry-run")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(
        f"error: {bad}: oracle.feeds.LINK.primary.heartbeat: got '0', expected a whole number "
        "from 1 to 604800 seconds;"
    )


def test_a_dry_run_asks_a_node_that_is_named(there: tuple[str, ...]) -> None:
    network = there[:2]
    done = ape("deploy", "--config", ARBITRUM, "--dry-run", *network)
    assert done.returncode == 1
    assert "is for Arbitrum One (chain 42161), this is chain 31337" in done.stderr
    assert "--stand-in" in done.stderr


@pytest.mark.parametrize(("network", "chain_id"), [("arbitrum", 42_161), ("base", 8_453)])
def test_rollups_are_connected_to_without_a_plugin(network: str, chain_id: int) -> None:
    """A node of that chain on which nothing is: the first address says so."""
    node = PlainAnvil("--chain-id", str(chain_id))
    path = f"deployments/{network}.yaml"
    try:
        done = ape(
            "deploy", "--config", path, "--dry-run", "--network", f"{network}:mainnet:{node.url}"
        )
    finally:
        node.stop()
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {path}: collateral: no contract at 0x")


def test_the_check_reads_it_all_back(
    deployed: dict[str, Any], there: tuple[str, ...], tmp_path: Path
) -> None:
    found = values(ape("check", "--json", *there))
    assert found == {"deployment": "arbitrum", "checked": 152, "different": [], "ok": True}
    other = tmp_path / "arbitrum.yaml"
    text = Path(ARBITRUM).read_text().replace("../configs", f"{project_root()}/configs")
    other.write_text(text.replace("slippage_bps: 100 ", "slippage_bps: 90 "))
    done = ape("check", "--config", str(other), *there)
    assert done.returncode == 1
    assert "different  token: slippage_bps: 100, expected 90\n" in done.stdout
    assert "different  file: SHA-256: " in done.stdout
    assert done.stderr.startswith("error: ") and "of 152 differ" in done.stderr


def test_it_is_listed_with_its_origin(deployed: dict[str, Any], there: tuple[str, ...]) -> None:
    (found,) = values(ape("deployments", "--json", *there[2:]))
    assert (found["chain_id"], found["name"]) == (31_337, "arbitrum")
    assert found["addresses"] == deployed["addresses"]
    origin = found["deployment"]
    assert origin["config"]["file"] == "deployments/arbitrum.yaml"
    assert origin["deployer"] == deployed["deployer"]
    assert len(origin["stand_ins"]) == 13
    token = origin["contracts"]["token"]
    assert token["contract"] == "InverseIndexToken"
    assert token["block"] < origin["contracts"]["router"]["block"] == origin["block"]
    assert len(token["transaction"]) == 66 and token["arguments"].startswith("0x")
    listed = ape("deployments", *there[2:])
    assert "deployments/arbitrum.yaml, block " in listed.stdout


def test_it_mints_and_reports(deployed: dict[str, Any], there: tuple[str, ...]) -> None:
    minted = values(ape("mint", "--amount", "1000", "--faucet", "--json", *there))
    assert (minted["assets"], minted["shares"]) == ("1000", "999")
    status = values(ape("status", "--json", *there))
    assert status["usable"] is True
    parts = ("level_feed", "nav_feed", "keeper_adapter", "router", "weth")
    assert status["periphery"] == {part: deployed["addresses"][part] for part in parts}


def test_stand_ins_are_for_files_of_networks(there: tuple[str, ...]) -> None:
    done = ape("deploy", "--stand-in", *there)
    assert done.returncode == 1
    assert "is not for a network with Aave and Uniswap" in done.stderr
