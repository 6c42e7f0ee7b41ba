# SPDX-License-Identifier: AGPL-3.0-only
"""docs/governance.md says what the contracts do."""

from __future__ import annotations

import re
from typing import Any

import pytest

from inverse_index.artifacts import artifact, deployables, project_root
from inverse_index.chain import Contract, LocalBackend, Reverted
from inverse_index.chain.contract import VIEWS
from inverse_index.deployment import Given, deploy_system
from inverse_index.deployment.factory import deploy_factory
from inverse_index.deployment.governance import Governance
from tests.support.constants import ZERO
from tests.support.plans import make_aave_plan, make_plan

TEXT = (project_root() / "docs" / "governance.md").read_text()
NOT_PART_OF_IT = ("testnet", "testing")

# With what everybody else is refused.
ROLE = ("access_control: account is missing role",)
REFUSALS = {
    "owner": ("ownable: caller is not the owner",),
    "owner, or anyone once it has failed": ("token: only the owner can wind down",),
    "guardian or owner": ("token: caller is not guardian or owner",),
    "token": ("vault: caller is not the token",),
    "itself": ("vault: caller is not the vault",),
    "pool": ("vault: caller is not the pool", "router: caller is not the pool"),
    "exchange": ("pool: caller is not the exchange",),
    "custodian": ("exchange: caller is not the other custodian",),
    "proposer": ROLE,
    "canceller": ROLE,
    "executor": ROLE,
    "timelock": ("timelock: caller is not the timelock",),
}
ANY_REFUSAL = {reason for reasons in REFUSALS.values() for reason in reasons}


def table(heading: str) -> list[list[str]]:
    """Rows of the first table under a heading, without its head."""
    section = TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


POWERS = [(c, f.strip("`"), who, bound) for c, f, who, bound, _ in table("Powers")]
CONSTANTS = [(where, name.strip("`"), value) for where, name, value, _ in table("Constants")]


def contracts() -> list[str]:
    folder = project_root() / "contracts"
    return [
        name
        for name, path in deployables().items()
        if not set(path.relative_to(folder).parts) & set(NOT_PART_OF_IT)
    ]


def test_every_function_that_changes_state_has_a_row() -> None:
    real = {
        (name, entry["name"])
        for name in contracts()
        for entry in artifact(name).abi
        if entry["type"] == "function" and entry["stateMutability"] not in VIEWS
    }
    rows = [(contract, function) for contract, function, _, _ in POWERS]
    missing, unknown = sorted(real - {*rows}), sorted({*rows} - real)
    assert missing == [], f"add rows to docs/governance.md for {missing}"
    assert unknown == [], f"docs/governance.md has rows for what does not exist: {unknown}"
    assert len(rows) == len({*rows}), "a function has two rows"


def test_contracts_without_powers_are_named() -> None:
    """[Q-1]"""
    powerless = sorted({*contracts()} - {contract for contract, *_ in POWERS})
    names = ", ".join(f"`{name}`" for name in powerless[:-1]) + f" and `{powerless[-1]}`"
    assert f"{names} have no function that changes anything." in " ".join(TEXT.split())


def test_every_bound_is_a_constant_of_the_list() -> None:
    known = {name for _, name, _ in CONSTANTS}
    for contract, function, _, bound in POWERS:
        for name in re.findall(r"`([A-Z_]{2,})`", bound):
            assert name in known, f"{contract}.{function}: {name} is not in the list of constants"


@pytest.mark.parametrize(("where", "name", "value"), CONSTANTS)
def test_constants_have_these_values(where: str, name: str, value: str) -> None:
    (path,) = (project_root() / "contracts").rglob(f"{where}.vy")
    found = re.findall(
        rf"^{name}: (?:public\()?constant\(uint256\)\)? = ([\d_ *+-]+)", path.read_text(), re.M
    )
    assert len(found) == 1
    product = 1
    for factor in found[0].split(" * "):
        base, _, power = factor.strip().partition("**")
        product *= int(base) ** int(power or 1)
    assert f"{product:,}" == value


# who is refused


@pytest.fixture(scope="module")
def deployed(chain: LocalBackend, owner: str, trader: str, keeper: str) -> dict[str, Contract]:
    given = Given(governance=Governance(2 * 86_400, (trader,), (keeper,)))
    perp = deploy_system(chain, make_plan(), owner, given)
    aave = deploy_system(chain, make_aave_plan(), owner, given)
    timelock = perp.timelock
    assert timelock is not None
    factory = deploy_factory(chain, owner)
    weth, pools = aave.collateral, aave.venue.factory  # type: ignore[attr-defined]
    router = chain.deploy("Router", weth, pools, sender=owner)
    keeper_adapter = chain.deploy("KeeperAdapter", sender=owner)
    found = [
        perp.token,
        perp.oracle,
        perp.vault,
        aave.vault,
        timelock,
        factory,
        router,
        keeper_adapter,
    ]
    return {each.contract_name: each for each in found} | {
        "PerpExchange": perp.venue.exchange,  # type: ignore[attr-defined]
        "LiquidityPool": perp.venue.pool,  # type: ignore[attr-defined]
    }


@pytest.mark.parametrize(("contract", "function", "who"), [row[:3] for row in POWERS])
def test_nobody_else_is_let_in(
    deployed: dict[str, Contract], attacker: str, contract: str, function: str, who: str
) -> None:
    """Every overload, called by somebody without a role and with zeros for arguments. [T-OWN-9]"""
    if contract not in deployed:
        pytest.fail(f"add {contract} to the fixture `deployed`")
    target = deployed[contract]
    for entry in target.abi:
        if entry.get("name") != function or entry["type"] != "function":
            continue
        args = [nothing(part) for part in entry["inputs"]]
        said = reason(target, target.encode(function, *args), attacker)
        if who == "anyone":
            assert said not in ANY_REFUSAL, f"{len(args)} arguments"
        else:
            assert said in REFUSALS[who], f"{len(args)} arguments"


def reason(contract: Contract, data: bytes, sender: str) -> str:
    """Why a call is refused, "" when it is not."""
    try:
        contract.backend.call(contract.address, data, sender)
    except Reverted as refused:
        return refused.reason
    return ""


def nothing(entry: dict[str, Any]) -> Any:
    """Zero of a type."""
    kind = entry["type"]
    if kind.endswith("]"):
        length = kind[kind.rindex("[") + 1 : -1]
        inner = {**entry, "type": kind[: kind.rindex("[")]}
        return [nothing(inner) for _ in range(int(length or 0))]
    if kind == "tuple":
        return {part["name"]: nothing(part) for part in entry["components"]}
    if kind == "address":
        return ZERO
    if kind == "bool":
        return False
    if kind == "string":
        return ""
    if kind.startswith("bytes"):
        return bytes(int(kind[5:] or 0))
    return 0
