# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title flows
@license AGPL-3.0-only
@notice Carries out mints and redemptions as the policy plans them: netted ones
        are only recorded, the others hedge themselves in the same transaction.
"""

from ethereum.ercs import IERC20
from ethereum.ercs import IERC4626
from snekmate.tokens import erc20

from ....interfaces import ICollateralVault
from ....interfaces import IInverseIndexToken
from ....interfaces import ITokenPolicy

from ..lib import errors
from . import nav
from ..policy import flow_bound
from ..policy import netting
from . import records
from . import streaming_fee
from . import core

uses: erc20
uses: records
uses: streaming_fee
uses: core

_BPS_WAD: constant(uint256) = 10**14


@internal
def _enter(
    kind: ITokenPolicy.Kind, amount: uint256, receiver: address, deadline: uint256
) -> ITokenPolicy.Flow:
    self._accrued(receiver, deadline)
    snapshot: ITokenPolicy.Snapshot = core._snapshot()
    plan: ITokenPolicy.Plan = staticcall core.POLICY.plan(kind, snapshot, amount)
    assert plan.flow.assets > 0, errors.TOKEN_ZERO_ASSETS
    self._pull(plan.flow.assets)
    flow: ITokenPolicy.Flow = self._carry_out(
        snapshot, plan, snapshot.parameters.slippage_bps * _BPS_WAD
    )
    assert flow.shares > 0, errors.TOKEN_ZERO_SHARES
    assert plan.bid + flow.size <= core._cap(), errors.TOKEN_NAV_CAP
    erc20._mint(receiver, flow.shares)
    if snapshot.supply == 0:
        self._open_reset(snapshot.prices.mid, flow.shares)
    elif flow.size >= plan.bid:
        core._mark_doubled()
    log IERC4626.Deposit(sender=msg.sender, owner=receiver, assets=flow.assets, shares=flow.shares)
    return flow


@internal
def _leave(
    kind: ITokenPolicy.Kind,
    amount: uint256,
    receiver: address,
    owner: address,
    deadline: uint256,
    unbounded: bool,
) -> ITokenPolicy.Flow:
    """
    @param unbounded The caller has given a minimum, which replaces the slippage
           bound.
    """
    self._accrued(receiver, deadline)
    snapshot: ITokenPolicy.Snapshot = core._snapshot()
    plan: ITokenPolicy.Plan = staticcall core.POLICY.plan(kind, snapshot, amount)
    self._burn(owner, plan.flow.shares)
    # An exact amount out would leave dust behind, or take too much.
    assert not plan.emptied or kind == ITokenPolicy.Kind.REDEEM, errors.TOKEN_LAST
    bound: uint256 = max_value(uint256)
    if not unbounded:
        bound = flow_bound._bound_bps_up(snapshot.parameters.slippage_bps, snapshot.prices)
        bound *= _BPS_WAD
    flow: ITokenPolicy.Flow = self._carry_out(snapshot, plan, bound)
    assert flow.assets > 0 or unbounded, errors.TOKEN_ZERO_ASSETS
    extcall core.VAULT.pay(receiver, flow.assets)
    log IERC4626.Withdraw(
        sender=msg.sender, receiver=receiver, owner=owner, assets=flow.assets, shares=flow.shares
    )
    return flow


@internal
def _leave_in_kind(
    shares: uint256, receiver: address, owner: address, deadline: uint256
) -> uint256:
    """
    @notice Prices are not asked. The hedge reserve is divided as all collateral
            is, and the virtual shares have their part too.
    """
    supply: uint256 = self._accrued(receiver, deadline)
    all_shares: uint256 = supply
    self._burn(owner, shares)
    flows: IInverseIndexToken.Flows = empty(IInverseIndexToken.Flows)
    if shares != supply:
        flows = netting._exited(records._flows(), supply - shares, supply)
        all_shares += nav._virtual_shares(core.VIRTUAL)
    records._store_flows(flows)
    assets: uint256 = extcall core.VAULT.redeem_in_kind(shares, all_shares, msg.sender, receiver)
    log IERC4626.Withdraw(
        sender=msg.sender, receiver=receiver, owner=owner, assets=assets, shares=shares
    )
    return assets


@internal
def _accrued(receiver: address, deadline: uint256) -> uint256:
    """
    @return The supply, the streaming fee up to now included.
    """
    assert block.timestamp <= deadline, errors.TOKEN_DEADLINE
    assert receiver != empty(address), errors.TOKEN_ZERO_RECEIVER
    return streaming_fee._accrue()


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
def _carry_out(
    snapshot: ITokenPolicy.Snapshot, plan: ITokenPolicy.Plan, bound: uint256
) -> ITokenPolicy.Flow:
    """
    @notice Record a flow, and trade for it unless it nets.
    @return Its final terms.
    """
    if snapshot.mode == IInverseIndexToken.Mode.SETTLED:
        return plan.flow  # the part of what is left
    records._store_flows(plan.flows)
    size: int256 = convert(plan.flow.size, int256)
    if plan.incoming == 0:
        size = -size
    if plan.flow.netted:
        log IInverseIndexToken.FlowNetted(
            size=size, fee=plan.flow.charge, unhedged=plan.flows.unhedged
        )
        return plan.flow
    cost: int256 = self._hedge(snapshot, plan.targets, bound) + convert(plan.incoming, int256)
    log IInverseIndexToken.FlowHedged(size=size, cost=cost)
    return staticcall core.POLICY.finish(plan, cost)


@internal
def _open_reset(mid: uint256[10], shares: uint256):
    """
    @param shares Of the first mint, which also gets what an emptied token held.
    """
    held: ICollateralVault.Value = staticcall core.VAULT.value(mid)
    n: uint256 = convert(max(self._holdings(held), 0), uint256)
    core._open_reset(core.ORACLE.address, mid, n, nav._per_share_down(n, shares, core.VIRTUAL))


@internal
def _hedge(snapshot: ITokenPolicy.Snapshot, targets: uint256[10], bound: uint256) -> int256:
    """
    @return By how much the holdings fell since the snapshot was read.
    """
    complete: bool = False
    held: ICollateralVault.Value = empty(ICollateralVault.Value)
    complete, held = extcall core.VAULT.trade(
        snapshot.held, targets, snapshot.prices.mid, bound, False
    )
    assert complete, errors.TOKEN_PENDING
    return self._holdings(snapshot.held) - self._holdings(held)


@pure
@internal
def _holdings(held: ICollateralVault.Value) -> int256:
    return convert(held.idle, int256) + held.equity
