# SPDX-License-Identifier: AGPL-3.0-only
"""What a deployment file would deploy, in order, and what it would cost.

Nothing here needs a node. Gas is computed from the compiled code: what a creation
costs by its bytes, and what the constructor does besides, as measured locally.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ..artifacts import artifact
from ..plan.deployment import Plan
from .periphery import new_contracts
from .venues import KINDS, Given

# Of Ethereum's protocol: a transaction that creates, a byte of calldata that is not
# zero and one that is, a word of creation code, a byte of deployed code.
CREATION, NONZERO, ZERO, INITCODE_WORD, CODE_BYTE = 53_000, 16, 4, 2, 200
SHARED: Final = ("TokenViews", "ResetPolicy", "TokenPolicy", "Lens")
HAND_OVER: Final = 30_000  # `transfer_ownership`
LOCAL_WETH: Final = 620_000

# What a constructor does: fixed, and per component (arguments, immutables, storage,
# calls), measured on a local chain and rounded up.
_WORK: Final = {
    "IndexOracle": (480_000, 68_000),
    "AaveQuoter": (6_000, 0),
    "TokenViews": (7_000, 0),
    "ResetPolicy": (5_000, 0),
    "TokenPolicy": (25_000, 0),
    "Lens": (6_000, 0),
    "AaveVault": (680_000, 140_000),
    "PerpVault": (70_000, 20_000),
    "InverseIndexToken": (440_000, 23_000),
    "Timelock": (60_000, 28_500),  # and per role given, not per component
    "LevelFeed": (83_000, 16_500),
    "NavFeed": (53_000, 0),
    "KeeperAdapter": (6_000, 0),
    "Router": (22_000, 0),
    "PriceBoard": (30_000, 0),
    "BoardFeed": (70_000, 0),
    "LocalCollateral": (100_000, 0),
    "LiquidityPool": (600_000, 0),  # with its liquidity
    "PerpExchange": (200_000, 200_000),  # with its markets
}


@dataclass(frozen=True)
class Step:
    """One transaction, or several: what it makes and about how much gas it takes."""

    what: str
    gas: int


def creation_gas(name: str, components: int) -> int:
    """About what deploying one of this project's contracts takes."""
    built = artifact(name)
    code = bytes.fromhex(built.bytecode[2:])
    zeros = code.count(0)
    fixed, each = _WORK[name]
    words = -(-len(code) // 32)
    gas = CREATION + zeros * ZERO + (len(code) - zeros) * NONZERO + words * INITCODE_WORD
    return gas + built.runtime_size * CODE_BYTE + fixed + each * components


def outline(plan: Plan, given: Given) -> list[Step]:
    """The steps of a deployment in their order."""
    return list(_steps(plan, given))


def _steps(plan: Plan, given: Given) -> Iterator[Step]:
    count = len(plan.symbols)
    kind = KINDS[plan.venue.kind]
    if given.collateral is None:
        yield Step(f"local {plan.collateral_symbol}", creation_gas("LocalCollateral", count))
    if given.feeds is None:
        feeds = 2 * count + 1
        gas = creation_gas("PriceBoard", count) + feeds * creation_gas("BoardFeed", count)
        yield Step(f"PriceBoard and {feeds} BoardFeeds", gas)
    yield Step("IndexOracle", creation_gas("IndexOracle", count))
    if kind.identity not in given.venue:
        gas = kind.local_gas(given, count)
        gas += sum(creation_gas(contract, count) for contract in kind.local)
        yield Step(f"local {kind.name}", gas)
    for contract in (*kind.always, *SHARED, kind.venue.vault_contract):
        yield Step(contract, creation_gas(contract, count))
    yield Step("InverseIndexToken", creation_gas("InverseIndexToken", count))
    yield from periphery_steps(given, count)
    if given.governance is not None:
        roles = 2 * len(given.governance.proposers) + len(given.governance.executors)
        yield Step("Timelock", creation_gas("Timelock", roles))
        yield Step("hand IndexOracle and InverseIndexToken over to it", 2 * HAND_OVER)
    elif given.owner is not None:
        yield Step(f"hand IndexOracle and InverseIndexToken over to {given.owner}", 2 * HAND_OVER)


def periphery_steps(given: Given, components: int) -> Iterator[Step]:
    """What stands around the token, in its order."""
    config = given.periphery
    for contract in new_contracts(config):
        if contract == "Router" and config is not None and config.weth is None:
            yield Step("local WETH", LOCAL_WETH)
        yield Step(contract, creation_gas(contract, components))
