# SPDX-License-Identifier: AGPL-3.0-only
"""Where deployments are recorded and found again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from inverse_index.artifacts import project_root
from inverse_index.chain import LocalBackend
from inverse_index.deployment import Registry, System
from inverse_index.deployment.registry import recorded_chains
from inverse_index.errors import UserError
from tests.support.plans import make_plan
from tests.support.system_harness import deploy_harness

CHAIN = 31337


@pytest.fixture(scope="module")
def system(chain: LocalBackend, owner: str, keeper: str) -> System:
    return deploy_harness(chain, owner, keeper, make_plan(k=2)).system


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(CHAIN, tmp_path / "deployments")


def failure(registry: Registry, backend: LocalBackend, name: str | None = None) -> UserError:
    with pytest.raises(UserError) as caught:
        registry.load(backend, name)
    return caught.value


def test_what_is_saved_is_loaded(registry: Registry, system: System, chain: LocalBackend) -> None:
    path = registry.save(system)
    assert path == registry.path and path.name == "31337.json"
    loaded = registry.load(chain, "test")
    assert loaded.record() == system.record()
    assert (loaded.name, loaded.symbols, loaded.decimals) == ("test", ("C0", "C1"), 6)
    assert loaded.report() == system.report()


def test_the_file_holds_every_address_and_nothing_else_lies_beside_it(
    registry: Registry, system: System
) -> None:
    path = registry.save(system)
    assert json.loads(path.read_text()) == {"test": system.record()}
    parts = {
        "collateral",
        "board",
        "oracle",
        "exchange",
        "policy",
        "reset_policy",
        "views",
        "pool",
        "lens",
        "vault",
        "token",
    }
    assert set(system.record()["addresses"]) == parts
    assert list(path.parent.iterdir()) == [path]
    assert path.stat().st_mode & 0o777 == 0o644


def test_the_newest_is_the_default(registry: Registry, system: System, chain: LocalBackend) -> None:
    registry.save(replace(system, name="first"))
    registry.save(replace(system, name="second"))
    assert registry.names() == ["first", "second"]
    assert registry.load(chain).name == "second"
    registry.save(replace(system, name="first"))
    assert registry.names() == ["second", "first"]
    assert registry.load(chain).name == "first"


def test_an_older_one_of_the_same_name_stays(
    registry: Registry, system: System, chain: LocalBackend, owner: str, keeper: str
) -> None:
    """Every deployment of a chain is kept; the newest has the name."""
    other = deploy_harness(chain, owner, keeper, make_plan(k=1)).system
    third = deploy_harness(chain, owner, keeper, make_plan(k=1)).system
    registry.save(system, {"block": 7})
    registry.save(replace(other, name="test"))
    registry.save(replace(third, name="test"))
    assert registry.names() == ["test@1", "test@2", "test"]
    assert registry.load(chain).token == third.token
    assert registry.load(chain, "test@1").token == system.token
    assert registry.load(chain, "test@2").token == other.token
    assert registry.record("test@1")["deployment"] == {"block": 7}
    assert "deployment" not in registry.record("test")
    with pytest.raises(UserError, match="no deployment 'none' on chain 31337"):
        registry.record("none")


def test_the_chains_that_have_deployments(system: System, tmp_path: Path) -> None:
    assert recorded_chains(tmp_path) == []
    for chain in (42_161, 1):
        Registry(chain, tmp_path).save(system)
    (tmp_path / "notes.json").write_text("{}")
    assert recorded_chains(tmp_path) == [1, 42_161]


def test_feeds_of_others_need_no_board(
    registry: Registry, system: System, chain: LocalBackend
) -> None:
    registry.save(replace(system, board=None))
    assert registry.load(chain).board is None


def test_nothing_is_deployed(registry: Registry, chain: LocalBackend) -> None:
    assert registry.names() == []
    error = failure(registry, chain)
    assert error.message == "nothing is deployed on chain 31337"
    assert error.remedy == "run `ape run deploy` on this network first"


def test_unknown_name(registry: Registry, system: System, chain: LocalBackend) -> None:
    registry.save(system)
    error = failure(registry, chain, "other")
    assert error.message == "no deployment 'other' on chain 31337"
    assert error.remedy == "use one of: test"


def test_a_chain_that_was_restarted(
    registry: Registry, system: System, chain: LocalBackend
) -> None:
    record = system.record()
    gone = "0x" + "12" * 20
    record["addresses"] = dict(record["addresses"], token=gone)
    registry.path.parent.mkdir()
    registry.path.write_text(json.dumps({"test": record}))
    error = failure(registry, chain)
    assert error.message == f"the chain has no contract at {gone}, where 'test' was"
    assert "run `ape run deploy` again" in error.remedy


@pytest.mark.parametrize(
    ("content", "what"), [("{", "is not valid JSON"), ("[1]", "does not hold deployments")]
)
def test_a_damaged_file(registry: Registry, chain: LocalBackend, content: str, what: str) -> None:
    registry.path.parent.mkdir()
    registry.path.write_text(content)
    error = failure(registry, chain)
    assert error.message.startswith(f"{registry.path} {what}")
    assert error.remedy == "restore or remove it"


def test_a_damaged_record(registry: Registry, system: System, chain: LocalBackend) -> None:
    record = system.record()
    del record["decimals"]
    registry.path.parent.mkdir()
    registry.path.write_text(json.dumps({"test": record}))
    assert failure(registry, chain).message == (
        f"{registry.path}: the record of 'test' is damaged ('decimals')"
    )


def test_a_folder_that_cannot_be_made(system: System, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match=r"31337\.json cannot be written"):
        Registry(CHAIN, tmp_path / "file").save(system)
    assert (tmp_path / "file").read_text() == "in the way"


def test_local_chains_are_not_part_of_the_repository() -> None:
    assert Registry(31337).path == project_root() / "build/deployments/31337.json"
    assert Registry(1337).path == project_root() / "build/deployments/1337.json"
    assert Registry(11155111).path == project_root() / "deployments/11155111.json"
