# SPDX-License-Identifier: AGPL-3.0-only
"""Wind-downs: by the owner, by anyone; closing; the last holder's last unit."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from .. import reasons
from ..deployment.governance import batch, operation
from ..model.fixed import WAD
from ..model.policy.closing import PATIENCE
from ..model.token.modes import Mode
from .exits import SLIPPAGE, STALE
from .powers import NOT_FAILED, OUTSIDERS
from .record import Record
from .stage import DAY, DELAY, Stage, per_share

WINDING_DOWN = reasons.TOKEN_WINDING_DOWN
NOT_DUE = reasons.TOKEN_NOT_DUE
DEAD = 10 * DAY
MOST_CHUNKS = 200
UNHEALTHY = "vault: Aave refused a withdrawal, code 35"
EMPTY = "vault: Aave refused a withdrawal, code 32"


def by_the_owner(stage: Stage, record: Record) -> None:
    """Announced; closed in parts, within a bound that doubles every day; settled."""
    record.refused_each(
        ("guardian", *OUTSIDERS),
        "wind_down()",
        NOT_FAILED,
        lambda role: stage.sent(role, stage.token, "wind_down"),
    )
    _decree(stage, record)
    record.refused("stranger", "deposit", WINDING_DOWN, lambda: stage.deposit("stranger", 100))
    record.refused_each(
        ("guardian", "stranger"),
        "wind_down() again",
        WINDING_DOWN,
        lambda role: stage.sent(role, stage.token, "wind_down"),
    )
    record.done("holder", "redeem 1,000 shares", lambda: stage.redeem("holder", 1_000 * WAD))
    record.done("holder", "withdraw 1,000", lambda: stage.withdraw("holder", 1_000))
    _doubling(stage, record)
    _settled(stage, record)
    _everybody_leaves(stage, record)


def _decree(stage: Stage, record: Record) -> None:
    """Together with an attempt to go back, which does nothing."""
    token, lock = stage.token, stage.timelock
    both = batch([operation(token, "wind_down"), operation(token, "resume_mint")])
    record.done(
        "proposer",
        "timelock.schedule_batch(wind_down(), resume_mint())",
        lambda: stage.sent("proposer", lock, "schedule_batch", *both, DELAY),
    )
    stage.wait(DELAY)
    record.done(
        "timelock",
        "wind_down(), resume_mint(), 2 days later",
        lambda: stage.sent("stranger", lock, "execute_batch", *both),
    )
    record.holds("the mode is WINDING_DOWN, for good", stage.mode == Mode.WINDING_DOWN)


def _doubling(stage: Stage, record: Record) -> None:
    stage.dislocate()
    bound, cost = stage.plan.parameters.slippage_bps, stage.closing_cost_bps()
    record.holds(f"closing costs more than the bound of {bound} bp", cost > bound, f"{cost:.0f} bp")
    record.refused("keeper", "rebalance() on the first day", SLIPPAGE, stage.rebalance)
    stage.wait(DAY - 1, follow=False)
    record.refused(
        "keeper", "rebalance() a second before the second day", SLIPPAGE, stage.rebalance
    )
    stage.wait(1, follow=False)
    record.done("keeper", f"rebalance(), the bound is {2 * bound} bp", stage.rebalance)
    record.refused(
        "keeper", "rebalance() before the delay of a part is over", NOT_DUE, stage.rebalance
    )
    close(stage, record)


def close(stage: Stage, record: Record) -> None:
    """Part by part until the token is settled."""

    def all_parts() -> int:
        for count in range(MOST_CHUNKS):
            if stage.mode == Mode.SETTLED:
                return count
            stage.silence(stage.plan.parameters.chunk_delay)
            stage.rebalance()
        return MOST_CHUNKS

    record.done("keeper", "rebalance() until nothing is left", all_parts, lambda n: f"{n} parts")
    record.holds("the mode is SETTLED", stage.mode == Mode.SETTLED)


def _settled(stage: Stage, record: Record) -> None:
    stage.silence(8 * DAY)
    record.holds("the feeds have stopped", not stage.oracle.usable())
    record.refused("keeper", "rebalance()", NOT_DUE, stage.rebalance)
    record.refused("stranger", "deposit", WINDING_DOWN, lambda: stage.deposit("stranger", 100))
    record.refused(
        "stranger",
        "wind_down()",
        WINDING_DOWN,
        lambda: stage.sent("stranger", stage.token, "wind_down"),
    )
    record.done("holder", "withdraw 1,000 without a price", lambda: stage.withdraw("holder", 1_000))


def _everybody_leaves(stage: Stage, record: Record, lost: bool = False) -> None:
    """Fee recipient, second holder, holder: the last one takes the last unit."""
    vault, token = stage.system.vault, stage.token
    roles = ["fee recipient", "second holder", "holder"]
    for role in roles[:-1]:
        leave(stage, record, role)
    left, had = vault.remainder(), stage.balance(roles[-1])
    record.done(
        roles[-1],
        "redeem the last shares",
        lambda: stage.redeem(roles[-1], token.totalSupply()),
        lambda _: stage.money(stage.balance(roles[-1]) - had),
    )
    record.holds("they take all that was left", stage.balance(roles[-1]) - had == left > 0)
    nothing_left(stage, record, lost)


def leave(stage: Stage, record: Record, role: str) -> None:
    """All shares; it pays what was previewed."""
    shares, had = stage.shares(role), stage.balance(role)
    promised = stage.token.previewRedeem(shares)
    record.done(
        role,
        "redeem everything",
        lambda: stage.redeem(role, shares, promised),
        lambda _: stage.money(stage.balance(role) - had),
    )
    record.holds("it pays what was previewed", stage.balance(role) - had == promised)


def nothing_left(stage: Stage, record: Record, lost: bool = False) -> None:
    """Every place in which something of the token could be is empty; where more
    was owed than held, a rest of the debt stays behind."""
    token, vault, collateral = stage.token, stage.system.vault, stage.system.collateral
    places: dict[str, Callable[[], int]] = {
        "shares": token.totalSupply,
        "net assets": token.totalAssets,
        "remainder": vault.remainder,
        "collateral in the vault": lambda: collateral.balanceOf(vault),
        "collateral in the token": lambda: collateral.balanceOf(token),
    }
    if stage.is_perp:
        scale = 10 ** (36 - stage.system.decimals)
        places["whole units on the exchange"] = lambda: stage.exchange.cash(vault) // scale
    else:
        for symbol, pair in stage.system.venue.receipts.items():  # type: ignore[attr-defined]
            for contract, name in zip(pair, ("aTokens", "debt")[: 1 if lost else 2], strict=False):
                places[f"{symbol} {name}"] = partial(contract.balanceOf, vault)
    found = {name: call() for name, call in places.items()}
    wrong = {name: value for name, value in found.items() if value}
    record.holds("nothing is left, anywhere", not wrong, ", ".join(map(str, wrong.items())))


def dead_oracle(stage: Stage, record: Record) -> None:
    """Ten days after anybody's report, and not a second earlier, anyone ends it."""
    oracle = stage.oracle
    stage.move(-15)  # a share above one: rounding would leave a unit behind
    stage.sent("stranger", oracle, "refresh")
    record.refused(
        "stranger",
        "oracle.report_unusable()",
        reasons.ORACLE_USABLE,
        lambda: stage.sent("stranger", oracle, "report_unusable"),
    )
    stage.silence(8 * DAY)
    record.refused_each(
        ("stranger", "guardian"),
        "wind_down() while the feeds are silent",
        STALE,
        lambda role: stage.sent(role, stage.token, "wind_down"),
    )
    record.done(
        "stranger",
        "oracle.report_unusable()",
        lambda: stage.sent("stranger", oracle, "report_unusable"),
    )
    stage.silence(DEAD - 1)
    record.refused(
        "stranger",
        "wind_down() a second before ten days",
        STALE,
        lambda: stage.sent("stranger", stage.token, "wind_down"),
    )
    if stage.is_perp:
        record.refused(
            "stranger",
            "exchange.settle() a second before",
            reasons.EXCHANGE_ORACLE_LIVES,
            lambda: stage.sent("stranger", stage.exchange, "settle"),
        )
    stage.silence(1)
    record.done(
        "stranger",
        "wind_down() after ten days",
        lambda: stage.sent("stranger", stage.token, "wind_down"),
    )
    record.holds("the mode is WINDING_DOWN", stage.mode == Mode.WINDING_DOWN)
    record.refused(
        "holder", "redeem, before it is closed", STALE, lambda: stage.redeem("holder", 1_000 * WAD)
    )
    if stage.is_perp:
        record.done(
            "stranger",
            "exchange.settle(): prices are frozen",
            lambda: stage.sent("stranger", stage.exchange, "settle"),
        )
        record.refused(
            "stranger",
            "exchange.settle() again",
            reasons.EXCHANGE_SETTLED,
            lambda: stage.sent("stranger", stage.exchange, "settle"),
        )
    close(stage, record)
    record.holds("the oracle is dead, the redemptions need none", oracle.dead())
    _everybody_leaves(stage, record)


def wiped_out(stage: Stage, record: Record) -> None:
    """Under a hundredth of the last reset's share, anyone ends it."""
    stage.wait(DAY)
    stage.rebalance()
    stage.wait(3_600)  # fee shares
    stage.move(98)
    before = stage.token.state().reset.nav_per_share
    record.refused(
        "stranger",
        "wind_down() at a fiftieth",
        NOT_FAILED,
        lambda: stage.sent("stranger", stage.token, "wind_down"),
    )
    stage.move(0.7)
    part = per_share(stage) * 100 / before
    record.holds("a share is worth less than a hundredth", 0 < part < 1, f"{part:.2f}%")
    record.done("stranger", "wind_down()", lambda: stage.sent("stranger", stage.token, "wind_down"))
    record.holds("the mode is WINDING_DOWN", stage.mode == Mode.WINDING_DOWN)
    if stage.is_perp:
        close(stage, record)
    else:
        _given_up(stage, record)
    _everybody_leaves(stage, record, lost=not stage.is_perp)


def _given_up(stage: Stage, record: Record) -> None:
    """Aave's liquidators take what is supplied; what is still owed then is given
    up ten days after the wind-down, and holders share what the vault kept idle."""
    started = stage.chain.now()
    record.refused("keeper", "rebalance()", UNHEALTHY, stage.rebalance)
    record.done(
        "liquidator",
        "liquidates on Aave",
        lambda: _liquidate(stage),
        lambda count: f"{count} times",
    )
    a_token = stage.system.venue.receipts[stage.plan.collateral_symbol][0]  # type: ignore[attr-defined]
    record.holds("nothing is supplied any more", a_token.balanceOf(stage.system.vault) == 0)
    stage.wait(started + PATIENCE - 1 - stage.chain.now())
    record.refused("keeper", "rebalance() a second before ten days", EMPTY, stage.rebalance)
    stage.wait(1)
    record.done("keeper", "rebalance(): the debt is given up", stage.rebalance)
    record.holds("the mode is SETTLED", stage.mode == Mode.SETTLED)


def _liquidate(stage: Stage) -> int:
    """Until Aave holds nothing for the vault or calls its account healthy."""
    venue, vault, count = stage.system.venue, stage.system.vault, 0
    a_token = venue.receipts[stage.plan.collateral_symbol][0]  # type: ignore[attr-defined]
    for symbol in stage.plan.symbols:
        if a_token.balanceOf(vault) and vault.health() < WAD:
            venue.liquidate(symbol, vault, stage.who["liquidator"])
            count += 1
    return count
