# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
# pragma optimize codesize
"""
@title Factory
@license AGPL-3.0-only
@notice Makes a full set in one or two transactions, each of which is done
        completely or not at all: a timelock, an oracle that it owns, a vault,
        and a token that it owns. Anyone may.
@dev A set in which everything is new and trades on Aave fits into one
     transaction (`deploy_all_on_aave`) unless it has nearly ten components: two
     halves then, as a transaction's gas is limited. An exchange needs its oracle
     to exist and has to be funded, so a set on an exchange takes two, and the
     exchange in between: `deploy_oracle`, then `deploy_on_perp`. Several tokens
     may share an oracle, and then its timelock as well; only who made the oracle
     here adds tokens to it.

     Addresses depend on the caller, so nobody can take a salt from anybody else.
     Token and vault name each other: the vault's address depends on caller and
     salt alone, see `stored_code`; the token's commits to its code and
     parameters. A call that is simulated tells all addresses beforehand.

     The factory makes oracle and token itself, so it is their first owner; it
     hands both to the timelock in the same transaction and has no function that
     could use the ownership.
@custom:kill Nothing to stop: it holds nothing and owns nothing. What it made is
             stopped as each part's header says.
"""

from ...interfaces import ICollateralVault
from ...interfaces import IFactory
from ...interfaces import IIndexOracle
from ...interfaces import IPerpExchange

implements: IFactory

from ..modules.lib import errors
from ..modules.lib import stored_code
from ..modules.token import core

initializes: stored_code


interface IOwned:
    def transfer_ownership(new_owner: address): nonpayable


_TIMELOCK: constant(uint256) = 0
_ORACLE: constant(uint256) = 1
_PERP_VAULT: constant(uint256) = 2
_AAVE_VAULT: constant(uint256) = 3
_TOKEN: constant(uint256) = 4
_WAD_BPS: constant(uint256) = 10**14

# @dev The token's terms and the Aave vault's quotes: without state, shared by all.
POLICY: public(immutable(address))
AAVE_QUOTER: public(immutable(address))

token_count: public(uint256)
token_at: public(HashMap[uint256, address])
_sets: HashMap[address, IFactory.Set]
_origins: HashMap[address, IFactory.Origin]
_used: HashMap[bytes32, bool]


@deploy
def __init__(
    stores: DynArray[DynArray[address, 2], stored_code.PARTS], policy: address, aave_quoter: address
):
    """
    @param stores Creation code of timelock, oracle, perp vault, Aave vault and
           token, see `stored_code`.
    """
    stored_code.__init__(stores)
    assert policy.is_contract and aave_quoter.is_contract, errors.FACTORY_QUOTER
    POLICY = policy
    AAVE_QUOTER = aave_quoter


# --- views ---


@view
@external
def is_token(token: address) -> bool:
    """
    @return True for a token that this factory made.
    """
    return self._sets[token].token != empty(address)


@view
@external
def set_of(token: address) -> IFactory.Set:
    """
    @return The token's parts, zeros for a token of somebody else's.
    """
    return self._sets[token]


@view
@external
def origin_of(oracle: address) -> IFactory.Origin:
    """
    @return Who made the oracle here and which timelock was made with it, zeros for an
            oracle of somebody else's.
    """
    return self._origins[oracle]


@view
@external
def code_hash(part: IFactory.Part) -> bytes32:
    """
    @return keccak256 of the creation code that is used for a part.
    """
    for i: uint256 in range(stored_code.PARTS):
        if convert(part, uint256) == 1 << i:
            return keccak256(stored_code._code(i))
    raise errors.FACTORY_NO_CODE


@view
@external
def vault_address(deployer: address, salt: bytes32) -> address:
    """
    @return Where the vault of the deployer's set of this salt is or will be, whatever
            its parameters.
    """
    return stored_code._free_address(self._salt(deployer, salt, _TOKEN))


# --- deployment ---


@external
def deploy_oracle(
    salt: bytes32, governance: IFactory.Governance, index: IFactory.Index
) -> (address, address):
    """
    @notice The first half of a set. Anyone; addresses depend on the caller.
    @param governance The timelock's delay in seconds, its proposers and executors.
    @param index What the oracle is made of, see `IndexOracle`.
    @return Timelock and oracle.
    @dev Reverts with "factory: salt was used before", or with the part's reason.
    """
    return self._deploy_oracle(salt, governance, index)


@external
def deploy_on_perp(
    salt: bytes32,
    oracle: address,
    terms: IFactory.PerpTerms,
    configuration: core.Configuration,
) -> IFactory.Set:
    """
    @notice Vault and token on an exchange.
    @param oracle Made by the caller with `deploy_oracle`.
    @param configuration See `InverseIndexToken`; oracle, vault and policy are
           filled in.
    """
    listed: address = staticcall IPerpExchange(terms.exchange).oracle()
    assert listed == oracle, errors.FACTORY_EXCHANGE
    free: bytes32 = self._take_salt(salt, _TOKEN)
    vault: address = stored_code._free_address(free)
    initcode: Bytes[stored_code.MAX_INITCODE] = self._token_code(oracle, vault, configuration)
    token: address = stored_code._address(initcode, free)
    self._create_vault(
        _PERP_VAULT,
        abi_encode(token, terms.exchange, terms.idle_buffer, terms.max_trade),
        free,
    )
    return self._finish(IFactory.Kind.PERP, oracle, vault, initcode, free, configuration)


@external
def deploy_on_aave(
    salt: bytes32,
    oracle: address,
    market: IFactory.AaveMarket,
    components: DynArray[IFactory.AaveComponent, 10],
    configuration: core.Configuration,
) -> IFactory.Set:
    """
    @notice Vault and token on Aave and Uniswap, see `deploy_on_perp`.
    """
    return self._deploy_on_aave(salt, oracle, market, components, configuration)


@external
def deploy_all_on_aave(
    salt: bytes32,
    governance: IFactory.Governance,
    index: IFactory.Index,
    market: IFactory.AaveMarket,
    components: DynArray[IFactory.AaveComponent, 10],
    configuration: core.Configuration,
) -> IFactory.Set:
    """
    @notice A full set in one transaction: `deploy_oracle` and `deploy_on_aave`.
    """
    timelock: address = empty(address)
    oracle: address = empty(address)
    timelock, oracle = self._deploy_oracle(salt, governance, index)
    return self._deploy_on_aave(salt, oracle, market, components, configuration)


# --- parts ---


@internal
def _deploy_oracle(
    salt: bytes32, governance: IFactory.Governance, index: IFactory.Index
) -> (address, address):
    taken: bytes32 = self._take_salt(salt, _ORACLE)
    timelock: address = stored_code._create(
        concat(
            stored_code._code(_TIMELOCK),
            abi_encode(governance.delay, governance.proposers, governance.executors),
        ),
        taken,
    )
    oracle: address = stored_code._create(
        concat(
            stored_code._code(_ORACLE),
            abi_encode(
                index.assets,
                index.weights,
                index.base_level,
                index.collateral_decimals,
                index.parameters,
            ),
        ),
        taken,
    )
    extcall IOwned(oracle).transfer_ownership(timelock)
    self._origins[oracle] = IFactory.Origin(deployer=msg.sender, timelock=timelock)
    log IFactory.OracleDeployed(oracle=oracle, timelock=timelock, deployer=msg.sender)
    return timelock, oracle


@internal
def _deploy_on_aave(
    salt: bytes32,
    oracle: address,
    market: IFactory.AaveMarket,
    components: DynArray[IFactory.AaveComponent, 10],
    configuration: core.Configuration,
) -> IFactory.Set:
    free: bytes32 = self._take_salt(salt, _TOKEN)
    vault: address = stored_code._free_address(free)
    initcode: Bytes[stored_code.MAX_INITCODE] = self._token_code(oracle, vault, configuration)
    token: address = stored_code._address(initcode, free)
    filled: IFactory.AaveMarket = market
    filled.quoter = AAVE_QUOTER
    self._create_vault(_AAVE_VAULT, abi_encode(token, filled, components), free)
    return self._finish(IFactory.Kind.AAVE, oracle, vault, initcode, free, configuration)


@internal
def _create_vault(part: uint256, arguments: Bytes[stored_code.MAX_ARGUMENTS], salt: bytes32):
    stored_code._create_free(concat(stored_code._code(part), arguments), salt)


@view
@internal
def _token_code(
    oracle: address, vault: address, configuration: core.Configuration
) -> Bytes[stored_code.MAX_INITCODE]:
    """
    @return The token's creation code with its arguments.
    """
    filled: core.Configuration = configuration
    filled.oracle = oracle
    filled.vault = vault
    filled.policy = POLICY
    return concat(stored_code._code(_TOKEN), abi_encode(filled))


@internal
def _finish(
    kind: IFactory.Kind,
    oracle: address,
    vault: address,
    initcode: Bytes[stored_code.MAX_INITCODE],
    salt: bytes32,
    configuration: core.Configuration,
) -> IFactory.Set:
    """
    @notice The token last, when its vault exists; then everything together.
    """
    origin: IFactory.Origin = self._origins[oracle]
    assert origin.deployer == msg.sender, errors.FACTORY_ORACLE
    made: IFactory.Set = IFactory.Set(
        kind=kind,
        deployer=msg.sender,
        timelock=origin.timelock,
        oracle=oracle,
        vault=vault,
        token=stored_code._create(initcode, salt),
    )
    extcall IOwned(made.token).transfer_ownership(made.timelock)
    self._check_set(made, configuration)
    self._record(made)
    return made


@internal
def _record(made: IFactory.Set):
    self._sets[made.token] = made
    self.token_at[self.token_count] = made.token
    self.token_count += 1
    log IFactory.SetDeployed(
        token=made.token,
        timelock=made.timelock,
        deployer=made.deployer,
        oracle=made.oracle,
        vault=made.vault,
        kind=made.kind,
    )


# --- salts ---


@internal
def _take_salt(salt: bytes32, part: uint256) -> bytes32:
    own: bytes32 = self._salt(msg.sender, salt, part)
    assert not self._used[own], errors.FACTORY_SALT
    self._used[own] = True
    return own


@pure
@internal
def _salt(deployer: address, salt: bytes32, part: uint256) -> bytes32:
    return keccak256(abi_encode(deployer, salt, part))


# --- checks: what no part sees by itself ---


@view
@internal
def _check_set(made: IFactory.Set, configuration: core.Configuration):
    parts: address[6] = [empty(address), made.token, made.vault, made.oracle, made.timelock, self]
    # The guardian acts at once, so it cannot be the timelock.
    assert configuration.guardian not in parts, errors.FACTORY_GUARDIAN
    recipient_is_timelock: bool = configuration.fee_recipient == made.timelock
    assert (
        recipient_is_timelock or configuration.fee_recipient not in parts
    ), errors.FACTORY_RECIPIENT
    assert len(configuration.name) != 0 and len(configuration.symbol) != 0, errors.FACTORY_NAME
    self._check_clocks(made.oracle, configuration.epoch_interval, configuration.epoch_offset)
    self._check_venue(made, configuration.parameters.slippage_bps * _WAD_BPS)


@view
@internal
def _check_clocks(oracle: address, interval: uint256, offset: uint256):
    """
    @notice The index changes when an epoch begins, not in between: a rebalance
            would be due twice.
    """
    parameters: IIndexOracle.Parameters = staticcall IIndexOracle(oracle).parameters()
    if parameters.reweight_interval != 0:
        assert parameters.reweight_interval % interval == 0, errors.FACTORY_CLOCKS
        assert parameters.reweight_offset % interval == offset, errors.FACTORY_CLOCKS


@view
@internal
def _check_venue(made: IFactory.Set, bound: uint256):
    """
    @notice The venue buys and sells every component within the slippage bound of
            the oracle's prices. It would not if components came in another order
            than the oracle's, a unit was mistaken, or there was no liquidity.
    """
    mid: uint256[10] = (staticcall IIndexOracle(made.oracle).read()).mid
    units: uint256[10] = (staticcall IIndexOracle(made.oracle).composition()).units
    for more: bool in [True, False]:
        depth: uint256 = staticcall ICollateralVault(made.vault).depth(units, mid, bound, more)
        assert depth != 0, errors.FACTORY_VENUE
