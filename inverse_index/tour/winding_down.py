# SPDX-License-Identifier: AGPL-3.0-only
"""Wind-downs: by the owner, by anyone; closing; the last holder's last unit."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from .. import reasons
from ..deployment.governance import batch, operation
from ..model.fixed import WAD
from ..model.policy.wind_down_bound import PATIENCE
from ..model.token.modes import Mode
from .exits import SLIPPAGE, STALE
from .harness import DAY, DELAY, Harness, per_share
from .powers import NOT_FAILED, OUTSIDERS
from .record import Record

WINDING_DOWN = reasons.TOKEN_WINDING_DOWN
NOT_DUE = reasons.TOKEN_NOT_DUE
HOUR = 3_600
DEAD = 10 * DAY
MOST_CHUNKS = 200
UNHEALTHY = "vault: Aave refused a withdrawal, code 35"
EMPTY = "vault: Aave refused a withdrawal, code 32"


def by_the_owner(harness: Harness, record: Record) -> None:
    """Announced; closed in parts, within a bound that doubles every day; settled."""
    record.refused_each(
        ("guardian", *OUTSIDERS),
        "wind_down()",
        NOT_FAILED,
        lambda role: harness.sent(role, harness.token, "wind_down"),
    )
    _decree(harness, record)
    record.refused("stranger", "deposit", WINDING_DOWN, lambda: harness.deposit("stranger", 100))
    record.refused_each(
        ("guardian", "stranger"),
        "wind_down() again",
        WINDING_DOWN,
        lambda role: harness.sent(role, harness.token, "wind_down"),
    )
    record.done("holder", "redeem 1,000 shares", lambda: harness.redeem("holder", 1_000 * WAD))
    record.done("holder", "withdraw 1,000", lambda: harness.withdraw("holder", 1_000))
    _doubling(harness, record)
    _settled(harness, record)
    _everybody_leaves(harness, record)


def _decree(harness: Harness, record: Record) -> None:
    """Together with an attempt to go back, which does nothing."""
    token, lock = harness.token, harness.timelock
    both = batch([operation(token, "wind_down"), operation(token, "resume_mint")])
    record.done(
        "proposer",
        "timelock.schedule_batch(wind_down(), resume_mint())",
        lambda: harness.sent("proposer", lock, "schedule_batch", *both, DELAY),
    )
    harness.wait(DELAY)
    record.done(
        "timelock",
        "wind_down(), resume_mint(), 2 days later",
        lambda: harness.sent("stranger", lock, "execute_batch", *both),
    )
    record.holds("the mode is WINDING_DOWN, for good", harness.mode == Mode.WINDING_DOWN)


def _doubling(harness: Harness, record: Record) -> None:
    began = harness.chain.now()
    harness.dislocate()
    bound, cost = harness.plan.parameters.slippage_bps, harness.closing_cost_bps()
    record.holds(f"closing costs more than the bound of {bound} bp", cost > bound, f"{cost:.0f} bp")
    record.refused("keeper", "rebalance() on the first day", SLIPPAGE, harness.rebalance)
    if harness.is_perp:  # what others have bought comes back with time
        harness.wait(6 * HOUR, follow=False)
        record.done("keeper", "rebalance() six hours later", harness.rebalance)
        close(harness, record)
        return
    harness.wait(began + DAY - 1 - harness.chain.now(), follow=False)
    record.refused(
        "keeper", "rebalance() a second before the second day", SLIPPAGE, harness.rebalance
    )
    harness.wait(1, follow=False)
    record.done("keeper", f"rebalance(), the bound is {2 * bound} bp", harness.rebalance)
    record.refused(
        "keeper", "rebalance() before the delay of a part is over", NOT_DUE, harness.rebalance
    )
    close(harness, record)


def close(harness: Harness, record: Record) -> None:
    """Part by part until the token is settled."""

    def all_parts() -> int:
        for count in range(MOST_CHUNKS):
            if harness.mode == Mode.SETTLED:
                return count
            harness.silence(harness.plan.parameters.chunk_delay)
            harness.rebalance()
        return MOST_CHUNKS

    record.done("keeper", "rebalance() until nothing is left", all_parts, lambda n: f"{n} parts")
    record.holds("the mode is SETTLED", harness.mode == Mode.SETTLED)


def _settled(harness: Harness, record: Record) -> None:
    harness.silence(8 * DAY)
    record.holds("the feeds have stopped", not harness.oracle.usable())
    record.refused("keeper", "rebalance()", NOT_DUE, harness.rebalance)
    record.refused("stranger", "deposit", WINDING_DOWN, lambda: harness.deposit("stranger", 100))
    record.refused(
        "stranger",
        "wind_down()",
        WINDING_DOWN,
        lambda: harness.sent("stranger", harness.token, "wind_down"),
    )
    record.done(
        "holder", "withdraw 1,000 without a price", lambda: harness.withdraw("holder", 1_000)
    )


def _everybody_leaves(harness: Harness, record: Record, lost: bool = False) -> None:
    """Fee recipient, second holder, holder: the last one takes the last unit."""
    vault, token = harness.system.vault, harness.token
    roles = ["fee recipient", "second holder", "holder"]
    for role in roles[:-1]:
        leave(harness, record, role)
    left, had = vault.remainder(), harness.balance(roles[-1])
    record.done(
        roles[-1],
        "redeem the last shares",
        lambda: harness.redeem(roles[-1], token.totalSupply()),
        lambda _: harness.money(harness.balance(roles[-1]) - had),
    )
    record.holds("they take all that was left", harness.balance(roles[-1]) - had == left > 0)
    nothing_left(harness, record, lost)


def leave(harness: Harness, record: Record, role: str) -> None:
    """All shares; it pays what was previewed."""
    shares, had = harness.shares(role), harness.balance(role)
    promised = harness.token.previewRedeem(shares)
    record.done(
        role,
        "redeem everything",
        lambda: harness.redeem(role, shares, promised),
        lambda _: harness.money(harness.balance(role) - had),
    )
    record.holds("it pays what was previewed", harness.balance(role) - had == promised)


def nothing_left(harness: Harness, record: Record, lost: bool = False) -> None:
    """Every place in which something of the token could be is empty; where more
    was owed than held, a rest of the debt stays behind."""
    token, vault, collateral = harness.token, harness.system.vault, harness.system.collateral
    places: dict[str, Callable[[], int]] = {
        "shares": token.totalSupply,
        "net assets": token.totalAssets,
        "remainder": vault.remainder,
        "collateral in the vault": lambda: collateral.balanceOf(vault),
        "collateral in the token": lambda: collateral.balanceOf(token),
    }
    if harness.is_perp:
        scale = 10 ** (36 - harness.system.decimals)
        places["whole units on the exchange"] = lambda: harness.exchange.cash(vault) // scale
    else:
        for symbol, pair in harness.system.venue.receipts.items():  # type: ignore[attr-defined]
            for contract, name in zip(pair, ("aTokens", "debt")[: 1 if lost else 2], strict=False):
                places[f"{symbol} {name}"] = partial(contract.balanceOf, vault)
    found = {name: call() for name, call in places.items()}
    wrong = {name: value for name, value in found.items() if value}
    record.holds("nothing is left, anywhere", not wrong, ", ".join(map(str, wrong.items())))


def dead_oracle(harness: Harness, record: Record) -> None:
    """Ten days after anybody's report, and not a second earlier, anyone ends it."""
    oracle = harness.oracle
    harness.move(-15)  # a share above one: rounding would leave a unit behind
    harness.sent("stranger", oracle, "refresh")
    record.refused(
        "stranger",
        "oracle.report_unusable()",
        reasons.ORACLE_USABLE,
        lambda: harness.sent("stranger", oracle, "report_unusable"),
    )
    harness.silence(8 * DAY)
    record.refused_each(
        ("stranger", "guardian"),
        "wind_down() while the feeds are silent",
        STALE,
        lambda role: harness.sent(role, harness.token, "wind_down"),
    )
    record.done(
        "stranger",
        "oracle.report_unusable()",
        lambda: harness.sent("stranger", oracle, "report_unusable"),
    )
    harness.silence(DEAD - 1)
    record.refused(
        "stranger",
        "wind_down() a second before ten days",
        STALE,
        lambda: harness.sent("stranger", harness.token, "wind_down"),
    )
    if harness.is_perp:
        record.refused(
            "stranger",
            "exchange.settle() a second before",
            reasons.EXCHANGE_ORACLE_LIVES,
            lambda: harness.sent("stranger", harness.exchange, "settle"),
        )
    harness.silence(1)
    record.done(
        "stranger",
        "wind_down() after ten days",
        lambda: harness.sent("stranger", harness.token, "wind_down"),
    )
    record.holds("the mode is WINDING_DOWN", harness.mode == Mode.WINDING_DOWN)
    record.refused(
        "holder",
        "redeem, before it is closed",
        STALE,
        lambda: harness.redeem("holder", 1_000 * WAD),
    )
    if harness.is_perp:
        record.done(
            "stranger",
            "exchange.settle(): prices are frozen",
            lambda: harness.sent("stranger", harness.exchange, "settle"),
        )
        record.refused(
            "stranger",
            "exchange.settle() again",
            reasons.EXCHANGE_SETTLED,
            lambda: harness.sent("stranger", harness.exchange, "settle"),
        )
    close(harness, record)
    record.holds("the oracle is dead, the redemptions need none", oracle.dead())
    _everybody_leaves(harness, record)


def wiped_out(harness: Harness, record: Record) -> None:
    """Under a hundredth of the last reset's share, anyone ends it."""
    harness.wait(DAY)
    harness.rebalance()
    harness.wait(3_600)  # fee shares
    harness.move(98)
    before = harness.token.state().reset.nav_per_share
    record.refused(
        "stranger",
        "wind_down() at a fiftieth",
        NOT_FAILED,
        lambda: harness.sent("stranger", harness.token, "wind_down"),
    )
    harness.move(0.7)
    part = per_share(harness) * 100 / before
    record.holds("a share is worth less than a hundredth", 0 < part < 1, f"{part:.2f}%")
    record.done(
        "stranger", "wind_down()", lambda: harness.sent("stranger", harness.token, "wind_down")
    )
    record.holds("the mode is WINDING_DOWN", harness.mode == Mode.WINDING_DOWN)
    if harness.is_perp:
        close(harness, record)
    else:
        _given_up(harness, record)
    _everybody_leaves(harness, record, lost=not harness.is_perp)


def _given_up(harness: Harness, record: Record) -> None:
    """Aave's liquidators take what is supplied; what is still owed then is given
    up ten days after the wind-down, and holders share what the vault kept idle."""
    started = harness.chain.now()
    record.refused("keeper", "rebalance()", UNHEALTHY, harness.rebalance)
    record.done(
        "liquidator",
        "liquidates on Aave",
        lambda: _liquidate(harness),
        lambda count: f"{count} times",
    )
    a_token = harness.system.venue.receipts[harness.plan.collateral_symbol][0]  # type: ignore[attr-defined]
    record.holds("nothing is supplied any more", a_token.balanceOf(harness.system.vault) == 0)
    harness.wait(started + PATIENCE - 1 - harness.chain.now())
    record.refused("keeper", "rebalance() a second before ten days", EMPTY, harness.rebalance)
    harness.wait(1)
    record.done("keeper", "rebalance(): the debt is given up", harness.rebalance)
    record.holds("the mode is SETTLED", harness.mode == Mode.SETTLED)


def _liquidate(harness: Harness) -> int:
    """Until Aave holds nothing for the vault or calls its account healthy."""
    venue, vault, count = harness.system.venue, harness.system.vault, 0
    a_token = venue.receipts[harness.plan.collateral_symbol][0]  # type: ignore[attr-defined]
    for symbol in harness.plan.symbols:
        if a_token.balanceOf(vault) and vault.health() < WAD:
            venue.liquidate(symbol, vault, harness.who["liquidator"])
            count += 1
    return count
