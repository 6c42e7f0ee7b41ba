# SPDX-License-Identifier: AGPL-3.0-only
"""Terms of a mint or redemption: the module `flow_terms` of the contracts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntFlag

from ... import reasons
from ...plan.parameters import Parameters
from ...reasons import SPREAD_TOO_WIDE
from ..fixed import BPS, ceil_div, require
from ..oracle.prices import Restriction
from ..token import nav
from ..token.modes import Mode
from .flow_bound import bound_cost_up

COST = reasons.TOKEN_COST
LAST = reasons.TOKEN_LAST
WINDING_DOWN = reasons.TOKEN_WINDING_DOWN


class Kind(IntFlag):
    """As `ITokenPolicy.Kind`."""

    DEPOSIT = 1
    MINT = 2
    WITHDRAW = 4
    REDEEM = 8


@dataclass(frozen=True, slots=True)
class Terms:
    """As `the terms of `policy``."""

    p: Parameters
    mode: Mode
    restriction: Restriction
    net: int
    bid: int
    ask: int
    exposure: int
    unhedged: int
    supply: int
    multiple: int
    components: int
    virtual: int

    @property
    def settled(self) -> bool:
        """Whether nothing is left to trade."""
        return self.mode == Mode.SETTLED

    def check_mint(self) -> None:
        """Refuse what mode and prices do not admit."""
        require(self.mode != Mode.MINT_PAUSED, reasons.TOKEN_MINT_PAUSED)
        require(self.mode == Mode.ACTIVE, WINDING_DOWN)
        require(Restriction.STEP not in self.restriction, reasons.PRICE_STEP)
        require(Restriction.SPREAD not in self.restriction, SPREAD_TOO_WIDE)
        require(self.supply == 0 or self.net > 0, reasons.TOKEN_WIPED_OUT)

    def nets(self, size: int, n: int) -> bool:
        """Whether a flow of this signed size waits for the next rebalance."""
        if size == 0:
            return True
        limit = n * self.p.tolerance_bps
        largest = max(2 * limit, abs(self.unhedged) * BPS)
        return abs(size) * BPS <= limit and abs(self.unhedged + size) * BPS <= largest

    def nets_out(self, size: int, shares: int) -> bool:
        """The last holder never nets; nothing does."""
        if shares == 0:
            return True
        return shares < self.supply and self.nets(-size, self.ask)

    def netting_headroom(self, n: int, used: int) -> int:
        """The largest size that nets."""
        limit = n * self.p.tolerance_bps // BPS
        return min(limit, max(2 * limit - used, 0))

    def part_up(self, size: int) -> int:
        """The exposure's part, E * size / N."""
        return ceil_div((self.exposure + 1) * size, max(self.ask, 1))

    def notional_in_up(self, size: int) -> int:
        """Notional of the trade that hedges a mint."""
        part = self.part_up(size)
        return part if self.within_band else max(part, size * self.multiple)

    @property
    def within_band(self) -> bool:
        """Whether a mint is hedged by scaling the shorts with N."""
        return nav.within_band(self.exposure, self.bid, self.multiple, self.p.band_bps)

    def bound_cost_up(self, notional: int) -> int:
        """The most that a trade may cost."""
        return bound_cost_up(notional, self.p.slippage_bps, self.components)

    def before_bound_cost_up(self, assets: int) -> int:
        """The smallest size that leaves `assets` after the bound's cost."""
        worth = self.ask * BPS
        cost = (self.exposure + 1) * self.p.slippage_bps
        require(worth > cost, COST)
        return ceil_div((assets + self.components + 4) * worth, worth - cost)

    def withdrawable_down(self, shares: int) -> int:
        """Collateral that a withdrawal can take for at most `shares`, less than all."""
        burned = min(shares, max(self.supply, 1) - 1)
        size = min(nav.assets_down(burned, self.ask, self.supply, self.virtual), self.ask)
        if self.settled:
            return size
        after_fee = size * (BPS - self.p.redeem_fee_bps) // BPS
        if self.nets_out(size, burned):
            return after_fee
        cost = self.bound_cost_up(self.part_up(size)) + 2
        return min(after_fee, size - min(size, cost))


@dataclass(frozen=True, slots=True)
class Flow:
    """As `ITokenPolicy.Flow`."""

    netted: bool
    size: int
    charge: int
    assets: int
    shares: int


def fee_up(assets: int, fee_bps: int) -> int:
    return ceil_div(assets * fee_bps, BPS)


def before_fee_up(assets: int, fee_bps: int) -> int:
    """The smallest amount that leaves `assets` after the fee."""
    return ceil_div(assets * BPS, BPS - fee_bps)


def flow_of(kind: Kind, terms: Terms, amount: int) -> Flow:
    """A flow before the cost of its hedge is known."""
    return {
        Kind.DEPOSIT: _deposit,
        Kind.MINT: _mint,
        Kind.WITHDRAW: _withdraw,
        Kind.REDEEM: _redeem,
    }[kind](terms, amount)


def _deposit(terms: Terms, assets: int) -> Flow:
    fee = fee_up(assets, terms.p.mint_fee_bps)
    size = assets - fee
    shares = nav.shares_down(size, terms.bid, terms.supply, terms.virtual)
    return Flow(terms.nets(size, terms.bid), size, fee, assets, shares)


def _mint(terms: Terms, shares: int) -> Flow:
    size = nav.assets_up(shares, terms.bid, terms.supply, terms.virtual)
    netted = terms.nets(size, terms.bid)
    assets = before_fee_up(size, terms.p.mint_fee_bps)
    if not netted:
        assets = max(assets, size + terms.bound_cost_up(terms.notional_in_up(size)))
    return Flow(netted, size, assets - size, assets, shares)


def _redeem(terms: Terms, shares: int) -> Flow:
    size = min(nav.assets_down(shares, terms.ask, terms.supply, terms.virtual), terms.ask)
    if terms.settled:
        size = terms.ask if shares == terms.supply else size
        return Flow(True, size, 0, size, shares)
    fee = fee_up(size, terms.p.redeem_fee_bps)
    return Flow(terms.nets_out(size, shares), size, fee, size - fee, shares)


def _withdraw(terms: Terms, assets: int) -> Flow:
    if terms.settled:
        burned = nav.shares_up(assets, terms.ask, terms.supply, terms.virtual)
        require(burned < terms.supply, LAST)
        return Flow(True, assets, 0, assets, burned)
    size = before_fee_up(assets, terms.p.redeem_fee_bps)
    shares = nav.shares_up(size, terms.ask, terms.supply, terms.virtual)
    netted = terms.nets_out(size, shares)
    if not netted:
        size = max(size, terms.before_bound_cost_up(assets))
        shares = nav.shares_up(size, terms.ask, terms.supply, terms.virtual)
    return Flow(netted, size, size - assets, assets, shares)


def mint_at(terms: Terms, flow: Flow, cost: int) -> Flow:
    """A hedged mint whose trade costs that."""
    assets = max(before_fee_up(flow.size, terms.p.mint_fee_bps), flow.size + max(cost, 0))
    return replace(flow, assets=assets, charge=assets - flow.size)


def withdraw_at(terms: Terms, flow: Flow, cost: int, fewest: int) -> Flow:
    """A hedged withdrawal whose trade costs that. fewest: see `exit_split`."""
    size = max(before_fee_up(flow.assets, terms.p.redeem_fee_bps), flow.assets + max(cost, 0))
    shares = nav.shares_up(size, terms.ask, terms.supply, terms.virtual)
    if fewest < terms.supply:
        shares = min(shares, fewest)
    return replace(flow, size=size, charge=size - flow.assets, shares=shares)
