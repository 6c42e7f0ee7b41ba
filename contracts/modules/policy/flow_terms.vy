# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title flow_terms
@notice What a mint or redemption of a given amount means: whether it nets, how
        much N changes, what the holder pays or gets.
@dev `size` is the change of N: of a mint what it pays less its fee, of a
     redemption the value of the burned shares. Exact-out flows that hedge (MINT,
     WITHDRAW) are charged the slippage bound of their trade, until its cost is
     known.
     Once the token is settled there is nothing to trade: redemptions pay their
     part without a fee, and the last holder's is everything.
"""

from ....interfaces import IInverseIndexToken
from ....interfaces import ITokenPolicy

from ..lib import errors
from ..token import nav
from . import leverage_band
from . import netting
from . import parameters
from . import token_terms


@view
@internal
def _flow(kind: ITokenPolicy.Kind, terms: token_terms.Terms, amount: uint256) -> ITokenPolicy.Flow:
    if kind == ITokenPolicy.Kind.DEPOSIT:
        return self._deposit(terms, amount)
    if kind == ITokenPolicy.Kind.MINT:
        return self._mint(terms, amount)
    if kind == ITokenPolicy.Kind.WITHDRAW:
        return self._withdraw(terms, amount)
    return self._redeem(terms, amount)


@pure
@internal
def _deposit(terms: token_terms.Terms, assets: uint256) -> ITokenPolicy.Flow:
    fee: uint256 = self._fee_up(assets, terms.p.mint_fee_bps)
    size: uint256 = assets - fee
    return ITokenPolicy.Flow(
        netted=netting._nets(
            terms.unhedged, terms.p.tolerance_bps, convert(size, int256), terms.bid
        ),
        size=size,
        charge=fee,
        assets=assets,
        shares=nav._shares_down(size, terms.bid, terms.supply, terms.virtual),
    )


@pure
@internal
def _mint(terms: token_terms.Terms, shares: uint256) -> ITokenPolicy.Flow:
    size: uint256 = nav._assets_up(shares, terms.bid, terms.supply, terms.virtual)
    netted: bool = netting._nets(
        terms.unhedged, terms.p.tolerance_bps, convert(size, int256), terms.bid
    )
    assets: uint256 = self._before_fee_up(size, terms.p.mint_fee_bps)
    if not netted:
        assets = max(assets, size + self._at_bound_up(terms, self._notional_in_up(terms, size)))
    return ITokenPolicy.Flow(
        netted=netted, size=size, charge=assets - size, assets=assets, shares=shares
    )


@view
@internal
def _redeem(terms: token_terms.Terms, shares: uint256) -> ITokenPolicy.Flow:
    # All shares together can be worth more than N by the virtual collateral.
    size: uint256 = min(nav._assets_down(shares, terms.ask, terms.supply, terms.virtual), terms.ask)
    if terms.mode == IInverseIndexToken.Mode.SETTLED:
        size = terms.ask if shares == terms.supply else size
        return self._part_of_remainder(size, shares)
    fee: uint256 = self._fee_up(size, terms.p.redeem_fee_bps)
    return ITokenPolicy.Flow(
        netted=netting._nets_out(terms, size, shares),
        size=size,
        charge=fee,
        assets=size - fee,
        shares=shares,
    )


@view
@internal
def _withdraw(terms: token_terms.Terms, assets: uint256) -> ITokenPolicy.Flow:
    if terms.mode == IInverseIndexToken.Mode.SETTLED:
        burned: uint256 = nav._shares_up(assets, terms.ask, terms.supply, terms.virtual)
        assert burned < terms.supply, errors.TOKEN_LAST
        return self._part_of_remainder(assets, burned)
    size: uint256 = self._before_fee_up(assets, terms.p.redeem_fee_bps)
    shares: uint256 = nav._shares_up(size, terms.ask, terms.supply, terms.virtual)
    netted: bool = netting._nets_out(terms, size, shares)
    if not netted:
        size = max(size, self._before_bound_cost_up(terms, assets))
        shares = nav._shares_up(size, terms.ask, terms.supply, terms.virtual)
    return ITokenPolicy.Flow(
        netted=netted, size=size, charge=size - assets, assets=assets, shares=shares
    )


@pure
@internal
def _mint_at(terms: token_terms.Terms, flow: ITokenPolicy.Flow, cost: int256) -> ITokenPolicy.Flow:
    """
    @param flow As of `_mint`, hedged.
    @param cost Of its trade, at most the slippage bound.
    """
    at: ITokenPolicy.Flow = flow
    charge: uint256 = convert(max(cost, 0), uint256)
    at.assets = max(self._before_fee_up(flow.size, terms.p.mint_fee_bps), flow.size + charge)
    at.charge = at.assets - flow.size
    return at


@pure
@internal
def _withdraw_at(
    terms: token_terms.Terms, flow: ITokenPolicy.Flow, cost: int256, fewest: uint256
) -> ITokenPolicy.Flow:
    """
    @param flow As of `_withdraw`, hedged.
    @param cost Of its trade, at most the slippage bound.
    @param fewest See `exit_split`; the supply means none.
    """
    at: ITokenPolicy.Flow = flow
    charge: uint256 = convert(max(cost, 0), uint256)
    at.size = max(self._before_fee_up(flow.assets, terms.p.redeem_fee_bps), flow.assets + charge)
    at.charge = at.size - flow.assets
    at.shares = nav._shares_up(at.size, terms.ask, terms.supply, terms.virtual)
    if fewest < terms.supply:
        at.shares = min(at.shares, fewest)
    return at


@view
@internal
def _withdrawable_down(terms: token_terms.Terms, shares: uint256) -> uint256:
    """
    @return Collateral that a withdrawal can take for at most `shares`, less
            than all of them.
    """
    burned: uint256 = min(shares, max(terms.supply, 1) - 1)
    size: uint256 = nav._assets_down(burned, terms.ask, terms.supply, terms.virtual)
    size = min(size, terms.ask)
    if terms.mode == IInverseIndexToken.Mode.SETTLED:
        return size
    after_fee: uint256 = size * (parameters.BPS - terms.p.redeem_fee_bps) // parameters.BPS
    if netting._nets_out(terms, size, burned):
        return after_fee
    cost: uint256 = self._at_bound_up(terms, self._part_up(terms, size)) + 2
    return min(after_fee, size - min(size, cost))


# --- pieces ---


@pure
@internal
def _part_of_remainder(assets: uint256, shares: uint256) -> ITokenPolicy.Flow:
    return ITokenPolicy.Flow(netted=True, size=assets, charge=0, assets=assets, shares=shares)


@pure
@internal
def _fee_up(assets: uint256, fee_bps: uint256) -> uint256:
    return nav._div_up(assets * fee_bps, parameters.BPS)


@pure
@internal
def _before_fee_up(assets: uint256, fee_bps: uint256) -> uint256:
    """
    @return The smallest amount that leaves `assets` after the fee.
    """
    return nav._div_up(assets * parameters.BPS, parameters.BPS - fee_bps)


@pure
@internal
def _part_up(terms: token_terms.Terms, size: uint256) -> uint256:
    """
    @return The exposure's part, E * size / N, at the lower N.
    """
    return nav._div_up((terms.exposure + 1) * size, max(terms.ask, 1))


@pure
@internal
def _notional_in_up(terms: token_terms.Terms, size: uint256) -> uint256:
    """
    @return Notional of the trade that hedges a mint: the exposure's part, or at
            least L * size for one that is hedged at the multiple.
    """
    part: uint256 = self._part_up(terms, size)
    if leverage_band._is_within(terms.exposure, terms.bid, terms.multiple, terms.p.band_bps):
        return part
    return max(part, size * terms.multiple)


@pure
@internal
def _bound_cost_up(notional: uint256, slippage_bps: uint256, components: uint256) -> uint256:
    """
    @return The most that a trade may cost: the slippage bound of its notional,
            and a unit of rounding per component and for each end.
    """
    return nav._div_up(notional * slippage_bps, parameters.BPS) + components + 2


@pure
@internal
def _at_bound_up(terms: token_terms.Terms, notional: uint256) -> uint256:
    return self._bound_cost_up(notional, terms.p.slippage_bps, terms.components)


@pure
@internal
def _before_bound_cost_up(terms: token_terms.Terms, assets: uint256) -> uint256:
    """
    @return A size that leaves `assets` after `_bound_cost_up`, fewer than five
            units above the smallest while the bound is at most a half of N:
            (assets + rounding) / (1 - slippage * E / N).
    """
    worth: uint256 = terms.ask * parameters.BPS
    cost: uint256 = (terms.exposure + 1) * terms.p.slippage_bps
    assert worth > cost, errors.TOKEN_COST
    return nav._div_up((assets + terms.components + 4) * worth, worth - cost)
