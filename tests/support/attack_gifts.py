# SPDX-License-Identifier: AGPL-3.0-only
"""Ways to give a token something, and vaults that count what is sent to them."""

from __future__ import annotations

from collections.abc import Callable

from inverse_index.protocols.aave import VARIABLE_RATE
from tests.support.system_harness import SystemHarness
from tests.support.variants import Change

CUSTODY = "contracts/modules/vault/custody.vy"
ACCOUNT, VIEWS = "contracts/modules/perp/account.vy", "contracts/modules/aave/views.vy"

# A vault whose idle collateral is its balance whenever it books or pays.
BALANCE = "staticcall IERC20(ASSET).balanceOf(self)"
PAYS = "from_idle: uint256 = min(amount, self.idle)"
COUNTED = (
    Change(CUSTODY, "self.idle = tracked", f"self.idle = {BALANCE}"),
    Change(CUSTODY, PAYS, f"self.idle = {BALANCE}\n    {PAYS}"),
)
COUNTED_ON_THE_EXCHANGE = (
    *COUNTED,
    Change(ACCOUNT, "idle=custody.idle,", "idle=staticcall IERC20(custody.ASSET).balanceOf(self),"),
)
COUNTED_ON_AAVE = (
    *COUNTED,
    Change(
        VIEWS,
        "from ....interfaces import IAaveQuoter\n",
        "from ethereum.ercs import IERC20\nfrom ....interfaces import IAaveQuoter\n",
    ),
    Change(
        VIEWS,
        "idle=account._idle(),\n        equity",
        "idle=staticcall IERC20(account._asset()).balanceOf(self),\n        equity",
    ),
)
Give = Callable[[SystemHarness, str, int], int]


def send(part: str) -> Give:
    """A transfer to one of the contracts."""

    def give(harness: SystemHarness, attacker: str, amount: int) -> int:
        receiver = harness.system.addresses()[part]
        harness.system.collateral.transfer(receiver, amount, sender=attacker)
        return 0

    return give


def supply(harness: SystemHarness, attacker: str, amount: int) -> int:
    """Supplied to Aave in the vault's name."""
    pool, collateral = harness.system.venue.pool, harness.system.collateral
    collateral.approve(pool, amount, sender=attacker)
    pool.supply(collateral, amount, harness.system.vault, 0, sender=attacker)
    return 0


def repay(harness: SystemHarness, attacker: str, amount: int) -> int:
    """A debt of the vault's, or so much of it, repaid with bought tokens; what they
    cost at the oracle's price."""
    venue, vault = harness.system.venue, harness.system.vault
    token = venue.collateral_at(harness.chain, venue.tokens["C0"])
    scale = 10 ** (36 - harness.system.decimals)
    price = harness.system.oracle.read().mid[0]
    units = min(amount * scale // price, vault.value([price] + [0] * 9).shorts[0])
    if units == 0:
        return 0  # all of it was redeemed
    token.mint(attacker, units, sender=harness.owner)
    token.approve(venue.pool, units, sender=attacker)
    venue.pool.repay(token, units, VARIABLE_RATE, vault, sender=attacker)
    return int(-(-units * price // scale))


WAYS = {part: send(part) for part in ("vault", "token", "exchange")}
AAVE_WAYS = {"vault": send("vault"), "supplied": supply, "repaid": repay}
