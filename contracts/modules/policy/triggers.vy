# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title triggers
@notice When a rebalance is due and what share of its cap the keeper earns.
@dev The share starts at 0 when the rebalance becomes due and rises linearly
     with time to 1 after `reward_ramp`. Since when it is due follows from what
     the chain records, so nobody has to start a clock:
       epoch           the first boundary since the last reset
       reconstitution  when the new units are, or became, effective
       netting         when a flow took |unhedged| above the tolerance, but not
                       before one ramp after the last reset: until then netting
                       is not due, so that no one hedges netted flows in a row
       drift           the newest price, or the last flow that found the leverage
                       in its band, which may have pushed it out
       chunk           the end of the delay
     No clock starts before the last reset, nor before a mint that at least
     doubled N: what was due was due to fewer holders.
     A drift also earns with its depth, linearly from the band's edge to the
     emergency leverage, where the share is 1 at once, and as fast below the band: a
     keeper is paid while prices move too fast for time to pay.
     Nobody is paid for making a rebalance due: a drift earns as far as it would
     hold without the flows that wait, by E / (N - unhedged), and netting's own time
     earns no more than the fees that those flows have left. While a chunked
     rebalance is under way only the chunk's own clock counts, so that no emergency
     pays twice; see `reset_plan` for what it pays at the most. A token that winds down has one trigger, due since
     its wind-down or, between two chunks, since the end of their delay.
"""

from ....interfaces import IIndexOracle
from ....interfaces import IInverseIndexToken

from ..token import nav
from . import leverage_band
from . import parameters
from . import reward


struct Observation:
    net: int256  # N at mid before its floor at 0, the hedge reserve apart; collateral
    exposure: uint256  # collateral at mid
    prices_at: uint256  # newest publication time


_BPS_WAD: constant(uint256) = 10**14


@pure
@internal
def _observation(valuation: nav.Valuation, prices_at: uint256) -> Observation:
    return Observation(net=valuation.net, exposure=valuation.exposure, prices_at=prices_at)


@view
@internal
def _due(
    o: Observation,
    state: IInverseIndexToken.State,
    composition: IIndexOracle.Composition,
) -> (IInverseIndexToken.Trigger, uint256):
    """
    @return The triggers that hold now, none without holders or value, and the
            keeper's reward.
    """
    triggers: IInverseIndexToken.Trigger = empty(IInverseIndexToken.Trigger)
    if state.supply == 0 or block.timestamp < state.reset.chunk_due_at:
        return triggers, 0
    n: uint256 = convert(max(o.net, 0), uint256)
    if state.winding_down_since != 0:
        return self._closing(n, state)
    if n == 0:
        return triggers, 0
    p: IInverseIndexToken.Parameters = state.parameters
    since: uint256 = max_value(uint256)  # when the first of them became due, but netting
    waiting_since: uint256 = max_value(uint256)  # when netting became due
    depth: uint256 = 0
    at: uint256 = 0
    began: bool = False

    began, at = self._epoch(state.reset.epoch, state.epoch_interval, state.epoch_offset)
    if began:
        triggers |= IInverseIndexToken.Trigger.EPOCH
        since = at
    began, at = self._reconstitution(state.reset.version, composition)
    if began:
        triggers |= IInverseIndexToken.Trigger.RECONSTITUTION
        since = min(since, at)
    began, at = self._netting(n, o.prices_at, state.flows, state.reset.at, p)
    if began:
        triggers |= IInverseIndexToken.Trigger.NETTING
        waiting_since = at
    if not leverage_band._is_within(o.exposure, n, state.multiple, p.band_bps):
        triggers |= IInverseIndexToken.Trigger.DRIFT
        hedged: uint256 = nav._hedged(o.net, state.flows.unhedged)
        if not leverage_band._is_within(o.exposure, hedged, state.multiple, p.band_bps):
            since = min(since, max(o.prices_at, state.flows.in_band_at))
            without: uint256 = nav._leverage_down(o.exposure, hedged)
            depth = reward._depth_share(without, state.multiple, p)
    if nav._leverage_down(o.exposure, n) >= p.emergency_bps * _BPS_WAD:
        triggers |= IInverseIndexToken.Trigger.EMERGENCY
    if state.reset.chunk_due_at != 0:
        triggers |= IInverseIndexToken.Trigger.CHUNK
        since = state.reset.chunk_due_at
        depth = 0
        waiting_since = max_value(uint256)
    earliest: uint256 = max(state.reset.at, state.doubled_at)
    share: uint256 = max(depth, reward._ramp(max(since, earliest), p.reward_ramp))
    amount: uint256 = reward._amount_down(share, n, p, state.unit)
    if waiting_since != max_value(uint256):
        share = reward._ramp(max(waiting_since, earliest), p.reward_ramp)
        of_fees: uint256 = min(reward._amount_down(share, n, p, state.unit), state.flows.reserve)
        amount = max(amount, of_fees)
    return triggers, amount


@view
@internal
def _closing(n: uint256, state: IInverseIndexToken.State) -> (IInverseIndexToken.Trigger, uint256):
    if state.mode == IInverseIndexToken.Mode.SETTLED:
        return empty(IInverseIndexToken.Trigger), 0
    since: uint256 = max(state.winding_down_since, state.reset.chunk_due_at)
    share: uint256 = reward._ramp(since, state.parameters.reward_ramp)
    return IInverseIndexToken.Trigger.WIND_DOWN, reward._amount_down(
        share, n, state.parameters, state.unit
    )


@view
@internal
def _epoch(last: uint256, interval: uint256, offset: uint256) -> (bool, uint256):
    """
    @return Whether an epoch has begun since the last reset, and when. Epochs
            that were missed count as one.
    """
    boundary: uint256 = (last + 1) * interval + offset
    return block.timestamp >= boundary, boundary


@view
@internal
def _reconstitution(version: uint256, composition: IIndexOracle.Composition) -> (bool, uint256):
    if composition.version != version:
        return True, composition.effective_at
    return block.timestamp >= composition.due_at, composition.due_at


@view
@internal
def _netting(
    n: uint256,
    prices_at: uint256,
    flows: IInverseIndexToken.Flows,
    reset_at: uint256,
    p: IInverseIndexToken.Parameters,
) -> (bool, uint256):
    """
    @notice A fall of N can make it due without a flow: then since the price.
    """
    earliest: uint256 = reset_at + p.reward_ramp
    unhedged: uint256 = convert(abs(flows.unhedged), uint256)
    if unhedged * parameters.BPS <= p.tolerance_bps * n:
        return False, 0
    since: uint256 = flows.netting_since
    if since == 0:
        since = prices_at
    return block.timestamp >= earliest, max(since, earliest)
