# SPDX-License-Identifier: AGPL-3.0-only
"""Solidity sources of npm packages, compiled with compilers from npm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from inverse_index.artifacts import project_root
from inverse_index.chain import LocalBackend
from inverse_index.chain.contract import create
from inverse_index.errors import UserError
from inverse_index.protocols.npm import node_modules
from inverse_index.protocols.solidity import imports, solidity_artifact, standard_json

OLD, NEW = "solc-0.6", "solc-0.8"
HEAD = "// SPDX-License-Identifier: MIT\npragma solidity"
BASE = HEAD + " >=0.6.6;\ncontract Base { function two() public pure returns (uint) { return 2; } }"
MADE = (
    HEAD + ' ^0.8.0;\nimport {Base} from "../lib/Base.sol";\n'
    "contract Made is Base {\n  uint public given;\n"
    "  constructor(uint x) { given = x * two(); }\n}"
)


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of packages with sources of our own and the real compilers."""
    for compiler in (OLD, NEW):
        (tmp_path / compiler).symlink_to((node_modules() / compiler).resolve())
    for path, text in (("own/lib/Base.sol", BASE), ("own/src/Made.sol", MADE)):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.setenv("INVERSE_INDEX_NODE_MODULES", str(tmp_path))
    solidity_artifact.cache_clear()
    before = cached()
    yield tmp_path
    solidity_artifact.cache_clear()
    for path in cached() - before:
        path.unlink()


def cached() -> set[Path]:
    """Of our own sources: other tests compile at the same time."""
    folder = project_root() / "build" / "solidity"
    return {path for name in ("Made", "Base") for path in folder.glob(f"{name}-*.json")}


def test_compiled_once(
    packages: Path, chain: LocalBackend, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what it imports; then from the cache, for which no Node is needed."""
    before = cached()
    built = solidity_artifact("own/src/Made.sol", "Made", NEW)
    made = create(chain, "Made", built.abi, built.code, (21,), owner)
    assert (made.given(), made.two()) == (42, 2)
    (stored,) = cached() - before
    assert stored.name.startswith("Made-")
    solidity_artifact.cache_clear()
    monkeypatch.setenv("PATH", "")
    assert solidity_artifact("own/src/Made.sol", "Made", NEW) == built
    (packages / "own/lib/Base.sol").write_text(BASE.replace("return 2", "return 3"))
    solidity_artifact.cache_clear()
    with pytest.raises(UserError, match="node not found on PATH"):
        solidity_artifact("own/src/Made.sol", "Made", NEW)


def test_the_compilers_own_words(packages: Path) -> None:
    with pytest.raises(UserError, match="requires different compiler version"):
        solidity_artifact("own/src/Made.sol", "Made", OLD)


def test_what_is_missing(packages: Path) -> None:
    with pytest.raises(UserError, match=r"no npm package solc-0\.5"):
        solidity_artifact("own/src/Made.sol", "Made", "solc-0.5")
    with pytest.raises(UserError, match=r"no own/src/Other\.sol"):
        solidity_artifact("own/src/Other.sol", "Other", NEW)
    (packages / "own/lib/Base.sol").unlink()
    with pytest.raises(UserError, match=r"no own/lib/Base\.sol"):
        solidity_artifact("own/src/Made.sol", "Made", NEW)


def test_a_damaged_cache(packages: Path) -> None:
    before = cached()
    solidity_artifact("own/lib/Base.sol", "Base", NEW)
    (stored,) = cached() - before
    stored.write_text('{"abi": []}')
    solidity_artifact.cache_clear()
    with pytest.raises(UserError, match="is damaged"):
        solidity_artifact("own/lib/Base.sol", "Base", NEW)


def test_a_compiler_that_says_nothing(packages: Path) -> None:
    (packages / NEW).unlink()
    (packages / NEW).mkdir()
    about = '{"version": "0.0.1", "bin": {"solcjs": "solc.js"}}'
    (packages / NEW / "package.json").write_text(about)
    with pytest.raises(UserError, match="no Solidity compiler in"):
        solidity_artifact("own/src/Made.sol", "Made", NEW)
    (packages / NEW / "solc.js").write_text("console.error('broken'); process.exit(1)")
    with pytest.raises(UserError, match="gave no answer: broken"):
        solidity_artifact("own/src/Made.sol", "Made", NEW)


def test_imports() -> None:
    """Every form; not those in comments; relative ones from where the file is."""
    text = (
        'import "./A.sol";\nimport {X, Y as Z} from "../B.sol";\n'
        "  import * as C from 'p/C.sol';\n"
        '// import "./D.sol";\n/* import "./E.sol";\n*/ import {\n  F\n} from "./deep/F.sol";\n'
    )
    assert imports("own/src/Made.sol", text) == [
        "own/src/A.sol",
        "own/B.sol",
        "p/C.sol",
        "own/src/deep/F.sol",
    ]


def test_all_that_goes_in(packages: Path) -> None:
    given = standard_json("own/src/Made.sol", "Made")
    assert {path: each["content"] for path, each in given["sources"].items()} == {
        "own/lib/Base.sol": BASE,
        "own/src/Made.sol": MADE,
    }
