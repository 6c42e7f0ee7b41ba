# SPDX-License-Identifier: AGPL-3.0-only
"""What to do when a contract refuses."""

from __future__ import annotations

from .. import reasons

_REMEDIES = {
    reasons.STALE_PRICE: "wait for the feed, or on a local chain `ape run post --refresh`",
    reasons.PRICE_STEP: "minting waits until the move is confirmed or its delay over",
    reasons.SPREAD_TOO_WIDE: "wait until both feeds agree",
    reasons.SEQUENCER_DOWN: "wait until the sequencer is back and its grace period over",
    reasons.SEQUENCER_GRACE: "wait until the grace period is over",
    reasons.TOKEN_DEADLINE: "allow more --deadline seconds",
    reasons.TOKEN_MIN_SHARES: "prices moved: look again, or allow more --slippage-bps",
    reasons.TOKEN_MAX_ASSETS: "prices moved: look again, or allow more --slippage-bps",
    reasons.TOKEN_MIN_ASSETS: "prices moved: look again, or accept less with --min-assets",
    reasons.TOKEN_MAX_SHARES: "prices moved: look again, or allow more --slippage-bps",
    reasons.TOKEN_MINT_PAUSED: "redeeming is still possible; `ape run status` shows the mode",
    reasons.TOKEN_WINDING_DOWN: "nobody mints now; `ape run redeem` and `ape run keeper` go on",
    reasons.TOKEN_NOT_FAILED: "`ape run wind-down --dry-run` shows who may, and when",
    reasons.TOKEN_LAST: "redeem --all: the last holder takes what there is",
    reasons.TOKEN_NOT_GUARDIAN: "use the guardian's account with --account",
    reasons.TOKEN_ONLY_LOWER: "the owner can raise it",
    reasons.ORACLE_USABLE: "there is nothing to report; `ape run status` shows the feeds",
    reasons.ORACLE_GAS: "send it with more gas",
    reasons.EXCHANGE_ORACLE_LIVES: "`ape run wind-down --report` starts its ten days",
    reasons.EXCHANGE_SETTLED: "prices are frozen for good: close, withdraw, or redeem",
    reasons.EXCHANGE_REDUCE_ONLY: "close what is open; nothing can be opened any more",
    reasons.EXCHANGE_OPEN: "close them with `liquidate`, which is open to anyone",
    reasons.EXCHANGE_MARGIN: "add margin with `ape run trade margin add`, or trade less",
    reasons.EXCHANGE_LIMIT: "prices moved: look again, or allow more --slippage",
    reasons.EXCHANGE_RESTRICTED: "wait until the oracle is sure of its prices",
    reasons.EXCHANGE_LONG_CAP: "use a smaller amount: the venue has no more depth",
    reasons.EXCHANGE_HEALTHY: "somebody was faster, or prices have moved",
    reasons.EXCHANGE_COVERED: "the pool covers the shorts again: nothing is left to do",
    reasons.POOL_EARLY: "`ape run pool state --provider` shows from when on it works",
    reasons.POOL_BINDING: "`ape run pool claim`",
    reasons.POOL_EXHAUSTED: "shares have no price until traders have lost again",
    reasons.POOL_MIN_SHARES: "prices moved: look again, or allow more --slippage",
    reasons.POOL_MIN_ASSETS: "prices moved: look again, or allow more --slippage",
    reasons.EXCHANGE_BANKRUPT: "anyone may liquidate the account, then try again",
    reasons.ROUTER_DEADLINE: "send it again with a later deadline",
    reasons.ROUTER_ALLOWANCE: "approve the router, or sign for exactly this amount",
    reasons.ROUTER_MAX_INPUT: "prices moved: look again, or allow more input",
    reasons.ROUTER_MIN_OUT: "prices moved: look again, or accept less",
    reasons.ROUTER_PATH: "use other fee tiers or another path",
    reasons.ROUTER_DEPTH: "use a smaller amount or another path",
    reasons.ROUTER_NOT_WETH: "for ETH begin with WETH, end with the collateral",
    reasons.ROUTER_RECEIVER: "name the account that is to receive",
    reasons.ROUTER_ETH_REFUSED: "name another receiver, or take the collateral",
    reasons.TIMELOCK_DELAY: "choose a delay within them",
    reasons.TIMELOCK_SELF: "propose it to the timelock itself",
    reasons.TIMELOCK_ROLE: "proposers, executors and cancellers can change, nothing else",
    "timelock_controller: operation is not ready": "wait until its delay is over",
    "timelock_controller: insufficient delay": "give at least the timelock's minimum delay",
    "access_control: account is missing role": "use an account that has the role",
    reasons.FACTORY_SALT: "choose another salt",
    reasons.FACTORY_GUARDIAN: "name a guardian that is not one of the contracts",
    reasons.FACTORY_RECIPIENT: "name a recipient that is not one of the contracts",
    reasons.FACTORY_ORACLE: "use an oracle that you made at this factory",
    reasons.FACTORY_EXCHANGE: "name the exchange on this oracle",
    reasons.FACTORY_NAME: "name both",
    reasons.FACTORY_CLOCKS: "make the index's clock a multiple of the token's",
    reasons.TOKEN_NAV_CAP: "mint less",
    reasons.TOKEN_BALANCE: "redeem less, or --all",
    reasons.TOKEN_WIPED_OUT: "the index rose too far since the last reset",
    reasons.TOKEN_NOT_DUE: "`ape run status` shows when it is",
    reasons.TOKEN_ZERO_ASSETS: "use a larger amount",
    reasons.TOKEN_ZERO_SHARES: "use a larger amount",
    reasons.VAULT_SLIPPAGE: "use a smaller amount, or redeem with your own --min-assets",
    reasons.VAULT_DEPTH: "use a smaller amount, or redeem --in-kind",
    reasons.VAULT_NO_KIND: "this token's vault does not borrow: redeem for collateral",
    reasons.VAULT_BROUGHT: "approve and hold the components to bring",
    reasons.EXCHANGE_RESERVE: "use a smaller amount: the venue has no more depth",
    reasons.EXCHANGE_SHORT_CAP: "use a smaller amount: the venue has no more depth",
    reasons.POOL_ACCOUNT_SIZE: "use a smaller amount: one account may use a part of the pool",
    reasons.EXCHANGE_IMPACT: "use a smaller amount: the venue has no more depth",
    reasons.COLLATERAL_BALANCE: "get more collateral; on a local chain with --faucet",
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
