# SPDX-License-Identifier: AGPL-3.0-only
"""Read deployment files, and check that their parts fit together."""

from __future__ import annotations

from pathlib import Path

from inverse_index.artifacts import project_root
from inverse_index.config.addresses import check_addresses
from inverse_index.config.deployment import Deployment, DeploymentFile
from inverse_index.config.fields import near
from inverse_index.config.index import IndexDefinition, load_index
from inverse_index.config.network_checks import check_network
from inverse_index.config.venue import DEFAULT_FILES, DEFAULT_KIND
from inverse_index.config.yaml_io import load_model
from inverse_index.errors import UserError


def load_deployment(path: str | Path) -> DeploymentFile:
    """Read a deployment and the index definition that it refers to."""
    file = Path(path)
    deployment = load_model(file, Deployment)
    index_path = file.parent / deployment.index
    if not index_path.is_file():
        raise UserError(
            f"{file}: index: got '{deployment.index}', expected the path of an index file; "
            f"{index_path} does not exist",
            "give a path relative to the deployment file",
        )
    index = load_index(index_path)
    return checked(DeploymentFile(file, deployment, index))


def checked(file: DeploymentFile) -> DeploymentFile:
    """The same, once its parts fit together."""
    _check_symbols(file.path, file.deployment, file.index)
    check_addresses(file)
    check_network(file)
    return file


def choose_deployment(config: Path | None, venue: str | None) -> DeploymentFile:
    """The deployment file of two options that may both be left out."""
    path = config or project_root() / DEFAULT_FILES[venue or DEFAULT_KIND]
    file = load_deployment(path)
    kind = file.deployment.venue.kind
    if venue is not None and kind != venue:
        raise UserError(
            f"--venue: got {venue}, but {path} is for the venue '{kind}'",
            "leave --venue out, or give another file with --config",
        )
    return file


def with_index(file: DeploymentFile, index: IndexDefinition, path: str) -> DeploymentFile:
    """The same deployment on another index, such as one given by an option."""
    deployment = file.deployment.model_copy(update={"index": path})
    _check_symbols(file.path, deployment, index)
    return DeploymentFile(file.path, deployment, index)


def _check_symbols(file: Path, deployment: Deployment, index: IndexDefinition) -> None:
    """Markets and feeds must name components; feeds are given for all or none."""
    collateral = deployment.collateral.symbol
    if collateral in index.symbols:
        raise UserError(
            f"{file}: collateral.symbol: got {collateral}, which is a component of the index",
            "use a collateral that is not in the index",
        )
    for field, names, extra in deployment.venue.symbol_fields():
        _check_known(file, f"venue.{field}", names, [*index.symbols, *extra])
    feeds = list(deployment.oracle.feeds)
    assets = [*index.symbols, collateral]
    _check_known(file, "oracle.feeds", feeds, assets)
    missing = [symbol for symbol in assets if symbol not in feeds]
    if feeds and missing:
        raise UserError(
            f"{file}: oracle.feeds: missing {', '.join(missing)}, "
            "expected feeds of all components and the collateral",
            "add them, or remove all feeds to have local ones deployed",
        )


def _check_known(file: Path, field: str, names: list[str], known: list[str]) -> None:
    for name in names:
        if name not in known:
            raise UserError(
                f"{file}: {field}.{name}: unknown symbol{near(name, known)}, "
                f"expected one of {', '.join(known)}",
                "correct the symbol or remove it",
            )
