# SPDX-License-Identifier: AGPL-3.0-only
"""All addresses of a deployment file, by field."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from inverse_index.config.deployment import DeploymentFile
from inverse_index.errors import UserError

_LENGTH = 42
ACTORS = ("roles", "governance")  # one of them may have several roles
WRAPPED = "periphery.weth"  # may be a token of the venue, or the collateral


def addresses_of(file: DeploymentFile) -> dict[str, str]:
    """Checksummed addresses by dotted field, in the file's order."""
    return dict(_walk(file.deployment, ""))


def _walk(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _walk(getattr(value, name), f"{path}.{name}" if path else name)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _walk(inner, f"{path}.{key}")
    elif isinstance(value, (list, tuple)):
        for place, inner in enumerate(value):
            yield from _walk(inner, f"{path}[{place}]")
    elif isinstance(value, str) and value.startswith("0x") and len(value) == _LENGTH:
        yield path, value


def is_actor(field: str) -> bool:
    """Addresses of roles; all others are contracts that must be there."""
    return field.split(".")[0] in ACTORS


def _is_token(field: str) -> bool:
    return field.startswith(("venue.components.", "venue.tokens.", "collateral."))


def _may_share(earlier: str, field: str) -> bool:
    """Whether one address may stand in both fields."""
    if is_actor(earlier) and is_actor(field):
        return True
    return field == WRAPPED and _is_token(earlier)


def check_addresses(file: DeploymentFile) -> None:
    """No contract is named twice: each has one part to play."""
    seen: dict[str, str] = {}
    for field, address in addresses_of(file).items():
        earlier = seen.setdefault(address, field)
        if earlier != field and not _may_share(earlier, field):
            raise UserError(
                f"{file.path}: {field}: got {address}, which is {earlier} already",
                "correct one of the two",
            )
