# SPDX-License-Identifier: AGPL-3.0-only
"""What the policy is asked with: a snapshot of a token, its state, and a plan of a reset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass
from typing import Any

from inverse_index.model.oracle.prices import Prices, Restriction
from inverse_index.model.policy.flow_plan import ENTERS, Plan
from inverse_index.model.policy.flow_terms import Terms
from inverse_index.model.policy.triggers import Flows, Reset, Trigger
from inverse_index.model.token import nav
from inverse_index.model.token.modes import Mode
from inverse_index.model.vault.collateral_vault import Value
from inverse_index.plan.parameters import Parameters
from tests.support.constants import DAY, MAX_UINT256, WAD, ZERO
from tests.support.plans import PARAMETERS

UNIT = 10**6
P = Parameters(**asdict(PARAMETERS))
# of an index that no short of these tests is in proportion to
UNITS = tuple((i + 2) * WAD // 7 for i in range(10))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """As `ITokenPolicy.Snapshot`; one entry per component."""

    p: Parameters
    flows: Flows
    prices: Prices
    held: Value
    mode: Mode
    supply: int
    multiple: int
    virtual: int
    vault: Any
    oracle: Any

    @property
    def components(self) -> int:
        return len(self.prices.mid)

    @property
    def holdings(self) -> int:
        return self.held.idle + self.held.equity

    @property
    def terms(self) -> Terms:
        """By the model."""
        v = nav.valuation(self.held, self.prices, self.flows.reserve, self.virtual)
        return Terms(
            p=self.p,
            mode=self.mode,
            restriction=self.prices.restriction,
            net=v.net,
            bid=v.bid,
            ask=v.ask,
            exposure=v.exposure,
            unhedged=self.flows.unhedged,
            supply=self.supply,
            multiple=self.multiple,
            components=self.components,
            virtual=self.virtual,
        )

    @property
    def abi(self) -> tuple[Any, ...]:
        """As the contract takes it."""
        prices, held = self.prices, self.held
        return (
            astuple(self.p),
            astuple(self.flows),
            (filled(prices.mid), filled(prices.spread), prices.updated_at, int(prices.restriction)),
            (held.idle, held.equity, filled(held.shorts)),
            int(self.mode),
            self.supply,
            self.multiple,
            self.components,
            self.virtual,
            self.vault,
            self.oracle,
        )


def filled(values: Sequence[int]) -> list[int]:
    """Ten entries, zeros after the last component."""
    return [*values, *[0] * (10 - len(values))]


def make_snapshot(
    *,
    net: int = 100_000 * UNIT,
    exposure: int = 100_000 * UNIT,
    spread: int = WAD // 1_000,
    unhedged: int = 60 * UNIT,
    reserve: int = 0,
    netting_since: int = 0,
    in_band_at: int = 0,
    supply: int = 100_000 * WAD,
    mids: Sequence[int] = (WAD, WAD, WAD),
    updated_at: int = 0,
    restriction: Restriction = Restriction(0),  # noqa: B008  immutable
    mode: Mode = Mode.ACTIVE,
    multiple: int = 1,
    virtual: int = 10**12,
    p: Parameters = P,
    vault: Any = ZERO,
    oracle: Any = ZERO,
) -> Snapshot:
    """N at mid, and an exposure in unequal parts; a fifth of N is idle.

    By default N is 100,000 with a spread of 100, a share is worth a unit, and 60
    wait to be hedged. At prices of WAD the exposure is exact to the unit.
    """
    settled = mode == Mode.SETTLED
    parts = [exposure // (11 + i) for i in range(1, len(mids))]
    notionals = [exposure - sum(parts), *parts]
    shorts = tuple(part * virtual * WAD // mid for part, mid in zip(notionals, mids, strict=True))
    idle = max(net + reserve, 0) // 5
    if settled:
        idle = net
    return Snapshot(
        p=p,
        flows=Flows(unhedged, reserve, netting_since, in_band_at),
        prices=Prices(
            mid=(0,) * len(mids) if settled else tuple(mids),
            spread=(0 if settled else spread,) * len(mids),
            updated_at=updated_at,
            restriction=restriction,
        ),
        held=Value(idle, net + reserve - idle, shorts),
        mode=mode,
        supply=supply,
        multiple=multiple,
        virtual=virtual,
        vault=vault,
        oracle=oracle,
    )


TYPICAL = make_snapshot()


def flow_targets(s: Snapshot, plan: Plan) -> list[int]:
    """Shorts that a flow trades to; zeros where it does not trade, or closes all."""
    t = s.terms
    if t.settled or plan.flow.netted:
        return [0] * 10
    if plan.kind not in ENTERS:
        if plan.left == 0:
            return [0] * 10
        return filled(nav.scaled_down(s.held.shorts, plan.left, s.supply))
    if t.within_band:
        return filled(nav.scaled_down(s.held.shorts, t.bid + plan.flow.size, t.bid))
    worth, units = plan.flow.size * s.multiple, UNITS[: s.components]
    added = nav.index_shorts_down(worth, units, s.prices.mid, s.virtual)
    return filled([old + new for old, new in zip(s.held.shorts, added, strict=True)])


def state_of(
    s: Snapshot, reset: Reset, winding_down_since: int = 0, doubled_at: int = 0
) -> tuple[Any, ...]:
    """As `IInverseIndexToken.State`, of the token of the snapshot; epochs of 31 days."""
    return (
        astuple(s.p),
        (0, ZERO, 0),
        astuple(s.flows),
        astuple(reset),
        int(s.mode),
        winding_down_since,
        doubled_at,
        0,
        s.supply,
        s.multiple,
        s.components,
        WAD // s.virtual,
        31 * DAY,
        0,
        ZERO,
        ZERO,
    )


def reset_plan(
    multiple: int, bound_bps: int, reward: int, triggers: Trigger, wanted: int
) -> tuple[Any, ...]:
    """As `IResetPolicy.ResetPlan`, with what the check after the trade depends on."""
    bound = bound_bps * 10**14
    return (int(triggers), reward, filled([wanted]), multiple, bound_bps, bound, 0, False, False)


def composition_code() -> bytes:
    """Code that returns `IIndexOracle.Composition` with `UNITS`, whatever is asked."""
    words = b"".join(word.to_bytes(32, "big") for word in (*UNITS, 1, 0, MAX_UINT256))
    copy_and_return = bytes.fromhex(f"61{len(words):04x}80600a5f395ff3")
    return copy_and_return + words
