# SPDX-License-Identifier: AGPL-3.0-only
"""Faults planted on purpose, each a line that a tired author might have written,
and the machines that have to find it."""

from __future__ import annotations

from dataclasses import dataclass

from tests.support.variants import Change

MODULES = "contracts/modules/"


@dataclass(frozen=True)
class Fault:
    """What is wrong, which machines look for it, and the change."""

    name: str
    machines: tuple[str, ...]
    change: Change

    @property
    def label(self) -> str:
        return self.machines[0].partition("-")[0]


def token(name: str, file: str, old: str, new: str, machine: str = "perp") -> Fault:
    return Fault(name, (machine,), Change(MODULES + file, old, new))


def crowded(name: str, file: str, old: str, new: str) -> Fault:
    return Fault(name, ("perp-crowded",), Change(file, old, new))


def exchange(name: str, file: str, old: str, new: str) -> Fault:
    machines = ("exchange-6", "exchange-8", "exchange-18")
    return Fault(name, machines, Change(file, old, new))


def oracle(name: str, file: str, old: str, new: str) -> Fault:
    return Fault(name, ("oracle", "oracle-odd", "oracle-primaries"), Change(file, old, new))


FAULTS = (
    token(
        "a rounding flip: shares of a deposit rounded up",
        "token/nav.vy",
        "    return assets * (supply + virtual * base) // (n + base)\n",
        "    return self._div_up(assets * (supply + virtual * base), n + base)\n",
    ),
    token(
        "a rounding flip: collateral of a mint rounded down",
        "token/nav.vy",
        "    return self._div_up(shares * (n + base), supply + virtual * base)\n",
        "    return shares * (n + base) // (supply + virtual * base)\n",
    ),
    token(
        "a missing accrual: new fee terms without the old ones",
        "token/admin.vy",
        "    streaming_fee._accrue()\n    streaming_fee._set(rate, recipient)\n",
        "    streaming_fee._set(rate, recipient)\n",
    ),
    token(
        "a missing accrual: flows before the fee",
        "token/flows.vy",
        "    return streaming_fee._accrue()\n",
        "    return streaming_fee._supply()\n",
    ),
    token(
        "> for >=: an epoch that begins a second late",
        "policy/triggers.vy",
        "    return block.timestamp >= boundary, boundary\n",
        "    return block.timestamp > boundary, boundary\n",
    ),
    token(
        ">= for >: a price that goes stale a second early",
        "oracle/staleness.vy",
        "    return block.timestamp - updated_at > heartbeat\n",
        "    return block.timestamp - updated_at >= heartbeat\n",
    ),
    token(
        "< for <=: the largest netted flow is hedged",
        "policy/netting.vy",
        "* parameters.BPS <= limit\n",
        "* parameters.BPS < limit\n",
    ),
    token(
        "a missing staleness check",
        "oracle/feeds.vy",
        "    if staleness._is_stale(word, updated_at):\n",
        "    if False:\n",
    ),
    token(
        "a fee charged twice",
        "policy/flow_terms.vy",
        "        charge=fee,\n        assets=size - fee,\n",
        "        charge=fee,\n        assets=size - fee - fee,\n",
    ),
    token(
        "a fee not charged: hedged flows pay the trade alone",
        "policy/flow_plan.vy",
        "    flow.charge = max(flow.charge, loss)\n",
        "    flow.charge = loss\n",
    ),
    token(
        "a reward without a ramp",
        "policy/reward.vy",
        "    return min((block.timestamp - since) * _WAD // ramp, _WAD)\n",
        "    return _WAD\n",
    ),
    token(
        "a drift that waiting flows complete is paid",
        "policy/triggers.vy",
        "nav._hedged(o.net, state.flows.unhedged)",
        "nav._hedged(o.net, 0)",
    ),
    token(
        "a pause that stops nothing",
        "policy/flow_plan.vy",
        "    assert mode != IInverseIndexToken.Mode.MINT_PAUSED, errors.TOKEN_MINT_PAUSED\n",
        "",
    ),
    token(
        "a wind-down that can be asked for twice",
        "token/wind_down.vy",
        "    assert core._winding_down_since() == 0, errors.TOKEN_WINDING_DOWN\n"
        "    streaming_fee._accrue()\n"
        "    if msg.sender",
        "    streaming_fee._accrue()\n    if msg.sender",
    ),
    token(
        "funding that is lost when the exchange is settled",
        "exchange/markets.vy",
        "funding._store_settled(market, False, funding._now(market, False, prices[market]))",
        "funding._store_settled(market, False, 0)",
        machine="perp-crowded",
    ),
    crowded(
        "an exit that has not waited",
        MODULES + "exchange/requests.vy",
        "    assert shares <= request.amount, errors.POOL_REQUESTED\n"
        "    assert self._is_ready(request, has_positions), errors.POOL_EARLY\n",
        "    assert shares <= request.amount, errors.POOL_REQUESTED\n",
    ),
    token(
        "interest that is forgotten: debts at their last index",
        "aave/reserve.vy",
        "    return self._debt_index(pool, asset)\n",
        "    data: IAavePool.ReserveData = staticcall IAavePool(pool).getReserveData(asset)\n"
        "    return convert(data.variableBorrowIndex, uint256)\n",
        machine="aave",
    ),
    exchange(
        "a purchase's fill price rounded down",
        MODULES + "exchange/linear.vy",
        "return (price * (IMPACT_UNIT + impact) + IMPACT_UNIT - 1) // IMPACT_UNIT",
        "return price * (IMPACT_UNIT + impact) // IMPACT_UNIT",
    ),
    exchange(
        "the fee charged twice",
        "contracts/exchange/PerpExchange.vy",
        "ledger.cash[msg.sender] -= paid",
        "ledger.cash[msg.sender] -= paid + convert(total.fill.fee, int256)",
    ),
    exchange(
        "an account at its maintenance margin is liquidated",
        MODULES + "exchange/liquidation.vy",
        "assert equity < maintenance",
        "assert equity <= maintenance",
    ),
    exchange(
        "no accrual when the skew returns to zero",
        MODULES + "exchange/markets.vy",
        "    funding._store(market, False, short_funding, rate - paid, paid)",
        "    if rate != 0:\n"
        "        funding._store(market, False, short_funding, rate - paid, paid)",
    ),
    exchange(
        "the smaller side pays for what is kept for the larger one",
        MODULES + "exchange/markets.vy",
        "paid: int256 = fee if skew <= 0 else less",
        "paid: int256 = fee if skew >= 0 else less",
    ),
    exchange(
        "the smaller side is kept",
        MODULES + "exchange/reserve.vy",
        "total.kept += (max(long, short) + min(long, short) // linear.PAIRED) * price",
        "total.kept += (min(long, short) + max(long, short) // linear.PAIRED) * price",
    ),
    exchange(
        "a turn through zero with the funding of one side",
        MODULES + "exchange/markets.vy",
        "moved.funding = longer * long_funding + shorter * short_funding",
        "moved.funding = delta * short_funding",
    ),
    exchange(
        "a borrowing rate that stays what it was",
        "contracts/exchange/PerpExchange.vy",
        "            markets._set_borrowing(order.market, rate)\n",
        "            pass\n",
    ),
    exchange(
        "a borrowing rate that never ends",
        MODULES + "exchange/funding.vy",
        "        charged = unsafe_sub(charged, over) if is_long else unsafe_add(charged, over)\n",
        "        charged += 0\n",
    ),
    exchange(
        "an account without a limit",
        MODULES + "exchange/borrowing.vy",
        "convert(notional, int256) <= self._account_limit_down(equity)",
        "notional >= 0",
    ),
    exchange(
        "providers may take the reserve",
        "contracts/exchange/LiquidityPool.vy",
        "assert self._spare(due) >= 0, errors.EXCHANGE_RESERVE",
        "pass",
    ),
    exchange(
        "the last unit of the cap on longs is refused",
        MODULES + "exchange/markets.vy",
        "assert self._long_interest(skew, short) <= self._max_long[market]",
        "assert self._long_interest(skew, short) < self._max_long[market]",
    ),
    exchange(
        "bad debt does not reach the insurance",
        MODULES + "exchange/liquidation.vy",
        "convert(rest - debt.insured, int256)",
        "convert(rest, int256)",
    ),
    exchange(
        "a sale's limit is not looked at",
        "contracts/exchange/PerpExchange.vy",
        "order.delta > 0 else price >= order.limit",
        "order.delta > 0 else True",
    ),
    exchange(
        "an exit at the price of its claim alone",
        MODULES + "exchange/requests.vy",
        "return worth if shares == erc20.totalSupply else min(worth, bound)",
        "return worth",
    ),
    exchange(
        "asking again betters an older request",
        MODULES + "exchange/requests.vy",
        "        most = min(bound, math._mul_div(old.bound, total, old.amount, False))\n",
        "        pass\n",
    ),
    exchange(
        "a pending deposit comes back whenever one likes",
        "contracts/exchange/LiquidityPool.vy",
        "    assert is_settled or not self._try_obligations()[0], errors.POOL_BINDING\n",
        "",
    ),
    exchange(
        "margin leaves whatever is open",
        MODULES + "exchange/margin.vy",
        "self._check_initial(account, ledger._prices_of(account, marks._read(), True))",
        "pass",
    ),
    exchange(
        "a liquidation at a price that is restricted",
        MODULES + "exchange/liquidation.vy",
        "ledger._prices_of(account, read, False)",
        "read.mid",
    ),
    exchange(
        "positions grow at restricted prices",
        "contracts/exchange/PerpExchange.vy",
        "assert not restricted, errors.EXCHANGE_RESTRICTED",
        "pass",
    ),
    exchange(
        "a displacement that comes back half as fast",
        MODULES + "exchange/linear.vy",
        "size - min(size, recovery * elapsed)",
        "size - min(size, recovery * elapsed // 2)",
    ),
    exchange(
        "a penalty beyond what is left",
        MODULES + "exchange/liquidation.vy",
        "min(closed.notional // _PENALTY, convert(max(equity, 0), uint256))",
        "closed.notional // _PENALTY",
    ),
    exchange(
        "funding runs on after the settlement",
        MODULES + "exchange/markets.vy",
        "self._terms[market] & ~market_terms.CHARGES | market_terms.SETTLED",
        "self._terms[market] | market_terms.SETTLED",
    ),
    exchange(
        "deleveraging while the pool covers the shorts",
        MODULES + "exchange/deleveraging.vy",
        "assert equity < convert(open.short_notional, int256)",
        "assert equity < convert(2 * open.short_notional, int256)",
    ),
    oracle(
        "an answer is stale a second early",
        MODULES + "oracle/staleness.vy",
        "updated_at > heartbeat",
        "updated_at >= heartbeat",
    ),
    oracle(
        "staleness is not looked at",
        MODULES + "oracle/staleness.vy",
        "updated_at > heartbeat",
        "updated_at > max_value(uint256) // 2",
    ),
    oracle(
        "a price of zero is one", MODULES + "oracle/feeds.vy", "if answer <= 0:", "if answer < 0:"
    ),
    oracle(
        "a round answered in an older one",
        MODULES + "oracle/feeds.vy",
        "if extract32(data, 128, output_type=uint256) < round_id:",
        "if extract32(data, 128, output_type=uint256) == 0:",
    ),
    oracle(
        "the grace period is a second longer",
        MODULES + "oracle/sequencer.vy",
        "if block.timestamp - started_at < grace:",
        "if block.timestamp - started_at <= grace:",
    ),
    oracle(
        "a step is excused a second late",
        MODULES + "oracle/step_breaker.vy",
        "block.timestamp < state.step_at +",
        "block.timestamp <= state.step_at +",
    ),
    oracle(
        "a move of just the limit is a step",
        MODULES + "oracle/step_breaker.vy",
        "return gap * _WAD > reference",
        "return gap * _WAD >= reference",
    ),
    oracle(
        "a lone source is as good as two",
        MODULES + "oracle/sources.vy",
        "spread=asset_records.PARAMETERS.fallback_spread",
        "spread=asset_records.MIN_SPREADS[i]",
    ),
    oracle(
        "disagreement rounded down",
        MODULES + "oracle/sources.vy",
        "(gap * _WAD + low - 1) // low",
        "gap * _WAD // low",
    ),
    oracle(
        "a refresh leaves the clock running",
        "contracts/oracle/IndexOracle.vy",
        "prices._read_undisputed()\n    outage._stop_clock()",
        "prices._read_undisputed()",
    ),
    oracle(
        "dead a second late",
        MODULES + "oracle/outage.vy",
        "block.timestamp < since + DEAD_DELAY",
        "block.timestamp <= since + DEAD_DELAY",
    ),
    oracle(
        "new units count from when they were stored",
        MODULES + "oracle/reconstitution.vy",
        "scheduled_at, before.due_at)",
        "scheduled_at, block.timestamp)",
    ),
    oracle(
        "disputed prices are accepted",
        MODULES + "oracle/prices.vy",
        "    assert not (\n        IIndexOracle.Restriction.SPREAD in reading.prices.restriction\n"
        "    ), errors.SPREAD_TOO_WIDE\n",
        "",
    ),
)
