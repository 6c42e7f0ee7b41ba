# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title Lens
@license AGPL-3.0-only
@notice Reads a token, its oracle and its vault in one call.
@dev Unlike the token's own views it answers while prices are unusable: `usable`
     is False then and every value that needs a price is zero. A token that winds
     down is valued at its closing prices, and a settled one without any.
@custom:kill Nothing to stop: no state, no owner, no collateral.
"""

from ethereum.ercs import IERC20

from ...interfaces import ICollateralVault
from ...interfaces import IIndexOracle
from ...interfaces import IInverseIndexToken
from ...interfaces import ILens

implements: ILens

from ..modules.token import nav as nav_math

_WAD: constant(uint256) = 10**18


@view
@external
def report(token: address) -> ILens.Report:
    oracle: IIndexOracle = IIndexOracle(staticcall IInverseIndexToken(token).oracle())
    r: ILens.Report = empty(ILens.Report)
    r.timestamp = block.timestamp
    r.block = block.number
    r.total_supply = staticcall IERC20(token).totalSupply()
    r.state = staticcall IInverseIndexToken(token).state()
    r.composition = staticcall oracle.composition()
    r.usable = staticcall oracle.usable()
    if r.state.mode == IInverseIndexToken.Mode.SETTLED:
        r.held.idle = staticcall self._vault(token).remainder()
        return self._valued(token, r)
    if r.state.mode == IInverseIndexToken.Mode.WINDING_DOWN:
        r.prices = staticcall oracle.closing_prices()
    elif r.usable:
        r.prices = staticcall oracle.read()
    else:
        return r
    r.held = staticcall self._vault(token).value(r.prices.mid)
    return self._valued(token, r)


@view
@external
def position(token: address, holder: address) -> ILens.Position:
    collateral: IERC20 = IERC20(staticcall IInverseIndexToken(token).asset())
    oracle: IIndexOracle = IIndexOracle(staticcall IInverseIndexToken(token).oracle())
    p: ILens.Position = empty(ILens.Position)
    p.shares = staticcall IERC20(token).balanceOf(holder)
    p.collateral = staticcall collateral.balanceOf(holder)
    p.allowance = staticcall collateral.allowance(holder, token)
    state: IInverseIndexToken.State = staticcall IInverseIndexToken(token).state()
    settled: bool = state.mode == IInverseIndexToken.Mode.SETTLED
    if settled or staticcall oracle.usable():
        p.worth = staticcall IInverseIndexToken(token).convertToAssets(p.shares)
        p.max_deposit = staticcall IInverseIndexToken(token).maxDeposit(holder)
        p.max_redeem = staticcall IInverseIndexToken(token).maxRedeem(holder)
    return p


@view
@external
def in_kind(token: address, shares: uint256) -> (uint256, uint256[10]):
    state: IInverseIndexToken.State = staticcall IInverseIndexToken(token).state()
    vault: ICollateralVault = self._vault(token)
    if shares == state.supply:
        return staticcall vault.in_kind(shares, shares, 0)
    all_shares: uint256 = state.supply + nav_math._virtual_shares(_WAD // state.unit)
    return staticcall vault.in_kind(shares, all_shares, state.flows.reserve)


@view
@internal
def _valued(token: address, report: ILens.Report) -> ILens.Report:
    r: ILens.Report = report
    count: uint256 = r.state.components
    virtual: uint256 = _WAD // r.state.unit
    v: nav_math.Valuation = nav_math._valuation(
        r.held, r.prices, r.state.flows.reserve, count, virtual
    )
    r.level = nav_math._level_down(r.composition.units, r.prices.mid, count)
    r.bid = nav_math._bid(v)
    r.mid = nav_math._mid(v)
    r.ask = nav_math._ask(v)
    r.exposure = v.exposure
    r.leverage = nav_math._leverage_down(v.exposure, r.mid)
    r.nav_per_share = nav_math._per_share_down(r.mid, r.state.supply, virtual)
    due: IInverseIndexToken.Due = staticcall IInverseIndexToken(token).due()
    r.triggers = due.triggers
    r.reward = due.reward
    return r


@view
@internal
def _vault(token: address) -> ICollateralVault:
    return ICollateralVault(staticcall IInverseIndexToken(token).vault())
