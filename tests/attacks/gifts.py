# SPDX-License-Identifier: AGPL-3.0-only
"""Ways to give a token something, and vaults that count what is sent to them."""

from __future__ import annotations

from collections.abc import Callable

from inverse_index.protocols.aave import VARIABLE_RATE
from tests.systems import Bench
from tests.variants import Change

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
Give = Callable[[Bench, str, int], int]


def send(part: str) -> Give:
    """A transfer to one of the contracts."""

    def give(bench: Bench, attacker: str, amount: int) -> int:
        receiver = bench.system.addresses()[part]
        bench.system.collateral.transfer(receiver, amount, sender=attacker)
        return 0

    return give


def supply(bench: Bench, attacker: str, amount: int) -> int:
    """Supplied to Aave in the vault's name."""
    pool, collateral = bench.system.venue.pool, bench.system.collateral
    collateral.approve(pool, amount, sender=attacker)
    pool.supply(collateral, amount, bench.system.vault, 0, sender=attacker)
    return 0


def repay(bench: Bench, attacker: str, amount: int) -> int:
    """A debt of the vault's, or so much of it, repaid with bought tokens; what they
    cost at the oracle's price."""
    venue, vault = bench.system.venue, bench.system.vault
    token = venue.collateral_at(bench.chain, venue.tokens["C0"])
    scale = 10 ** (36 - bench.system.decimals)
    price = bench.system.oracle.read().mid[0]
    units = min(amount * scale // price, vault.value([price] + [0] * 9).shorts[0])
    if units == 0:
        return 0  # all of it was redeemed
    token.mint(attacker, units, sender=bench.owner)
    token.approve(venue.pool, units, sender=attacker)
    venue.pool.repay(token, units, VARIABLE_RATE, vault, sender=attacker)
    return int(-(-units * price // scale))


WAYS = {part: send(part) for part in ("vault", "token", "exchange")}
AAVE_WAYS = {"vault": send("vault"), "supplied": supply, "repaid": repay}
