# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title swaps
@license AGPL-3.0-only
@notice Exact inputs and exact outputs over up to three Uniswap v3 pools.
@dev Exact inputs go from pool to pool. Exact outputs are asked of the last pool;
     inside its callback the one before pays it, and so on: the first one's
     payment is all that is taken. Pools get their payment straight from the
     router's caller, except for ETH and for what the router has just been given.
"""

from ....interfaces import IRouter
from ....interfaces import IUniswapV3

from ..lib import errors


# @dev Where a swap's payment comes from: the caller's allowance, ETH that is
#      wrapped when a pool asks for it, or what the router has received in this call.
flag Source:
    CALLER
    NATIVE
    ROUTER


struct Route:
    count: uint256  # of pools
    # @dev In the direction of the trade: `tokens[0]` goes in.
    tokens: address[4]
    fees: uint24[3]


_HOPS: constant(uint256) = 3
_LOWEST: constant(uint160) = 4_295_128_740
_HIGHEST: constant(uint160) = 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_341

FACTORY: immutable(address)

# @dev The pool that may call back now.
expected_pool: transient(address)
# @dev Who pays the first pool, and how.
payer: transient(address)
payment_source: transient(Source)
max_payment: transient(uint256)
paid: transient(uint256)
# @dev The trade being made, and which side of it is exact.
current_route: transient(Route)
is_exact_out: transient(bool)


@deploy
def __init__(factory_: address):
    """
    @param factory_ Uniswap v3's; its pools are trusted to be the ones of their tokens.
    """
    assert factory_.is_contract, errors.ROUTER_PART
    FACTORY = factory_


# --- views ---


@view
@external
def factory() -> address:
    """
    @return Uniswap v3's.
    """
    return FACTORY


# --- trades ---


@internal
def _sell(route: Route, amount: uint256, source: Source, receiver: address) -> uint256:
    """
    @notice All of an amount, or nothing.
    @return What the last pool has sent to the receiver.
    """
    self.current_route = route
    self.is_exact_out = False
    self._set_payment(source, amount)
    given: uint256 = amount
    for hop: uint256 in range(route.count, bound=_HOPS):
        to: address = receiver if hop + 1 == route.count else self
        moved: uint256[2] = self._swap(hop, convert(given, int256), to)
        assert moved[0] == given, errors.ROUTER_DEPTH
        given = moved[1]
        self._set_payment(Source.ROUTER, given)
    return given


@internal
def _buy(route: Route, amount: uint256, source: Source, largest: uint256) -> uint256:
    """
    @notice An exact amount, for the router.
    @return What was paid, at most `largest`.
    """
    self.current_route = route
    self.is_exact_out = True
    self._set_payment(source, largest)
    self._buy_hop(route.count - 1, amount, self)
    return self.paid


@internal
def _set_payment(source: Source, largest: uint256):
    self.payer = msg.sender
    self.payment_source = source
    self.max_payment = largest


@internal
def _buy_hop(hop: uint256, amount: uint256, receiver: address):
    moved: uint256[2] = self._swap(hop, -convert(amount, int256), receiver)
    assert moved[1] == amount, errors.ROUTER_DEPTH


@internal
def _swap(hop: uint256, specified: int256, receiver: address) -> uint256[2]:
    """
    @return What went in and what came out.
    """
    given: address = self.current_route.tokens[hop]
    taken: address = self.current_route.tokens[hop + 1]
    pool: address = staticcall IUniswapV3(FACTORY).getPool(
        given, taken, self.current_route.fees[hop]
    )
    assert pool != empty(address), errors.ROUTER_PATH
    falls: bool = convert(given, uint160) < convert(taken, uint160)
    self.expected_pool = pool
    amount_0: int256 = 0
    amount_1: int256 = 0
    amount_0, amount_1 = extcall IUniswapV3(pool).swap(
        receiver, falls, specified, _LOWEST if falls else _HIGHEST, abi_encode(hop)
    )
    return [
        convert(max(amount_0, amount_1), uint256),
        convert(-min(amount_0, amount_1), uint256),
    ]


# --- routes ---


@pure
@internal
def _route_in(path: DynArray[IRouter.Hop, 3], asset: address) -> Route:
    """
    @return From the path's first token to the collateral.
    """
    route: Route = Route(count=len(path), tokens=empty(address[4]), fees=empty(uint24[3]))
    for i: uint256 in range(len(path), bound=_HOPS):
        route.tokens[i] = path[i].token
        route.fees[i] = path[i].fee
    route.tokens[route.count] = asset
    return route


@pure
@internal
def _route_out(path: DynArray[IRouter.Hop, 3], asset: address) -> Route:
    """
    @return From the collateral to the path's first token.
    """
    count: uint256 = len(path)
    route: Route = Route(count=count, tokens=empty(address[4]), fees=empty(uint24[3]))
    route.tokens[0] = asset
    for i: uint256 in range(count, bound=_HOPS):
        route.tokens[i + 1] = path[count - 1 - i].token
        route.fees[i] = path[count - 1 - i].fee
    return route
