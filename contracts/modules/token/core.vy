# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title core
@license AGPL-3.0-only
@notice The token's parts and parameters, and its present state read once per
        action.
"""

from ethereum.ercs import IERC20Detailed

from ....interfaces import ICollateralVault
from ....interfaces import IIndexOracle
from ....interfaces import IInverseIndexToken
from ....interfaces import IResetPolicy
from ....interfaces import ITokenPolicy
from ....interfaces import ITokenViews

from ..lib import errors
from . import nav as nav_math
from ..policy import parameters as parameter_word
from . import records
from . import streaming_fee

uses: records
uses: streaming_fee


struct Configuration:
    name: String[25]
    symbol: String[5]
    oracle: address
    vault: address
    policy: address
    multiple: uint256
    epoch_interval: uint256  # seconds
    epoch_offset: uint256  # seconds
    parameters: IInverseIndexToken.Parameters
    fee_rate: uint256  # WAD per second
    fee_recipient: address
    guardian: address
    nav_cap: uint256  # collateral


_WAD: constant(uint256) = 10**18
_MAX_INTERVAL: constant(uint256) = 31 * 86_400
_DOUBLED_BITS: constant(uint256) = 42
PAUSED: constant(uint256) = 1
SETTLED: constant(uint256) = 2
_WOUND_DOWN: constant(uint256) = (2**40 - 1) << 2  # the time's bits
CAP_BITS: constant(uint256) = 82  # below the NAV cap

ASSET: immutable(address)
VAULT: immutable(ICollateralVault)
ORACLE: immutable(IIndexOracle)
POLICY: immutable(ITokenPolicy)
RESETS: immutable(IResetPolicy)
VIEWS: immutable(ITokenViews)
MULTIPLE: immutable(uint256)
COUNT: immutable(uint256)
EPOCH_INTERVAL: immutable(uint256)
EPOCH_OFFSET: immutable(uint256)
UNIT: immutable(uint256)  # one whole collateral unit
VIRTUAL: immutable(uint256)  # shares worth one collateral unit at the start, 10**(18 - d)

# @dev See the module `parameters`.
parameters_word: uint256
# @dev Mint paused (1 bit) | settled (1) | time of the wind-down (40) | time of the
#      last mint that at least doubled N (40) | NAV cap (in the others).
control: uint256


@deploy
def __init__(configuration: Configuration):
    """
    @param configuration See the struct. The vault must have been deployed for
           this contract's address, the oracle for the vault's collateral.
    """
    VAULT = ICollateralVault(configuration.vault)
    ORACLE = IIndexOracle(configuration.oracle)
    POLICY = ITokenPolicy(configuration.policy)
    RESETS = IResetPolicy(staticcall ITokenPolicy(configuration.policy).reset_policy())
    VIEWS = ITokenViews(staticcall ITokenPolicy(configuration.policy).views())
    assert staticcall ICollateralVault(configuration.vault).token() == self, errors.TOKEN_VAULT
    COUNT = staticcall IIndexOracle(configuration.oracle).component_count()
    vault_count: uint256 = staticcall ICollateralVault(configuration.vault).component_count()
    assert vault_count == COUNT, errors.TOKEN_COMPONENTS

    ASSET = staticcall ICollateralVault(configuration.vault).asset()
    decimals: uint256 = convert(staticcall IERC20Detailed(ASSET).decimals(), uint256)
    stated: uint256 = staticcall IIndexOracle(configuration.oracle).collateral_decimals()
    assert decimals <= 18 and decimals == stated, errors.TOKEN_DECIMALS
    UNIT = 10**decimals
    VIRTUAL = 10**(18 - decimals)

    assert configuration.multiple >= 1 and configuration.multiple <= 3, errors.TOKEN_MULTIPLE
    MULTIPLE = configuration.multiple
    assert configuration.epoch_interval >= 3_600, errors.TOKEN_CLOCK
    assert configuration.epoch_interval <= _MAX_INTERVAL, errors.TOKEN_CLOCK
    assert configuration.epoch_offset < configuration.epoch_interval, errors.TOKEN_CLOCK
    EPOCH_INTERVAL = configuration.epoch_interval
    EPOCH_OFFSET = configuration.epoch_offset
    prices: IIndexOracle.Prices = staticcall IIndexOracle(configuration.oracle).read()
    self._open_reset(configuration.oracle, prices.mid, 0, _WAD)


# --- views ---


@view
@external
def asset() -> address:
    return ASSET


@view
@external
def vault() -> address:
    return VAULT.address


@view
@external
def oracle() -> address:
    return ORACLE.address


@view
@external
def policy() -> address:
    return POLICY.address


@view
@external
def reset_policy() -> address:
    return RESETS.address


@view
@external
def views() -> address:
    return VIEWS.address


@view
@external
def state() -> IInverseIndexToken.State:
    return self._state_of(self._unpriced())


# --- internal ---


@view
@internal
def _snapshot() -> ITokenPolicy.Snapshot:
    """
    @notice A settled token needs no prices.
    """
    snapshot: ITokenPolicy.Snapshot = self._unpriced()
    if snapshot.mode == IInverseIndexToken.Mode.SETTLED:
        snapshot.held.idle = staticcall VAULT.remainder()
        return snapshot
    snapshot.prices = staticcall ORACLE.read()
    snapshot.held = staticcall VAULT.value(snapshot.prices.mid)
    return snapshot


@view
@internal
def _unpriced() -> ITokenPolicy.Snapshot:
    return ITokenPolicy.Snapshot(
        parameters=parameter_word._unpacked(self.parameters_word),
        flows=records._flows(),
        prices=empty(IIndexOracle.Prices),
        held=empty(ICollateralVault.Value),
        mode=self._mode(),
        supply=streaming_fee._supply(),
        multiple=MULTIPLE,
        components=COUNT,
        virtual=VIRTUAL,
        vault=VAULT.address,
        oracle=ORACLE.address,
    )


@view
@internal
def _state_of(snapshot: ITokenPolicy.Snapshot) -> IInverseIndexToken.State:
    """
    @param snapshot Of this moment, with or without prices.
    """
    return IInverseIndexToken.State(
        parameters=snapshot.parameters,
        fee=streaming_fee._fee(),
        flows=snapshot.flows,
        reset=records._reset(),
        mode=snapshot.mode,
        winding_down_since=self._winding_down_since(),
        doubled_at=self.control >> _DOUBLED_BITS & (2**40 - 1),
        nav_cap=self._cap(),
        supply=snapshot.supply,
        multiple=MULTIPLE,
        components=COUNT,
        unit=UNIT,
        epoch_interval=EPOCH_INTERVAL,
        epoch_offset=EPOCH_OFFSET,
        vault=VAULT.address,
        oracle=ORACLE.address,
    )


@view
@internal
def _mode() -> IInverseIndexToken.Mode:
    control: uint256 = self.control
    if control & SETTLED != 0:
        return IInverseIndexToken.Mode.SETTLED
    if control & _WOUND_DOWN != 0:
        return IInverseIndexToken.Mode.WINDING_DOWN
    if control & PAUSED != 0:
        return IInverseIndexToken.Mode.MINT_PAUSED
    return IInverseIndexToken.Mode.ACTIVE


@view
@internal
def _is_settled() -> bool:
    return self.control & SETTLED != 0


@view
@internal
def _winding_down_since() -> uint256:
    return self.control >> 2 & (2**40 - 1)


@view
@internal
def _cap() -> uint256:
    return self.control >> CAP_BITS


@internal
def _mark_doubled():
    """
    @notice N has at least doubled: what was due was that of a smaller token.
    """
    others: uint256 = self.control & ~((2**40 - 1) << _DOUBLED_BITS)
    self.control = others | block.timestamp << _DOUBLED_BITS


@internal
def _open_reset(oracle: address, mid: uint256[10], nav: uint256, nav_per_share: uint256):
    """
    @notice Start a period in which no share existed before: nothing of an earlier
            one is due, and nothing is compared with it.
    """
    composition: IIndexOracle.Composition = staticcall IIndexOracle(oracle).composition()
    reset: IInverseIndexToken.Reset = IInverseIndexToken.Reset(
        epoch=(block.timestamp - EPOCH_OFFSET) // EPOCH_INTERVAL,
        version=composition.version,
        at=block.timestamp,
        chunk_due_at=0,
        nav=nav,
        level=nav_math._level_down(composition.units, mid, COUNT),
        nav_per_share=nav_per_share,
    )
    records._store_reset(reset)
    log IInverseIndexToken.ResetOpened(
        epoch=reset.epoch,
        version=reset.version,
        nav=nav,
        level=reset.level,
        nav_per_share=nav_per_share,
    )
