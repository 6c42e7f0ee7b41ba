# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title price_acceptance
@license AGPL-3.0-only
@notice Keeps the last accepted prices, at which positions are closed while there are
        no others, as new as a wind-down that closes at usable ones.
"""


@internal
def _try_refresh(oracle: address):
    """
    @notice Refresh the oracle, or do nothing while it refuses. An outage or a dispute
            must not hold up what needs no price.
    """
    accepted: bool = raw_call(oracle, method_id("refresh()"), revert_on_failure=False)
