# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title PropertyChecker
@license AGPL-3.0-only
@notice Checks a property at every point of a grid, which has all combinations of
        the values on its axes, or at every point of a list.
@dev A property is a function of at most eight words that returns a bool. It fails
     where it returns False and where it reverts, as an overflow does.
@custom:kill For tests only; never deployed elsewhere.
"""

_AXES: constant(uint256) = 8
_VALUES: constant(uint256) = 1024


@external
def check_grid(
    target: address,
    property: bytes4,
    axes: DynArray[DynArray[uint256, _VALUES], _AXES],
    first: uint256,
    count: uint256,
) -> (uint256, bool, uint256[_AXES]):
    """
    @notice Check `count` points of the grid from number `first` on, up to the first
            failure.
    @param first Number of the first point; the first axis moves fastest.
    @param property Selector of the function at the target.
    @return Points at which the property holds, whether it failed then, and
            where.
    """
    place: uint256[_AXES] = empty(uint256[_AXES])
    point: uint256[_AXES] = empty(uint256[_AXES])
    rest: uint256 = first
    for i: uint256 in range(len(axes), bound=_AXES):
        place[i] = rest % len(axes[i])
        rest //= len(axes[i])
        point[i] = axes[i][place[i]]
    for n: uint256 in range(count, bound=2**40):
        if not self._holds(target, property, point):
            return n, True, point
        for i: uint256 in range(len(axes), bound=_AXES):
            place[i] += 1
            if place[i] < len(axes[i]):
                point[i] = axes[i][place[i]]
                break
            place[i] = 0
            point[i] = axes[i][0]
    return count, False, point


@external
def check_points(
    target: address, property: bytes4, points: DynArray[uint256[_AXES], 1024]
) -> (uint256, bool, uint256[_AXES]):
    """
    @notice Check the points in their order, up to the first failure.
    @param property Selector of the function at the target.
    @return Points at which the property holds, whether it failed then, and
            where.
    """
    done: uint256 = 0
    for point: uint256[_AXES] in points:
        if not self._holds(target, property, point):
            return done, True, point
        done += 1
    return done, False, empty(uint256[_AXES])


@internal
def _holds(target: address, property: bytes4, point: uint256[_AXES]) -> bool:
    success: bool = False
    answer: Bytes[32] = b""
    success, answer = raw_call(
        target,
        concat(property, abi_encode(point)),
        max_outsize=32,
        revert_on_failure=False,
    )
    return success and len(answer) == 32 and convert(answer, uint256) == 1
