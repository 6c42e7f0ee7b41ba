# SPDX-License-Identifier: AGPL-3.0-only
"""Artifacts of npm packages: found, linked, or missing with a remedy."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inverse_index.artifacts import project_root
from inverse_index.chain import Contract, LocalBackend
from inverse_index.errors import UserError
from inverse_index.protocols import npm
from inverse_index.protocols.npm import (
    AAVE,
    STABLECOIN,
    UNISWAP_CORE,
    node_modules,
    npm_artifact,
    npm_at,
    npm_deploy,
)

FACTORY = f"{UNISWAP_CORE}/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json"


def test_packages_are_the_projects_own() -> None:
    assert node_modules() == project_root() / "node_modules"


@pytest.mark.parametrize(
    ("package", "name"),
    [(package, name) for package, names in npm._FOLDERS.items() for name in names],
)
def test_every_known_contract_is_there_and_read_once(package: str, name: str) -> None:
    found = npm_artifact(package, name)
    assert found.name == name
    assert len(found.code) > 100
    assert npm_artifact(package, name) is found


def test_unknown_contract() -> None:
    for package, name in ((AAVE, "Poool"), ("@aave/core-v2", "Pool")):
        with pytest.raises(UserError) as failure:
            npm_artifact(package, name)
        assert failure.value.message == f"no contract {name} is known in the npm package {package}"
        assert failure.value.remedy == "add its folder to inverse_index/protocols/npm.py"


def test_missing_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chain: LocalBackend, owner: str
) -> None:
    monkeypatch.setenv("INVERSE_INDEX_NODE_MODULES", str(tmp_path))
    with pytest.raises(UserError) as failure:
        npm_deploy(chain, UNISWAP_CORE, "UniswapV3Factory", sender=owner)
    assert failure.value.message == f"no npm package {UNISWAP_CORE} in {tmp_path}"
    assert failure.value.remedy == "run `make setup`"


def test_incomplete_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVERSE_INDEX_NODE_MODULES", str(tmp_path))
    (tmp_path / UNISWAP_CORE).mkdir(parents=True)
    with pytest.raises(UserError) as failure:
        npm_artifact(UNISWAP_CORE, "UniswapV3Factory")
    assert failure.value.message == f"the npm package {UNISWAP_CORE} has no {tmp_path / FACTORY}"
    assert failure.value.remedy == "run `make setup`"


@pytest.mark.parametrize(
    "content", ["{", "[]", "{}", '{"abi": [], "bytecode": "0x6", "linkReferences": {}}']
)
def test_damaged_artifact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    monkeypatch.setenv("INVERSE_INDEX_NODE_MODULES", str(tmp_path))
    (tmp_path / FACTORY).parent.mkdir(parents=True)
    (tmp_path / FACTORY).write_text(content)
    with pytest.raises(UserError) as failure:
        npm_artifact(UNISWAP_CORE, "UniswapV3Factory")
    assert failure.value.message == f"{tmp_path / FACTORY} is damaged"
    assert failure.value.remedy == "run `make setup`"


def test_packages_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / FACTORY).parent.mkdir(parents=True)
    content = {"abi": [], "bytecode": "0x6001", "linkReferences": {}}
    (tmp_path / FACTORY).write_text(json.dumps(content))
    here = npm_artifact(UNISWAP_CORE, "UniswapV3Factory")
    monkeypatch.setenv("INVERSE_INDEX_NODE_MODULES", str(tmp_path))
    assert npm_artifact(UNISWAP_CORE, "UniswapV3Factory").code == b"\x60\x01"
    monkeypatch.delenv("INVERSE_INDEX_NODE_MODULES")
    assert npm_artifact(UNISWAP_CORE, "UniswapV3Factory") is here


def test_a_library_must_be_given(chain: LocalBackend, owner: str) -> None:
    with pytest.raises(UserError) as failure:
        npm_deploy(chain, STABLECOIN, "FiatTokenV2_2", sender=owner)
    assert failure.value.message == "FiatTokenV2_2 needs the library SignatureChecker"
    assert failure.value.remedy == "deploy it and pass it on"


def test_linking_changes_the_places_of_the_library_only(chain: LocalBackend, owner: str) -> None:
    library = npm_deploy(chain, STABLECOIN, "SignatureChecker", sender=owner)
    found = npm_artifact(STABLECOIN, "FiatTokenV2_2")
    linked = found.linked({"SignatureChecker": library, "Another": library})
    address = bytes.fromhex(library.address[2:])
    places = found.links["SignatureChecker"]
    assert len(places) == 2
    assert linked.count(address) == len(places)
    assert linked.replace(address, bytes(20)) == found.code
    for start in places:
        assert linked[start : start + 20] == address


def test_same_contract_at_its_address(chain: LocalBackend, owner: str) -> None:
    factory = npm_deploy(chain, UNISWAP_CORE, "UniswapV3Factory", sender=owner)
    again = npm_at(chain, UNISWAP_CORE, "UniswapV3Factory", factory.address.lower())
    assert isinstance(again, Contract)
    assert again == factory
    assert again.contract_name == "UniswapV3Factory"
    assert again.owner() == owner
