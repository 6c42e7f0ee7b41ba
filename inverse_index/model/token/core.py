# SPDX-License-Identifier: AGPL-3.0-only
"""Model of InverseIndexToken and TokenPolicy on models of its oracle and vault.

The same integers and the same reasons as the contracts, no chain. Holders are
names; time (unix seconds) is an argument. A call that raises leaves the state
untouched. Allowances and holders' collateral are not modelled. What can be
asked without changing anything is in `token_views`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ... import reasons
from ..fixed import BPS, MAX_UINT256, WAD, ceil_div, require
from ..oracle.reconstitution import Composition, index_level_down
from ..policy.flow_bound import bound_bps_up
from ..policy.flow_plan import Plan, exited, finish
from ..policy.flow_terms import LAST, WINDING_DOWN, Flow, Kind
from ..policy.reset_plan import NEW, REST_PART, ResetPlan
from ..policy.step_guard import is_unconfirmed
from ..policy.triggers import BPS_WAD, Flows, Reset, Trigger
from ..policy.wind_down_bound import PATIENCE, wind_down_bound_bps
from . import nav
from .views import Context, Fee, TokenViews

BITS_80 = 2**80 - 1
BITS_112 = 2**112 - 1
BITS_128 = 2**128 - 1
BIAS = 2**111
NOT_DUE = reasons.TOKEN_NOT_DUE


@dataclass(frozen=True, slots=True)
class Rebalanced:
    """As the event, the keeper apart."""

    triggers: Trigger
    complete: bool
    leverage_before: int
    leverage_after: int
    nav_before: int
    nav_after: int
    level: int
    nav_per_share: int
    index_return: int
    token_return: int
    tracking_difference: int
    cost: int
    reward: int


class TokenModel(TokenViews):
    """The token and what can be done with it."""

    # actions

    def deposit(self, assets: int, receiver: str, now: int) -> Flow:
        """Pay exact collateral in."""
        return self._enter(Kind.DEPOSIT, assets, receiver, now)

    def mint(self, shares: int, receiver: str, now: int) -> Flow:
        """Mint exact shares."""
        return self._enter(Kind.MINT, shares, receiver, now)

    def withdraw(self, assets: int, owner: str, now: int) -> Flow:
        """Take exact collateral out."""
        return self._leave(Kind.WITHDRAW, assets, owner, None, now)

    def redeem(self, shares: int, owner: str, now: int, min_assets: int | None = None) -> Flow:
        """Burn exact shares."""
        return self._leave(Kind.REDEEM, shares, owner, min_assets, now)

    def redeem_in_kind(self, shares: int, owner: str, now: int) -> tuple[int, tuple[int, ...]]:
        """Burn shares, repay their part of the debts, take their part of the
        collateral, the virtual shares counted; what is paid and what has to be brought."""
        with self._atomic():
            supply = self.accrue_fee(now)
            self._burn(shares, owner)
            all_shares = supply
            if shares == supply:
                self.flows = Flows()
            else:
                self._store_flows(exited(self.flows, supply - shares, supply))
                all_shares += nav.virtual_shares(self.virtual)
            return self.vault.redeem_in_kind(shares, all_shares, now)

    def transfer(self, sender: str, receiver: str, shares: int) -> None:
        """Move shares."""
        held = self.balances.get(sender, 0)
        require(held >= shares, "erc20: transfer amount exceeds balance")
        self.balances[sender] = held - shares
        self.balances[receiver] = self.balances.get(receiver, 0) + shares

    def accrue_fee(self, now: int) -> int:
        """Mint the streaming fee up to now; the supply after."""
        if now != self.fee.accrued_at:
            shares = self.unaccrued_down(now)
            self.fee = replace(self.fee, accrued_at=now)
            if shares:
                self._credit(self.fee.recipient, shares)
        return self.supply

    def set_streaming_fee(self, rate: int, recipient: str, now: int) -> None:
        """New terms from now on."""
        require(not self.control.winding_down_since, WINDING_DOWN)
        self.accrue_fee(now)
        self.fee = Fee(rate, recipient, now)

    def wind_down(self, now: int, by_owner: bool = True) -> None:
        """Stop mints and the streaming fee for good, and start to close."""
        require(not self.control.winding_down_since, WINDING_DOWN)
        require(by_owner or self.has_failed(now), reasons.TOKEN_NOT_FAILED)
        self.accrue_fee(now)
        self.oracle.try_refresh(now)
        self.fee = Fee(0, "", now)
        self.control = replace(self.control, winding_down_since=now)

    def rebalance(self, now: int) -> Rebalanced | None:
        """Reset the shorts, when due; while winding down, close them. None where
        nothing was left to close."""
        with self._atomic():
            self.accrue_fee(now)
            winding_down_since = self.control.winding_down_since
            if winding_down_since:
                require(not self.settled, NOT_DUE)
                if self.vault.can_settle(now >= winding_down_since + PATIENCE, now):
                    self._settle()
                    return None
                self.oracle.try_refresh(now)
                prices, composition = self.oracle.closing_prices(now), self.oracle.composition()
            else:
                prices, composition = self.oracle.refresh(now)
            return self._rebalance(self.context(now, prices), composition, now)

    def _rebalance(self, context: Context, composition: Composition, now: int) -> Rebalanced:
        plan = self._reset_plan(context, composition, now)
        require(bool(plan.triggers), NOT_DUE)
        reserve = 0 if plan.is_rest else self.flows.reserve
        before = replace(context.v, net=context.v.net + reserve)
        mid = context.prices.mid
        complete = self.vault.trade(plan.targets, mid, plan.bound, True, now)
        complete = complete and not plan.partial
        after, cost, reward = self._checked(context, before, plan, complete, now)
        if reward:
            self.vault.pay(reward, mid, now)
        done = self._record(context, before, after, composition, plan, complete, cost, reward, now)
        if complete and plan.multiple == 0:
            self._settle()
        return done

    def _reset_plan(self, context: Context, composition: Composition, now: int) -> ResetPlan:
        shorts, bound_bps = context.held.shorts, self.parameters.slippage_bps
        if is_unconfirmed(context.prices):
            triggers, reward, lowered = self._guarded(context, composition, now)
            plan = ResetPlan(triggers, reward, lowered, self.multiple, bound_bps, partial=True)
        else:
            triggers, reward = self._planned(context, composition, now)
            plan = ResetPlan(triggers, reward, (), self.multiple, bound_bps)
        if since := self.control.winding_down_since:
            doubled = wind_down_bound_bps(bound_bps, since, now)
            return ResetPlan(triggers, reward, (0,) * len(shorts), 0, doubled)
        if plan.partial:
            return plan
        is_rest = Trigger.CHUNK in triggers and not triggers & NEW
        worth = max(context.v.net + self.flows.reserve, 0)
        if is_rest:
            worth = nav.hedged(context.v.net, self.flows.unhedged)
        targets = self._targets(context, composition, max(worth - reward, 0), now)
        grows = any(new > old for new, old in zip(targets, shorts, strict=True))
        if grows and Trigger.EMERGENCY in triggers:
            return replace(plan, targets=self._lowered(context, reward, now), partial=True)
        return replace(plan, targets=targets, is_rest=is_rest)

    def _settle(self) -> None:
        self.flows = Flows()
        self.control = replace(self.control, settled=True)

    # flows

    def _enter(self, kind: Kind, amount: int, receiver: str, now: int) -> Flow:
        with self._atomic():
            self.accrue_fee(now)
            context = self.context(now)
            self._terms(context).check_mint()
            plan = self._plan(context, kind, amount, now)
            require(context.supply + plan.flow.shares <= nav.MAX_SHARES, reasons.TOKEN_SHARES)
            require(plan.flow.assets > 0, reasons.TOKEN_ZERO_ASSETS)
            self.vault.book(plan.flow.assets)
            f = self._carry_out(context, plan, False, now)
            require(f.shares > 0, reasons.TOKEN_ZERO_SHARES)
            require(plan.terms.bid + f.size <= self.nav_cap, reasons.TOKEN_NAV_CAP)
            self._credit(receiver, f.shares)
            if context.supply == 0:
                self._open_reset(context, f, now)
            elif f.size >= plan.terms.bid:
                self.doubled_at = now
            return f

    def _open_reset(self, context: Context, first: Flow, now: int) -> None:
        """A first mint starts a period: nothing of an earlier one is due."""
        held = self.vault.value(context.prices.mid, now)
        n = max(held.idle + held.equity, 0)
        composition = self.oracle.composition()
        self.reset = Reset(
            epoch=self.clock.epoch(now),
            version=composition.version,
            at=now,
            chunk_due_at=0,
            nav=min(n, BITS_112),
            level=min(index_level_down(composition.units, context.prices.mid), BITS_128),
            nav_per_share=min(nav.per_share_down(n, first.shares, self.virtual), BITS_128),
        )

    def _leave(self, kind: Kind, amount: int, owner: str, min_assets: int | None, now: int) -> Flow:
        unbounded = min_assets is not None
        with self._atomic():
            self.accrue_fee(now)
            context = self.context(now)
            plan = self._plan(context, kind, amount, now)
            self._burn(plan.flow.shares, owner)
            require(not plan.emptied or kind == Kind.REDEEM, LAST)
            f = self._carry_out(context, plan, unbounded, now)
            require(f.assets > 0 or unbounded, reasons.TOKEN_ZERO_ASSETS)
            self.vault.pay(f.assets, context.prices.mid, now)
            require(min_assets is None or f.assets >= min_assets, reasons.TOKEN_MIN_ASSETS)
            return f

    def _burn(self, shares: int, owner: str) -> None:
        require(shares > 0, reasons.TOKEN_ZERO_SHARES)
        require(shares <= self.balances.get(owner, 0), reasons.TOKEN_BALANCE)
        self.balances[owner] -= shares
        self.supply -= shares

    def _carry_out(self, context: Context, plan: Plan, unbounded: bool, now: int) -> Flow:
        """Record a flow, and trade for it unless it nets; its final terms."""
        if self.settled:
            return plan.flow
        self._store_flows(plan.flows)
        if plan.flow.netted:
            return plan.flow
        cost = (
            self._hedge(context, self._flow_targets(context, plan), unbounded, now) + plan.incoming
        )
        self.last_cost = cost
        return finish(plan, cost)

    def _hedge(self, context: Context, targets: tuple[int, ...], unbounded: bool, now: int) -> int:
        bound = MAX_UINT256
        if not unbounded:
            bound = bound_bps_up(self.parameters.slippage_bps, context.prices) * BPS_WAD
        complete = self.vault.trade(targets, context.prices.mid, bound, False, now)
        require(complete, reasons.TOKEN_PENDING)
        held = self.vault.value(context.prices.mid, now)
        return context.held.idle + context.held.equity - held.idle - held.equity

    def _store_flows(self, flows: Flows) -> None:
        self.flows = Flows(
            unhedged=min(max(flows.unhedged, -BIAS), BIAS - 1),
            reserve=min(flows.reserve, BITS_80),
            netting_since=flows.netting_since,
            in_band_at=flows.in_band_at,
        )

    def _credit(self, name: str, shares: int) -> None:
        self.balances[name] = self.balances.get(name, 0) + shares
        self.supply += shares

    # rebalance

    def _targets(
        self, context: Context, composition: Composition, worth: int, now: int
    ) -> tuple[int, ...]:
        mid = context.prices.mid
        wanted = nav.index_shorts_down(worth * self.multiple, composition.units, mid, self.virtual)
        cost = self.vault.estimate(context.held.shorts, wanted, mid, now)
        left = max(worth - cost, 0)
        return nav.index_shorts_down(left * self.multiple, composition.units, mid, self.virtual)

    def _checked(
        self,
        context: Context,
        before: nav.Valuation,
        plan: ResetPlan,
        complete: bool,
        now: int,
    ) -> tuple[nav.Valuation, int, int]:
        """The valuation after, the reward taken off, the trade's cost, and the
        reward: for a part of the way no more than would undo half of it."""
        mid, shorts, multiple = context.prices.mid, context.held.shorts, plan.multiple
        reserve, unhedged = 0, 0
        if plan.is_rest:
            reserve, unhedged = self.flows.reserve, self.flows.unhedged
        held = self.vault.value(mid, now)
        after = nav.valuation(held, context.prices, reserve, self.virtual)
        turnover = nav.turnover_up(shorts, held.shorts, mid, self.virtual)
        granularity = nav.granularity_up(mid, self.vault.min_trade(), self.virtual)
        allowed = ceil_div(turnover * plan.bound_bps, BPS) + 2 * granularity
        cost = before.net - after.net
        require(cost <= allowed, reasons.TOKEN_LOSS)
        gap_before = before.exposure - (before.net - unhedged - plan.reward) * multiple
        gap_after = after.exposure - (after.net - unhedged - plan.reward) * multiple
        nearer_by = nav.turnover_up(shorts, plan.targets, mid, self.virtual)
        nearer_by -= min(nearer_by, nav.turnover_up(held.shorts, plan.targets, mid, self.virtual))
        reward = plan.reward
        if Trigger.CHUNK in plan.triggers:
            reward = min(reward, nearer_by // REST_PART)
        if not complete:
            n = max(after.net, 0)
            weight = max(after.exposure, max(multiple, 1) * n, 1)
            reward = min(reward, nearer_by * n // (2 * weight))
        if reward > held.idle:
            reward = min(reward, self.vault.spendable(context.prices.mid, now))
        missed = allowed + max(-cost, 0)
        if abs(gap_after) > missed * multiple + granularity:
            nearer = abs(gap_after) < abs(gap_before)
            require(nearer, reasons.TOKEN_NOT_NEARER)
            require((gap_after > 0) == (gap_before > 0), reasons.TOKEN_CROSSED)
        return replace(after, net=after.net - reward), cost, reward

    def _record(
        self,
        context: Context,
        before: nav.Valuation,
        after: nav.Valuation,
        composition: Composition,
        plan: ResetPlan,
        complete: bool,
        cost: int,
        reward: int,
        now: int,
    ) -> Rebalanced:
        last, n = self.reset, after.mid
        level = index_level_down(composition.units, context.prices.mid)
        per_share = nav.per_share_down(n, context.supply, self.virtual)
        if not plan.is_rest:
            self.flows = Flows()
        self.reset = Reset(
            epoch=self.clock.epoch(now),
            version=composition.version,
            at=now,
            chunk_due_at=0 if complete else now + self.parameters.chunk_delay,
            nav=min(n, BITS_112),
            level=min(level, BITS_128),
            nav_per_share=min(per_share, BITS_128),
        )
        index_return = level * WAD // last.level - WAD
        token_return = per_share * WAD // last.nav_per_share - WAD if last.nav_per_share else 0
        return Rebalanced(
            triggers=plan.triggers,
            complete=complete,
            leverage_before=nav.leverage_down(context.v.exposure, before.mid),
            leverage_after=nav.leverage_down(after.exposure, n),
            nav_before=before.mid,
            nav_after=n,
            level=level,
            nav_per_share=per_share,
            index_return=index_return,
            token_return=token_return,
            tracking_difference=token_return + self.multiple * index_return,
            cost=cost,
            reward=reward,
        )

    @contextmanager
    def _atomic(self) -> Iterator[None]:
        own = dict(self.__dict__, balances=dict(self.balances))
        oracle, vault = dict(self.oracle.__dict__), self.vault.saved()
        self.vault.begin()
        try:
            yield
        except BaseException:
            self.__dict__.update(own)
            self.oracle.__dict__.update(oracle)
            self.vault.restore(vault)
            raise
