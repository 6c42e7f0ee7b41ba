# SPDX-License-Identifier: AGPL-3.0-only
"""Findings of static analysers in all contracts, beside the reviewed ones.

natrix and vyper-guard run in this process. natrix gets every contract and module
as the compiler has annotated it, modules as part of the contracts that use them:
alone most do not compile. Findings are counted by function, so that a review
stays valid while lines move. `--update` writes static/findings.json: reviews are
kept, findings that are gone leave, new ones come with an empty review to be filled
in. Mocks are left out: they misbehave on purpose.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from inverse_index.artifacts import EVM_VERSION, _search_paths, deployables, project_root
from inverse_index.errors import UserError

from .sources import contract_files, relative

# Against the project's own style: arguments do not begin with an underscore, and
# mutability comes before visibility, as in snekmate.
NATRIX_OFF = ("NTX11", "NTX12")
_QUOTED = re.compile(r"'([^']+)'")


@dataclass(frozen=True, order=True)
class Finding:
    """What one rule says about one function, `count` times."""

    tool: str
    file: str
    rule: str
    where: str
    count: int

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.tool, self.file, self.rule, self.where

    def __str__(self) -> str:
        return f"{self.tool} {self.rule} in {self.file}, {self.where} ({self.count})"


def baseline_path() -> Path:
    return project_root() / "static" / "findings.json"


def reviewed() -> dict[Finding, str]:
    """Committed findings with their reviews."""
    if not baseline_path().exists():
        return {}
    entries = json.loads(baseline_path().read_text())
    return {
        Finding(**{key: value for key, value in entry.items() if key != "review"}): entry["review"]
        for entry in entries
    }


def found() -> list[Finding]:
    """What both analysers say now."""
    counted = Counter([*_guard(), *_natrix()])
    return sorted(Finding(*key, count) for key, count in counted.items())


def write(now: list[Finding], before: dict[Finding, str]) -> None:
    """The committed file anew; a review belongs to its rule and function."""
    kept = {finding.key: review for finding, review in before.items() if finding in now}
    entries = [{**asdict(each), "review": kept.get(each.key, "")} for each in now]
    baseline_path().parent.mkdir(exist_ok=True)
    baseline_path().write_text(json.dumps(entries, indent=2) + "\n")


Key = tuple[str, str, str, str]


def _guard() -> Iterator[Key]:
    from guardian.analyzer.static import StaticAnalyzer  # slow to import

    analyser = StaticAnalyzer(semantic_mode="source")
    for path in contract_files(mocks=False):
        report = analyser.analyze_file(path)
        if report.failed_detectors:
            raise UserError(
                f"vyper-guard: {report.failed_detectors} failed on {path}", "look at the source"
            )
        for each in report.findings:
            where = str(each.semantic_context.get("function") or "the contract")
            yield "vyper-guard", relative(path), each.detector_name, where


def _natrix() -> Iterator[Key]:
    from natrix.rules.common import RuleRegistry

    RuleRegistry.discover_rules()
    rules = RuleRegistry.get_rules()
    wanted = {relative(path) for path in contract_files(mocks=False)}
    trees = _annotated()
    missing = wanted - set(trees)
    if missing:
        raise UserError(f"no contract uses {sorted(missing)}", "remove what is not used")
    for file in sorted(wanted):
        for rule in rules:
            for issue in rule.run({"ast": trees[file], "imports": [], "metadata": {}}):
                if issue.code not in NATRIX_OFF:
                    named = _QUOTED.search(issue.message)
                    yield "natrix", file, issue.code, named[1] if named else "the contract"


def _annotated() -> dict[str, dict[str, Any]]:
    """Syntax trees with types, by file, of all that a deployable contract uses."""
    from vyper.compiler.input_bundle import FilesystemInputBundle
    from vyper.compiler.output import build_annotated_ast_dict
    from vyper.compiler.phases import CompilerData
    from vyper.compiler.settings import Settings

    trees: dict[str, dict[str, Any]] = {}
    for path in deployables().values():
        bundle = FilesystemInputBundle(list(_search_paths()))
        data = CompilerData(
            bundle.load_file(path), bundle, settings=Settings(evm_version=EVM_VERSION)
        )
        built = build_annotated_ast_dict(data)
        for tree in (built["ast"], *built["imports"]):
            source = Path(tree["resolved_path"])
            if source.is_relative_to(project_root()):
                trees.setdefault(relative(source), tree)
    return trees


@click.command(help=__doc__)
@click.option("--update", is_flag=True, help="Write static/findings.json anew.")
def main(update: bool) -> None:
    now, before = found(), reviewed()
    for finding in now:
        if finding not in before:
            click.echo(f"new   {finding}")
        elif not before[finding]:
            click.echo(f"not reviewed   {finding}")
    for finding in before:
        if finding not in now:
            click.echo(f"gone  {finding}")
    if update:
        write(now, before)
        click.echo(f"written: {baseline_path()}; fill in the empty reviews", err=True)
    elif set(now) != set(before) or not all(before.values()):
        sys.exit("error: review what is new in static/findings.json: `make static-update`")
    else:
        click.echo(f"{len(now)} findings, all reviewed")


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        sys.exit(f"error: {error}")
