# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title flows
@license AGPL-3.0-only
@notice Carries out mints and redemptions as the quoter plans them: netted ones
        are only noted, the others hedge themselves in the same transaction.
"""

from ethereum.ercs import IERC20
from ethereum.ercs import IERC4626
from snekmate.tokens import erc20

from ....interfaces import ICollateralVault
from ....interfaces import IIndexOracle
from ....interfaces import IInverseIndexToken
from ....interfaces import IQuoter

from ..lib import errors
from . import nav as nav_math
from ..policy import parameters as parameter_word
from . import records
from . import streaming_fee as fee_module
from . import core

uses: erc20
uses: records
uses: fee_module
uses: core

_BPS_WAD: constant(uint256) = 10**14


@internal
def _enter(
    kind: IQuoter.Kind, amount: uint256, receiver: address, deadline: uint256
) -> IQuoter.Flow:
    c: core.Context = self._opened(receiver, deadline)
    f: IQuoter.Flow = self._planned(c, kind, amount)
    assert f.assets > 0, errors.TOKEN_ZERO_ASSETS
    self._pull(f.assets)
    if f.netted:
        self._net(c, convert(f.size, int256), f.charge)
    else:
        f.charge = self._charged(kind, f, self._hedged_in(c, f))
        assert f.charge <= f.assets, errors.TOKEN_COST
        if kind == IQuoter.Kind.DEPOSIT:
            f.shares = nav_math._shares_down(
                f.assets - f.charge, nav_math._bid(c.v), c.supply, core.VIRTUAL
            )
    assert f.shares > 0, errors.TOKEN_ZERO_SHARES
    assert c.supply + f.shares <= core._cap(), errors.TOKEN_SUPPLY_CAP
    erc20._mint(receiver, f.shares)
    log IERC4626.Deposit(sender=msg.sender, owner=receiver, assets=f.assets, shares=f.shares)
    return f


@internal
def _leave(
    kind: IQuoter.Kind,
    amount: uint256,
    receiver: address,
    owner: address,
    deadline: uint256,
    own_bound: bool,
) -> IQuoter.Flow:
    c: core.Context = self._opened(receiver, deadline)
    f: IQuoter.Flow = self._planned(c, kind, amount)
    self._burn(owner, f.shares)
    if core._is_settled():
        pass  # the part of what is left
    elif f.netted:
        self._net(c, -convert(f.size, int256), f.charge)
    elif f.shares == c.supply:
        assert kind == IQuoter.Kind.REDEEM, errors.TOKEN_LAST
        f.assets = self._emptied(c, f, own_bound)
    else:
        f.charge = self._charged(kind, f, self._hedged_out(c, f, own_bound))
        assert f.charge <= f.size, errors.TOKEN_COST
        if kind == IQuoter.Kind.REDEEM:
            f.assets = f.size - f.charge
    assert f.assets > 0 or own_bound, errors.TOKEN_ZERO_ASSETS
    if f.assets > 0:
        extcall core.VAULT.pay(receiver, f.assets)
    log IERC4626.Withdraw(
        sender=msg.sender, receiver=receiver, owner=owner, assets=f.assets, shares=f.shares
    )
    return f


@internal
def _leave_in_kind(
    shares: uint256, receiver: address, owner: address, deadline: uint256
) -> uint256:
    """
    @notice Prices are not asked. The hedge reserve stays for those who stay, and
            the virtual shares have their part too.
    """
    supply: uint256 = self._accrued(receiver, deadline)
    all_shares: uint256 = supply
    self._burn(owner, shares)
    flows: IInverseIndexToken.Flows = records._flows()
    if shares == supply:
        flows = empty(IInverseIndexToken.Flows)
        records._store_flows(flows)
    else:
        self._scale_unhedged(flows, supply - shares, supply)
        all_shares += nav_math._virtual_shares(core.VIRTUAL)
    assets: uint256 = extcall core.VAULT.redeem_in_kind(
        shares, all_shares, flows.reserve, msg.sender, receiver
    )
    log IERC4626.Withdraw(
        sender=msg.sender, receiver=receiver, owner=owner, assets=assets, shares=shares
    )
    return assets


@internal
def _opened(receiver: address, deadline: uint256) -> core.Context:
    self._accrued(receiver, deadline)
    return core._context()


@internal
def _accrued(receiver: address, deadline: uint256) -> uint256:
    """
    @return The supply, the streaming fee up to now included.
    """
    assert block.timestamp <= deadline, errors.TOKEN_DEADLINE
    assert receiver != empty(address), errors.TOKEN_ZERO_RECEIVER
    return fee_module._accrue()


@view
@internal
def _planned(c: core.Context, kind: IQuoter.Kind, amount: uint256) -> IQuoter.Flow:
    return staticcall core.QUOTER.plan(
        kind,
        IQuoter.Terms(
            p=c.p,
            mode=core._mode(),
            restriction=c.prices.restriction,
            net=c.v.net,
            bid=nav_math._bid(c.v),
            ask=nav_math._ask(c.v),
            exposure=c.v.exposure,
            unhedged=c.flows.unhedged,
            supply=c.supply,
            multiple=core.MULTIPLE,
            components=core.COUNT,
            virtual=core.VIRTUAL,
        ),
        amount,
    )


@internal
def _pull(assets: uint256):
    assert extcall IERC20(core.ASSET).transferFrom(
        msg.sender, core.VAULT.address, assets, default_return_value=True
    ), errors.TOKEN_TRANSFER
    extcall core.VAULT.book(assets)


@internal
def _burn(owner: address, shares: uint256):
    assert shares > 0, errors.TOKEN_ZERO_SHARES
    assert shares <= erc20.balanceOf[owner], errors.TOKEN_BALANCE
    if msg.sender != owner:
        erc20._spend_allowance(owner, msg.sender, shares)
    erc20._burn(owner, shares)


@internal
def _net(c: core.Context, size: int256, fee: uint256):
    """
    @notice Let a flow wait: note it, and its fee for the hedge to come.
    """
    flows: IInverseIndexToken.Flows = c.flows
    flows.unhedged += size
    flows.reserve += fee
    n: uint256 = convert(max(c.v.net + size, 0), uint256)
    unhedged: uint256 = convert(abs(flows.unhedged), uint256)
    if unhedged * parameter_word.BPS <= n * c.p.tolerance_bps:
        flows.netting_since = 0
    elif flows.netting_since == 0:
        flows.netting_since = block.timestamp
    records._store_flows(flows)
    log IInverseIndexToken.FlowNetted(size=size, fee=fee, unhedged=flows.unhedged)


@internal
def _hedged_in(c: core.Context, f: IQuoter.Flow) -> int256:
    """
    @notice Scale the shorts up with N; or, out of the band, add to them at L.
    @return The trade's loss against mid prices, collateral.
    """
    n: uint256 = nav_math._bid(c.v)
    within_band: bool = nav_math._within_band(c.v.exposure, n, core.MULTIPLE, c.p.band_bps)
    units: uint256[10] = empty(uint256[10])
    if within_band:
        self._scale_unhedged(c.flows, n + f.size, n)
    else:
        units = (staticcall core.ORACLE.composition()).units
    targets: uint256[10] = nav_math._grown_down(
        c.held.shorts,
        n,
        f.size,
        within_band,
        core.MULTIPLE,
        units,
        c.prices.mid,
        core.COUNT,
        core.VIRTUAL,
    )
    cost: int256 = self._hedge(c, targets, False) + convert(f.assets, int256)
    log IInverseIndexToken.FlowHedged(size=convert(f.size, int256), cost=cost)
    return cost


@internal
def _hedged_out(c: core.Context, f: IQuoter.Flow, own_bound: bool) -> int256:
    """
    @notice Scale the shorts down with the supply.
    @return The trade's loss against mid prices, collateral.
    """
    left: uint256 = c.supply - f.shares
    targets: uint256[10] = nav_math._scaled_down(c.held.shorts, left, c.supply, core.COUNT)
    self._scale_unhedged(c.flows, left, c.supply)
    cost: int256 = self._hedge(c, targets, own_bound)
    log IInverseIndexToken.FlowHedged(size=-convert(f.size, int256), cost=cost)
    return cost


@internal
def _emptied(c: core.Context, f: IQuoter.Flow, own_bound: bool) -> uint256:
    """
    @notice Close all positions for the last holder, whose redemption pays its
            cost and no fee: there is nobody left to pay it to.
    @return All that is held, the hedge reserve included.
    """
    cost: int256 = self._hedged_out(c, f, own_bound)
    records._store_flows(empty(IInverseIndexToken.Flows))
    return convert(max(self._holdings(c.held) - cost, 0), uint256)


@internal
def _hedge(c: core.Context, targets: uint256[10], own_bound: bool) -> int256:
    """
    @return By how much the holdings fell since the context was read.
    """
    bound: uint256 = c.p.slippage_bps * _BPS_WAD
    if own_bound:
        bound = max_value(uint256)
    complete: bool = False
    held: ICollateralVault.Value = empty(ICollateralVault.Value)
    complete, held = extcall core.VAULT.trade(c.held, targets, c.prices.mid, bound, False)
    assert complete, errors.TOKEN_PENDING
    return self._holdings(c.held) - self._holdings(held)


@pure
@internal
def _holdings(held: ICollateralVault.Value) -> int256:
    return convert(held.idle, int256) + held.equity


@view
@internal
def _charged(kind: IQuoter.Kind, f: IQuoter.Flow, cost: int256) -> uint256:
    """
    @return What a hedged flow pays: the larger of its plan's charge and its cost.
    """
    loss: uint256 = convert(max(cost, 0), uint256)
    if kind in (IQuoter.Kind.MINT | IQuoter.Kind.WITHDRAW):
        assert loss <= f.charge, errors.TOKEN_COST
    return max(f.charge, loss)


@internal
def _scale_unhedged(flows: IInverseIndexToken.Flows, numerator: uint256, denominator: uint256):
    if flows.unhedged == 0:
        return
    scaled: IInverseIndexToken.Flows = flows
    scaled.unhedged = flows.unhedged * convert(numerator, int256) // convert(denominator, int256)
    records._store_flows(scaled)
