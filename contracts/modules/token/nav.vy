# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title nav
@notice Net asset value at bid, mid and ask, and shares against virtual shares.
@dev `supply` always includes the streaming fee up to now. Shares have 18
     decimals and start at one whole collateral unit: `virtual = 10**(18 - d)`
     shares are worth one unit. Virtual shares, at least 10**6 of them, stand
     against virtual collateral, so an inflation attack costs at least 10**6
     times what it can take, whatever the collateral's decimals.
     With a price of a share under its start all shares together may be worth more
     than N, but by less than the virtual collateral: one unit, or with 13 to 18
     decimals up to a million.
     Ranges: collateral times `virtual` below 2**112, which is 5e15 whole units;
     shares up to 2**128, the largest supply; units of the index below 2**112,
     prices 1 to 2**104, a short times its price below 2**155, which is 4e10 whole
     units, half-spreads below 2**100. Inside them no product overflows; beyond
     them it reverts. Arrays hold `count` components.
"""

from ....interfaces import ICollateralVault
from ....interfaces import IIndexOracle


# @dev Net asset value in collateral units at mid prices before the floor at 0,
#      with what is needed to shift it to bid and ask.
struct Valuation:
    net: int256  # idle + equity - reserve
    exposure: uint256  # shorts at mid, rounded down
    spread: uint256  # shorts at mid times half-spread, rounded up
    fall: uint256  # the same of half-spreads up to one: a lowered price is at least 0


_WAD: constant(uint256) = 10**18
# @dev The largest supply.
MAX_SHARES: constant(uint256) = 2**128
_MIN_VIRTUAL_SHARES: constant(uint256) = 10**6
_MAX: constant(uint256) = 10


@pure
@internal
def _valuation(
    held: ICollateralVault.Value,
    prices: IIndexOracle.Prices,
    reserve: uint256,
    count: uint256,
    virtual: uint256,
) -> Valuation:
    exposure: uint256 = 0
    spread: uint256 = 0
    fall: uint256 = 0
    for i: uint256 in range(count, bound=_MAX):
        notional: uint256 = held.shorts[i] * prices.mid[i]
        exposure += notional
        part: uint256 = self._div_up(notional * prices.spread[i], _WAD)
        spread += part
        fall += min(part, notional)
    unit: uint256 = _WAD * virtual
    return Valuation(
        net=convert(held.idle, int256) + held.equity - convert(reserve, int256),
        exposure=exposure // unit,
        spread=self._div_up(spread, unit),
        fall=self._div_up(fall, unit),
    )


@pure
@internal
def _mid(v: Valuation) -> uint256:
    return convert(max(v.net, 0), uint256)


@pure
@internal
def _bid(v: Valuation) -> uint256:
    """
    @return N at prices lowered by their half-spread, but not below 0: the highest N.
    """
    return convert(max(v.net + convert(v.fall, int256), 0), uint256)


@pure
@internal
def _ask(v: Valuation) -> uint256:
    """
    @return N at prices raised by their half-spread: the lowest N.
    """
    return convert(max(v.net - convert(v.spread, int256), 0), uint256)


@pure
@internal
def _virtual_assets(virtual: uint256) -> uint256:
    """
    @return Virtual collateral units: one, or so many that a million shares
            stand against them.
    """
    return max(_MIN_VIRTUAL_SHARES // virtual, 1)


@pure
@internal
def _virtual_shares(virtual: uint256) -> uint256:
    """
    @return Shares that stand against the virtual collateral.
    """
    return virtual * self._virtual_assets(virtual)


@pure
@internal
def _shares_down(assets: uint256, n: uint256, supply: uint256, virtual: uint256) -> uint256:
    base: uint256 = self._virtual_assets(virtual)
    return assets * (supply + virtual * base) // (n + base)


@pure
@internal
def _shares_up(assets: uint256, n: uint256, supply: uint256, virtual: uint256) -> uint256:
    base: uint256 = self._virtual_assets(virtual)
    return self._div_up(assets * (supply + virtual * base), n + base)


@pure
@internal
def _assets_down(shares: uint256, n: uint256, supply: uint256, virtual: uint256) -> uint256:
    base: uint256 = self._virtual_assets(virtual)
    return shares * (n + base) // (supply + virtual * base)


@pure
@internal
def _assets_up(shares: uint256, n: uint256, supply: uint256, virtual: uint256) -> uint256:
    base: uint256 = self._virtual_assets(virtual)
    return self._div_up(shares * (n + base), supply + virtual * base)


@pure
@internal
def _per_share_down(n: uint256, supply: uint256, virtual: uint256) -> uint256:
    """
    @return WAD collateral whole units per whole share.
    """
    base: uint256 = self._virtual_assets(virtual)
    return (n + base) * _WAD * virtual // (supply + virtual * base)


@pure
@internal
def _hedged(net: int256, unhedged: int256) -> uint256:
    """
    @return N without the flows that wait for a hedge.
    """
    return convert(max(net - unhedged, 0), uint256)


@pure
@internal
def _leverage_down(exposure: uint256, n: uint256) -> uint256:
    """
    @return E / N, WAD; max uint256 for an exposure without value.
    """
    if exposure == 0:
        return 0
    if n == 0:
        return max_value(uint256)
    return exposure * _WAD // n


@pure
@internal
def _level_down(units: uint256[10], mid: uint256[10], count: uint256) -> uint256:
    total: uint256 = 0
    for i: uint256 in range(count, bound=_MAX):
        total += units[i] * mid[i]
    return total // _WAD


@pure
@internal
def _div_up(x: uint256, y: uint256) -> uint256:
    return (x + y - 1) // y
