# SPDX-License-Identifier: AGPL-3.0-only
"""The replay: post prices at their own times, let holders and keeper act.

Every action is carried out on the chain and on the model, and the two are
compared in every integer after each action and once per row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..chain import LocalBackend, Reverted
from ..config import DeploymentFile
from ..deployment import plan_deployment
from ..errors import UserError
from ..model.compare import Mismatch
from ..model.fixed import WAD, Revert
from ..model.policy.flow_terms import Flow, Kind
from ..model.policy.triggers import Trigger
from ..model.token import nav
from ..model.token.core import Rebalanced
from ..prices import PriceHistory
from ..report.chart import Records
from ..twin import Twin
from .holders import Holders, Wish
from .tracking import Attribution, Period

Progress = Callable[[int, int], None]
INCOMING = (Kind.DEPOSIT, Kind.MINT)
ANCHOR = "anchor"
CROWD = tuple(f"holder {i}" for i in range(8))
KEPT = 20  # mismatches that are kept to be shown
_UNSEEN = [Mismatch("preview", "refused", "done")]


@dataclass(frozen=True)
class ReplayOptions:
    """How to replay.

    anchor: whole collateral that one holder puts in at the start and leaves.
    flows: whether other holders come and go.
    keeper_delay: seconds from a row to the keeper's transaction.
    """

    anchor: int = 1_000_000
    flows: bool = True
    seed: int = 1
    keeper_delay: int = 300


@dataclass
class Result:
    """What a replay has seen."""

    records: Records
    venue: str
    items: tuple[str, ...]  # of costs, in the order in which they are shown
    periods: list[Period] = field(default_factory=list)
    causes: Counter[str] = field(default_factory=Counter)
    flows: Counter[str] = field(default_factory=Counter)
    gas: dict[str, list[int]] = field(default_factory=dict)
    mismatches: int = 0
    examples: list[Mismatch] = field(default_factory=list)
    conservation_error: int = 0
    liquidations: int = 0
    partial_resets: int = 0  # that did what fitted and left a rest due
    blocked: Counter[str] = field(default_factory=Counter)  # refused, by what and why
    max_leverage: float = 0.0
    comparisons: int = 0
    skipped: int = 0
    rows: int = 0


class Replay:
    """One token on one chain of its own, through one price history."""

    def __init__(
        self,
        chain: LocalBackend,
        file: DeploymentFile,
        history: PriceHistory,
        options: ReplayOptions | None = None,
    ) -> None:
        self.options = options or ReplayOptions()
        self.chain = chain
        collateral = file.deployment.collateral.symbol
        priced = (collateral,) if collateral in history.symbols else ()
        self.history = history.select(dict.fromkeys((*file.index.symbols, *priced)))
        self.owner, self.keeper, anchor, *crowd = chain.accounts[: 3 + len(CROWD)]
        self.accounts = {ANCHOR: anchor, **dict(zip(CROWD, crowd, strict=True))}
        self._check_start(chain.now())
        chain.set_next_timestamp(self.history.start)
        plan = plan_deployment(file, self._row(0))
        self.twin = Twin.deploy(chain, plan, self.owner, self.keeper)
        self.system, self.model = self.twin.system, self.twin.model
        self.attribution = Attribution(self.model)
        self.holders = Holders(CROWD, self.options.seed)
        title = f"{plan.token_name}: {file.index.name}"
        self.result = Result(
            Records([], [], [], [], [], target=plan.multiple, title=title),
            plan.venue.kind,
            self.model.venue.items,
            self.attribution.periods,
        )
        self._ideal = 1.0

    def run(self, progress: Progress = lambda done, total: None) -> Result:
        """Replay the whole history."""
        self._fund()
        self._act(Wish(Kind.DEPOSIT, ANCHOR, self.options.anchor * self.system.unit))
        self._open()
        total = len(self.history)
        for i in range(1, total):
            self._step(i)
            if i % 64 == 0 or i == total - 1:
                progress(i + 1, total)
        self.result.rows = total
        return self.result

    # one row

    def _step(self, i: int) -> None:
        now = self.history.timestamps[i]
        self._post(i, now)
        self._note(now)
        if self.options.flows:
            wish = self.holders.next(self.model.token, now)
            if wish is not None:
                self._act(wish)
        self._keep(now, self._end_of(i))
        self._found(self.twin.compare_state(self.chain_time))

    def _end_of(self, i: int) -> int:
        times = self.history.timestamps
        return times[i + 1] if i + 1 < len(times) else times[i] + self.history.interval

    def _post(self, i: int, now: int) -> None:
        self.chain.set_next_timestamp(now)
        self.twin.post(self._row(i))
        self.chain_time = now
        self.attribution.time_passed(now)
        self._liquidate(now)

    def _liquidate(self, now: int) -> None:
        """Liquidators come before the keeper, where a venue lets them."""
        while (symbol := self.model.venue.liquidation(now)) is not None:
            v = self.model.token.context(now).v
            leverage = v.exposure / v.mid if v.mid else 0.0
            self.result.max_leverage = max(self.result.max_leverage, leverage)
            self.twin.liquidate(symbol, now)
            self.result.liquidations += 1
            self.attribution.liquidated(now)
            self._compare_all(now)

    def _keep(self, now: int, until: int) -> None:
        """The keeper comes a little after the row, and for every chunk."""
        token = self.model.token
        while token.oracle.usable(now):
            act_at = max(now, token.reset.chunk_due_at)
            if not token.due(act_at)[0] or act_at + self.options.keeper_delay >= until:
                return
            now = act_at + self.options.keeper_delay
            if not self._rebalance(now):
                return  # with the next row, as a keeper does

    def _rebalance(self, now: int) -> bool:
        """False where it is refused."""
        self.attribution.time_passed(now)
        reserve = self.model.token.flows.reserve
        self.chain.set_next_timestamp(now)
        self.chain_time = now
        try:
            receipt = self.twin.rebalance()
        except Reverted as reverted:
            self._blocked("rebalance", reverted, lambda: self.model.token.rebalance(now))
            return False
        outcome = self.twin.result
        assert outcome is not None  # no replay winds down
        self.result.partial_resets += not outcome.complete
        self.attribution.rebalanced(now, outcome, reserve)
        self._count("rebalance", receipt.gas_used)
        self._note_rebalance(now, outcome)
        self._compare_all(now)
        return True

    # actions

    def _fund(self) -> None:
        for name, account in self.accounts.items():
            self.twin.fund(account, 10**12 * self.system.unit, name)

    def _open(self) -> None:
        now = self.chain.now()
        self.chain_time = now
        self._compare_all(now)
        self.attribution.start(now)
        self._note(now)

    def _act(self, wish: Wish) -> None:
        now, verb = self.chain.now(), str(wish.kind.name).lower()
        try:
            before = self.model.token.preview(wish.kind, wish.amount, now)
        except Revert:
            before = None  # the flow is refused as well
        account = self.accounts[wish.holder]
        try:
            receipt = self.twin.flow(wish.kind, wish.amount, account)
        except Reverted as reverted:
            on_model = lambda: self.twin.modelled(wish.kind, wish.amount, account, now)  # noqa: E731
            self._blocked(verb, reverted, on_model)
            return
        done: Flow = self.twin.result
        self._found(self._previewed(wish.kind, before, done) if before else _UNSEEN)
        name = f"{verb} {'netted' if done.netted else 'hedged'}"
        self.result.flows[name] += 1
        self._count(name, receipt.gas_used)
        if self.attribution.started:
            self.attribution.flowed(now)
            self._compare_all(now)

    def _blocked(self, what: str, reverted: Reverted, on_model: Callable[[], Any]) -> None:
        """Counted; the model has to refuse for the same reason."""
        try:
            on_model()
        except Revert as refused:
            if refused.reason != reverted.reason:
                self._found([Mismatch(f"{what} refused", reverted.reason, refused.reason)])
        else:
            self._found([Mismatch(f"{what} refused", reverted.reason, "done")])
        self.result.blocked[f"{what}: {reverted.reason}"] += 1

    # comparing

    def _compare_all(self, now: int) -> None:
        """Every integer, and that nothing is lost."""
        comparison = self.twin.compare(now)
        self._found(comparison.found)
        self.result.conservation_error = max(self.result.conservation_error, comparison.leak)

    def _previewed(self, kind: Kind, before: Flow, done: Flow) -> list[Mismatch]:
        """A preview is exact, or, where the venue cannot quote, the worst case."""
        told, real = (before.assets, before.shares), (done.assets, done.shares)
        assets, shares = (now - then for now, then in zip(real, told, strict=True))
        gained = (shares >= 0 >= assets) if kind in INCOMING else (assets >= 0 >= shares)
        exact = self.model.venue.quotes_exactly or done.netted
        return [] if real == told or (gained and not exact) else [Mismatch("preview", told, real)]

    def _found(self, found: list[Mismatch]) -> None:
        self.result.comparisons += 1
        self.result.mismatches += len(found)
        left = KEPT - len(self.result.examples)
        self.result.examples += found[: max(left, 0)]

    # notes

    def _count(self, name: str, gas: int) -> None:
        self.result.gas.setdefault(name, []).append(gas)

    def _note(self, now: int) -> None:
        """A row of the chart."""
        token, records = self.model.token, self.result.records
        c = token.context(now)
        level = self.model.oracle.level(now) / WAD
        leverage = c.v.exposure / c.v.mid if c.v.mid else 0.0
        value = nav.per_share_down(c.v.mid, c.supply, token.virtual) / WAD
        records.timestamps.append(now)
        records.index.append(level)
        records.ideal.append(
            self._ideal * (1 - token.multiple * (level * WAD / token.reset.level - 1))
        )
        records.token.append(value)
        records.leverage.append(leverage)
        self.result.max_leverage = max(self.result.max_leverage, leverage)

    def _note_rebalance(self, now: int, outcome: Rebalanced) -> None:
        period = self.result.periods[-1]
        self._ideal *= 1 + period.ideal_return
        kind = cause_of(outcome.triggers)
        self.result.causes[kind] += 1
        self.result.records.rebalances.append((now, kind))
        self.result.max_leverage = max(self.result.max_leverage, outcome.leverage_before / WAD)

    def _row(self, i: int) -> dict[str, int]:
        return dict(zip(self.history.symbols, self.history.prices[i], strict=True))

    def _check_start(self, now: int) -> None:
        if self.history.start <= now:
            raise UserError(
                f"the chain's time {now} is after the first price ({self.history.start})",
                "start the chain before the history begins",
            )


# What a rebalance is counted as when several triggers hold: the rarest reason.
_CAUSES = (
    Trigger.EMERGENCY,
    Trigger.CHUNK,
    Trigger.DRIFT,
    Trigger.EPOCH,
    Trigger.RECONSTITUTION,
    Trigger.NETTING,
)


def cause_of(triggers: Trigger) -> str:
    """The one name that a rebalance is counted under."""
    first = next(cause for cause in _CAUSES if cause in triggers)
    return str(first.name).lower()
