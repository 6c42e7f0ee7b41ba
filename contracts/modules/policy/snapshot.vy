# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title snapshot
@notice One token as it is now, and what trades of its vault would cost it.
"""

from ....interfaces import ICollateralVault
from ....interfaces import IIndexOracle
from ....interfaces import IInverseIndexToken
from ....interfaces import IQuoter

from . import flow_terms
from ..token import nav as nav_math


# @dev A token's parts and present values, read once per view.
struct Snapshot:
    state: IInverseIndexToken.State
    prices: IIndexOracle.Prices
    held: ICollateralVault.Value
    v: nav_math.Valuation
    t: IQuoter.Terms
    vault: ICollateralVault
    oracle: IIndexOracle


_WAD: constant(uint256) = 10**18


@view
@internal
def _snapshot(token: address) -> Snapshot:
    return self._priced(token, False)


@view
@internal
def _priced(token: address, closing: bool) -> Snapshot:
    """
    @param closing At the prices at which a token that winds down is closed. A
           settled token needs none.
    """
    s: Snapshot = empty(Snapshot)
    s.state = staticcall IInverseIndexToken(token).state()
    s.vault = ICollateralVault(staticcall IInverseIndexToken(token).vault())
    s.oracle = IIndexOracle(staticcall IInverseIndexToken(token).oracle())
    if s.state.mode == IInverseIndexToken.Mode.SETTLED:
        s.held.idle = staticcall s.vault.remainder()
    else:
        if closing and s.state.mode == IInverseIndexToken.Mode.WINDING_DOWN:
            s.prices = staticcall s.oracle.closing_prices()
        else:
            s.prices = staticcall s.oracle.read()
        s.held = staticcall s.vault.value(s.prices.mid)
    virtual: uint256 = _WAD // s.state.unit
    s.v = nav_math._valuation(s.held, s.prices, s.state.flows.reserve, s.state.components, virtual)
    s.t = IQuoter.Terms(
        p=s.state.parameters,
        mode=s.state.mode,
        restriction=s.prices.restriction,
        net=s.v.net,
        bid=nav_math._bid(s.v),
        ask=nav_math._ask(s.v),
        exposure=s.v.exposure,
        unhedged=s.state.flows.unhedged,
        supply=s.state.supply,
        multiple=s.state.multiple,
        components=s.state.components,
        virtual=virtual,
    )
    return s


@view
@internal
def _targets_in(s: Snapshot, size: uint256) -> uint256[10]:
    """
    @return Shorts after a hedged deposit.
    """
    return nav_math._grown_down(
        s.held.shorts,
        s.t.bid,
        size,
        self._within_band(s),
        s.t.multiple,
        (staticcall s.oracle.composition()).units,
        s.prices.mid,
        s.t.components,
        s.t.virtual,
    )


@view
@internal
def _within_band(s: Snapshot) -> bool:
    return nav_math._within_band(s.t.exposure, s.t.bid, s.t.multiple, s.t.p.band_bps)


@view
@internal
def _quoted_cost_up(s: Snapshot, targets: uint256[10], incoming: uint256) -> uint256:
    """
    @return `_quoted_cost`, 0 for a gain.
    """
    return convert(max(self._quoted_cost(s, targets, incoming), 0), uint256)


@view
@internal
def _quoted_cost(s: Snapshot, targets: uint256[10], incoming: uint256) -> int256:
    """
    @return Loss of the trade to the targets against mid prices: the venue's
            exact quote, or the slippage bound where it has none.
    """
    cost: int256 = 0
    exact: bool = False
    cost, exact = staticcall s.vault.quote(targets, s.prices.mid, incoming)
    if exact:
        return cost
    turnover: uint256 = nav_math._turnover_up(
        s.held.shorts, targets, s.prices.mid, s.t.components, s.t.virtual
    )
    return convert(flow_terms._bound_cost_up(s.t, turnover), int256)


@view
@internal
def _emptied_down(s: Snapshot) -> uint256:
    """
    @return What the last holder gets: everything, once all is closed.
    """
    holdings: int256 = convert(s.held.idle, int256) + s.held.equity
    cost: int256 = self._quoted_cost(s, empty(uint256[10]), 0)
    return convert(max(holdings - cost, 0), uint256)
