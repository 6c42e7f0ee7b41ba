# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title OracleLens
@license AGPL-3.0-only
@notice Everything that an oracle has stored and says, in one call: a list of
        words, and what `read`, `level` and `closing_prices` return or revert
        with.
@dev For tests that compare all of it with a model after every step; the order
     of the words is the order of the appends below. Also sets many mock feeds
     in one transaction.
@custom:kill For tests only; never deployed elsewhere.
"""

from ...interfaces import IIndexOracle


interface IRounds:  # of a mock feed
    def set_round(
        id: uint80, answer: int256, started_at: uint256, updated_at: uint256, answered_in: uint80
    ): nonpayable
    def set_mode(mode: uint256): nonpayable


struct Setting:
    feed: address
    mode: uint256
    id: uint80
    answer: int256
    started_at: uint256
    updated_at: uint256
    answered_in: uint80


struct Seen:
    words: DynArray[uint256, 128]
    reads: bool
    read: Bytes[704]
    has_level: bool
    level: Bytes[704]


_MAX: constant(uint256) = 11


@external
def set_feeds(settings: DynArray[Setting, 24]):
    """
    @notice Every feed's round, then its mode.
    """
    for each: Setting in settings:
        feed: IRounds = IRounds(each.feed)
        extcall feed.set_round(
            each.id, each.answer, each.started_at, each.updated_at, each.answered_in
        )
        extcall feed.set_mode(each.mode)


@view
@external
def look(oracle: address) -> Seen:
    seen: Seen = empty(Seen)
    seen.words = self._words(oracle)
    seen.reads, seen.read = self._outcome(oracle, method_id("read()"))
    seen.has_level, seen.level = self._outcome(oracle, method_id("level()"))
    return seen


@view
@internal
def _words(oracle: address) -> DynArray[uint256, 128]:
    words: DynArray[uint256, 128] = []
    it: IIndexOracle = IIndexOracle(oracle)
    count: uint256 = staticcall it.component_count()
    words.append(convert(staticcall it.usable(), uint256))
    words.append(convert(staticcall it.dead(), uint256))
    words.append(staticcall it.unusable_since())
    if words[0] != 0:
        accepted_mid: uint256[10] = staticcall it.accepted_mid()
        for mid: uint256 in accepted_mid:
            words.append(mid)
        for i: uint256 in range(staticcall it.component_count(), bound=10):
            low: uint256 = 0
            high: uint256 = 0
            low, high = staticcall it.extremes(i)
            words.append(low)
            words.append(high)
    closing: IIndexOracle.Prices = staticcall it.closing_prices()
    words.append(closing.updated_at)
    words.append(convert(closing.restriction, uint256))
    composition: IIndexOracle.Composition = staticcall it.composition()
    words.append(composition.version)
    words.append(composition.effective_at)
    words.append(composition.due_at)
    for i: uint256 in range(10):
        words.append(closing.mid[i])
        words.append(closing.spread[i])
        words.append(composition.units[i])
    for i: uint256 in range(count + 1, bound=_MAX):
        price: uint256 = 0
        step_at: uint256 = 0
        price, step_at = staticcall it.accepted(i)
        words.append(price)
        words.append(step_at)
    for weight: uint256 in staticcall it.weights():
        words.append(weight)
    scheduled: DynArray[uint256, 10] = []
    at: uint256 = 0
    scheduled, at = staticcall it.scheduled()
    words.append(at)
    for weight: uint256 in scheduled:
        words.append(weight)
    return words


@view
@internal
def _outcome(oracle: address, call: Bytes[4]) -> (bool, Bytes[704]):
    """
    @return Whether it answers, and what, or what it reverts with.
    """
    success: bool = False
    data: Bytes[704] = b""
    success, data = raw_call(
        oracle, call, max_outsize=704, is_static_call=True, revert_on_failure=False
    )
    return success, data
