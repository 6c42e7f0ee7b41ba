# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title token_terms
@notice What the terms of a flow depend on, of a snapshot of the token.
"""

from ....interfaces import IIndexOracle
from ....interfaces import IInverseIndexToken
from ....interfaces import ITokenPolicy

from ..token import nav


struct Terms:
    p: IInverseIndexToken.Parameters
    mode: IInverseIndexToken.Mode
    restriction: IIndexOracle.Restriction
    net: int256  # N at mid before its floor at 0, collateral
    bid: uint256  # N at bid, collateral
    ask: uint256  # N at ask, collateral
    exposure: uint256  # collateral at mid
    unhedged: int256  # collateral
    supply: uint256  # shares
    multiple: uint256
    components: uint256
    virtual: uint256  # virtual shares


@pure
@internal
def _terms(snapshot: ITokenPolicy.Snapshot) -> Terms:
    valuation: nav.Valuation = nav._valuation(
        snapshot.held,
        snapshot.prices,
        snapshot.flows.reserve,
        snapshot.components,
        snapshot.virtual,
    )
    return Terms(
        p=snapshot.parameters,
        mode=snapshot.mode,
        restriction=snapshot.prices.restriction,
        net=valuation.net,
        bid=nav._bid(valuation),
        ask=nav._ask(valuation),
        exposure=valuation.exposure,
        unhedged=snapshot.flows.unhedged,
        supply=snapshot.supply,
        multiple=snapshot.multiple,
        components=snapshot.components,
        virtual=snapshot.virtual,
    )


@pure
@internal
def _valuation(snapshot: ITokenPolicy.Snapshot) -> nav.Valuation:
    return nav._valuation(
        snapshot.held,
        snapshot.prices,
        snapshot.flows.reserve,
        snapshot.components,
        snapshot.virtual,
    )
