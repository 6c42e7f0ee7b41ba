# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title clocks
@license AGPL-3.0-only
@notice The oracle's clocks and the version of its composition in one word, so
        that a refresh reads and writes them once.
@dev `reconstitution` and `outage` pack and unpack what is theirs.
"""

# @dev version (96 bits) | last reweighted interval (40) | scheduled time (40)
#      | time from which the units were due (40) | unusable since (40).
word: uint256
