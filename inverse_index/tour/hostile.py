# SPDX-License-Identifier: AGPL-3.0-only
"""A hostile owner: the worst legal values, what they cost, and what bounds them.

The owner is also the only keeper where that is worse. Costs are those of a
holder, in basis points of what the holder has.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from math import prod

from .. import reasons
from ..model.fixed import BPS, WAD, ceil_div
from ..model.policy.flow_terms import Kind
from ..model.token.modes import Mode
from ..plan.parameters import Parameters
from .exits import SLIPPAGE
from .harness import DAY, DELAY, Harness, part_bps
from .keeping import BLOCK, Kept, keep, live
from .leaving import aside, cost_of_leaving
from .record import Figure, Record
from .silence import silent_feeds

# The constants of the contracts, which a test compares.
MAX_FEE_BPS, MAX_TOLERANCE_BPS, MIN_BAND_BPS = 100, 200, 300
MIN_SLIPPAGE_BPS, MAX_SLIPPAGE_BPS = 1, 500
MAX_REWARD_BPS, MAX_REWARD_CAP, MIN_RAMP, MIN_CHUNK_DELAY = 20, 100_000, 600, 12
WAITING_BPS = 2 * MAX_TOLERANCE_BPS  # what waits at the most: inside the band
MIN_EMERGENCY_BPS = 12_500  # of the multiple
MAX_RATE = 1_550_000_000  # of 1e18 per second
DAYS = 30
ROUNDING = 0.01  # basis points
LEAVING_LATER = 500_000  # whole shares, enough to need a trade


def worst_parameters(agreed: Parameters) -> Parameters:
    """All at their limits, the emergency where it was."""
    return replace(
        agreed,
        mint_fee_bps=MAX_FEE_BPS,
        redeem_fee_bps=MAX_FEE_BPS,
        tolerance_bps=MAX_TOLERANCE_BPS,
        band_bps=max(MIN_BAND_BPS, ceil_div(WAITING_BPS * BPS, BPS - WAITING_BPS)),
        slippage_bps=MAX_SLIPPAGE_BPS,
        reward_bps=MAX_REWARD_BPS,
        reward_cap=MAX_REWARD_CAP,
        reward_ramp=MIN_RAMP,
        chunk_delay=MIN_CHUNK_DELAY,
    )


def least_emergency(p: Parameters, multiple: int) -> Parameters:
    """The emergency as near as it may be."""
    nearest = max(multiple * MIN_EMERGENCY_BPS, multiple * (BPS + p.band_bps) + 1)
    return replace(p, emergency_bps=nearest)


def hostile(harness: Harness, record: Record) -> None:
    """Each power alone, from the same beginning; every figure within its bound."""
    aside(harness, lambda: _usual_exit(harness, record))
    aside(harness, lambda: _guardian(harness, record))
    aside(harness, lambda: _fees(harness, record))
    aside(harness, lambda: _mint_fee(harness, record))
    aside(harness, lambda: _streaming(harness, record))
    aside(harness, lambda: _hand_over(harness, record))
    aside(harness, lambda: silent_feeds(harness, record))
    _rewards(harness, record)
    aside(harness, lambda: _narrow_slippage(harness, record))
    _reweighting(harness, record)
    _wind_down(harness, record)


def _worst(harness: Harness) -> Parameters:
    return worst_parameters(Parameters(*harness.token.state().parameters))


def _usual_exit(harness: Harness, record: Record) -> None:
    """What leaving costs without any announcement: fee or own trade, and the spread."""
    p, shares = harness.plan.parameters, harness.shares("holder")
    worth, had = harness.token.convertToAssets(shares), harness.balance("holder")
    flow = harness.system.views.preview(harness.token, int(Kind.REDEEM), shares)
    report = harness.system.report()
    spread = part_bps(report.mid - report.ask, report.mid) + ROUNDING
    harness.redeem("holder", shares)
    cost = part_bps(worth - (harness.balance("holder") - had), worth)
    own = part_bps(flow.charge, flow.size)
    record.holds(
        "an exit costs no more than its fee or its own trade, and the prices' spread",
        own <= max(p.redeem_fee_bps, p.slippage_bps) + ROUNDING and cost <= own + spread,
        f"{own:.1f} and {cost - own:.1f} bp",
    )


def _guardian(harness: Harness, record: Record) -> None:
    """Mints stopped, the cap 0: nothing is lost, and exits are as they were."""
    before = harness.token.previewRedeem(harness.shares("holder"))
    harness.sent("guardian", harness.token, "pause_mint")
    harness.sent("guardian", harness.token, "set_nav_cap", 0)
    had = harness.balance("holder")
    harness.redeem("holder", harness.shares("holder"))
    lost = part_bps(before - (harness.balance("holder") - had), before)
    record.figure(
        Figure("guardian", "mints stopped, cap 0", 0, lost, "at once", 0, "exits do not ask either")
    )


def _fees(harness: Harness, record: Record) -> None:
    worst = _worst(harness)
    leaving = cost_of_leaving(
        harness, lambda: harness.announce(harness.token, "set_parameters", worst)
    )
    harness.decree(harness.token, "set_parameters", worst)
    record.refused(
        "proposer",
        "a fee of 1.01%",
        reasons.TOKEN_FEE_CEILING,
        lambda: harness.token.set_parameters.call(
            replace(worst, redeem_fee_bps=MAX_FEE_BPS + 1), sender=harness.timelock.address
        ),
    )
    shares = LEAVING_LATER * WAD
    flow = harness.system.views.preview(harness.token, int(Kind.REDEEM), shares)
    had = harness.balance("holder")
    harness.redeem("holder", shares)
    charged = part_bps(flow.size - (harness.balance("holder") - had), flow.size)
    record.figure(
        Figure(
            "set_parameters",
            "redemption fee 1%",
            leaving,
            charged,
            "leaving later",
            MAX_FEE_BPS + ROUNDING,
            "MAX_FEE_BPS; a trade of one's own over it: MAX_SLIPPAGE_BPS",
        )
    )


def _mint_fee(harness: Harness, record: Record) -> None:
    """Of who comes afterwards."""
    harness.decree(harness.token, "set_parameters", _worst(harness))
    paid = LEAVING_LATER * harness.unit
    flow = harness.system.views.preview(harness.token, int(Kind.DEPOSIT), paid)
    shares = harness.shares("stranger")
    harness.deposit("stranger", LEAVING_LATER)
    assert harness.shares("stranger") - shares == flow.shares
    charged = part_bps(flow.charge, paid)
    record.figure(
        Figure(
            "set_parameters",
            "mint fee 1%",
            0,
            charged,
            "coming later",
            MAX_FEE_BPS + ROUNDING,
            "MAX_FEE_BPS; a trade of one's own over it: MAX_SLIPPAGE_BPS",
        )
    )


def _hand_over(harness: Harness, record: Record) -> None:
    """An owner without a delay: what was announced is that nothing will be any more."""
    to = harness.who["proposer"]
    leaving = cost_of_leaving(
        harness, lambda: harness.announce(harness.token, "transfer_ownership", to)
    )
    harness.decree(harness.token, "transfer_ownership", to)
    record.done(
        "proposer",
        "set_parameters(the worst), at once",
        lambda: harness.sent("proposer", harness.token, "set_parameters", _worst(harness)),
    )
    flow = harness.system.views.preview(harness.token, int(Kind.REDEEM), LEAVING_LATER * WAD)
    harness.redeem("holder", LEAVING_LATER * WAD)
    record.figure(
        Figure(
            "transfer_ownership",
            "to an account without any delay, which sets a fee of 1%",
            leaving,
            part_bps(flow.charge, flow.size),
            "leaving later",
            MAX_FEE_BPS + ROUNDING,
            "the constants hold for every owner, the delay for the timelock alone",
        )
    )


def _streaming(harness: Harness, record: Record) -> None:
    args = ("set_streaming_fee", MAX_RATE, harness.who["fee recipient"])
    leaving = cost_of_leaving(harness, lambda: harness.announce(harness.token, *args))
    harness.decree(harness.token, *args)
    supply = harness.token.totalSupply()
    harness.wait(DAYS * DAY)
    harness.token.accrue_fee(sender=harness.who["stranger"])
    after = harness.token.totalSupply()
    record.figure(
        Figure(
            "set_streaming_fee",
            "5% a year",
            leaving,
            part_bps(after - supply, after),
            f"{DAYS} days",
            part_bps(MAX_RATE * DAYS * DAY, WAD),
            "MAX_RATE",
        )
    )


def _rewards(harness: Harness, record: Record) -> None:
    """The seeded market at the worst parameters, three ways."""
    worst = _worst(harness)
    narrow = least_emergency(worst, harness.plan.multiple)
    for text, parameters, late, days in (
        ("0.2% a call, competing keepers", worst, BLOCK, DAYS),
        ("0.2% a call, the owner is the only keeper", worst, MIN_RAMP, 1),
        ("0.2% a call, the owner is the only keeper", worst, MIN_RAMP, DAYS),
        ("emergency at the band, competing keepers", narrow, BLOCK, DAYS),
    ):
        kept, leaving = aside(harness, partial(_lived, harness, parameters, late, days))
        _check_calls(harness, record, kept)
        over = "one period" if days == 1 else f"{days} days"
        record.figure(_kept("set_parameters", text, leaving, kept, over))


def _lived(harness: Harness, parameters: Parameters, late: int, days: int) -> tuple[Kept, float]:
    leaving = cost_of_leaving(
        harness, lambda: harness.announce(harness.token, "set_parameters", parameters)
    )
    harness.decree(harness.token, "set_parameters", parameters)
    keep(harness, late)
    return live(harness, days, late), leaving


def _kept(power: str, worst: str, leaving: float, kept: Kept, over: str) -> Figure:
    """One call after the other, each of what the one before has left."""
    spent = compounded(call.reward + call.cost for call in kept.calls)
    bound = compounded(
        MAX_REWARD_BPS + call.turnover * MAX_SLIPPAGE_BPS / BPS + ROUNDING for call in kept.calls
    )
    return Figure(
        power,
        worst,
        leaving,
        spent,
        over,
        bound,
        f"MAX_REWARD_BPS for each of {len(kept.calls)} calls (rewards {kept.rewards:,.0f} bp), "
        f"MAX_SLIPPAGE_BPS of the {kept.turnover / BPS:,.1f} N traded",
        len(kept.calls),
    )


def compounded(parts: Iterable[float]) -> float:
    """Basis points that are gone after parts of what is left, each in basis points."""
    return BPS * (1 - prod(1 - part / BPS for part in parts))


def _check_calls(harness: Harness, record: Record, kept: Kept) -> None:
    """Each call by itself."""
    record.holds(
        "no reward is over 0.2% of N, or over 100,000",
        all(
            call.reward <= MAX_REWARD_BPS and call.reward_native <= MAX_REWARD_CAP * harness.unit
            for call in kept.calls
        ),
        f"{len(kept.calls)} calls, {kept.emergencies} emergencies, {kept.rewards:,.1f} bp",
    )
    record.holds(
        "no trade costs over 5% of what it trades",
        all(call.cost <= call.turnover * MAX_SLIPPAGE_BPS / BPS + ROUNDING for call in kept.calls),
        f"{kept.costs:,.1f} bp",
    )


def _narrow_slippage(harness: Harness, record: Record) -> None:
    """A bound of one basis point stops rebalances and exits that trade, but not
    those with a minimum."""
    worst = replace(_worst(harness), slippage_bps=MIN_SLIPPAGE_BPS)
    leaving = cost_of_leaving(
        harness, lambda: harness.announce(harness.token, "set_parameters", worst)
    )
    harness.decree(harness.token, "set_parameters", worst)
    harness.dislocate(30)
    shares = LEAVING_LATER * WAD
    record.refused(
        "holder", "redeem, the bound is 1 bp", SLIPPAGE, lambda: harness.redeem("holder", shares)
    )
    flow = harness.system.views.preview(harness.token, int(Kind.REDEEM), shares)
    had = harness.balance("holder")
    harness.redeem("holder", shares, flow.assets)
    charged = part_bps(flow.size - (harness.balance("holder") - had), flow.size)
    record.figure(
        Figure(
            "set_parameters",
            "slippage bound 1 bp",
            leaving,
            charged,
            "leaving later",
            MAX_FEE_BPS + ROUNDING,
            "a minimum opens the exit; MAX_FEE_BPS, or the cost of the trade",
        )
    )


def _reweighting(harness: Harness, record: Record) -> None:
    """Everything into one component."""
    weights = [WAD] + [0] * (len(harness.plan.symbols) - 1)
    for text, late in (("competing keepers", BLOCK), ("the owner is the only keeper", MIN_RAMP)):
        kept, leaving = aside(harness, partial(_reweight, harness, weights, late))
        _check_calls(harness, record, kept)
        name = f"all into one component, {text}"
        record.figure(_kept("schedule_reconstitution", name, leaving, kept, "one reweighting"))


def _reweight(harness: Harness, weights: list[int], late: int) -> tuple[Kept, float]:
    """At the worst parameters, which came with it."""
    call = ("schedule_reconstitution", weights)
    leaving = cost_of_leaving(harness, lambda: harness.announce(harness.oracle, *call))
    both = [
        harness.announce(harness.oracle, *call),
        harness.announce(harness.token, "set_parameters", _worst(harness)),
    ]
    harness.wait(DELAY)
    for wanted in both:
        harness.execute(wanted)
    keep(harness, 0)
    harness.wait(harness.oracle.scheduled()[1] - harness.chain.now())
    return keep(harness, late), leaving


def _wind_down(harness: Harness, record: Record) -> None:
    """Closed on the first day by whoever comes, in a market that is held away."""
    for text, late in (("competing keepers", BLOCK), ("the owner is the only keeper", MIN_RAMP)):
        kept, leaving = aside(harness, partial(_close, harness, late))
        _check_calls(harness, record, kept)
        name = f"bound 5% on the first day, market held away, {text}"
        record.figure(_kept("wind_down", name, leaving, kept, "closing"))


def _close(harness: Harness, late: int) -> tuple[Kept, float]:
    leaving = cost_of_leaving(harness, lambda: harness.announce(harness.token, "wind_down"))
    both = [
        harness.announce(harness.token, "set_parameters", _worst(harness)),
        harness.announce(harness.token, "wind_down"),
    ]
    harness.wait(DELAY)
    for wanted in both:
        harness.execute(wanted)
    harness.dislocate(400)
    kept = keep(harness, late)
    assert harness.mode == Mode.SETTLED
    return kept, leaving
