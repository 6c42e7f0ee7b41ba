# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title ShareProperties
@license AGPL-3.0-only
@notice What must hold of shares and their price, for all numbers.
@dev Each quotient is held against its exact fraction by products alone:
     q is floor(x / y) exactly when q * y <= x < (q + 1) * y.
@custom:kill For tests only; never deployed elsewhere.
"""

from ..modules.token import nav

_WAD: constant(uint256) = 10**18
_MILLION: constant(uint256) = 10**6
_MAX_CAP: constant(uint256) = 2**128  # the largest NAV cap


# --- rounding ---


@pure
@external
def shares_down(assets: uint256, n: uint256, supply: uint256, virtual: uint256) -> bool:
    b: uint256 = self._base(virtual)
    return self._is_floor(
        nav._shares_down(assets, n, supply, virtual), assets * (supply + virtual * b), n + b
    )


@pure
@external
def shares_up(assets: uint256, n: uint256, supply: uint256, virtual: uint256) -> bool:
    b: uint256 = self._base(virtual)
    return self._is_ceiling(
        nav._shares_up(assets, n, supply, virtual), assets * (supply + virtual * b), n + b
    )


@pure
@external
def assets_down(shares: uint256, n: uint256, supply: uint256, virtual: uint256) -> bool:
    b: uint256 = self._base(virtual)
    return self._is_floor(
        nav._assets_down(shares, n, supply, virtual), shares * (n + b), supply + virtual * b
    )


@pure
@external
def assets_up(shares: uint256, n: uint256, supply: uint256, virtual: uint256) -> bool:
    b: uint256 = self._base(virtual)
    return self._is_ceiling(
        nav._assets_up(shares, n, supply, virtual), shares * (n + b), supply + virtual * b
    )


@pure
@external
def per_share_down(n: uint256, supply: uint256, virtual: uint256) -> bool:
    b: uint256 = self._base(virtual)
    return self._is_floor(
        nav._per_share_down(n, supply, virtual), (n + b) * virtual * _WAD, supply + virtual * b
    )


@pure
@external
def div_up(x: uint256, y: uint256) -> bool:
    return self._is_ceiling(nav._div_up(x, y), x, y)


@pure
@external
def virtual_backing(virtual: uint256) -> bool:
    """
    @notice At least a million virtual shares, at the starting price.
    """
    shares: uint256 = nav._virtual_shares(virtual)
    assets: uint256 = nav._virtual_assets(virtual)
    return shares >= _MILLION and assets >= 1 and shares == assets * virtual


# --- round trips ---


@pure
@external
def in_and_out(
    assets: uint256, n: uint256, supply: uint256, virtual: uint256, out: uint256
) -> bool:
    """
    @notice deposit or mint, then redeem or withdraw: never more than was paid.
    @param out Bit 0: mint the same shares instead. Bit 1: withdraw instead.
    """
    shares: uint256 = nav._shares_down(assets, n, supply, virtual)
    if shares > _MAX_CAP:
        return True  # refused
    paid: uint256 = assets
    if out & 1 != 0:
        paid = nav._assets_up(shares, n, supply, virtual)
        if paid > assets:  # a deposit that gives the shares is enough
            return False
    if out & 2 == 0:
        return nav._assets_down(shares, n + paid, supply + shares, virtual) <= paid
    # One unit more than was paid costs more shares than there are.
    return nav._shares_up(paid + 1, n + paid, supply + shares, virtual) > shares


@pure
@external
def out_and_in(
    shares: uint256, n: uint256, supply: uint256, virtual: uint256, back: uint256
) -> bool:
    """
    @notice redeem or withdraw, then deposit or mint: never more shares than were
            burned. Under the starting price shares may be worth more than N, but
            never the whole virtual collateral more: that much nobody is paid.
    @param back Bit 0: withdraw the same collateral instead. Bit 1: mint instead.
    """
    if shares > supply:
        return True
    assets: uint256 = nav._assets_down(shares, n, supply, virtual)
    if assets > n:
        return assets < n + self._base(virtual)
    burned: uint256 = shares
    if back & 1 != 0:
        burned = nav._shares_up(assets, n, supply, virtual)
        if burned > shares:  # a redemption that pays the collateral burns enough
            return False
    if back & 2 == 0:
        return nav._shares_down(assets, n - assets, supply - burned, virtual) <= burned
    return nav._assets_up(burned + 1, n - assets, supply - burned, virtual) > assets


@pure
@external
def price_never_falls(
    amount: uint256, n: uint256, supply: uint256, virtual: uint256, kind: uint256
) -> bool:
    """
    @notice (n + b) / (supply + v * b) is no lower after any flow.
    @param kind 0 deposit, 1 mint, 2 withdraw, 3 redeem.
    """
    b: uint256 = self._base(virtual)
    n_after: uint256 = n
    supply_after: uint256 = supply
    if kind == 0:
        minted: uint256 = nav._shares_down(amount, n, supply, virtual)
        if minted > _MAX_CAP:
            return True  # refused
        n_after += amount
        supply_after += minted
    elif kind == 1:
        n_after += nav._assets_up(amount, n, supply, virtual)
        supply_after += amount
    elif kind == 2:
        burned: uint256 = nav._shares_up(amount, n, supply, virtual)
        if amount > n or burned > supply:
            return True
        n_after -= amount
        supply_after -= burned
    else:
        if amount > supply:
            return True
        paid: uint256 = nav._assets_down(amount, n, supply, virtual)
        if paid > n:
            return paid < n + b
        n_after -= paid
        supply_after -= amount
    return (n_after + b) * (supply + virtual * b) >= (n + b) * (supply_after + virtual * b)


@pure
@external
def split_gains_nothing(
    first: uint256, second: uint256, n: uint256, supply: uint256, virtual: uint256
) -> bool:
    """
    @notice Two deposits buy no more than one of both.
    """
    whole: uint256 = nav._shares_down(first + second, n, supply, virtual)
    if whole > _MAX_CAP:
        return True  # refused
    one: uint256 = nav._shares_down(first, n, supply, virtual)
    two: uint256 = nav._shares_down(second, n + first, supply + one, virtual)
    return one + two <= whole


@pure
@external
def inflation_loses(stake: uint256, gift: uint256, victim: uint256, virtual: uint256) -> bool:
    """
    @notice The first holder gives collateral away before the next one mints, and
            redeems after: never more than was put in.
    """
    shares: uint256 = nav._shares_down(stake, 0, 0, virtual)
    n: uint256 = stake + gift
    others: uint256 = nav._shares_down(victim, n, shares, virtual)
    return nav._assets_down(shares, n + victim, shares + others, virtual) <= stake + gift


# --- values, for comparison ---


@pure
@external
def amounts(
    x: uint256, n: uint256, supply: uint256, virtual: uint256
) -> (uint256, uint256, uint256, uint256):
    """
    @return Shares for `x` collateral units, down and up, and collateral for `x`
            shares, down and up.
    """
    return (
        nav._shares_down(x, n, supply, virtual),
        nav._shares_up(x, n, supply, virtual),
        nav._assets_down(x, n, supply, virtual),
        nav._assets_up(x, n, supply, virtual),
    )


# --- internal ---


@pure
@internal
def _base(virtual: uint256) -> uint256:
    """
    @return Virtual collateral: the least that a million shares stand against.
    """
    if virtual >= _MILLION:
        return 1
    return _MILLION // virtual


@pure
@internal
def _is_floor(q: uint256, x: uint256, y: uint256) -> bool:
    low: uint256 = q * y
    return low <= x and x - low < y


@pure
@internal
def _is_ceiling(q: uint256, x: uint256, y: uint256) -> bool:
    high: uint256 = q * y
    return high >= x and high - x < y
