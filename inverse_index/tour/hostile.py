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
from .keeping import BLOCK, Kept, keep, live
from .leaving import aside, cost_of_leaving
from .record import Figure, Record
from .silence import silent_feeds
from .stage import DAY, DELAY, Stage, part_bps

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


def hostile(stage: Stage, record: Record) -> None:
    """Each power alone, from the same beginning; every figure within its bound."""
    aside(stage, lambda: _usual_exit(stage, record))
    aside(stage, lambda: _guardian(stage, record))
    aside(stage, lambda: _fees(stage, record))
    aside(stage, lambda: _mint_fee(stage, record))
    aside(stage, lambda: _streaming(stage, record))
    aside(stage, lambda: _hand_over(stage, record))
    aside(stage, lambda: silent_feeds(stage, record))
    _rewards(stage, record)
    aside(stage, lambda: _narrow_slippage(stage, record))
    _reweighting(stage, record)
    _wind_down(stage, record)


def _worst(stage: Stage) -> Parameters:
    return worst_parameters(Parameters(*stage.token.state().parameters))


def _usual_exit(stage: Stage, record: Record) -> None:
    """What leaving costs without any announcement: fee or own trade, and the spread."""
    p, shares = stage.plan.parameters, stage.shares("holder")
    worth, had = stage.token.convertToAssets(shares), stage.balance("holder")
    flow = stage.system.views.preview(stage.token, int(Kind.REDEEM), shares)
    report = stage.system.report()
    spread = part_bps(report.mid - report.ask, report.mid) + ROUNDING
    stage.redeem("holder", shares)
    cost = part_bps(worth - (stage.balance("holder") - had), worth)
    own = part_bps(flow.charge, flow.size)
    record.holds(
        "an exit costs no more than its fee or its own trade, and the prices' spread",
        own <= max(p.redeem_fee_bps, p.slippage_bps) + ROUNDING and cost <= own + spread,
        f"{own:.1f} and {cost - own:.1f} bp",
    )


def _guardian(stage: Stage, record: Record) -> None:
    """Mints stopped, the cap 0: nothing is lost, and exits are as they were."""
    before = stage.token.previewRedeem(stage.shares("holder"))
    stage.sent("guardian", stage.token, "pause_mint")
    stage.sent("guardian", stage.token, "set_nav_cap", 0)
    had = stage.balance("holder")
    stage.redeem("holder", stage.shares("holder"))
    lost = part_bps(before - (stage.balance("holder") - had), before)
    record.figure(
        Figure("guardian", "mints stopped, cap 0", 0, lost, "at once", 0, "exits do not ask either")
    )


def _fees(stage: Stage, record: Record) -> None:
    worst = _worst(stage)
    leaving = cost_of_leaving(stage, lambda: stage.announce(stage.token, "set_parameters", worst))
    stage.decree(stage.token, "set_parameters", worst)
    record.refused(
        "proposer",
        "a fee of 1.01%",
        reasons.TOKEN_FEE_CEILING,
        lambda: stage.token.set_parameters.call(
            replace(worst, redeem_fee_bps=MAX_FEE_BPS + 1), sender=stage.timelock.address
        ),
    )
    shares = LEAVING_LATER * WAD
    flow = stage.system.views.preview(stage.token, int(Kind.REDEEM), shares)
    had = stage.balance("holder")
    stage.redeem("holder", shares)
    charged = part_bps(flow.size - (stage.balance("holder") - had), flow.size)
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


def _mint_fee(stage: Stage, record: Record) -> None:
    """Of who comes afterwards."""
    stage.decree(stage.token, "set_parameters", _worst(stage))
    paid = LEAVING_LATER * stage.unit
    flow = stage.system.views.preview(stage.token, int(Kind.DEPOSIT), paid)
    shares = stage.shares("stranger")
    stage.deposit("stranger", LEAVING_LATER)
    assert stage.shares("stranger") - shares == flow.shares
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


def _hand_over(stage: Stage, record: Record) -> None:
    """An owner without a delay: what was announced is that nothing will be any more."""
    to = stage.who["proposer"]
    leaving = cost_of_leaving(stage, lambda: stage.announce(stage.token, "transfer_ownership", to))
    stage.decree(stage.token, "transfer_ownership", to)
    record.done(
        "proposer",
        "set_parameters(the worst), at once",
        lambda: stage.sent("proposer", stage.token, "set_parameters", _worst(stage)),
    )
    flow = stage.system.views.preview(stage.token, int(Kind.REDEEM), LEAVING_LATER * WAD)
    stage.redeem("holder", LEAVING_LATER * WAD)
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


def _streaming(stage: Stage, record: Record) -> None:
    args = ("set_streaming_fee", MAX_RATE, stage.who["fee recipient"])
    leaving = cost_of_leaving(stage, lambda: stage.announce(stage.token, *args))
    stage.decree(stage.token, *args)
    supply = stage.token.totalSupply()
    stage.wait(DAYS * DAY)
    stage.token.accrue_fee(sender=stage.who["stranger"])
    after = stage.token.totalSupply()
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


def _rewards(stage: Stage, record: Record) -> None:
    """The seeded market at the worst parameters, three ways."""
    worst = _worst(stage)
    narrow = least_emergency(worst, stage.plan.multiple)
    for text, parameters, late, days in (
        ("0.2% a call, competing keepers", worst, BLOCK, DAYS),
        ("0.2% a call, the owner is the only keeper", worst, MIN_RAMP, 1),
        ("0.2% a call, the owner is the only keeper", worst, MIN_RAMP, DAYS),
        ("emergency at the band, competing keepers", narrow, BLOCK, DAYS),
    ):
        kept, leaving = aside(stage, partial(_lived, stage, parameters, late, days))
        _check_calls(stage, record, kept)
        over = "one period" if days == 1 else f"{days} days"
        record.figure(_kept("set_parameters", text, leaving, kept, over))


def _lived(stage: Stage, parameters: Parameters, late: int, days: int) -> tuple[Kept, float]:
    leaving = cost_of_leaving(
        stage, lambda: stage.announce(stage.token, "set_parameters", parameters)
    )
    stage.decree(stage.token, "set_parameters", parameters)
    keep(stage, late)
    return live(stage, days, late), leaving


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


def _check_calls(stage: Stage, record: Record, kept: Kept) -> None:
    """Each call by itself."""
    record.holds(
        "no reward is over 0.2% of N, or over 100,000",
        all(
            call.reward <= MAX_REWARD_BPS and call.reward_native <= MAX_REWARD_CAP * stage.unit
            for call in kept.calls
        ),
        f"{len(kept.calls)} calls, {kept.emergencies} emergencies, {kept.rewards:,.1f} bp",
    )
    record.holds(
        "no trade costs over 5% of what it trades",
        all(call.cost <= call.turnover * MAX_SLIPPAGE_BPS / BPS + ROUNDING for call in kept.calls),
        f"{kept.costs:,.1f} bp",
    )


def _narrow_slippage(stage: Stage, record: Record) -> None:
    """A bound of one basis point stops rebalances and exits that trade, but not
    those with a minimum."""
    worst = replace(_worst(stage), slippage_bps=MIN_SLIPPAGE_BPS)
    leaving = cost_of_leaving(stage, lambda: stage.announce(stage.token, "set_parameters", worst))
    stage.decree(stage.token, "set_parameters", worst)
    stage.dislocate(30)
    shares = LEAVING_LATER * WAD
    record.refused(
        "holder", "redeem, the bound is 1 bp", SLIPPAGE, lambda: stage.redeem("holder", shares)
    )
    flow = stage.system.views.preview(stage.token, int(Kind.REDEEM), shares)
    had = stage.balance("holder")
    stage.redeem("holder", shares, flow.assets)
    charged = part_bps(flow.size - (stage.balance("holder") - had), flow.size)
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


def _reweighting(stage: Stage, record: Record) -> None:
    """Everything into one component."""
    weights = [WAD] + [0] * (len(stage.plan.symbols) - 1)
    for text, late in (("competing keepers", BLOCK), ("the owner is the only keeper", MIN_RAMP)):
        kept, leaving = aside(stage, partial(_reweight, stage, weights, late))
        _check_calls(stage, record, kept)
        name = f"all into one component, {text}"
        record.figure(_kept("schedule_reconstitution", name, leaving, kept, "one reweighting"))


def _reweight(stage: Stage, weights: list[int], late: int) -> tuple[Kept, float]:
    """At the worst parameters, which came with it."""
    call = ("schedule_reconstitution", weights)
    leaving = cost_of_leaving(stage, lambda: stage.announce(stage.oracle, *call))
    both = [
        stage.announce(stage.oracle, *call),
        stage.announce(stage.token, "set_parameters", _worst(stage)),
    ]
    stage.wait(DELAY)
    for wanted in both:
        stage.execute(wanted)
    keep(stage, 0)
    stage.wait(stage.oracle.scheduled()[1] - stage.chain.now())
    return keep(stage, late), leaving


def _wind_down(stage: Stage, record: Record) -> None:
    """Closed on the first day by whoever comes, in a market that is held away."""
    for text, late in (("competing keepers", BLOCK), ("the owner is the only keeper", MIN_RAMP)):
        kept, leaving = aside(stage, partial(_close, stage, late))
        _check_calls(stage, record, kept)
        name = f"bound 5% on the first day, market held away, {text}"
        record.figure(_kept("wind_down", name, leaving, kept, "closing"))


def _close(stage: Stage, late: int) -> tuple[Kept, float]:
    leaving = cost_of_leaving(stage, lambda: stage.announce(stage.token, "wind_down"))
    both = [
        stage.announce(stage.token, "set_parameters", _worst(stage)),
        stage.announce(stage.token, "wind_down"),
    ]
    stage.wait(DELAY)
    for wanted in both:
        stage.execute(wanted)
    stage.dislocate(400)
    kept = keep(stage, late)
    assert stage.mode == Mode.SETTLED
    return kept, leaving
