# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title Quoter
@license AGPL-3.0-only
@notice Terms of flows and rebalances for every `InverseIndexToken`: the token's
        actions and its previews ask the same code.
@dev Without state and without powers: it returns numbers, or reverts. Its views
     of a token read the token's oracle and vault as the token's actions do.
@custom:kill Nothing to stop: no state, no owner, no collateral.
"""

from ethereum.ercs import IERC20

from ...interfaces import ICollateralVault
from ...interfaces import IIndexOracle
from ...interfaces import IInverseIndexToken
from ...interfaces import IQuoter

implements: IQuoter

from ..modules.lib import errors
from ..modules.policy import flow_terms
from ..modules.policy import maximums as maxima
from ..modules.token import nav as nav_math
from ..modules.policy import parameters
from ..modules.policy import snapshot as token_snapshot
from ..modules.policy import triggers as trigger_math

_WAD: constant(uint256) = 10**18
_BPS_WAD: constant(uint256) = 10**14
_FAILED_PART: constant(uint256) = 100


# --- terms, pure ---


@view
@external
def plan(kind: IQuoter.Kind, t: IQuoter.Terms, amount: uint256) -> IQuoter.Flow:
    if kind in (IQuoter.Kind.DEPOSIT | IQuoter.Kind.MINT):
        flow_terms._check_mint(t)
    return flow_terms._plan(kind, t, amount)


@view
@external
def reset(
    vault: address,
    o: IQuoter.Observation,
    state: IInverseIndexToken.State,
    composition: IIndexOracle.Composition,
    shorts: uint256[10],
    mid: uint256[10],
) -> IQuoter.Reset:
    r: IQuoter.Reset = empty(IQuoter.Reset)
    r.triggers, r.reward = trigger_math._due(o, state, composition)
    r.bound_bps = state.parameters.slippage_bps
    r.bound = r.bound_bps * _BPS_WAD
    if state.mode == IInverseIndexToken.Mode.WINDING_DOWN:
        r.bound_bps = trigger_math._closing_bound_bps(state)
        r.bound = trigger_math._unbounded_at_twice(r.bound_bps)
        return r
    released: int256 = max(o.net + convert(state.flows.reserve, int256), 0)
    worth: uint256 = convert(released, uint256) - r.reward
    r.multiple = state.multiple
    r.targets = self._targets(vault, shorts, worth, state, composition.units, mid)
    return r


@view
@external
def has_failed(state: IInverseIndexToken.State, vault: address, oracle: address) -> bool:
    if staticcall ICollateralVault(vault).halted() or staticcall IIndexOracle(oracle).dead():
        return True
    prices: IIndexOracle.Prices = staticcall IIndexOracle(oracle).read()
    if state.supply == 0 or prices.restriction != empty(IIndexOracle.Restriction):
        return False
    virtual: uint256 = _WAD // state.unit
    held: ICollateralVault.Value = staticcall ICollateralVault(vault).value(prices.mid)
    v: nav_math.Valuation = nav_math._valuation(
        held, prices, state.flows.reserve, state.components, virtual
    )
    n: uint256 = nav_math._mid(v)
    if n > state.reset.nav:
        return False  # a share's last value may have been that of a few left-over ones
    per_share: uint256 = nav_math._per_share_down(n, state.supply, virtual)
    return per_share * _FAILED_PART < state.reset.nav_per_share


@view
@external
def check(
    vault: address,
    before: IQuoter.Position,
    after: IQuoter.Position,
    mid: uint256[10],
    bound_bps: uint256,
    multiple: uint256,
    components: uint256,
    virtual: uint256,
    reward: uint256,
    complete: bool,
) -> (int256, uint256):
    turnover: uint256 = nav_math._turnover_up(before.shorts, after.shorts, mid, components, virtual)
    smallest: uint256[10] = staticcall ICollateralVault(vault).min_trade()
    granularity: uint256 = nav_math._granularity_up(mid, smallest, components, virtual)
    # Twice: a trade may lose a unit to rounding, and so may its booking.
    allowed: uint256 = nav_math._div_up(turnover * bound_bps, parameters.BPS) + 2 * granularity
    cost: int256 = before.net - after.net
    assert cost <= convert(allowed, int256), errors.TOKEN_LOSS
    gap_before: int256 = self._gap(before, reward, multiple)
    gap_after: int256 = self._gap(after, reward, multiple)
    paid: uint256 = reward
    if not complete:
        nearer: uint256 = convert(max(abs(gap_before) - abs(gap_after), 0), uint256)
        # What is paid comes out of N, at the leverage that there is.
        n: uint256 = convert(max(after.net, 0), uint256)
        paid = min(reward, nearer * n // (2 * max(max(after.exposure, max(multiple, 1) * n), 1)))
    # A gain that no estimate knew of takes the leverage below its target.
    missed: uint256 = allowed + convert(max(-cost, 0), uint256)
    rounding: uint256 = missed * multiple + granularity
    if abs(gap_after) <= convert(rounding, int256):
        return cost, paid
    assert abs(gap_after) < abs(gap_before), errors.TOKEN_NOT_NEARER
    assert (gap_after > 0) == (gap_before > 0), errors.TOKEN_CROSSED
    return cost, paid


@view
@external
def packed(vault: address, p: IInverseIndexToken.Parameters, multiple: uint256) -> uint256:
    parameters._check(p, multiple)
    opened: uint256 = 0
    held: uint256 = 0
    opened, held = staticcall ICollateralVault(vault).leverage_limits()
    edge: uint256 = multiple * (parameters.BPS + p.band_bps) * _BPS_WAD
    assert edge <= opened and p.emergency_bps * _BPS_WAD <= held, errors.TOKEN_LEVERAGE
    return parameters._packed(p)


# --- views of one token ---


@view
@external
def preview(token: address, kind: IQuoter.Kind, amount: uint256) -> IQuoter.Flow:
    return self._preview(token, kind, amount)


@view
@external
def maximum(token: address, kind: IQuoter.Kind, owner: address) -> uint256:
    return self._maximum(token, kind, owner)


@view
@external
def answer(token: address, question: IQuoter.Question, x: uint256) -> uint256:
    if question == IQuoter.Question.PREVIEW_DEPOSIT:
        return self._preview(token, IQuoter.Kind.DEPOSIT, x).shares
    if question == IQuoter.Question.PREVIEW_MINT:
        return self._preview(token, IQuoter.Kind.MINT, x).assets
    if question == IQuoter.Question.PREVIEW_WITHDRAW:
        return self._preview(token, IQuoter.Kind.WITHDRAW, x).shares
    if question == IQuoter.Question.PREVIEW_REDEEM:
        return self._preview(token, IQuoter.Kind.REDEEM, x).assets
    if question == IQuoter.Question.MAX_DEPOSIT:
        return self._maximum(token, IQuoter.Kind.DEPOSIT, self._address(x))
    if question == IQuoter.Question.MAX_MINT:
        return self._maximum(token, IQuoter.Kind.MINT, self._address(x))
    if question == IQuoter.Question.MAX_WITHDRAW:
        return self._maximum(token, IQuoter.Kind.WITHDRAW, self._address(x))
    if question == IQuoter.Question.MAX_REDEEM:
        return self._maximum(token, IQuoter.Kind.REDEEM, self._address(x))
    s: token_snapshot.Snapshot = token_snapshot._snapshot(token)
    n: uint256 = nav_math._mid(s.v)
    if question == IQuoter.Question.TO_SHARES:
        return nav_math._shares_down(x, n, s.t.supply, s.t.virtual)
    if question == IQuoter.Question.TO_ASSETS:
        return nav_math._assets_down(x, n, s.t.supply, s.t.virtual)
    if question == IQuoter.Question.NAV_PER_SHARE:
        return nav_math._per_share_down(n, s.t.supply, s.t.virtual)
    return n


@view
@external
def nav(token: address) -> (uint256, uint256, uint256):
    v: nav_math.Valuation = token_snapshot._snapshot(token).v
    return nav_math._bid(v), nav_math._mid(v), nav_math._ask(v)


@view
@external
def leverage(token: address) -> uint256:
    v: nav_math.Valuation = token_snapshot._snapshot(token).v
    return nav_math._leverage_down(v.exposure, nav_math._mid(v))


@view
@external
def due(token: address) -> IInverseIndexToken.Due:
    s: token_snapshot.Snapshot = token_snapshot._priced(token, True)
    triggers: IInverseIndexToken.Trigger = empty(IInverseIndexToken.Trigger)
    reward: uint256 = 0
    triggers, reward = trigger_math._due(
        IQuoter.Observation(
            net=s.v.net,
            leverage=nav_math._leverage_down(s.v.exposure, nav_math._mid(s.v)),
            prices_at=s.prices.updated_at,
        ),
        s.state,
        staticcall s.oracle.composition(),
    )
    return IInverseIndexToken.Due(triggers=triggers, reward=reward)


# --- internal ---


@view
@internal
def _targets(
    vault: address,
    shorts: uint256[10],
    worth: uint256,
    state: IInverseIndexToken.State,
    units: uint256[10],
    mid: uint256[10],
) -> uint256[10]:
    virtual: uint256 = _WAD // state.unit
    wanted: uint256[10] = nav_math._index_shorts_down(
        worth * state.multiple, units, mid, state.components, virtual
    )
    cost: int256 = staticcall ICollateralVault(vault).estimate(shorts, wanted, mid)
    left: uint256 = convert(max(convert(worth, int256) - cost, 0), uint256)
    return nav_math._index_shorts_down(left * state.multiple, units, mid, state.components, virtual)


@view
@internal
def _preview(token: address, kind: IQuoter.Kind, amount: uint256) -> IQuoter.Flow:
    s: token_snapshot.Snapshot = token_snapshot._snapshot(token)
    if s.state.mode == IInverseIndexToken.Mode.SETTLED:
        assert kind in (IQuoter.Kind.WITHDRAW | IQuoter.Kind.REDEEM), errors.TOKEN_WINDING_DOWN
    f: IQuoter.Flow = flow_terms._plan(kind, s.t, amount)
    if f.netted or kind in (IQuoter.Kind.MINT | IQuoter.Kind.WITHDRAW):
        return f
    if kind == IQuoter.Kind.DEPOSIT:
        f.charge = max(
            f.charge,
            token_snapshot._quoted_cost_up(s, token_snapshot._targets_in(s, f.size), f.assets),
        )
        assert f.charge <= f.assets, errors.TOKEN_COST
        f.shares = nav_math._shares_down(f.assets - f.charge, s.t.bid, s.t.supply, s.t.virtual)
        return f
    assert amount <= s.t.supply, errors.TOKEN_BALANCE
    left: uint256[10] = nav_math._scaled_down(
        s.held.shorts, s.t.supply - amount, s.t.supply, s.t.components
    )
    if amount == s.t.supply:
        f.charge = 0
        f.assets = token_snapshot._emptied_down(s)
        return f
    f.charge = max(f.charge, token_snapshot._quoted_cost_up(s, left, 0))
    assert f.charge <= f.size, errors.TOKEN_COST
    f.assets = f.size - f.charge
    return f


@view
@internal
def _maximum(token: address, kind: IQuoter.Kind, owner: address) -> uint256:
    state: IInverseIndexToken.State = staticcall IInverseIndexToken(token).state()
    oracle: IIndexOracle = IIndexOracle(staticcall IInverseIndexToken(token).oracle())
    vault: address = staticcall IInverseIndexToken(token).vault()
    settled: bool = state.mode == IInverseIndexToken.Mode.SETTLED
    if not settled and not staticcall oracle.usable():
        return 0
    if staticcall ICollateralVault(vault).pending():
        return 0
    s: token_snapshot.Snapshot = token_snapshot._snapshot(token)
    if kind in (IQuoter.Kind.DEPOSIT | IQuoter.Kind.MINT):
        return maxima._maximum_in(s, kind)
    shares: uint256 = min(staticcall IERC20(token).balanceOf(owner), maxima._shares_out(s))
    if kind == IQuoter.Kind.REDEEM:
        return shares if flow_terms._redeem(s.t, shares).assets > 0 else 0
    return flow_terms._withdrawable_down(s.t, shares)


@pure
@internal
def _address(number: uint256) -> address:
    return convert(convert(number, uint160), address)


@pure
@internal
def _gap(position: IQuoter.Position, reward: uint256, multiple: uint256) -> int256:
    """
    @return E - L * N, the reward taken off N, collateral.
    """
    net: int256 = position.net - convert(reward, int256)
    return convert(position.exposure, int256) - net * convert(multiple, int256)
