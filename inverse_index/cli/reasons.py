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
    "token: winding down": "nobody mints any more; `ape run redeem` and `ape run keeper` go on",
    "token: only the owner can wind down": "`ape run wind-down --dry-run` shows who may, and when",
    "token: redeem the last shares": "redeem --all: the last holder takes what there is",
    "token: caller is not guardian or owner": "use the guardian's account with --account",
    "token: guardian can only lower the cap": "the owner can raise it",
    "oracle: prices are usable": "there is nothing to report; `ape run status` shows the feeds",
    "oracle: too little gas to call it unusable": "send it with more gas",
    "exchange: oracle is not dead": "`ape run wind-down --report` starts its ten days",
    "exchange: settled": "prices are frozen for good: close, withdraw, or redeem",
    "exchange: settled, orders only reduce": "close what is open; nothing can be opened any more",
    "exchange: settled, positions are open": "close them with `liquidate`, which is open to anyone",
    "exchange: equity below zero": "anyone may liquidate the account, then try again",
    "router: deadline passed": "send it again with a later deadline",
    "router: allowance too small": "approve the router, or sign for exactly this amount",
    "router: input above maximum": "prices moved: look again, or allow more input",
    "router: output below minimum": "prices moved: look again, or accept less",
    "router: no pool for a hop of the path": "use other fee tiers or another path",
    "router: a pool of the path is too shallow": "use a smaller amount or another path",
    "router: the path does not start at WETH": "for ETH begin with WETH, end with the collateral",
    "router: receiver is zero or the router": "name the account that is to receive",
    "router: the receiver refuses ETH": "name another receiver, or take the collateral",
    "timelock: delay must be 2 to 30 days": "choose a delay within them",
    "timelock: caller is not the timelock": "propose it to the timelock itself",
    "timelock: role is fixed": "proposers, executors and cancellers can change, nothing else",
    "timelock_controller: operation is not ready": "wait until its delay is over",
    "timelock_controller: insufficient delay": "give at least the timelock's minimum delay",
    "access_control: account is missing role": "use an account that has the role",
    "factory: salt was used before": "choose another salt",
    "factory: guardian is zero or a part": "name a guardian that is not one of the contracts",
    "factory: fee recipient is zero or a part": "name a recipient that is not one of the contracts",
    "factory: oracle is not of the caller's making": "use an oracle that you made at this factory",
    "factory: exchange has another oracle": "name the exchange on this oracle",
    "factory: name or symbol is empty": "name both",
    "factory: reweighting falls between epochs": "make the index's clock a multiple of the token's",
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
    "pool": "nothing was changed; use a smaller amount",
    "vault": "nothing was changed; use a smaller amount",
    "router": "nothing was changed, nothing was taken",
    "factory": "nothing was made; docs/governance.md says what a set needs",
    "timelock": "nothing was changed; docs/governance.md says how to propose",
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
