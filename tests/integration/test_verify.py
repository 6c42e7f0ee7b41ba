# SPDX-License-Identifier: AGPL-3.0-only
"""Sources to a block explorer, for which a server on this machine stands in."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from inverse_index.artifacts import artifact
from tests.integration.test_networks import ape, values
from tests.support.scripts import PlainAnvil

pytestmark = [pytest.mark.scripts, pytest.mark.filterwarnings("ignore")]


class Explorer:
    """Answers as Etherscan's API does; `says` is its word on every contract."""

    def __init__(self) -> None:
        self.received: list[dict[str, str]] = []
        self.says = "Pass - Verified"
        explorer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {key: value[0] for key, value in parse_qs(body).items()}
                explorer.received.append(form)
                self._answer(form["contractaddress"])

            def do_GET(self) -> None:
                query = parse_qs(urlsplit(self.path).query)
                assert query["action"] == ["checkverifystatus"] and query["guid"]
                self._answer(explorer.says)

            def _answer(self, result: str) -> None:
                data = json.dumps({"status": "1", "message": "OK", "result": result}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/api"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def explorer() -> Iterator[Explorer]:
    found = Explorer()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, ...]]:
    node = PlainAnvil()
    registry = str(tmp_path_factory.mktemp("registry"))
    yield ("--network", f"ethereum:local:{node.url}", "--registry", registry)
    node.stop()


@pytest.fixture(scope="module")
def deployed(there: tuple[str, ...], explorer: Explorer) -> dict[str, Any]:
    done = ape(
        "deploy",
        "--index",
        "configs/indices/eth.yaml",
        "--verify",
        "--json",
        *there,
        ETHERSCAN_API_KEY="not-a-key",
        INVERSE_INDEX_EXPLORER=explorer.url,
    )
    return dict(values(done))


def test_every_contract_is_published_with_its_arguments(
    deployed: dict[str, Any], explorer: Explorer, there: tuple[str, ...]
) -> None:
    (recorded,) = values(ape("deployments", "--json", *there[2:]))
    contracts = recorded["deployment"]["contracts"]
    sent = {form["contractaddress"]: form for form in explorer.received}
    assert sent.keys() == {each["address"] for each in contracts.values()}
    for each in contracts.values():
        form = sent[each["address"]]
        assert form["contractname"].endswith(f"/{each['contract']}.vy:{each['contract']}")
        assert form.get("constructorArguements", "") == each["arguments"][2:]
        assert (form["codeformat"], form["compilerversion"]) == ("vyper-json", "vyper:0.4.3")
        assert (form["licenseType"], form["evmversion"]) == ("13", "prague")
        assert form["apikey"] == "not-a-key"
    token = sent[recorded["addresses"]["token"]]
    document = json.loads(token["sourceCode"])
    assert "contracts/modules/token/core.vy" in document["sources"]
    assert document["settings"]["evmVersion"] == "prague"
    assert len(artifact("InverseIndexToken").runtime) > 1_000


def test_what_is_verified_already(
    deployed: dict[str, Any], explorer: Explorer, there: tuple[str, ...]
) -> None:
    explorer.says = "Already Verified"
    done = ape(
        "verify",
        "--json",
        *there,
        ETHERSCAN_API_KEY="not-a-key",
        INVERSE_INDEX_EXPLORER=explorer.url,
    )
    assert set(values(done)["verified"].values()) == {"Already Verified"}


def test_what_the_explorer_refuses(
    deployed: dict[str, Any], explorer: Explorer, there: tuple[str, ...]
) -> None:
    explorer.says = "Fail - Unable to verify"
    done = ape("verify", *there, ETHERSCAN_API_KEY="not-a-key", INVERSE_INDEX_EXPLORER=explorer.url)
    assert done.returncode == 1
    assert done.stderr == (
        "error: the explorer says: Fail - Unable to verify; correct it, then `ape run verify`\n"
    )


@pytest.mark.parametrize(
    ("environment", "code", "problem"),
    [
        ({"ETHERSCAN_API_KEY": ""}, 1, "no API key: ETHERSCAN_API_KEY is not set"),
        ({"ETHERSCAN_API_KEY": "k"}, 1, "no explorer is known of ethereum:local"),
        (
            {"ETHERSCAN_API_KEY": "k", "INVERSE_INDEX_EXPLORER": "http://127.0.0.1:9/api"},
            5,
            "the explorer does not answer (ConnectionError)",
        ),
    ],
)
def test_what_is_missing(
    deployed: dict[str, Any],
    there: tuple[str, ...],
    environment: dict[str, str],
    code: int,
    problem: str,
) -> None:
    done = ape("verify", *there, **environment)
    assert done.returncode == code
    assert problem in done.stderr and done.stderr.count("\n") == 1
