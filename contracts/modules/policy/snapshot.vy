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
    snapshot: ITokenPolicy.Snapshot = self._unpriced(state)
    if state.mode == IInverseIndexToken.Mode.SETTLED:
        snapshot.held.idle = staticcall ICollateralVault(snapshot.vault).remainder()
        return snapshot
    return self._at(snapshot, staticcall IIndexOracle(snapshot.oracle).read())


@view
@internal
def _closing_snapshot(state: IInverseIndexToken.State) -> ITokenPolicy.Snapshot:
    """
    @notice At the prices at which a token that winds down is closed.
    """
    if state.mode != IInverseIndexToken.Mode.WINDING_DOWN:
        return self._snapshot(state)
    snapshot: ITokenPolicy.Snapshot = self._unpriced(state)
    return self._at(snapshot, staticcall IIndexOracle(snapshot.oracle).closing_prices())


@view
@internal
def _at(unpriced: ITokenPolicy.Snapshot, prices: IIndexOracle.Prices) -> ITokenPolicy.Snapshot:
    snapshot: ITokenPolicy.Snapshot = unpriced
    snapshot.prices = prices
    snapshot.held = staticcall ICollateralVault(snapshot.vault).value(prices.mid)
    return snapshot


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
