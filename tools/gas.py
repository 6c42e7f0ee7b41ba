# SPDX-License-Identifier: AGPL-3.0-only
"""Gas of the token's actions on a fresh Anvil, beside the committed snapshot.

Each figure is the gas of one whole transaction of a holder who has shares and
collateral already, with two feeds per component and one for the collateral.
`python -m tools.gas --update` writes gas/snapshot.json.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import click
from eth_abi.abi import encode
from rich.console import Console
from rich.table import Table

from inverse_index.artifacts import project_root
from inverse_index.chain import Anvil, LocalBackend, Receipt
from inverse_index.config import load_deployment, load_index, with_index
from inverse_index.deployment import System, deploy_system, plan_deployment
from inverse_index.deployment.venues.perp import PerpVenue
from inverse_index.errors import UserError

from .gas_floor import Floor
from .gas_router import RouterUser

MOVED = 6_000  # whole collateral, as much as a rebalance of 100,000 after 3%
USD = 10**8
PRICES = {"ETH": 2_000, "BTC": 40_000, "LINK": 15, "UNI": 7, "AAVE": 90}
DAY = 86_400
# reach, beyond: the project's own goals
GOALS = {
    "transfer": (35_000, None),
    "deposit_netted_k1": (160_000, 135_000),
    "redeem_netted_k1": (200_000, 160_000),
    "deposit_hedged_k1": (330_000, 260_000),
    "rebalance_k1": (290_000, 230_000),
    "rebalance_k5": (650_000, 520_000),
    "exchange_open_k1": (250_000, 180_000),
    "exchange_close_k1": (250_000, 180_000),
    "aave_deposit_netted_k1": (260_000, 210_000),
    "aave_redeem_netted_k1": (260_000, 210_000),
}
# Rebalances against the bare calls of the same run, and the venue's part of five
# components against that of one, percent: reach, beyond.
RATIOS: dict[str, tuple[str, int, int | None]] = {
    "aave_rebalance_more_k1": ("aave_floor_more_k1", 125, 110),
    "aave_rebalance_less_k1": ("aave_floor_less_k1", 125, 110),
    "aave_venue_more_k5": ("aave_venue_more_k1", 510, None),
    "router_deposit_permit_netted_k1": ("aave_deposit_netted_k1", 125, None),
}


def snapshot_path() -> Path:
    return project_root() / "gas" / "snapshot.json"


class _Harness:
    """A funded token whose holder, second holder and keeper have acted before."""

    def __init__(self, chain: LocalBackend, index: str, config: str = "local-1x.yaml") -> None:
        self.chain = chain
        self.owner, self.holder, self.second, self.keeper, self.third = chain.accounts[:5]
        configs = project_root() / "configs"
        file = load_deployment(configs / config)
        file = with_index(file, load_index(configs / "indices" / index), index)
        self.prices = {s: PRICES[s] * USD for s in file.index.symbols}
        self.system: System = deploy_system(chain, plan_deployment(file, self.prices), self.owner)
        self.token = self.system.token
        self.unit = self.system.unit
        for who in (self.holder, self.second, self.keeper):
            self.system.give(who, 10**8 * self.unit)
            self.system.collateral.approve(self.token, 2**256 - 1, sender=who)
        self.token.deposit(100_000 * self.unit, self.holder, sender=self.holder)
        self.token.deposit(100 * self.unit, self.second, sender=self.second)
        self.next_day(101)
        self.token.rebalance(sender=self.keeper)

    def next_day(self, percent: int) -> None:
        """Half an hour into the next epoch, at new prices."""
        now = self.chain.now()
        self.chain.set_next_timestamp((now // DAY + 1) * DAY + 1_800)
        self.prices = {s: p * percent // 100 for s, p in self.prices.items()}
        self.system.post_prices(self.prices, self.owner)
        self.system.follow_prices(self.prices, self.owner)
        self.chain.mine()

    def measure(
        self, action: Callable[[], Receipt], gas_of: Callable[[Receipt], int] | None = None
    ) -> int:
        """Gas of an action a minute later, then undone."""
        snapshot, prices = self.chain.snapshot(), self.prices
        self.chain.increase_time(60)
        receipt = action()
        gas = receipt.gas_used if gas_of is None else gas_of(receipt)
        self.chain.revert(snapshot)
        self.prices = prices
        return gas

    def rebalance(self, percent: int, gas_of: Callable[[Receipt], int] | None = None) -> int:
        """Gas of a daily rebalance after a move."""

        def act() -> Receipt:
            self.next_day(percent)
            receipt: Receipt = self.token.rebalance(sender=self.keeper)
            return receipt

        return self.measure(act, gas_of)

    def venue_part(self, receipt: Receipt) -> int:
        """Gas of what the token's one call to trade took."""
        selector = self.system.vault.method("trade").overload(5).selector.hex()
        options = {"tracer": "callTracer"}
        trace = self.chain.rpc("debug_traceTransaction", receipt.tx_hash, options)
        (trade,) = [call for call in trace["calls"] if call["input"][2:10] == selector]
        return int(trade["gasUsed"], 16)


def measure(chain: LocalBackend) -> dict[str, int]:
    """All figures."""
    one, five = _Harness(chain, "eth.yaml"), _Harness(chain, "five.yaml")
    figures = {
        "transfer": one.measure(lambda: one.token.transfer(one.second, 10**18, sender=one.holder)),
        "rebalance_missed_epochs_k1": _missed(one),
    }
    for harness, suffix in ((one, "k1"), (five, "k5")):
        figures |= {f"{name}_{suffix}": gas for name, gas in _flows(harness).items()}
        figures |= {f"{name}_{suffix}": gas for name, gas in _orders(harness).items()}
        figures[f"rebalance_{suffix}"] = harness.rebalance(103)
        figures[f"rebalance_reduce_{suffix}"] = harness.rebalance(97)
    figures |= _on_aave(chain)
    figures["adapter_perform_k1"] = _through_adapter(one)
    return {name: figures[name] for name in sorted(figures)}


def _on_aave(chain: LocalBackend) -> dict[str, int]:
    """The same actions on Aave and Uniswap, and what their bare calls cost.

    A fall of the index by 3% asks for about 6% more short, a rise for less.
    """
    figures: dict[str, int] = {}
    for index, suffix in (("eth.yaml", "k1"), ("five.yaml", "k5")):
        harness = _Harness(chain, index, "aave-1x.yaml")
        flows = {f"aave_{name}_{suffix}": gas for name, gas in _flows(harness).items()}
        figures |= flows
        figures[f"aave_rebalance_more_{suffix}"] = harness.rebalance(97)
        figures[f"aave_rebalance_less_{suffix}"] = harness.rebalance(103)
        figures[f"aave_venue_more_{suffix}"] = harness.rebalance(97, harness.venue_part)
        if suffix == "k1":
            (price,) = (answer // USD for answer in harness.prices.values())
            floor = Floor(chain, harness.system, harness.third, price)
            figures["aave_floor_more_k1"] = floor.more(MOVED)
            figures["aave_floor_less_k1"] = floor.less(MOVED)
            figures |= _through_router(harness)
    return figures


def _through_router(harness: _Harness) -> dict[str, int]:
    """Netted flows with a signature instead of an approval."""
    user = RouterUser(harness.chain, harness.system, harness.holder)
    return {
        "router_deposit_permit_netted_k1": harness.measure(
            lambda: user.deposit(100 * harness.unit)
        ),
        "router_redeem_permit_netted_k1": harness.measure(lambda: user.redeem(100 * 10**18)),
    }


def _flows(harness: _Harness) -> dict[str, int]:
    token, holder, unit = harness.token, harness.holder, harness.unit
    return {
        "deposit_netted": harness.measure(lambda: token.deposit(100 * unit, holder, sender=holder)),
        "mint_netted": harness.measure(lambda: token.mint(100 * 10**18, holder, sender=holder)),
        "redeem_netted": harness.measure(
            lambda: token.redeem(100 * 10**18, holder, holder, sender=holder)
        ),
        "withdraw_netted": harness.measure(
            lambda: token.withdraw(100 * unit, holder, holder, sender=holder)
        ),
        "deposit_hedged": harness.measure(
            lambda: token.deposit(10_000 * unit, holder, sender=holder)
        ),
        "redeem_hedged": harness.measure(
            lambda: token.redeem(10_000 * 10**18, holder, holder, sender=holder)
        ),
    }


def _orders(harness: _Harness) -> dict[str, int]:
    """Of a trader on the exchange who has margin."""
    venue, trader = harness.system.venue, harness.third
    assert isinstance(venue, PerpVenue)
    exchange = venue.exchange
    harness.system.give(trader, 10**6 * harness.unit)
    harness.system.collateral.approve(exchange, 2**256 - 1, sender=trader)
    exchange.deposit(10**5 * harness.unit, sender=trader)

    def order(delta: int) -> Receipt:
        limit = 2**256 - 1 if delta > 0 else 0
        receipt: Receipt = exchange.trade([(0, delta, limit)], sender=trader)
        return receipt

    def close() -> Receipt:
        order(-(10**18))
        harness.chain.increase_time(60)
        return order(10**18)

    return {
        "exchange_open": harness.measure(lambda: order(-(10**18))),
        "exchange_close": harness.measure(close),
    }


def _missed(harness: _Harness) -> int:
    """A rebalance after 30 missed epochs: as dear as after one."""

    def act() -> Receipt:
        for _ in range(30):
            harness.next_day(100)
        harness.prices = {symbol: p * 103 // 100 for symbol, p in harness.prices.items()}
        harness.system.post_prices(harness.prices, harness.owner)
        harness.system.follow_prices(harness.prices, harness.owner)
        receipt: Receipt = harness.token.rebalance(sender=harness.keeper)
        return receipt

    return harness.measure(act)


def _through_adapter(harness: _Harness) -> int:
    """The same rebalance as `rebalance_k1`, as a keeper network performs it."""
    keeper_adapter = harness.chain.deploy("KeeperAdapter", sender=harness.owner)
    data = encode(["address", "address", "uint256"], [harness.token.address, harness.keeper, 1])

    def act() -> Receipt:
        harness.next_day(103)
        receipt: Receipt = keeper_adapter.performUpkeep(data, sender=harness.keeper)
        return receipt

    return harness.measure(act)


def table(figures: dict[str, int], committed: dict[str, int]) -> Table:
    """Figures, their change against the snapshot, and the goals."""
    view = Table(title="Gas (whole transaction, Prague)")
    view.add_column("action")
    for name in ("gas", "snapshot", "change", "reach", "beyond", ""):
        view.add_column(name, justify="right")
    for name, gas in figures.items():
        before = committed.get(name)
        reach, beyond = GOALS.get(name, (None, None))
        change = "new" if before is None else f"{gas - before:+,}" if gas != before else "="
        view.add_row(
            name,
            f"{gas:,}",
            "" if before is None else f"{before:,}",
            change,
            "" if reach is None else f"{reach:,}",
            "" if beyond is None else f"{beyond:,}",
            _verdict(gas, reach, beyond),
        )
    return view


def floor_table(figures: dict[str, int]) -> Table:
    """Actions on Aave and Uniswap beside what they cannot do without."""
    view = Table(title="Rebalance against its bare calls, router against a plain call")
    view.add_column("action")
    for name in ("gas", "against", "ratio", "reach", "beyond", ""):
        view.add_column(name, justify="right")
    for name, (floor, reach, beyond) in RATIOS.items():
        gas, bare = figures[name], figures[floor]
        view.add_row(
            name,
            f"{gas:,}",
            f"{bare:,}",
            f"{gas / bare:.3f}",
            f"{reach / 100:.2f}",
            "" if beyond is None else f"{beyond / 100:.2f}",
            _verdict(gas * 100, bare * reach, None if beyond is None else bare * beyond),
        )
    return view


def _verdict(gas: int, reach: int | None, beyond: int | None) -> str:
    if reach is None:
        return ""
    if beyond is not None and gas <= beyond:
        return "beyond"
    return "reached" if gas <= reach else "MISSED"


@click.command(help=__doc__)
@click.option("--update", is_flag=True, help="Write the figures to gas/snapshot.json.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def main(update: bool, as_json: bool) -> None:
    with Anvil() as node, LocalBackend(node.url) as chain:
        figures = measure(chain)
    path = snapshot_path()
    committed = json.loads(path.read_text()) if path.exists() else {}
    if as_json:
        click.echo(json.dumps(figures, indent=2))
    else:
        console = Console(width=110)
        console.print(table(figures, committed))
        console.print(floor_table(figures))
    if update:
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(figures, indent=2) + "\n")
        click.echo(f"written: {path}", err=True)


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        sys.exit(f"error: {error}")
