# SPDX-License-Identifier: AGPL-3.0-only
"""`ape run check`: is on the chain what the deployment file says?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from ape.api import ProviderAPI

from ..artifacts import project_root
from ..config import DeploymentFile, load_deployment, load_index, with_index
from ..deployment import Given, System, plan_deployment
from ..deployment.check import Expected, Finding, check_system
from ..deployment.facts import digest, index_digest
from ..deployment.stand_in import with_addresses
from ..errors import UserError
from .failure import USER, Failure
from .session import Session
from .verb import deployment_options, verb

EXAMPLES = """
ape run check
ape run check --deployment arbitrum --network arbitrum:mainnet:URL
ape run check --json | jq .different
"""


@verb("check", EXAMPLES)
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    help="Deployment file to compare with.  [default: the recorded one]",
)
@click.option("--all", "show_all", is_flag=True, help="Show also what is as it should be.")
@deployment_options
def cli(
    provider: ProviderAPI,
    deployment: str | None,
    registry: Path | None,
    config_path: Path | None,
    show_all: bool,
    as_json: bool,
) -> None:
    """Read a deployment back from the chain and compare it with its file.

    Every parameter, feed, role and address, and the code of every contract against
    what the sources compile to. Differences end with exit code 1.
    """
    session = Session.reading(provider, as_json)
    system = session.load(deployment, registry)
    facts = _facts(session, system, registry)
    file = _file(facts, config_path)
    findings = [*_config(facts, file), *_compare(session, system, facts, file)]
    different = [each for each in findings if not each.ok]
    _show(session, system, findings if show_all else different, len(findings), different)
    if different:
        raise Failure(USER, f"{len(different)} of {len(findings)} differ", "", as_json)


def _facts(session: Session, system: System, folder: Path | None) -> dict[str, Any]:
    facts = session.registry(folder).record(system.name).get("deployment")
    if facts is None:
        raise UserError(
            f"'{system.name}' was recorded without its origin", "deploy again to have it checked"
        )
    return dict(facts)


def _file(facts: dict[str, Any], path: Path | None) -> DeploymentFile:
    """The recorded file, with the stand-ins' addresses where there are some."""
    recorded = Path(facts["config"]["file"])
    where = path or (project_root() / recorded)
    if path is None and not where.exists():
        raise UserError(f"the file {recorded} is not here", "give it with --config")
    file, index = load_deployment(where), facts["config"]["index"]
    if path is None and index != file.deployment.index:  # another one was given by --index
        file = with_index(file, load_index(project_root() / index), index)
    return with_addresses(file, facts["stand_ins"]) if facts["stand_ins"] else file


def _config(facts: dict[str, Any], file: DeploymentFile) -> Iterator[Finding]:
    config = facts["config"]
    yield Finding("file: SHA-256", config["sha256"], digest(file.path))
    yield Finding("index: SHA-256", config["index_sha256"], index_digest(file.index))


def _compare(
    session: Session, system: System, facts: dict[str, Any], file: DeploymentFile
) -> list[Finding]:
    prices = {symbol: int(price) for symbol, price in facts["prices"].items()}
    expected = Expected(plan_deployment(file, prices), Given.from_file(file), facts)
    return check_system(system, expected, session.backend.sent_data)


def _show(
    session: Session, system: System, shown: list[Finding], count: int, different: list[Finding]
) -> None:
    out = session.out
    for each in shown:
        if each.ok:
            out.say(f"ok         {each.what}: {each.found}")
        else:
            out.say(f"different  {each.what}: {each.found}, expected {each.expected}")
    out.say(f"{system.name} on {session.network}: {count - len(different)} of {count} as expected")
    out.result(
        {
            "deployment": system.name,
            "checked": count,
            "different": [vars_of(each) for each in different],
            "ok": not different,
        }
    )


def vars_of(finding: Finding) -> dict[str, str]:
    """For JSON."""
    return {"what": finding.what, "expected": finding.expected, "found": finding.found}
