# SPDX-License-Identifier: AGPL-3.0-only
"""The token's model alone: no chain, its own promises over many histories."""

from __future__ import annotations

import copy
from dataclasses import astuple, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inverse_index.model.compare import mismatches
from inverse_index.model.exchange.markets import FEE_UNIT
from inverse_index.model.fixed import WAD, Revert
from inverse_index.model.perp.venue import PerpFigures
from inverse_index.model.policy.flow_terms import Kind
from inverse_index.model.policy.triggers import Trigger
from inverse_index.model.system import SystemModel, build_model
from inverse_index.model.token.core import TokenModel
from tests.support.constants import DAY
from tests.support.plans import PARAMETERS, make_plan, with_changes

NOW = 1_704_067_200


def system(k: int = 1, decimals: int = 6, multiple: int = 1, **changes: Any) -> SystemModel:
    return build_model(make_plan(k, decimals, multiple, **changes), NOW)


def per_share(token: TokenModel, now: int) -> int:
    return token.nav_per_share(now)


def test_a_refused_call_changes_nothing() -> None:
    """Not the token, not its vault, not the exchange."""
    made = system()
    token = made.token
    token.deposit(10**11, "anna", NOW)
    before = copy.deepcopy((token.state(), made.vault.saved(), made.oracle.state()))
    refusals = [
        (lambda: token.deposit(10**13, "anna", NOW), "exchange: short interest capped"),
        (lambda: token.deposit(0, "anna", NOW), "token: zero assets"),
        (lambda: token.redeem(10**24, "anna", NOW), "token: shares above balance"),
        (lambda: token.redeem(10**22, "anna", NOW, 10**12), "token: assets below minimum"),
        (lambda: token.rebalance(NOW), "token: rebalance not due"),
        (lambda: token.withdraw(10**12, "anna", NOW), "token: shares above balance"),
    ]
    for action, reason in refusals:
        with pytest.raises(Revert) as refused:
            action()
        assert refused.value.reason == reason
        assert copy.deepcopy((token.state(), made.vault.saved(), made.oracle.state())) == before


def test_one_period_returns_minus_l_times_the_index() -> None:
    """Exactly but for rounding, on any path inside the period, when nothing is charged."""
    free = replace(
        PARAMETERS,
        mint_fee_bps=0,
        redeem_fee_bps=0,
        reward_bps=0,
        emergency_bps=90_000,
        band_bps=5_000,
    )
    for multiple in (1, 2, 3):
        plan = make_plan(2, 18, multiple, parameters=free, fee_rate=0)
        scale = 10**6
        markets = tuple(
            replace(m, skew_scale=m.skew_scale * scale, max_funding=0, taker_fee=FEE_UNIT)
            for m in plan.venue.markets
        )
        made = build_model(with_changes(plan, markets=markets), NOW)
        made.token.deposit(10_000 * 10**18, "anna", NOW)
        made.token.rebalance(NOW + DAY)
        start = {"C0": 2_000 * 10**8, "C1": 40_000 * 10**8, "USDC": 10**8}
        now = NOW + DAY
        for first, second in ((103, 99), (90, 120), (104, 105)):
            now += 3_600
            prices = {"C0": start["C0"] * first // 100, "C1": start["C1"] * second // 100}
            made.post_prices({**prices, "USDC": 10**8}, now)
        done = made.token.rebalance(now + DAY)
        assert abs(done.index_return - 45 * WAD // 1_000) < 10**6
        assert abs(done.tracking_difference) < 10**11  # a thousandth of a basis point


def test_withdrawing_everything_at_wipe_out() -> None:
    made = system()
    made.token.deposit(10**11, "anna", NOW)
    made.post_prices({"C0": 4_200 * 10**8, "USDC": 10**8}, NOW)
    assert made.token.context(NOW).v.mid == 0
    assert made.token.due(NOW) == (Trigger(0), 0)
    flow = made.token.redeem(10**20, "anna", NOW, 0)
    assert flow.assets == 0
    with pytest.raises(Revert, match="token: no value left"):
        made.token.deposit(10**8, "anna", NOW)


def test_mismatches_are_found() -> None:
    """The comparison that all other tests rely on sees every stored value."""
    made = system()
    made.token.deposit(10**11, "anna", NOW)
    report = _report_of(made)
    figures = _figures_of(made)
    assert mismatches(made, report, figures, NOW, {"anna": made.token.balances["anna"]}) == []
    wrong = replace(figures, held=figures.held + 1)
    assert [m.name for m in mismatches(made, report, wrong, NOW)] == ["held"]
    assert [m.name for m in mismatches(made, report, figures, NOW, {"anna": 1})] == ["balance anna"]
    report.total_supply += 1
    report.state.flows.unhedged += 1
    report.composition.version += 1
    names = {m.name for m in mismatches(made, report, figures, NOW)}
    assert names == {"total supply", "unhedged", "version"}
    assert "chain" in str(mismatches(made, report, figures, NOW)[0])


@pytest.mark.parametrize("front", [100, 10**6, 100 * 10**6])
@pytest.mark.parametrize("kind", [Kind.REDEEM, Kind.WITHDRAW])
@pytest.mark.parametrize("spread_bps", [10, 50, 100])
def test_nothing_is_won_by_a_mint_in_front_of_an_exit(
    front: int, kind: Kind, spread_bps: int
) -> None:
    """From dust to a thousandth of the sole holder's value, by who redeems all or withdraws
    the most: what is left behind pays no stranger. [T-RED-20]"""
    token = system(min_spread=spread_bps * 10**14, fee_rate=0).token
    token.deposit(100_000 * 10**6, "anna", NOW)
    alone = token.preview(Kind.REDEEM, token.balances["anna"], NOW).assets
    before = token.deposit(front, "bert", NOW).assets
    if kind == Kind.WITHDRAW:
        token.withdraw(token.maximum(kind, "anna", NOW), "anna", NOW)
    else:
        fronted = token.redeem(token.balances["anna"], "anna", NOW, 0).assets
        assert fronted >= alone - front * 2 * spread_bps // 10_000 - 20
    assert token.redeem(token.balances["bert"], "bert", NOW, 0).assets <= before


class _Bag:
    """Attributes as the lens report has them."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


def _report_of(made: SystemModel) -> Any:
    token, composition = made.token, made.oracle.composition()
    reset = token.reset
    return _Bag(
        usable=False,
        total_supply=token.supply,
        state=_Bag(
            mode=token.mode,
            winding_down_since=0,
            doubled_at=token.doubled_at,
            nav_cap=token.nav_cap,
            fee=_Bag(rate=token.fee.rate, accrued_at=token.fee.accrued_at),
            flows=_Bag(
                unhedged=token.flows.unhedged,
                reserve=token.flows.reserve,
                netting_since=token.flows.netting_since,
                in_band_at=token.flows.in_band_at,
            ),
            reset=_Bag(**{name: getattr(reset, name) for name in reset.__slots__}),
        ),
        composition=_Bag(**{name: getattr(composition, name) for name in composition.__slots__}),
    )


def _figures_of(made: SystemModel) -> PerpFigures:
    exchange = made.venue.exchange
    return PerpFigures(
        held=exchange.held,
        pool_held=exchange.pool_held,
        pool_cash=exchange.pool_cash,
        insurance=exchange.insurance,
        vault_cash=exchange.account("vault").cash,
        markets=[astuple(market.state()) for market in exchange.markets],
    )


# histories

steps = st.lists(
    st.tuples(
        st.sampled_from(list(Kind)), st.integers(0, 2), st.integers(1, 30_000), st.integers(0, 99)
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(steps=steps, multiple=st.integers(1, 3), decimals=st.sampled_from([6, 8, 18]))
def test_flows_never_lower_n_per_share_nor_profit(
    steps: list[tuple[Kind, int, int, int]], multiple: int, decimals: int
) -> None:
    """At fixed prices and time: by any accounts, of any kind and size."""
    made = system(2, decimals, multiple, fee_rate=0)
    token, unit = made.token, 10**decimals
    token.deposit(50_000 * unit, "base", NOW)
    paid = {name: 0 for name in ("0", "1", "2")}
    for kind, who, whole, fraction in steps:
        name, amount = str(who), whole * 10**18 + fraction * 10**16
        before = per_share(token, NOW)
        try:
            paid[name] += _flow(token, kind, name, amount, unit)
        except Revert as error:
            assert error.reason in {
                "token: shares above balance",
                "vault: slippage above bound",
                "token: zero shares",
                "token: zero assets",
            }
        assert per_share(token, NOW) >= before
        assert abs(token.flows.unhedged) <= 2 * token.context(NOW).v.bid * 51 // 10_000 + 2
        assert made.venue.conservation_error() == 0
    for name in paid:
        if token.balances.get(name):
            paid[name] -= token.redeem(token.balances[name], name, NOW, 0).assets
    assert sum(paid.values()) >= 0  # one may gain what another of them overpaid
    assert sum(token.balances.values()) == token.supply


def _flow(token: TokenModel, kind: Kind, name: str, amount: int, unit: int) -> int:
    """Carry out; what the holder has paid, less what he got. It is what was promised."""
    scaled = amount if kind in (Kind.MINT, Kind.REDEEM) else amount * unit // 10**18
    try:
        promised = token.preview(kind, scaled, NOW)
    except Revert:
        promised = None
    if kind == Kind.DEPOSIT:
        done = token.deposit(scaled, name, NOW)
    elif kind == Kind.MINT:
        done = token.mint(scaled, name, NOW)
    elif kind == Kind.WITHDRAW:
        done = token.withdraw(scaled, name, NOW)
    else:
        done = token.redeem(scaled, name, NOW)
    assert promised is not None
    assert (done.assets, done.shares) == (promised.assets, promised.shares)
    return done.assets if kind in (Kind.DEPOSIT, Kind.MINT) else -done.assets


@settings(max_examples=40, deadline=None)
@given(
    moves=st.lists(st.integers(-12, 12), min_size=1, max_size=8),
    multiple=st.integers(1, 3),
    chunk=st.sampled_from([10, 30, 100]),
)
def test_rebalances_end_near_the_target(moves: list[int], multiple: int, chunk: int) -> None:
    """Whenever due it goes through, nearer each time, until nothing is due."""
    plan = make_plan(1, 6, multiple)
    largest = tuple(most * chunk // 100 for most in plan.venue.max_trade)
    plan = with_changes(plan, max_trade=largest)
    made = build_model(plan, NOW)
    made.token.deposit(50_000 * 10**6, "anna", NOW)
    price, now = 2_000 * 10**8, NOW
    for percent in moves:
        now += 3_600
        price = price * (100 + percent) // 100
        made.post_prices({"C0": price, "USDC": 10**8}, now)
        for _ in range(40):
            triggers, reward = made.token.due(now)
            if not triggers:
                break
            gap = abs(made.token.leverage(now) - multiple * WAD)
            done = made.token.rebalance(now)
            assert done.reward == reward
            assert done.triggers == triggers
            left = abs(done.leverage_after - multiple * WAD)
            assert left < gap or left < WAD // 200 * multiple
            now += 60
        assert made.token.due(now)[0] == Trigger(0)
        assert abs(made.token.leverage(now) - multiple * WAD) <= multiple * WAD // 10


@settings(max_examples=60, deadline=None)
@given(
    spans=st.lists(st.integers(1, 10**7), min_size=1, max_size=10),
    rate=st.integers(0, 1_550_000_000),
)
def test_the_streaming_fee_composes(spans: list[int], rate: int) -> None:
    """Accrued in parts or at once: the same but for a wei per accrual and its growth."""
    parts, whole = system(fee_rate=rate), system(fee_rate=rate)
    for made in (parts, whole):
        made.token.deposit(10**11, "anna", NOW)
    now = NOW
    for span in spans:
        now += span
        parts.token.accrue_fee(now)
    whole.token.accrue_fee(now)
    assert abs(whole.token.supply - parts.token.supply) <= len(spans) * 10**6
    assert parts.token.state()["fee"].accrued_at == now
