# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title SymbolicCheck
@license AGPL-3.0-only
@notice Hands each call to the statements that it has deployed, and panics where
        one is false or reverts, as symbolic execution expects of a violation.
@custom:kill For tests only; never deployed elsewhere.
"""

_ASSERTION: constant(uint256) = 1  # what a panic calls it

STATEMENTS: immutable(address)
MASKS: immutable(uint256[8])
LOWEST: immutable(uint256[8])


@deploy
def __init__(code: Bytes[49152], masks: uint256[8], lowest: uint256[8]):
    """
    @param code What creates the statements.
    @param masks Bits that are taken of each word of a call.
    @param lowest What is added to each.
    """
    STATEMENTS = raw_create(code)
    MASKS = masks
    LOWEST = lowest


@external
def __default__():
    words: uint256[8] = empty(uint256[8])
    for i: uint256 in range(8):
        if len(msg.data) >= 36 + 32 * i:
            word: uint256 = convert(slice(msg.data, 4 + 32 * i, 32), uint256)
            words[i] = (word & MASKS[i]) + LOWEST[i]
    success: bool = False
    answer: Bytes[32] = b""
    success, answer = raw_call(
        STATEMENTS,
        concat(slice(msg.data, 0, 4), abi_encode(words)),
        max_outsize=32,
        revert_on_failure=False,
    )
    if not success or len(answer) != 32 or convert(answer, uint256) != 1:
        raw_revert(abi_encode(_ASSERTION, method_id=method_id("Panic(uint256)")))
