# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title rebalance
@license AGPL-3.0-only
@notice The reset of the shorts to L * N * units / level: due, act, check after,
        record.
"""

from ....interfaces import ICollateralVault
from ....interfaces import IIndexOracle
from ....interfaces import IInverseIndexToken
from ....interfaces import IResetPolicy
from ....interfaces import ITokenPolicy

from ..lib import errors
from . import price_acceptance
from . import records
from . import streaming_fee
from . import core

uses: records
uses: streaming_fee
uses: core

_WAD: constant(uint256) = 10**18
# @dev Seconds of a wind-down after which what owes more than it holds is given up.
_PATIENCE: constant(uint256) = 10 * 86_400


@external
def rebalance(receiver: address = msg.sender) -> uint256:
    """
    @notice Reset the shorts to L * N * units / level. Anyone, when due.
    @param receiver Who gets the keeper reward.
    @return The reward, collateral.
    """
    streaming_fee._accrue()
    if core._winding_down_since() != 0 and self._can_settle():
        self._settle()
        return 0
    snapshot: ITokenPolicy.Snapshot = empty(ITokenPolicy.Snapshot)
    composition: IIndexOracle.Composition = empty(IIndexOracle.Composition)
    snapshot, composition = self._refresh()
    plan: IResetPolicy.ResetPlan = staticcall core.RESETS.plan_reset(
        snapshot, core._state_of(snapshot), composition
    )
    assert plan.triggers != empty(IInverseIndexToken.Trigger), errors.TOKEN_NOT_DUE

    complete: bool = False
    held: ICollateralVault.Value = empty(ICollateralVault.Value)
    complete, held = extcall core.VAULT.trade(
        snapshot.held, plan.targets, snapshot.prices.mid, plan.bound, True
    )
    complete = complete and not plan.partial
    result: IResetPolicy.ResetResult = staticcall core.RESETS.finish_reset(
        snapshot, plan, held, complete
    )
    if result.reward > 0:
        extcall core.VAULT.pay(receiver, result.reward)
    chunk_due_at: uint256 = 0
    if not complete:
        chunk_due_at = block.timestamp + snapshot.parameters.chunk_delay
    self._record(composition.version, chunk_due_at, plan, result)
    if complete and plan.multiple == 0:
        self._settle()
    return result.reward


@external
def accrue_fee():
    streaming_fee._accrue()


@internal
def _refresh() -> (ITokenPolicy.Snapshot, IIndexOracle.Composition):
    """
    @return The present state with the oracle refreshed, at the closing prices
            while winding down, whether it can be refreshed or not.
    """
    snapshot: ITokenPolicy.Snapshot = core._unpriced()
    composition: IIndexOracle.Composition = empty(IIndexOracle.Composition)
    if core._winding_down_since() == 0:
        snapshot.prices, composition = extcall core.ORACLE.refresh()
    else:
        price_acceptance._try_refresh(core.ORACLE.address)
        snapshot.prices = staticcall core.ORACLE.closing_prices()
        composition = staticcall core.ORACLE.composition()
    snapshot.held = staticcall core.VAULT.value(snapshot.prices.mid)
    return snapshot, composition


@internal
def _can_settle() -> bool:
    """
    @return Whether nothing is left to close in a token that winds down.
    """
    assert not core._is_settled(), errors.TOKEN_NOT_DUE
    return extcall core.VAULT.can_settle(block.timestamp >= core._winding_down_since() + _PATIENCE)


@internal
def _settle():
    records._store_flows(empty(IInverseIndexToken.Flows))
    core.control |= core.SETTLED
    log IInverseIndexToken.ModeSet(mode=core._mode())


@internal
def _record(
    version: uint256,
    chunk_due_at: uint256,
    plan: IResetPolicy.ResetPlan,
    result: IResetPolicy.ResetResult,
):
    """
    @notice Store the reset, release the hedge reserve with the flows that it has hedged,
            and log the period with its tracking difference.
    @param chunk_due_at When the rest is due; 0 when the reset is complete.
    """
    last: IInverseIndexToken.Reset = records._reset()
    reset: IInverseIndexToken.Reset = IInverseIndexToken.Reset(
        epoch=(block.timestamp - core.EPOCH_OFFSET) // core.EPOCH_INTERVAL,
        version=version,
        at=block.timestamp,
        chunk_due_at=chunk_due_at,
        nav=result.nav_after,
        level=plan.level,
        nav_per_share=result.nav_per_share,
    )
    if not plan.is_rest:
        records._store_flows(empty(IInverseIndexToken.Flows))
    records._store_reset(reset)
    index_return: int256 = self._return(last.level, reset.level)
    token_return: int256 = self._return(last.nav_per_share, reset.nav_per_share)
    log IInverseIndexToken.Rebalanced(
        keeper=msg.sender,
        triggers=plan.triggers,
        complete=chunk_due_at == 0,
        leverage_before=result.leverage_before,
        leverage_after=result.leverage_after,
        nav_before=result.nav_before,
        nav_after=result.nav_after,
        level=reset.level,
        nav_per_share=reset.nav_per_share,
        index_return=index_return,
        token_return=token_return,
        tracking_difference=token_return + convert(core.MULTIPLE, int256) * index_return,
        cost=result.cost,
        reward=result.reward,
    )


@pure
@internal
def _return(before: uint256, after: uint256) -> int256:
    """
    @return after / before - 1, WAD; 0 for a record of shares without value, after
            which there is no return.
    """
    if before == 0:
        return 0
    return convert(after * _WAD // before, int256) - convert(_WAD, int256)
