# SPDX-License-Identifier: AGPL-3.0-only
"""The token's state and all that can be asked of it: the contract TokenViews.

Actions are in `token`. Holders are names; time (unix seconds) is an argument.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ...plan.parameters import Parameters
from ..fixed import WAD, require, wad_exp
from ..oracle.index_oracle import OracleModel
from ..oracle.prices import Prices, Restriction
from ..oracle.reconstitution import Composition, index_level_down
from ..policy.flow_bound import bound_bps_up, bound_cost_up
from ..policy.flow_plan import EXACT_OUT, Plan, finish, plan_flow
from ..policy.flow_terms import WINDING_DOWN, Flow, Kind, Terms, before_fee_up, flow_of
from ..policy.reset_plan import reward_of_the_rest_down
from ..policy.step_guard import PATIENCE, is_unconfirmed, lowered_down
from ..policy.triggers import BPS_WAD, Clock, Flows, Observation, Reset, Trigger, due
from ..policy.wind_down_bound import FAILED_PART, FEW
from ..vault.collateral_vault import CollateralVault, Value
from . import nav
from .modes import Control, Mode

MANY = 10**6
DEPTH_LIMIT = 2**100


@dataclass(frozen=True, slots=True)
class Fee:
    """Streaming fee: WAD per second, its recipient, its last accrual."""

    rate: int
    recipient: str
    accrued_at: int


@dataclass(frozen=True, slots=True)
class Context:
    """What every action reads first."""

    prices: Prices
    held: Value
    v: nav.Valuation
    supply: int


class TokenViews:
    """The token with `multiple` L; `last_cost` is the last hedge's cost."""

    def __init__(
        self,
        oracle: OracleModel,
        vault: CollateralVault,
        parameters: Parameters,
        multiple: int,
        clock: Clock,
        fee: Fee,
        nav_cap: int,
        now: int,
    ) -> None:
        self.oracle = oracle
        self.vault = vault
        self.parameters = parameters
        self.multiple = multiple
        self.clock = clock
        self.fee = replace(fee, accrued_at=now)
        self.nav_cap = nav_cap
        self.control = Control()
        self.unit: int = 10**vault.decimals
        self.virtual: int = WAD // self.unit
        self.balances: dict[str, int] = {}
        self.supply = 0
        self.flows = Flows()
        self.last_cost = 0
        composition, prices = oracle.composition(), oracle.read(now)
        level = index_level_down(composition.units, prices.mid)
        self.reset = Reset(clock.epoch(now), composition.version, now, 0, 0, level, WAD)
        self.doubled_at = 0

    def state(self) -> dict[str, Any]:
        """Everything that is stored, oracle and vault apart."""
        return {
            "supply": self.supply,
            "balances": {name: held for name, held in self.balances.items() if held},
            "flows": self.flows,
            "reset": self.reset,
            "fee": self.fee,
            "mode": self.mode,
            "winding_down_since": self.control.winding_down_since,
            "doubled_at": self.doubled_at,
            "nav_cap": self.nav_cap,
        }

    @property
    def mode(self) -> Mode:
        """The mode now."""
        return self.control.mode

    @property
    def settled(self) -> bool:
        """Whether redemptions need no price any more."""
        return self.control.settled

    def context(self, now: int, prices: Prices | None = None) -> Context:
        """Prices, holdings and value now; a settled token needs no prices."""
        if self.settled:
            none = (0,) * len(self.oracle.composition().units)
            prices = Prices(none, none, 0, Restriction(0))
            held = Value(self.vault.remainder(now), 0, none)
        else:
            prices = prices or self.oracle.read(now)
            held = self.vault.value(prices.mid, now)
        v = nav.valuation(held, prices, self.flows.reserve, self.virtual)
        return Context(prices, held, v, self.supply + self.unaccrued_down(now))

    def unaccrued_down(self, now: int) -> int:
        """Shares of the streaming fee since its last accrual."""
        elapsed = now - self.fee.accrued_at
        if self.fee.rate == 0 or self.supply == 0 or elapsed == 0:
            return 0
        return self.supply * (wad_exp(self.fee.rate * elapsed) - WAD) // WAD

    def nav_per_share(self, now: int) -> int:
        """WAD collateral whole units per whole share at mid."""
        context = self.context(now)
        return nav.per_share_down(context.v.mid, context.supply, self.virtual)

    def leverage(self, now: int) -> int:
        """E / N, WAD."""
        v = self.context(now).v
        return nav.leverage_down(v.exposure, v.mid)

    def preview(self, kind: Kind, amount: int, now: int) -> Flow:
        """The flow that would be carried out now."""
        require(not self.settled or kind in (Kind.WITHDRAW, Kind.REDEEM), WINDING_DOWN)
        context = self.context(now)
        plan = self._plan(context, kind, amount, now)
        if plan.flow.netted or kind in EXACT_OUT:
            return plan.flow
        return finish(plan, self._quoted_cost(context, plan, now))

    def maximum(self, kind: Kind, owner: str, now: int) -> int:
        """The largest amount that caps, pause, prices and venue admit."""
        if not self.settled and not self.oracle.usable(now):
            return 0
        context = self.context(now)
        terms = self._terms(context)
        if kind in (Kind.DEPOSIT, Kind.MINT):
            return self._maximum_in(context, terms, kind, now)
        shares = min(self.balances.get(owner, 0), self._shares_out(context, terms, now))
        if kind == Kind.REDEEM:
            return shares if flow_of(kind, terms, shares).assets > 0 else 0
        return terms.withdrawable_down(shares)

    def due(self, now: int) -> tuple[Trigger, int]:
        """Whether a rebalance is due, and its reward."""
        context = self.context(now, self.closing_prices(now))
        if self.mode != Mode.WINDING_DOWN and Restriction.SPREAD in context.prices.restriction:
            return Trigger(0), 0
        if not is_unconfirmed(context.prices):
            return self._planned(context, self.oracle.composition(), now)
        return self._guarded(context, self.oracle.composition(), now)[:2]

    def closing_prices(self, now: int) -> Prices | None:
        """The prices at which the positions are closed while winding down."""
        winding_down = self.mode == Mode.WINDING_DOWN
        return self.oracle.closing_prices(now) if winding_down else None

    def has_failed(self, now: int) -> bool:
        """Whether anybody may wind the token down."""
        if self.vault.halted() or self.oracle.dead(now):
            return True
        context = self.context(now)
        if context.prices.restriction or context.v.mid * FAILED_PART >= self.reset.nav:
            return False
        if context.supply < FEW * nav.virtual_shares(self.virtual):
            return False
        per_share = nav.per_share_down(context.v.mid, context.supply, self.virtual)
        return per_share * FAILED_PART < self.reset.nav_per_share

    # parts

    def _terms(self, context: Context) -> Terms:
        return Terms(
            p=self.parameters,
            mode=self.mode,
            restriction=context.prices.restriction,
            net=context.v.net,
            bid=context.v.bid,
            ask=context.v.ask,
            exposure=context.v.exposure,
            unhedged=self.flows.unhedged,
            supply=context.supply,
            multiple=self.multiple,
            components=len(context.prices.mid),
            virtual=self.virtual,
        )

    def _targets_in(self, context: Context, size: int) -> tuple[int, ...]:
        if self._terms(context).within_band:
            return nav.scaled_down(context.held.shorts, context.v.bid + size, context.v.bid)
        units = self.oracle.composition().units
        added = nav.index_shorts_down(size * self.multiple, units, context.prices.mid, self.virtual)
        return tuple(old + new for old, new in zip(context.held.shorts, added, strict=True))

    def _plan(self, context: Context, kind: Kind, amount: int, now: int) -> Plan:
        holdings = context.held.idle + context.held.equity
        return plan_flow(
            kind,
            self._terms(context),
            self.flows,
            holdings,
            nav.granularity_up(context.prices.mid, self.vault.min_trade(), self.virtual),
            amount,
            now,
            lambda plan: self._quoted_cost(context, plan, now),
        )

    def _flow_targets(self, context: Context, plan: Plan) -> tuple[int, ...]:
        """Shorts that a hedged flow trades to."""
        if plan.incoming:
            return self._targets_in(context, plan.flow.size)
        if plan.left == 0:
            return (0,) * len(context.held.shorts)
        return nav.scaled_down(context.held.shorts, plan.left, context.supply)

    def _quoted_cost(self, context: Context, plan: Plan, now: int) -> int:
        targets = self._flow_targets(context, plan)
        cost, exact = self.vault.quote(targets, context.prices.mid, plan.incoming, now)
        if exact:
            return cost
        turnover = nav.turnover_up(context.held.shorts, targets, context.prices.mid, self.virtual)
        bound_bps = bound_bps_up(self.parameters.slippage_bps, context.prices)
        return bound_cost_up(turnover, bound_bps, len(context.prices.mid))

    def _maximum_in(self, context: Context, terms: Terms, kind: Kind, now: int) -> int:
        if (
            self.mode != Mode.ACTIVE
            or context.prices.restriction
            or (context.supply > 0 and context.v.net <= 0)
        ):
            return 0
        below_cap = self.nav_cap - min(self.nav_cap, terms.bid)
        size = self._size_in(context, terms, now)
        headroom = nav.MAX_SHARES - min(nav.MAX_SHARES, context.supply)
        if kind == Kind.MINT:
            shares = nav.shares_down(min(below_cap, size), terms.bid, context.supply, self.virtual)
            return min(headroom, shares)
        size = min(nav.assets_down(headroom, terms.bid, context.supply, self.virtual), size)
        size = min(before_fee_up(below_cap, terms.p.mint_fee_bps), size)
        return size if flow_of(kind, terms, size).shares > 0 else 0

    def _size_in(self, context: Context, terms: Terms, now: int) -> int:
        headroom = terms.netting_headroom(terms.bid, terms.unhedged)
        if terms.within_band:
            return max(headroom, self._depth(context, context.held.shorts, terms.bid, True, now))
        units = self.oracle.composition().units
        many = MANY * self.unit
        direction = nav.index_shorts_down(
            many * self.multiple, units, context.prices.mid, self.virtual
        )
        return max(headroom, self._depth(context, direction, many, True, now))

    def _shares_out(self, context: Context, terms: Terms, now: int) -> int:
        if terms.ask == 0:
            return 0
        # The most that a hedged exit leaves with.
        worth = max(context.v.net, 0) + self.flows.reserve
        if terms.restriction:
            worth = terms.ask
        netted, hedged = 0, self.vault.spendable(context.prices.mid, now)
        if terms.exposure:
            headroom = terms.netting_headroom(terms.ask, -terms.unhedged)
            netted = min(headroom, hedged)
            hedged = (
                self._depth(context, context.held.shorts, worth, False, now)
                if netted == headroom
                else 0
            )
        if hedged >= worth:
            return context.supply
        return max(
            nav.shares_down(netted, terms.ask, context.supply, self.virtual),
            nav.shares_down(hedged, worth, context.supply, self.virtual),
        )

    def _depth(
        self, context: Context, direction: tuple[int, ...], worth: int, more: bool, now: int
    ) -> int:
        bound = self.parameters.slippage_bps * BPS_WAD
        mid = context.prices.mid
        multiple = min(
            self.vault.depth(direction, mid, bound, more, now),
            self.vault.backing(direction, worth, mid, bound, more, now),
        )
        return worth * min(multiple, DEPTH_LIMIT) // WAD

    def _due(self, context: Context, composition: Composition, now: int) -> tuple[Trigger, int]:
        n = context.v.mid
        return due(
            Observation(
                n,
                context.v.exposure,
                context.prices.updated_at,
                context.supply,
                self.control.winding_down_since,
                self.settled,
                self.doubled_at,
            ),
            self.parameters,
            self.reset,
            self.flows,
            composition,
            self.clock,
            self.multiple,
            self.unit,
            now,
        )

    def _planned(self, context: Context, composition: Composition, now: int) -> tuple[Trigger, int]:
        """The triggers, and the reward of what a reset has left."""
        triggers, reward = self._due(context, composition, now)
        if Trigger.CHUNK not in triggers:
            return triggers, reward
        hedged = nav.hedged(context.v.net, self.flows.unhedged)
        mid, shorts = context.prices.mid, context.held.shorts
        wanted = nav.index_shorts_down(hedged * self.multiple, composition.units, mid, self.virtual)
        return triggers, reward_of_the_rest_down(reward, shorts, wanted, mid, self.virtual)

    def _guarded(
        self, context: Context, composition: Composition, now: int
    ) -> tuple[Trigger, int, tuple[int, ...]]:
        """Triggers, reward and targets while a step is unconfirmed: with the leverage
        above its band at both present and accepted prices, the shorts are lowered as
        far as both ask for it."""
        shorts = context.held.shorts
        nothing = Trigger(0), 0, (0,) * len(shorts)
        triggers, reward = self._planned(context, composition, now)
        if since := self.control.winding_down_since:
            return nothing if now < since + PATIENCE else (triggers, reward, nothing[2])
        prices = replace(context.prices, mid=self.oracle.accepted_mid(now))
        accepted = self.context(now, prices)
        triggers_then, reward_then = self._due(accepted, composition, now)
        triggers, reward = triggers & triggers_then, min(reward, reward_then)
        if Trigger.DRIFT not in triggers:
            return nothing
        rows = zip(*(self._lowered(side, reward, now) for side in (context, accepted)), strict=True)
        targets = tuple(max(pair) for pair in rows)
        return (triggers, reward, targets) if targets != shorts else nothing

    def _lowered(self, context: Context, reward: int, now: int) -> tuple[int, ...]:
        worth = max(context.v.net + self.flows.reserve, 0) - reward
        shorts, mid = context.held.shorts, context.prices.mid
        return lowered_down(
            shorts,
            context.v,
            mid,
            worth,
            self.multiple,
            lambda before, after, at: self.vault.estimate(before, after, at, now),
        )
