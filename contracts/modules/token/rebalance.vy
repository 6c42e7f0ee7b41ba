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
from ....interfaces import IQuoter

from ..lib import errors
from . import nav as nav_math
from . import records
from . import streaming_fee as fee_module
from . import core

uses: records
uses: fee_module
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
    fee_module._accrue()
    if core._closing_since() != 0 and self._released():
        self._settle()
        return 0
    composition: IIndexOracle.Composition = empty(IIndexOracle.Composition)
    c: core.Context = empty(core.Context)
    c, composition = self._observed()
    r: IQuoter.Reset = self._terms(c, composition)
    assert r.triggers != empty(IInverseIndexToken.Trigger), errors.TOKEN_NOT_DUE

    c.v.net += convert(c.flows.reserve, int256)
    complete: bool = False
    held: ICollateralVault.Value = empty(ICollateralVault.Value)
    complete, held = extcall core.VAULT.trade(c.held, r.targets, c.prices.mid, r.bound, True)
    after: IQuoter.Position = empty(IQuoter.Position)
    cost: int256 = 0
    after, cost, r.reward = self._checked(c, held, r, complete)
    if r.reward > 0:
        extcall core.VAULT.pay(receiver, r.reward)
    self._record(c, composition, after, r, complete, cost)
    if complete and r.multiple == 0:
        self._settle()
    return r.reward


@external
def accrue_fee():
    fee_module._accrue()


@internal
def _observed() -> (core.Context, IIndexOracle.Composition):
    """
    @return The present state, at the closing prices while winding down.
    """
    prices: IIndexOracle.Prices = empty(IIndexOracle.Prices)
    composition: IIndexOracle.Composition = empty(IIndexOracle.Composition)
    if core._closing_since() == 0:
        prices, composition = extcall core.ORACLE.refresh()
    else:
        prices = staticcall core.ORACLE.closing_prices()
        composition = staticcall core.ORACLE.composition()
    return core._context_at(prices), composition


@view
@internal
def _terms(c: core.Context, composition: IIndexOracle.Composition) -> IQuoter.Reset:
    return staticcall core.QUOTER.reset(
        core.VAULT.address,
        IQuoter.Observation(
            net=c.v.net,
            leverage=nav_math._leverage_down(c.v.exposure, nav_math._mid(c.v)),
            prices_at=c.prices.updated_at,
        ),
        core._state(),
        composition,
        c.held.shorts,
        c.prices.mid,
    )


@internal
def _released() -> bool:
    """
    @return Whether nothing is left to close in a token that winds down.
    """
    assert not core._is_settled(), errors.TOKEN_NOT_DUE
    return extcall core.VAULT.release(block.timestamp >= core._closing_since() + _PATIENCE)


@internal
def _settle():
    records._store_flows(empty(IInverseIndexToken.Flows))
    core.control |= core.SETTLED
    log IInverseIndexToken.ModeSet(mode=core._mode())


@view
@internal
def _checked(
    c: core.Context, held: ICollateralVault.Value, r: IQuoter.Reset, complete: bool
) -> (IQuoter.Position, int256, uint256):
    """
    @return The position after the trade, the reward taken off, which must be
            nearer to its target, what the trade cost, and the reward.
    """
    v: nav_math.Valuation = nav_math._valuation(held, c.prices, 0, core.COUNT, core.VIRTUAL)
    after: IQuoter.Position = IQuoter.Position(net=v.net, exposure=v.exposure, shorts=held.shorts)
    before: IQuoter.Position = IQuoter.Position(
        net=c.v.net, exposure=c.v.exposure, shorts=c.held.shorts
    )
    cost: int256 = 0
    reward: uint256 = 0
    cost, reward = staticcall core.QUOTER.check(
        core.VAULT.address,
        before,
        after,
        c.prices.mid,
        r.bound_bps,
        r.multiple,
        core.COUNT,
        core.VIRTUAL,
        r.reward,
        complete,
    )
    after.net -= convert(reward, int256)
    return after, cost, reward


@internal
def _record(
    c: core.Context,
    composition: IIndexOracle.Composition,
    after: IQuoter.Position,
    r: IQuoter.Reset,
    complete: bool,
    cost: int256,
):
    """
    @notice Store the reset, release the reserve, and log the period.
    """
    last: IInverseIndexToken.Reset = records._reset()
    n: uint256 = convert(max(after.net, 0), uint256)
    reset: IInverseIndexToken.Reset = IInverseIndexToken.Reset(
        epoch=(block.timestamp - core.EPOCH_OFFSET) // core.EPOCH_INTERVAL,
        version=composition.version,
        at=block.timestamp,
        chunk_due_at=0,
        nav=n,
        level=nav_math._level_down(composition.units, c.prices.mid, core.COUNT),
        nav_per_share=nav_math._per_share_down(n, c.supply, core.VIRTUAL),
    )
    if not complete:
        reset.chunk_due_at = block.timestamp + c.p.chunk_delay
    records._store_flows(empty(IInverseIndexToken.Flows))
    records._store_reset(reset)
    index_return: int256 = self._return(last.level, reset.level)
    token_return: int256 = self._return(last.nav_per_share, reset.nav_per_share)
    log IInverseIndexToken.Rebalanced(
        keeper=msg.sender,
        triggers=r.triggers,
        complete=complete,
        leverage_before=nav_math._leverage_down(c.v.exposure, nav_math._mid(c.v)),
        leverage_after=nav_math._leverage_down(after.exposure, n),
        nav_before=nav_math._mid(c.v),
        nav_after=n,
        level=reset.level,
        nav_per_share=reset.nav_per_share,
        index_return=index_return,
        token_return=token_return,
        tracking_difference=token_return + convert(core.MULTIPLE, int256) * index_return,
        cost=cost,
        reward=r.reward,
    )


@pure
@internal
def _return(before: uint256, after: uint256) -> int256:
    """
    @return after / before - 1, WAD. Records are never 0.
    """
    return convert(after * _WAD // before, int256) - convert(_WAD, int256)
