# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title errors
@notice Every reason string of the system, one constant each: "<part>: <what>".
"""

# --- oracle: one source ---
FEED_FAILED: constant(String[64]) = "oracle: feed call failed"
ROUND_INCOMPLETE: constant(String[64]) = "oracle: round incomplete"
NOT_POSITIVE: constant(String[64]) = "oracle: price not positive"
STALE_PRICE: constant(String[64]) = "oracle: stale price"
OUT_OF_BOUNDS: constant(String[64]) = "oracle: price out of bounds"

# --- oracle: the set ---
SEQUENCER_FAILED: constant(String[64]) = "oracle: sequencer feed failed"
SEQUENCER_DOWN: constant(String[64]) = "oracle: sequencer down"
SEQUENCER_GRACE: constant(String[64]) = "oracle: sequencer grace period"
PRICE_STEP: constant(String[64]) = "oracle: price step unconfirmed"
SPREAD_TOO_WIDE: constant(String[64]) = "oracle: sources disagree"

# --- oracle: configuration ---
ORACLE_COUNT: constant(String[64]) = "oracle: 1 to 10 components and the collateral"
ORACLE_WEIGHT_COUNT: constant(String[64]) = "oracle: one weight per component"
ORACLE_WEIGHT_SUM: constant(String[64]) = "oracle: weights must sum to 1e18"
ORACLE_LEVEL: constant(String[64]) = "oracle: base level out of range"
ORACLE_FEED_DECIMALS: constant(String[64]) = "oracle: feed decimals differ"
ORACLE_NO_FEED: constant(String[64]) = "oracle: no primary feed"
ORACLE_SAME_FEED: constant(String[64]) = "oracle: both sources are one feed"
ORACLE_HEARTBEAT: constant(String[64]) = "oracle: heartbeat out of range"
ORACLE_BOUNDS: constant(String[64]) = "oracle: price bounds out of range"
ORACLE_SPREADS: constant(String[64]) = "oracle: spreads out of range"
ORACLE_STEP: constant(String[64]) = "oracle: step parameters out of range"
ORACLE_GRACE: constant(String[64]) = "oracle: sequencer grace out of range"
ORACLE_REWEIGHT: constant(String[64]) = "oracle: reweight clock out of range"
ORACLE_UNITS: constant(String[64]) = "oracle: units out of range"
ORACLE_NOTHING_SCHEDULED: constant(String[64]) = "oracle: nothing scheduled"
ORACLE_SCHEDULED: constant(String[64]) = "oracle: already scheduled"

# --- token: flows ---
TOKEN_DEADLINE: constant(String[64]) = "token: deadline passed"
TOKEN_ZERO_ASSETS: constant(String[64]) = "token: zero assets"
TOKEN_ZERO_SHARES: constant(String[64]) = "token: zero shares"
TOKEN_ZERO_RECEIVER: constant(String[64]) = "token: receiver is zero"
TOKEN_MIN_SHARES: constant(String[64]) = "token: shares below minimum"
TOKEN_MAX_ASSETS: constant(String[64]) = "token: assets above maximum"
TOKEN_MIN_ASSETS: constant(String[64]) = "token: assets below minimum"
TOKEN_MAX_SHARES: constant(String[64]) = "token: shares above maximum"
TOKEN_MINT_PAUSED: constant(String[64]) = "token: mint is paused"
TOKEN_WINDING_DOWN: constant(String[64]) = "token: winding down"
TOKEN_NAV_CAP: constant(String[64]) = "token: above NAV cap"
TOKEN_SHARES: constant(String[64]) = "token: too many shares"
TOKEN_WIPED_OUT: constant(String[64]) = "token: no value left"
TOKEN_COST: constant(String[64]) = "token: cost above value"
TOKEN_LAST: constant(String[64]) = "token: redeem the last shares"
TOKEN_BALANCE: constant(String[64]) = "token: shares above balance"
TOKEN_PENDING: constant(String[64]) = "token: an order is pending"
TOKEN_TRANSFER: constant(String[64]) = "token: collateral transfer failed"

# --- token: rebalance ---
TOKEN_NOT_DUE: constant(String[64]) = "token: rebalance not due"
TOKEN_NOT_FAILED: constant(String[64]) = "token: only the owner can wind down"
TOKEN_NOT_NEARER: constant(String[64]) = "token: leverage not nearer to target"
TOKEN_CROSSED: constant(String[64]) = "token: leverage beyond target"
TOKEN_LOSS: constant(String[64]) = "token: loss above bound"

# --- token: configuration ---
TOKEN_MULTIPLE: constant(String[64]) = "token: multiple must be 1, 2 or 3"
TOKEN_CLOCK: constant(String[64]) = "token: epoch clock out of range"
TOKEN_VAULT: constant(String[64]) = "token: vault belongs to another token"
TOKEN_COMPONENTS: constant(String[64]) = "token: vault and oracle differ in components"
TOKEN_DECIMALS: constant(String[64]) = "token: collateral decimals above 18 or not the oracle's"
TOKEN_FEE_CEILING: constant(String[64]) = "token: fee above ceiling"
TOKEN_TOLERANCE: constant(String[64]) = "token: tolerance out of range"
TOKEN_TOLERANCE_BAND: constant(String[64]) = "token: twice the tolerance beyond the band"
TOKEN_BAND: constant(String[64]) = "token: band out of range"
TOKEN_SLIPPAGE: constant(String[64]) = "token: slippage bound out of range"
TOKEN_REWARD: constant(String[64]) = "token: keeper reward out of range"
TOKEN_CHUNK_DELAY: constant(String[64]) = "token: chunk delay out of range"
TOKEN_EMERGENCY: constant(String[64]) = "token: emergency leverage out of range"
TOKEN_LEVERAGE: constant(String[64]) = "token: leverage beyond what the vault carries"
TOKEN_VIEWS: constant(String[64]) = "token: views have no code"
TOKEN_RESET_POLICY: constant(String[64]) = "token: reset policy has no code"
TOKEN_RECIPIENT: constant(String[64]) = "token: fee needs a recipient"
TOKEN_CAP_RANGE: constant(String[64]) = "token: NAV cap out of range"
TOKEN_NOT_GUARDIAN: constant(String[64]) = "token: caller is not guardian or owner"
TOKEN_ONLY_LOWER: constant(String[64]) = "token: guardian can only lower the cap"

# --- exchange: configuration ---
EXCHANGE_DECIMALS: constant(String[64]) = "exchange: collateral has over 18 decimals"
EXCHANGE_COMPONENTS: constant(String[64]) = "exchange: oracle must have 1 to 10 components"
EXCHANGE_ALL_LISTED: constant(String[64]) = "exchange: no component left to list"
EXCHANGE_SKEW_SCALE: constant(String[64]) = "exchange: skew scale out of range"
EXCHANGE_MAX_FUNDING: constant(String[64]) = "exchange: max funding out of range"
EXCHANGE_TAKER_FEE: constant(String[64]) = "exchange: taker fee out of range"
EXCHANGE_MARGINS: constant(String[64]) = "exchange: margins out of range"
EXCHANGE_MAX_LONG: constant(String[64]) = "exchange: max long out of range"

# --- exchange: prices and orders ---
EXCHANGE_PRICE_RANGE: constant(String[64]) = "exchange: price out of range"
EXCHANGE_NOT_LISTED: constant(String[64]) = "exchange: market not listed"
EXCHANGE_NO_ORDERS: constant(String[64]) = "exchange: no orders"
EXCHANGE_REPEATED: constant(String[64]) = "exchange: market repeated"
EXCHANGE_ORDER_SIZE: constant(String[64]) = "exchange: order size out of range"
EXCHANGE_IMPACT: constant(String[64]) = "exchange: price impact too large"
EXCHANGE_LIMIT: constant(String[64]) = "exchange: price beyond limit"
EXCHANGE_LONG_CAP: constant(String[64]) = "exchange: long interest capped"
EXCHANGE_SHORT_CAP: constant(String[64]) = "exchange: short interest capped"
EXCHANGE_RESERVE: constant(String[64]) = "exchange: pool reserve too low"

# --- exchange: accounts ---
EXCHANGE_MARGIN: constant(String[64]) = "exchange: margin too low"
EXCHANGE_BANKRUPT: constant(String[64]) = "exchange: equity below zero"
EXCHANGE_HEALTHY: constant(String[64]) = "exchange: account is healthy"
EXCHANGE_NO_LONG: constant(String[64]) = "exchange: no long position"
EXCHANGE_COVERED: constant(String[64]) = "exchange: pool covers the shorts"

# --- exchange: custody, of the pool as well ---
EXCHANGE_ZERO: constant(String[64]) = "exchange: zero amount"
EXCHANGE_RECEIVER: constant(String[64]) = "exchange: bad receiver"
EXCHANGE_PULL: constant(String[64]) = "exchange: collateral not pulled"
EXCHANGE_RECEIVED: constant(String[64]) = "exchange: wrong amount received"
EXCHANGE_PUSH: constant(String[64]) = "exchange: collateral not sent"
EXCHANGE_PARTNER: constant(String[64]) = "exchange: caller is not the other custodian"
EXCHANGE_POOL: constant(String[64]) = "exchange: pool of another exchange"

# --- liquidity pool ---
POOL_EXCHANGE: constant(String[64]) = "pool: caller is not the exchange"
POOL_EXHAUSTED: constant(String[64]) = "pool: exhausted"
POOL_RECEIVER: constant(String[64]) = "pool: only for the caller itself"
POOL_MIN_SHARES: constant(String[64]) = "pool: fewer shares than asked"
POOL_MIN_ASSETS: constant(String[64]) = "pool: smaller amount than asked"
POOL_SHARES: constant(String[64]) = "pool: not enough shares"
POOL_LOCKED: constant(String[64]) = "pool: shares are locked"

# --- vault ---
VAULT_TOKEN: constant(String[64]) = "vault: no token address"
VAULT_MARKETS: constant(String[64]) = "vault: one max trade per market"
VAULT_BUFFER: constant(String[64]) = "vault: idle buffer out of range"
VAULT_SANDWICH: constant(String[64]) = "vault: max trade can be sandwiched"
VAULT_MAX_TRADE: constant(String[64]) = "vault: max trade is zero"
VAULT_APPROVAL: constant(String[64]) = "vault: approval refused"
VAULT_CALLER: constant(String[64]) = "vault: caller is not the token"
VAULT_NOT_RECEIVED: constant(String[64]) = "vault: collateral not received"
VAULT_NOT_SENT: constant(String[64]) = "vault: collateral not sent"
VAULT_SLIPPAGE: constant(String[64]) = "vault: slippage above bound"
VAULT_NO_KIND: constant(String[64]) = "vault: nothing is held in kind"

# --- vault on a money market and pools ---
VAULT_NO_COMPONENTS: constant(String[64]) = "vault: 1 to 10 components"
VAULT_REPEATED: constant(String[64]) = "vault: component repeated"
VAULT_DECIMALS: constant(String[64]) = "vault: decimals out of range"
VAULT_HEALTH_RANGE: constant(String[64]) = "vault: minimum health out of range"
VAULT_PATH: constant(String[64]) = "vault: no pool for a hop of a path"
VAULT_CALLBACK: constant(String[64]) = "vault: caller is not the pool"
VAULT_DEPTH: constant(String[64]) = "vault: a pool of the path is too shallow"
VAULT_HEALTH: constant(String[64]) = "vault: health factor too low"
VAULT_BROUGHT: constant(String[64]) = "vault: component not received"
VAULT_OWN_COLLATERAL: constant(String[64]) = "vault: that is the collateral"
AAVE_COLLATERAL: constant(String[64]) = "vault: Aave lends nothing against the collateral"
AAVE_COMPONENT: constant(String[64]) = "vault: Aave does not lend a component"
# Aave's own error code follows.
AAVE_SUPPLY: constant(String[56]) = "vault: Aave refused a supply, code "
AAVE_WITHDRAW: constant(String[56]) = "vault: Aave refused a withdrawal, code "
AAVE_BORROW: constant(String[56]) = "vault: Aave refused a loan, code "
AAVE_REPAY: constant(String[56]) = "vault: Aave refused a repayment, code "

# --- oracle: what is acted on while it is unusable ---
ORACLE_GAS: constant(String[64]) = "oracle: too little gas to call it unusable"
ORACLE_USABLE: constant(String[64]) = "oracle: prices are usable"

# --- exchange: settlement ---
EXCHANGE_ORACLE_LIVES: constant(String[64]) = "exchange: oracle is not dead"
EXCHANGE_SETTLED: constant(String[64]) = "exchange: settled"
EXCHANGE_REDUCE_ONLY: constant(String[64]) = "exchange: settled, orders only reduce"
EXCHANGE_OPEN: constant(String[64]) = "exchange: settled, positions are open"

# --- router ---
ROUTER_PART: constant(String[64]) = "router: no contract at an address"
ROUTER_DEADLINE: constant(String[64]) = "router: deadline passed"
ROUTER_RECEIVER: constant(String[64]) = "router: receiver is zero or the router"
ROUTER_ALLOWANCE: constant(String[64]) = "router: allowance too small"
ROUTER_APPROVAL: constant(String[64]) = "router: approval refused"
ROUTER_PULL: constant(String[64]) = "router: transfer from the caller failed"
ROUTER_PUSH: constant(String[64]) = "router: transfer failed"
ROUTER_HELD: constant(String[64]) = "router: collateral was lost or left over"
ROUTER_PATH: constant(String[64]) = "router: no pool for a hop of the path"
ROUTER_DEPTH: constant(String[64]) = "router: a pool of the path is too shallow"
ROUTER_CALLBACK: constant(String[64]) = "router: caller is not the pool"
ROUTER_MAX_INPUT: constant(String[64]) = "router: input above maximum"
ROUTER_MIN_OUT: constant(String[64]) = "router: output below minimum"
ROUTER_NOT_WETH: constant(String[64]) = "router: the path does not start at WETH"
ROUTER_ETH: constant(String[64]) = "router: only WETH sends ETH"
ROUTER_ETH_REFUSED: constant(String[64]) = "router: the receiver refuses ETH"

# --- timelock ---
TIMELOCK_DELAY: constant(String[64]) = "timelock: delay must be 2 to 30 days"
TIMELOCK_PROPOSER: constant(String[64]) = "timelock: no proposer, or one is zero"
TIMELOCK_EXECUTOR: constant(String[64]) = "timelock: no executor"
TIMELOCK_SELF: constant(String[64]) = "timelock: caller is not the timelock"
TIMELOCK_ROLE: constant(String[64]) = "timelock: role is fixed"

# --- factory ---
FACTORY_NO_CODE: constant(String[64]) = "factory: a part's code is missing"
FACTORY_QUOTER: constant(String[64]) = "factory: policy or quoter has no code"
FACTORY_SALT: constant(String[64]) = "factory: salt was used before"
FACTORY_FAILED: constant(String[64]) = "factory: a part could not be created"
FACTORY_ORACLE: constant(String[64]) = "factory: oracle is not of the caller's making"
FACTORY_EXCHANGE: constant(String[64]) = "factory: exchange has another oracle"
FACTORY_GUARDIAN: constant(String[64]) = "factory: guardian is zero or a part"
FACTORY_RECIPIENT: constant(String[64]) = "factory: fee recipient is zero or a part"
FACTORY_NAME: constant(String[64]) = "factory: name or symbol is empty"
FACTORY_CLOCKS: constant(String[64]) = "factory: reweighting falls between epochs"
FACTORY_VENUE: constant(String[64]) = "factory: venue does not fill at these prices"

# --- feeds and keeper adapter ---
FEED_DECIMALS: constant(String[64]) = "feed: decimals must be 8 or 18"
FEED_NO_SHARES: constant(String[64]) = "feed: no shares exist"
FEED_WORTHLESS: constant(String[64]) = "feed: no value left"
ADAPTER_DATA: constant(String[64]) = "adapter: data is not token, receiver, min reward"
ADAPTER_REWARD: constant(String[64]) = "adapter: reward below minimum"

# --- local networks and mocks ---
NO_DATA: constant(String[64]) = "No data present"  # as Chainlink's proxy says
BOARD_ANSWER: constant(String[64]) = "board: answer out of range"
BOARD_MISSING: constant(String[64]) = "board: not a contract"
COLLATERAL_ALLOWANCE: constant(String[64]) = "collateral: allowance too small"
COLLATERAL_BALANCE: constant(String[64]) = "collateral: balance too small"
MOCK_FAILS: constant(String[64]) = "mock: feed fails"
MOCK_BLOCKED: constant(String[64]) = "mock: account blocked"
MAKER_CALLER: constant(String[64]) = "market maker: caller is not the pool"
MAKER_PAYMENT: constant(String[64]) = "market maker: token not paid"
MAKER_LENGTHS: constant(String[64]) = "market maker: one price per pool"
