# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title token_rebalance
@license AGPL-3.0-only
@notice The reset of the shorts to L * N * units / level: due, act, check after,
        record.
"""


from ...interfaces import ICollateralVault
from ...interfaces import IIndexOracle
from ...interfaces import IInverseIndexToken
from ...interfaces import IQuoter

from . import errors
from . import nav as nav_math
from . import records
from . import streaming_fee as fee_module
from . import token_core as core

uses: records
uses: fee_module
uses: core


_WAD: constant(uint256) = 10**18
_BPS_WAD: constant(uint256) = 10**14


@external
def rebalance(receiver: address = msg.sender) -> uint256:
    """
    @notice Reset the shorts to L * N * units / level. Anyone, when due.
    @param receiver Who gets the keeper reward.
    @return The reward, collateral.
    """
    fee_module._accrue()
    prices: IIndexOracle.Prices = empty(IIndexOracle.Prices)
    composition: IIndexOracle.Composition = empty(IIndexOracle.Composition)
    prices, composition = extcall core.ORACLE.refresh()
    c: core.Context = core._context_at(prices)
    assert c.supply > 0, errors.TOKEN_NO_SUPPLY
    assert c.v.net > 0, errors.TOKEN_WIPED_OUT

    triggers: IInverseIndexToken.Trigger = empty(IInverseIndexToken.Trigger)
    reward: uint256 = 0
    triggers, reward = self._due(c, composition)
    assert triggers != empty(IInverseIndexToken.Trigger), errors.TOKEN_NOT_DUE

    c.v.net += convert(c.flows.reserve, int256)
    complete: bool = False
    held: ICollateralVault.Value = empty(ICollateralVault.Value)
    complete, held = self._trade(c, composition.units, nav_math._mid(c.v) - reward)
    after: IQuoter.Position = empty(IQuoter.Position)
    cost: int256 = 0
    after, cost = self._checked(c, held, convert(reward, int256))
    if reward > 0:
        extcall core.VAULT.pay(receiver, reward)
    self._record(c, composition, after, triggers, complete, cost, reward)
    return reward


@external
def accrue_fee():
    fee_module._accrue()


@view
@internal
def _due(
    c: core.Context, composition: IIndexOracle.Composition
) -> (IInverseIndexToken.Trigger, uint256):
    n: uint256 = nav_math._mid(c.v)
    return staticcall core.QUOTER.triggers(
        IQuoter.Observation(
            nav=n,
            leverage=nav_math._leverage_down(c.v.exposure, n),
            prices_at=c.prices.updated_at,
        ),
        core._state(),
        composition,
    )


@internal
def _trade(
    c: core.Context, units: uint256[10], worth: uint256
) -> (bool, ICollateralVault.Value):
    targets: uint256[10] = staticcall core.QUOTER.targets(
        core.VAULT.address, c.held.shorts, worth, core.MULTIPLE, units, c.prices.mid, core.COUNT, core.VIRTUAL
    )
    return extcall core.VAULT.trade(
        c.held, targets, c.prices.mid, c.p.slippage_bps * _BPS_WAD, True
    )


@view
@internal
def _checked(
    c: core.Context, held: ICollateralVault.Value, reward: int256
) -> (IQuoter.Position, int256):
    """
    @return The position after the trade, the reward taken off, which must be
            nearer to its target, and what the trade cost.
    """
    v: nav_math.Valuation = nav_math._valuation(held, c.prices, 0, core.COUNT, core.VIRTUAL)
    after: IQuoter.Position = IQuoter.Position(
        net=v.net - reward, exposure=v.exposure, shorts=held.shorts
    )
    before: IQuoter.Position = IQuoter.Position(
        net=c.v.net - reward, exposure=c.v.exposure, shorts=c.held.shorts
    )
    cost: int256 = staticcall core.QUOTER.check(
        core.VAULT.address, before, after, c.prices.mid, c.p.slippage_bps, core.MULTIPLE, core.COUNT, core.VIRTUAL
    )
    return after, cost


@internal
def _record(
    c: core.Context,
    composition: IIndexOracle.Composition,
    after: IQuoter.Position,
    triggers: IInverseIndexToken.Trigger,
    complete: bool,
    cost: int256,
    reward: uint256,
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
        triggers=triggers,
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
        reward=reward,
    )


@pure
@internal
def _return(before: uint256, after: uint256) -> int256:
    """
    @return after / before - 1, WAD. Records are never 0.
    """
    return convert(after * _WAD // before, int256) - convert(_WAD, int256)
