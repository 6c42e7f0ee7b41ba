# SPDX-License-Identifier: AGPL-3.0-only
"""What the token exposes, and what it must not."""

from __future__ import annotations

import re
from pathlib import Path

import snekmate
import vyper
from eth_utils.crypto import keccak

from inverse_index.artifacts import artifact

_BUILT_IN = Path(vyper.__file__).parent / "builtins" / "interfaces"
_SNEKMATE = Path(snekmate.__path__[0])
STANDARDS = {
    "IERC20": _BUILT_IN / "IERC20.vyi",
    "IERC20Detailed": _BUILT_IN / "IERC20Detailed.vyi",
    "IERC4626": _BUILT_IN / "IERC4626.vyi",
    "IERC20Permit": _SNEKMATE / "tokens" / "interfaces" / "IERC20Permit.vyi",
    "IERC5267": _SNEKMATE / "utils" / "interfaces" / "IERC5267.vyi",
}
FORBIDDEN = (
    "burn",
    "burn_from",
    "renounce_ownership",
    "set_minter",
    "is_minter",
    "increase_allowance",
    "migrate",
    "sweep",
    "rescue",
    "set_vault",
    "set_oracle",
    "set_policy",
)


def selector(signature: str) -> str:
    return keccak(text=signature)[:4].hex()


def functions_of(name: str) -> dict[str, str]:
    """Signature by selector of every function in a contract's ABI."""
    found = {}
    for entry in artifact(name).abi:
        if entry["type"] == "function":
            types = [part["type"] for part in entry["inputs"]]
            if "tuple" not in types:
                signature = f"{entry['name']}({','.join(types)})"
                found[selector(signature)] = signature
    return found


def standard(path: Path) -> set[str]:
    """Selectors of an interface file, whose functions take elementary types."""
    source = path.read_text()
    found = set()
    for name, arguments in re.findall(r"def (\w+)\(([^)]*)\)", source):
        types = [part.split(":")[1].strip() for part in arguments.split(",") if part.strip()]
        found.add(selector(f"{name}({','.join(types)})"))
    return found


def test_every_function_of_the_standards() -> None:
    """[T-ERC-1]"""
    own = set(functions_of("InverseIndexToken"))
    for name, path in STANDARDS.items():
        wanted = standard(path)
        assert wanted, name
        assert wanted <= own, f"{name}: {wanted - own}"
    assert len(standard(STANDARDS["IERC4626"])) == 16


def test_every_event_of_the_standards() -> None:
    """[T-ERC-1]"""
    events = {e["name"]: e for e in artifact("InverseIndexToken").abi if e["type"] == "event"}
    for name, types in {
        "Transfer": ["address", "address", "uint256"],
        "Approval": ["address", "address", "uint256"],
        "Deposit": ["address", "address", "uint256", "uint256"],
        "Withdraw": ["address", "address", "address", "uint256", "uint256"],
    }.items():
        assert [part["type"] for part in events[name]["inputs"]] == types
        indexed = [part["indexed"] for part in events[name]["inputs"]]
        assert indexed == [kind == "address" for kind in types]


def test_nothing_that_makes_or_takes_shares_or_parts() -> None:
    """[T-OWN-8] [T-ERC-2]"""
    names = {signature.split("(")[0] for signature in functions_of("InverseIndexToken").values()}
    assert names.isdisjoint(FORBIDDEN)
    mints = [s for s in functions_of("InverseIndexToken").values() if s.startswith("mint(")]
    assert sorted(mints) == [
        "mint(uint256,address)",
        "mint(uint256,address,uint256)",
        "mint(uint256,address,uint256,uint256)",
    ]


def test_views_and_actions_of_the_whole_token() -> None:
    """Whoever adds a function adds it here and says why in the contract."""
    names = {e["name"] for e in artifact("InverseIndexToken").abi if e["type"] == "function"}
    assert names == {
        "DOMAIN_SEPARATOR",
        "accrue_fee",
        "allowance",
        "approve",
        "asset",
        "balanceOf",
        "convertToAssets",
        "convertToShares",
        "decimals",
        "deposit",
        "due",
        "eip712Domain",
        "guardian",
        "maxDeposit",
        "maxMint",
        "maxRedeem",
        "maxWithdraw",
        "mint",
        "name",
        "nav_per_share",
        "nonces",
        "oracle",
        "owner",
        "pause_mint",
        "permit",
        "previewDeposit",
        "previewMint",
        "previewRedeem",
        "previewWithdraw",
        "policy",
        "reset_policy",
        "views",
        "rebalance",
        "redeem",
        "redeem_in_kind",
        "resume_mint",
        "set_guardian",
        "set_parameters",
        "set_streaming_fee",
        "set_nav_cap",
        "state",
        "symbol",
        "totalAssets",
        "totalSupply",
        "transfer",
        "transferFrom",
        "transfer_ownership",
        "vault",
        "wind_down",
        "withdraw",
    }


def test_no_fallback() -> None:
    """[T-ERC-2]"""
    kinds = {entry["type"] for entry in artifact("InverseIndexToken").abi}
    assert kinds == {"constructor", "event", "function"}
    assert all(e.get("stateMutability") != "payable" for e in artifact("InverseIndexToken").abi)
