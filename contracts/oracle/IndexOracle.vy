# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title IndexOracle
@license AGPL-3.0-only
@notice Prices of up to ten index components in units of the collateral, each
        from a primary and an optional secondary feed, and the index that is
        made of them.
@dev With one source an asset's spread is its own `min_spread`. With two it is their
     disagreement |a - b| / min(a, b), at least `min_spread`; if one of the two
     is unusable the other serves alone at `fallback_spread`. The price is the
     primary's while that is usable.

     A component's mid is its price over the collateral's, its spread c = a + b
     + a * b of its own a and the collateral's b. So [mid * (1 - c),
     mid * (1 + c)] contains the quotient of every source of the component and
     every source of the collateral (but for the wei to which mid is rounded
     down), as long as no two sources differ more than a millionfold. From c = 1
     on the bid is 0.

     Each asset, the collateral too, has its own accepted USD price. A move of
     more than `step_limit` from it restricts minting (STEP), unless the asset's
     own two sources agree on the new price, or a `refresh()` observed a price
     within `step_limit` of the new one and `step_delay` has passed since. A
     refresh accepts a price, which ends the observation, or observes it; a
     price beyond the limit from the observed one starts the clock anew. While a
     step is unconfirmed the spread covers the accepted price, too: the ask is no
     lower than either price, and units do not change.

     Units change only in `refresh()`: at a scheduled reconstitution and, if
     `reweight_interval` is set, at the first refresh of each interval. Then
     units[i] = weight[i] * level / price[i], rounded down: the level is
     continuous (to one unit wei of each component).

     Anyone can report that prices are unusable, which starts a clock; a report
     or a refresh while they are usable stops it. The oracle is dead while prices
     are unusable and the clock has run for `DEAD_DELAY`: tokens can then be
     wound down and exchanges settled, for good, at `closing_prices()`. A clock
     that nobody stops goes on through times in which prices are usable; every
     rebalance of a token refreshes, and anyone can.
@custom:kill Nothing here can be switched off by anybody. An oracle whose feeds
             die reverts, which stops minting, priced redemption and rebalancing
             of the tokens that read it; reported for `DEAD_DELAY`, it is dead
             until a price is usable again. The owner can only announce weights, and
             let feeds publish less often, up to every 7 days.
"""

from snekmate.auth import ownable

from ...interfaces import IIndexOracle

implements: IIndexOracle

from ..modules.lib import errors
from ..modules.oracle import asset_records
from ..modules.oracle import clocks
from ..modules.oracle import faults
from ..modules.oracle import outage
from ..modules.oracle import possible_prices
from ..modules.oracle import prices
from ..modules.oracle import reconstitution
from ..modules.oracle import sources
from ..modules.oracle import step_breaker

initializes: ownable
initializes: asset_records
initializes: sources[asset_records := asset_records]
initializes: step_breaker[asset_records := asset_records]
initializes: prices[
    asset_records := asset_records, sources := sources, step_breaker := step_breaker
]
initializes: possible_prices[
    asset_records := asset_records, sources := sources, step_breaker := step_breaker
]
initializes: reconstitution[ownable := ownable, asset_records := asset_records, clocks := clocks]
initializes: clocks
initializes: outage[clocks := clocks, prices := prices]

exports: (
    ownable.owner,
    ownable.transfer_ownership,
    # `renounce_ownership` is left out: the index would be frozen by one call.
    asset_records.component_count,
    asset_records.collateral_decimals,
    asset_records.parameters,
    asset_records.asset,
    asset_records.accepted,
    prices.usable,
    prices.read,
    prices.try_read,
    prices.accepted_mid,
    possible_prices.extremes,
    prices.closing_prices,
    reconstitution.weights,
    reconstitution.scheduled,
    reconstitution.composition,
    reconstitution.schedule_reconstitution,
    reconstitution.cancel_reconstitution,
    reconstitution.MIN_DELAY,
    outage.unusable_since,
    outage.dead,
    outage.report_unusable,
    outage.DEAD_DELAY,
)

_WAD: constant(uint256) = 10**18
_MAX: constant(uint256) = 10


@deploy
def __init__(
    assets: DynArray[IIndexOracle.Asset, 11],
    weights: DynArray[uint256, 10],
    base_level: uint256,
    collateral_decimals: uint256,
    parameters: IIndexOracle.Parameters,
):
    """
    @param assets The components' feeds, then the collateral's. All of them
           must be usable at deployment.
    @param weights WAD, one per component, summing to 1e18.
    @param base_level Index level to start at, WAD, 1 to 1e9 whole.
    @param collateral_decimals Decimals of the collateral token.
    @param parameters Spreads and limits WAD, times in seconds, see `IIndexOracle`.
    @dev Warning: the deployer is the owner until the ownership is handed on; feeds and
         parameters are fixed for good, but for heartbeats, which can be raised. A feed must answer as Chainlink's do, in USD;
         one without a secondary is believed within the bounds of its price. On a
         layer 2 the oracle relies on the uptime feed of its sequencer.
    """
    ownable.__init__()
    asset_records.__init__(assets, collateral_decimals, parameters)
    assert len(weights) == len(assets) - 1, errors.ORACLE_WEIGHT_COUNT
    reconstitution._check_weights(weights)
    assert base_level >= _WAD and base_level <= 10**9 * _WAD, errors.ORACLE_LEVEL
    reconstitution._weights = weights
    self._start(weights, base_level)


# --- views ---


@view
@external
def level() -> uint256:
    """
    @return Index level at mid prices, in whole collateral units, WAD, rounded down.
    @dev Reverts with the source's fault ("oracle: stale price" and the like)
             while prices are unusable.
    """
    reading: prices.Reading = prices._try_read()
    faults._check(reading.fault)
    return reconstitution._level_down(reconstitution._composition().units, reading.prices.mid)


# --- actions ---


@external
def refresh() -> (IIndexOracle.Prices, IIndexOracle.Composition):
    """
    @notice Anyone: accept the current prices, the collateral's too (or start the clock
            of a step, anew for a price beyond the limit from the observed one), and
            put a due change of units into force at them, unless a step is unconfirmed.
            Stops the clock of unusable prices.
    @return As of `read()` and of `composition()`.
    @dev Reverts while prices are unusable, and with "oracle: sources disagree".
    """
    reading: prices.Reading = prices._read_undisputed()
    outage._stop_clock()
    composition: IIndexOracle.Composition = reconstitution._composition()
    if block.timestamp >= composition.due_at and reading.steps == 0:
        composition = reconstitution._reconstitute(composition, reading.prices.mid)
    for i: uint256 in range(asset_records.COUNT, bound=_MAX):
        step_breaker._accept(i, composition.units[i], reading.usd[i], reading.steps)
    step_breaker._accept(asset_records.COUNT, 0, reading.usd[asset_records.COUNT], reading.steps)
    return reading.prices, composition


@external
def set_heartbeats(i: uint256, primary: uint256, secondary: uint256):
    """
    @notice Owner: the ages at which answers of an asset's feeds are stale, for feeds
            whose operator publishes less often than at deployment.
    @param i Component index; `component_count()` is the collateral.
    @param primary Seconds, from the heartbeat of the deployment to 7 days.
    @param secondary The same; 0 where there is none.
    @dev Warning: nothing older than this is used, but nothing newer is asked for. A feed
         that falls silent is believed for as long.
    """
    ownable._check_owner()
    asset_records._store_heartbeats(i, primary, secondary)


# --- internal ---


@internal
def _start(weights: DynArray[uint256, 10], level: uint256):
    reading: prices.Reading = prices._read_undisputed()
    units: uint256[10] = reconstitution._units_down(weights, level, reading.prices.mid)
    clocks.word = reconstitution._packed_clock(1, 0, block.timestamp)
    for i: uint256 in range(len(weights), bound=_MAX):
        step_breaker._accept(i, units[i], reading.usd[i], 0)
    step_breaker._accept(len(weights), 0, reading.usd[len(weights)], 0)
    log IIndexOracle.Reconstituted(version=1, level=level, units=units)
