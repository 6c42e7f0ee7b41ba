# SPDX-License-Identifier: AGPL-3.0-only
"""What to do when a contract refuses."""

from __future__ import annotations

_REMEDIES = {
    "oracle: stale price": "wait for the feed, or on a local chain `ape run post --refresh`",
    "oracle: price step unconfirmed": "minting waits until the move is confirmed or its delay over",
    "oracle: sources disagree": "wait until both feeds agree",
    "oracle: sequencer down": "wait until the sequencer is back and its grace period over",
    "oracle: sequencer grace period": "wait until the grace period is over",
    "token: deadline passed": "allow more --deadline seconds",
    "token: shares below minimum": "prices moved: look again, or allow more --slippage-bps",
    "token: assets above maximum": "prices moved: look again, or allow more --slippage-bps",
    "token: assets below minimum": "prices moved: look again, or accept less with --min-assets",
    "token: shares above maximum": "prices moved: look again, or allow more --slippage-bps",
    "token: mint is paused": "redeeming is still possible; `ape run status` shows the mode",
    "token: above supply cap": "mint less",
    "token: shares above balance": "redeem less, or --all",
    "token: no value left": "the index rose too far since the last reset",
    "token: rebalance not due": "`ape run status` shows when it is",
    "token: zero assets": "use a larger amount",
    "token: zero shares": "use a larger amount",
    "vault: slippage above bound": "use a smaller amount, or redeem with your own --min-assets",
    "vault: a pool of the path is too shallow": "use a smaller amount, or redeem --in-kind",
    "vault: nothing is held in kind": "this token's vault does not borrow: redeem for collateral",
    "vault: component not received": "approve and hold the components to bring",
    "exchange: pool reserve too low": "use a smaller amount: the venue has no more depth",
    "exchange: short interest capped": "use a smaller amount: the venue has no more depth",
    "exchange: price impact too large": "use a smaller amount: the venue has no more depth",
    "collateral: balance too small": "get more collateral; on a local chain with --faucet",
    "ownable: caller is not the owner": "use the account that deployed with --account",
}

_BY_PART = {
    "oracle": "nothing was changed; `ape run status` shows the prices",
    "exchange": "nothing was changed; use a smaller amount",
    "vault": "nothing was changed; use a smaller amount",
}

# Aave's own codes, as they come after "vault: Aave refused ..., code ".
_AAVE = {
    "27": "Aave has switched the reserve off",
    "28": "Aave has frozen the reserve: it takes no new supply and lends nothing",
    "29": "Aave has paused the reserve",
    "30": "Aave lends this component no more",
    "32": "the vault has too little on Aave",
    "34": "the vault has no collateral on Aave",
    "35": "the vault's health factor on Aave is too low",
    "36": "the vault's collateral carries no more debt",
    "50": "Aave's cap on loans of this component is reached",
    "51": "Aave's cap on supply of the collateral is reached",
    "57": "Aave lends nothing against the collateral now",
    "panic": "Aave has too little of it to pay out now",
}
_CODE = ", code "
_OUT = "redeem less, or --in-kind"


def remedy_of(reason: str) -> str:
    """Next step after a revert with this reason."""
    part = reason.partition(":")[0]
    code = reason.partition(_CODE)[2]
    if code in _AAVE:
        return f"{_AAVE[code]}; {_OUT}"
    return _REMEDIES.get(reason) or _BY_PART.get(part, "nothing was changed")
