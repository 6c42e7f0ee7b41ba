# SPDX-License-Identifier: AGPL-3.0-only
"""What documents refer to exists: links, files, tests, rules, commands."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from inverse_index.artifacts import project_root
from tools import modules

ROOT = project_root()
FOLDERS = ("docs", "tests", "tools", ".github")
NAMES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (*ROOT.glob("*.md"), *(p for f in FOLDERS for p in (ROOT / f).rglob("*.md")))
)
ID = r"[A-Z]+(?:-[A-Z]+)?-\d+"
SOURCES = (
    "contracts interfaces inverse_index scripts tests tools configs deployments docs gas static"
)
PLACE = re.compile(rf"(?:{'|'.join(SOURCES.split())}|\.ci|\.github)/[\w./*-]*")
# Results of a run name the files as they were then.
RESULTS = re.compile(r"<!-- begin: written by make mutation -->.*?<!-- end -->", re.S)


def read(name: str) -> str:
    return RESULTS.sub("", (ROOT / name).read_text())


def links(text: str) -> list[str]:
    return re.findall(r"\]\((?!https?:)([^)]+)\)", text)


def anchors(path: Path) -> set[str]:
    """Of the headings, as hosts of repositories make them."""
    heads = re.findall(r"^#+ (.+)$", path.read_text(), re.M)
    return {re.sub(r"[^\w -]", "", head).lower().replace(" ", "-") for head in heads}


def code_spans(text: str) -> list[str]:
    """Inline code, without blocks."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))


def code(text: str) -> str:
    """Blocks and inline code together, a line each."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.M | re.S)
    return "\n".join([*blocks, *code_spans(text)])


def dead_links(name: str) -> list[str]:
    page = ROOT / name
    found = []
    for link in links(read(name)):
        place, _, anchor = link.partition("#")
        target = (page.parent / place).resolve() if place else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            found.append(link)
    return found


def named_places(text: str) -> list[str]:
    """Files and folders of the project in inline code, and those that commands are given."""
    inline = [span.partition("::")[0] for span in code_spans(text)]
    options = re.findall(r"--(?:config|index) ((?:configs|deployments)/\S+\.yaml)", code(text))
    return [place for place in inline if PLACE.fullmatch(place)] + options


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    assert dead_links(name) == []


@pytest.mark.parametrize("name", NAMES)
def test_named_files_exist(name: str) -> None:
    missing = [place for place in named_places(read(name)) if not any(ROOT.glob(place))]
    assert missing == []


@pytest.mark.parametrize("name", NAMES)
def test_named_tests_exist(name: str) -> None:
    """As `tests/folder/test_file.py::test_it`, or `::test_it` after one of its file."""
    path = Path()
    for place, test in re.findall(r"`(tests/[\w/.]+|(?=::))(?:::(\w+))?`", read(name)):
        path = ROOT / place if place else path
        assert path.exists(), place
        assert not test or f"\ndef {test}(" in path.read_text(), test


@pytest.mark.parametrize("name", NAMES)
def test_named_commands_exist(name: str) -> None:
    """`make target` and `ape run verb`."""
    targets = {*re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M)}
    verbs = {path.stem for path in (ROOT / "scripts").glob("*.py")}
    commands = code(read(name))
    assert {*re.findall(r"^\s*make ([a-z-]+)", commands, re.M)} <= targets
    assert {*re.findall(r"ape run ([a-z-]+)", commands)} <= verbs


def test_named_rules_exist() -> None:
    known = set(re.findall(rf"\*\*({ID})\*\*", read("docs/specification.md")))
    for name in NAMES:
        cited = set(re.findall(rf"`({ID})`", read(name)))
        assert cited <= known, name
    assert len(known) > 300


def test_the_readme_is_short_and_leads_everywhere() -> None:
    text = read("README.md")
    assert len(text.splitlines()) <= 150
    targets = {link.partition("#")[0] for link in links(text)}
    assert {name for name in NAMES if name != "README.md"} - targets == set()


def test_every_term_of_the_glossary_has_a_file() -> None:
    rows = re.findall(r"^\| (?!term|-)(.+?) \| (.+) \| (.+) \|$", read("docs/glossary.md"), re.M)
    assert len(rows) > 100
    assert [term for term, _, place in rows if not code_spans(place)] == []
    terms = Counter(term for term, _, _ in rows)
    assert [term for term, count in terms.items() if count > 1] == []


def test_the_table_of_modules_is_the_one_of_these_imports() -> None:
    text = modules.document_path().read_text()
    assert text == modules.document(text), "`python -m tools.modules` writes it anew"


def test_every_module_serves_a_contract() -> None:
    """Followed through other modules: the vaults reach `errors` by theirs."""
    found = {f"{path.parent.name}/{path.stem}": names for path, names in modules.users().items()}
    assert [name for name, names in found.items() if not names] == []
    assert {"PerpVault", "AaveVault"} <= {*found["lib/errors"]}


def test_a_dead_reference_is_noticed() -> None:
    text = "`contracts/no/File.vy` `tools/gate.py::it` [a](b.md#c) [d](https://e)\n"
    assert named_places(text) == ["contracts/no/File.vy", "tools/gate.py"]
    assert links(text) == ["b.md#c"]
    block = "```sh\nape run deploy --config configs/none.yaml\nmake it\n```\n"
    assert named_places(block) == ["configs/none.yaml"]
    assert "make it" in code(block) and code_spans(block) == []
