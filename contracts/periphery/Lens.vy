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

from ..modules.token import nav

_WAD: constant(uint256) = 10**18


@view
@external
def report(token: address) -> ILens.Report:
    """
    @notice State, prices, holdings and values of a token now.
    @param token An inverse index token; anything else makes the call revert.
    @return Prices, level, leverage and values per share WAD; amounts in native units.
    """
    oracle: IIndexOracle = IIndexOracle(staticcall IInverseIndexToken(token).oracle())
    found: ILens.Report = empty(ILens.Report)
    found.timestamp = block.timestamp
    found.block = block.number
    found.total_supply = staticcall IERC20(token).totalSupply()
    found.state = staticcall IInverseIndexToken(token).state()
    found.composition = staticcall oracle.composition()
    found.usable = staticcall oracle.usable()
    if found.state.mode == IInverseIndexToken.Mode.SETTLED:
        found.held.idle = staticcall self._vault(token).remainder()
        return self._valued(token, found)
    if found.state.mode == IInverseIndexToken.Mode.WINDING_DOWN:
        found.prices = staticcall oracle.closing_prices()
    elif found.usable:
        found.prices = staticcall oracle.read()
    else:
        return found
    found.held = staticcall self._vault(token).value(found.prices.mid)
    return self._valued(token, found)


@view
@external
def position(token: address, holder: address) -> ILens.Position:
    """
    @notice What a holder has, and may do now.
    @return Amounts in native units of shares and collateral; worth rounded down, 0
            while prices are unusable.
    """
    collateral: IERC20 = IERC20(staticcall IInverseIndexToken(token).asset())
    oracle: IIndexOracle = IIndexOracle(staticcall IInverseIndexToken(token).oracle())
    found: ILens.Position = empty(ILens.Position)
    found.shares = staticcall IERC20(token).balanceOf(holder)
    found.collateral = staticcall collateral.balanceOf(holder)
    found.allowance = staticcall collateral.allowance(holder, token)
    state: IInverseIndexToken.State = staticcall IInverseIndexToken(token).state()
    settled: bool = state.mode == IInverseIndexToken.Mode.SETTLED
    if settled or staticcall oracle.usable():
        found.worth = staticcall IInverseIndexToken(token).convertToAssets(found.shares)
        found.max_deposit = staticcall IInverseIndexToken(token).maxDeposit(holder)
        found.max_redeem = staticcall IInverseIndexToken(token).maxRedeem(holder)
    return found


@view
@external
def in_kind(token: address, shares: uint256) -> (uint256, uint256[10]):
    """
    @notice What `redeem_in_kind` of these shares would do now. Needs no prices;
            reverts where the vault holds nothing in kind.
    @return Collateral paid, rounded down, and native units of each component that the
            caller has to bring and to approve to the vault, rounded up.
    """
    state: IInverseIndexToken.State = staticcall IInverseIndexToken(token).state()
    vault: ICollateralVault = self._vault(token)
    if shares == state.supply:
        return staticcall vault.in_kind(shares, shares)
    all_shares: uint256 = state.supply + nav._virtual_shares(_WAD // state.unit)
    return staticcall vault.in_kind(shares, all_shares)


@view
@internal
def _valued(token: address, report: ILens.Report) -> ILens.Report:
    found: ILens.Report = report
    count: uint256 = found.state.components
    virtual: uint256 = _WAD // found.state.unit
    valuation: nav.Valuation = nav._valuation(
        found.held, found.prices, found.state.flows.reserve, count, virtual
    )
    found.level = nav._level_down(found.composition.units, found.prices.mid, count)
    found.bid = nav._bid(valuation)
    found.mid = nav._mid(valuation)
    found.ask = nav._ask(valuation)
    found.exposure = valuation.exposure
    found.leverage = nav._leverage_down(valuation.exposure, found.mid)
    found.nav_per_share = nav._per_share_down(found.mid, found.state.supply, virtual)
    due: IInverseIndexToken.Due = staticcall IInverseIndexToken(token).due()
    found.triggers = due.triggers
    found.reward = due.reward
    return found


@view
@internal
def _vault(token: address) -> ICollateralVault:
    return ICollateralVault(staticcall IInverseIndexToken(token).vault())
