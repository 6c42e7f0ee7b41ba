# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title snapshot
@notice A token as it is now, read once for all that a view needs.
"""

from ....interfaces import ICollateralVault
from ....interfaces import IIndexOracle
from ....interfaces import IInverseIndexToken
from ....interfaces import ITokenPolicy

_WAD: constant(uint256) = 10**18


@view
@internal
def _snapshot(state: IInverseIndexToken.State) -> ITokenPolicy.Snapshot:
    """
    @notice At present prices, unless it is settled and needs none.
    """
    s: ITokenPolicy.Snapshot = self._unpriced(state)
    if state.mode == IInverseIndexToken.Mode.SETTLED:
        s.held.idle = staticcall ICollateralVault(s.vault).remainder()
        return s
    return self._at(s, staticcall IIndexOracle(s.oracle).read())


@view
@internal
def _closing_snapshot(state: IInverseIndexToken.State) -> ITokenPolicy.Snapshot:
    """
    @notice At the prices at which a token that winds down is closed.
    """
    if state.mode != IInverseIndexToken.Mode.WINDING_DOWN:
        return self._snapshot(state)
    s: ITokenPolicy.Snapshot = self._unpriced(state)
    return self._at(s, staticcall IIndexOracle(s.oracle).closing_prices())


@view
@internal
def _at(unpriced: ITokenPolicy.Snapshot, prices: IIndexOracle.Prices) -> ITokenPolicy.Snapshot:
    s: ITokenPolicy.Snapshot = unpriced
    s.prices = prices
    s.held = staticcall ICollateralVault(s.vault).value(prices.mid)
    return s


@view
@internal
def _unpriced(state: IInverseIndexToken.State) -> ITokenPolicy.Snapshot:
    return ITokenPolicy.Snapshot(
        parameters=state.parameters,
        flows=state.flows,
        prices=empty(IIndexOracle.Prices),
        held=empty(ICollateralVault.Value),
        mode=state.mode,
        supply=state.supply,
        multiple=state.multiple,
        components=state.components,
        virtual=_WAD // state.unit,
        vault=state.vault,
        oracle=state.oracle,
    )
