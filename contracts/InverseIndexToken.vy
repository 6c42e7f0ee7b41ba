# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title InverseIndexToken
@license AGPL-3.0-only
@notice An ERC-20 that returns -L times the return of a crypto index over each
        rebalancing period, minted and redeemed in a stablecoin at net asset
        value. ERC-2612 and ERC-4626.
@dev The token knows how much exposure it wants. Custody and trading belong to
     its `ICollateralVault`, prices and composition to its `IIndexOracle`.

     With s[i] = L * N * u[i] / I set at a reset, until the next one
         N' = N * (1 - L * (I' / I - 1))   less costs,
     on any path of any component. Over many periods this compounds and, for a
     volatility v per period, loses about (L + L**2) / 2 * v**2 per period
     against -L times the index's own compound return. Not for holding unwatched.

     A flow (a mint or redemption) of size A at bid or ask N is
       netted  if |A| <= t * N and |unhedged + A| <= 2 * t * N: no trade, its
               flat fee goes to the hedge reserve;
       hedged  otherwise: all shorts and `unhedged` are scaled with N, and the
               flow pays the larger of its flat fee and its trade's real cost.
     The four ERC-4626 entry points also take the caller's own bound and a
     deadline. On `redeem` a given `min_assets` replaces the slippage bound.
@custom:kill The guardian or owner can stop minting, at once. Nobody can stop
             redemption. The owner cannot move collateral, exceed the constant
             bounds in `parameters` and `streaming_fee`, or replace any part.
"""


from ethereum.ercs import IERC20
from ethereum.ercs import IERC20Detailed
from ethereum.ercs import IERC4626
from snekmate.auth import ownable
from snekmate.tokens import erc20

from ..interfaces import ICollateralVault
from ..interfaces import IIndexOracle
from ..interfaces import IInverseIndexToken
from ..interfaces import IQuoter

# `implements: IERC4626` is refused for functions with further default arguments;
# a test compares the selectors instead.
implements: IInverseIndexToken

from .modules import errors
from .modules import nav as nav_math
from .modules import parameters as parameter_word
from .modules import records
from .modules import streaming_fee as fee_module

initializes: ownable
initializes: erc20[ownable := ownable]
initializes: fee_module[erc20 := erc20]
initializes: records

exports: (
    ownable.transfer_ownership,
    # `renounce_ownership` is left out: it would leave a paused mint paused.
    erc20.owner,
    erc20.name,
    erc20.symbol,
    erc20.decimals,
    erc20.totalSupply,
    erc20.balanceOf,
    erc20.allowance,
    erc20.transfer,
    erc20.transferFrom,
    erc20.approve,
    erc20.permit,
    erc20.nonces,
    erc20.DOMAIN_SEPARATOR,
    erc20.eip712Domain,
    # `mint`, `burn`, `burn_from` and the minter role are left out: shares come
    # and go only with collateral, and with the streaming fee.
)


struct Configuration:
    name: String[25]
    symbol: String[5]
    oracle: address
    vault: address
    quoter: address
    multiple: uint256
    epoch_interval: uint256  # seconds
    epoch_offset: uint256  # seconds
    parameters: IInverseIndexToken.Parameters
    fee_rate: uint256  # WAD per second
    fee_recipient: address
    guardian: address
    supply_cap: uint256  # shares


# @dev What every action reads first.
struct Context:
    p: IInverseIndexToken.Parameters
    prices: IIndexOracle.Prices
    held: ICollateralVault.Value
    flows: IInverseIndexToken.Flows
    v: nav_math.Valuation
    supply: uint256


_WAD: constant(uint256) = 10**18
_BPS_WAD: constant(uint256) = 10**14
_MAX_INTERVAL: constant(uint256) = 31 * 86_400

_ASSET: immutable(address)
_VAULT: immutable(ICollateralVault)
_ORACLE: immutable(IIndexOracle)
_QUOTER: immutable(IQuoter)
_MULTIPLE: immutable(uint256)
_COUNT: immutable(uint256)
_EPOCH_INTERVAL: immutable(uint256)
_EPOCH_OFFSET: immutable(uint256)
_UNIT: immutable(uint256)  # one whole collateral unit
_VIRTUAL: immutable(uint256)  # virtual shares, 10**(18 - d)

_parameters: uint256
# @dev Mode in the lowest bit (1 = mint paused), supply cap in the others.
_control: uint256
guardian: public(address)


@deploy
def __init__(configuration: Configuration):
    """
    @param configuration See the struct. The vault must have been deployed for
           this contract's address, the oracle for the vault's collateral.
    """
    ownable.__init__()
    erc20.__init__(
        configuration.name, configuration.symbol, 18, configuration.name, "1"
    )
    erc20.is_minter[msg.sender] = False
    records.__init__()
    fee_module.__init__(configuration.fee_rate, configuration.fee_recipient)

    _VAULT = ICollateralVault(configuration.vault)
    _ORACLE = IIndexOracle(configuration.oracle)
    _QUOTER = IQuoter(configuration.quoter)
    assert staticcall ICollateralVault(configuration.vault).token() == self, errors.TOKEN_VAULT
    _COUNT = staticcall IIndexOracle(configuration.oracle).component_count()
    vault_count: uint256 = staticcall ICollateralVault(configuration.vault).component_count()
    assert vault_count == _COUNT, errors.TOKEN_COMPONENTS

    _ASSET = staticcall ICollateralVault(configuration.vault).asset()
    decimals: uint256 = convert(staticcall IERC20Detailed(_ASSET).decimals(), uint256)
    stated: uint256 = staticcall IIndexOracle(configuration.oracle).collateral_decimals()
    assert decimals <= 18 and decimals == stated, errors.TOKEN_DECIMALS
    _UNIT = 10**decimals
    _VIRTUAL = 10 ** (18 - decimals)

    assert configuration.multiple >= 1 and configuration.multiple <= 3, errors.TOKEN_MULTIPLE
    _MULTIPLE = configuration.multiple
    assert configuration.epoch_interval >= 3_600, errors.TOKEN_CLOCK
    assert configuration.epoch_interval <= _MAX_INTERVAL, errors.TOKEN_CLOCK
    assert configuration.epoch_offset < configuration.epoch_interval, errors.TOKEN_CLOCK
    _EPOCH_INTERVAL = configuration.epoch_interval
    _EPOCH_OFFSET = configuration.epoch_offset

    self._set_parameters(configuration.quoter, configuration.parameters, configuration.multiple)
    self._set_cap(configuration.supply_cap)
    self._set_guardian(configuration.guardian)
    self._start(
        configuration.oracle,
        (block.timestamp - configuration.epoch_offset) // configuration.epoch_interval,
    )


# --- ERC-4626 views ---


@view
@external
def asset() -> address:
    return _ASSET


@view
@external
def totalAssets() -> uint256:
    """
    @return N at mid prices. Reverts when prices are unusable.
    """
    return nav_math._mid(self._context().v)


@view
@external
def convertToShares(assets: uint256) -> uint256:
    """
    @return Shares at mid prices and without fees, rounded down.
    """
    c: Context = self._context()
    return nav_math._shares_down(assets, nav_math._mid(c.v), c.supply, _VIRTUAL)


@view
@external
def convertToAssets(shares: uint256) -> uint256:
    """
    @return Collateral at mid prices and without fees, rounded down.
    """
    c: Context = self._context()
    return nav_math._assets_down(shares, nav_math._mid(c.v), c.supply, _VIRTUAL)


@view
@external
def previewDeposit(assets: uint256) -> uint256:
    """
    @return Shares that `deposit` mints: exact when netted or when the venue
            quotes exactly, at the slippage bound otherwise.
    """
    return (staticcall _QUOTER.preview(self, IQuoter.Kind.DEPOSIT, assets)).shares


@view
@external
def previewMint(shares: uint256) -> uint256:
    """
    @return Collateral that `mint` takes; at the slippage bound when hedged.
    """
    return (staticcall _QUOTER.preview(self, IQuoter.Kind.MINT, shares)).assets


@view
@external
def previewWithdraw(assets: uint256) -> uint256:
    """
    @return Shares that `withdraw` burns; at the slippage bound when hedged.
    """
    return (staticcall _QUOTER.preview(self, IQuoter.Kind.WITHDRAW, assets)).shares


@view
@external
def previewRedeem(shares: uint256) -> uint256:
    """
    @return Collateral that `redeem` pays: exact when netted or when the venue
            quotes exactly, at the slippage bound otherwise.
    """
    return (staticcall _QUOTER.preview(self, IQuoter.Kind.REDEEM, shares)).assets


@view
@external
def maxDeposit(receiver: address) -> uint256:
    """
    @return The largest deposit that cap, pause, prices and venue admit now.
    """
    return staticcall _QUOTER.maximum(self, IQuoter.Kind.DEPOSIT, receiver)


@view
@external
def maxMint(receiver: address) -> uint256:
    """
    @return The shares of the largest mint that they admit.
    """
    return staticcall _QUOTER.maximum(self, IQuoter.Kind.MINT, receiver)


@view
@external
def maxWithdraw(owner: address) -> uint256:
    """
    @return The most that `withdraw` can take out for the owner's shares.
    """
    return staticcall _QUOTER.maximum(self, IQuoter.Kind.WITHDRAW, owner)


@view
@external
def maxRedeem(owner: address) -> uint256:
    """
    @return The largest redemption inside the slippage bound. More is possible
            with an own `min_assets`.
    """
    return staticcall _QUOTER.maximum(self, IQuoter.Kind.REDEEM, owner)


# --- more views ---


@view
@external
def vault() -> address:
    return _VAULT.address


@view
@external
def oracle() -> address:
    return _ORACLE.address


@view
@external
def quoter() -> address:
    return _QUOTER.address


@view
@external
def state() -> IInverseIndexToken.State:
    return self._state()


@view
@external
def nav_per_share() -> uint256:
    c: Context = self._context()
    return nav_math._per_share_down(nav_math._mid(c.v), c.supply, _VIRTUAL)


@view
@external
def due() -> IInverseIndexToken.Due:
    return staticcall _QUOTER.due(self)


# --- ERC-4626 actions ---


@external
def deposit(
    assets: uint256,
    receiver: address,
    min_shares: uint256 = 0,
    deadline: uint256 = max_value(uint256),
) -> uint256:
    """
    @notice Pay collateral in and mint shares at the bid N.
    @param min_shares Fewer revert.
    @param deadline Unix time after which the call reverts.
    @return Shares minted.
    """
    f: IQuoter.Flow = self._enter(IQuoter.Kind.DEPOSIT, assets, receiver, deadline)
    assert f.shares >= min_shares, errors.TOKEN_MIN_SHARES
    return f.shares


@external
def mint(
    shares: uint256,
    receiver: address,
    max_assets: uint256 = max_value(uint256),
    deadline: uint256 = max_value(uint256),
) -> uint256:
    """
    @notice Mint exact shares. A hedged mint pays the slippage bound.
    @param max_assets More revert.
    @return Collateral taken.
    """
    f: IQuoter.Flow = self._enter(IQuoter.Kind.MINT, shares, receiver, deadline)
    assert f.assets <= max_assets, errors.TOKEN_MAX_ASSETS
    return f.assets


@external
def withdraw(
    assets: uint256,
    receiver: address,
    owner: address,
    max_shares: uint256 = max_value(uint256),
    deadline: uint256 = max_value(uint256),
) -> uint256:
    """
    @notice Take exact collateral out. A hedged withdrawal burns shares at the
            slippage bound.
    @param max_shares More revert.
    @return Shares burned.
    """
    f: IQuoter.Flow = self._leave(
        IQuoter.Kind.WITHDRAW, assets, receiver, owner, deadline, False
    )
    assert f.shares <= max_shares, errors.TOKEN_MAX_SHARES
    return f.shares


@external
def redeem(
    shares: uint256,
    receiver: address,
    owner: address,
    min_assets: uint256 = max_value(uint256),
    deadline: uint256 = max_value(uint256),
) -> uint256:
    """
    @notice Burn shares and take collateral out at the ask N.
    @param min_assets Less reverts. When given, it replaces the slippage bound
           of the hedging trade, so that an exit exists at any depth.
    @return Collateral paid.
    """
    own_bound: bool = min_assets != max_value(uint256)
    f: IQuoter.Flow = self._leave(
        IQuoter.Kind.REDEEM, shares, receiver, owner, deadline, own_bound
    )
    assert not own_bound or f.assets >= min_assets, errors.TOKEN_MIN_ASSETS
    return f.assets


# --- rebalance ---


@external
def rebalance(receiver: address = msg.sender) -> uint256:
    """
    @notice Reset the shorts to L * N * units / level. Anyone, when due.
    @param receiver Who gets the keeper reward.
    @return The reward, collateral.
    """
    fee_module._accrue()
    prices: IIndexOracle.Prices = empty(IIndexOracle.Prices)
    composition: IIndexOracle.Composition = empty(IIndexOracle.Composition)
    prices, composition = extcall _ORACLE.refresh()
    c: Context = self._context_at(prices)
    assert c.supply > 0, errors.TOKEN_NO_SUPPLY
    assert c.v.net > 0, errors.TOKEN_WIPED_OUT

    triggers: IInverseIndexToken.Trigger = empty(IInverseIndexToken.Trigger)
    reward: uint256 = 0
    triggers, reward = self._due(c, composition)
    assert triggers != empty(IInverseIndexToken.Trigger), errors.TOKEN_NOT_DUE

    c.v.net += convert(c.flows.reserve, int256)
    complete: bool = self._trade(c, composition.units, nav_math._mid(c.v) - reward)
    after: IQuoter.Position = empty(IQuoter.Position)
    cost: int256 = 0
    after, cost = self._checked(c, convert(reward, int256))
    if reward > 0:
        extcall _VAULT.pay(receiver, reward)
    self._record(c, composition, after, triggers, complete, cost, reward)
    return reward


@external
def accrue_fee():
    fee_module._accrue()


# --- owner and guardian ---


@external
def pause_mint():
    self._check_guardian()
    self._control |= 1
    log IInverseIndexToken.ModeSet(mode=self._mode())


@external
def resume_mint():
    ownable._check_owner()
    self._control = self._control >> 1 << 1
    log IInverseIndexToken.ModeSet(mode=self._mode())


@external
def set_supply_cap(cap: uint256):
    self._check_guardian()
    lowers: bool = cap <= self._control >> 1
    assert lowers or msg.sender == ownable.owner, errors.TOKEN_ONLY_LOWER
    self._set_cap(cap)


@external
def set_parameters(parameters: IInverseIndexToken.Parameters):
    ownable._check_owner()
    self._set_parameters(_QUOTER.address, parameters, _MULTIPLE)


@external
def set_streaming_fee(rate: uint256, recipient: address):
    ownable._check_owner()
    fee_module._accrue()
    fee_module._set(rate, recipient)


@external
def set_guardian(guardian: address):
    ownable._check_owner()
    self._set_guardian(guardian)


# --- context ---


@view
@internal
def _context() -> Context:
    return self._context_at(staticcall _ORACLE.read())


@view
@internal
def _context_at(prices: IIndexOracle.Prices) -> Context:
    held: ICollateralVault.Value = staticcall _VAULT.value(prices.mid)
    flows: IInverseIndexToken.Flows = records._flows()
    return Context(
        p=parameter_word._unpacked(self._parameters),
        prices=prices,
        held=held,
        flows=flows,
        v=nav_math._valuation(held, prices, flows.reserve, _COUNT, _VIRTUAL),
        supply=fee_module._supply(),
    )


@view
@internal
def _state() -> IInverseIndexToken.State:
    return IInverseIndexToken.State(
        parameters=parameter_word._unpacked(self._parameters),
        fee=fee_module._fee(),
        flows=records._flows(),
        reset=records._reset(),
        mode=self._mode(),
        supply_cap=self._control >> 1,
        supply=fee_module._supply(),
        multiple=_MULTIPLE,
        components=_COUNT,
        unit=_UNIT,
        epoch_interval=_EPOCH_INTERVAL,
        epoch_offset=_EPOCH_OFFSET,
    )


@view
@internal
def _planned(c: Context, kind: IQuoter.Kind, amount: uint256) -> IQuoter.Flow:
    return staticcall _QUOTER.plan(
        kind,
        IQuoter.Terms(
            p=c.p,
            bid=nav_math._bid(c.v),
            ask=nav_math._ask(c.v),
            exposure=c.v.exposure,
            unhedged=c.flows.unhedged,
            supply=c.supply,
            multiple=_MULTIPLE,
            components=_COUNT,
            virtual=_VIRTUAL,
        ),
        amount,
    )


# --- flows ---


@internal
def _opened(receiver: address, deadline: uint256) -> Context:
    assert block.timestamp <= deadline, errors.TOKEN_DEADLINE
    assert receiver != empty(address), errors.TOKEN_ZERO_RECEIVER
    fee_module._accrue()
    return self._context()


@internal
def _enter(
    kind: IQuoter.Kind, amount: uint256, receiver: address, deadline: uint256
) -> IQuoter.Flow:
    c: Context = self._opened(receiver, deadline)
    self._check_mint(c)
    f: IQuoter.Flow = self._planned(c, kind, amount)
    assert f.assets > 0, errors.TOKEN_ZERO_ASSETS
    self._pull(f.assets)
    if f.netted:
        self._net(c, convert(f.size, int256), f.charge)
    else:
        f.charge = self._charged(kind, f, self._hedged_in(c, f))
        assert f.charge <= f.assets, errors.TOKEN_COST
        if kind == IQuoter.Kind.DEPOSIT:
            f.shares = nav_math._shares_down(
                f.assets - f.charge, nav_math._bid(c.v), c.supply, _VIRTUAL
            )
    assert f.shares > 0, errors.TOKEN_ZERO_SHARES
    assert c.supply + f.shares <= self._control >> 1, errors.TOKEN_SUPPLY_CAP
    erc20._mint(receiver, f.shares)
    log IERC4626.Deposit(sender=msg.sender, owner=receiver, assets=f.assets, shares=f.shares)
    return f


@internal
def _leave(
    kind: IQuoter.Kind,
    amount: uint256,
    receiver: address,
    owner: address,
    deadline: uint256,
    own_bound: bool,
) -> IQuoter.Flow:
    c: Context = self._opened(receiver, deadline)
    f: IQuoter.Flow = self._planned(c, kind, amount)
    self._burn(owner, f.shares)
    if f.netted:
        self._net(c, -convert(f.size, int256), f.charge)
    elif f.shares == c.supply:
        assert kind == IQuoter.Kind.REDEEM, errors.TOKEN_LAST
        f.assets = self._emptied(c, f, own_bound)
    else:
        f.charge = self._charged(kind, f, self._hedged_out(c, f, own_bound))
        assert f.charge <= f.size, errors.TOKEN_COST
        if kind == IQuoter.Kind.REDEEM:
            f.assets = f.size - f.charge
    assert f.assets > 0 or own_bound, errors.TOKEN_ZERO_ASSETS
    if f.assets > 0:
        extcall _VAULT.pay(receiver, f.assets)
    log IERC4626.Withdraw(
        sender=msg.sender, receiver=receiver, owner=owner, assets=f.assets, shares=f.shares
    )
    return f


@view
@internal
def _check_mint(c: Context):
    assert self._mode() == IInverseIndexToken.Mode.ACTIVE, errors.TOKEN_MINT_PAUSED
    assert not (IIndexOracle.Restriction.STEP in c.prices.restriction), errors.PRICE_STEP
    assert not (IIndexOracle.Restriction.SPREAD in c.prices.restriction), errors.SPREAD_TOO_WIDE
    assert c.supply == 0 or c.v.net > 0, errors.TOKEN_WIPED_OUT


@internal
def _pull(assets: uint256):
    assert extcall IERC20(_ASSET).transferFrom(
        msg.sender, _VAULT.address, assets, default_return_value=True
    ), errors.TOKEN_TRANSFER
    extcall _VAULT.book(assets)


@internal
def _burn(owner: address, shares: uint256):
    assert shares > 0, errors.TOKEN_ZERO_SHARES
    assert shares <= erc20.balanceOf[owner], errors.TOKEN_BALANCE
    if msg.sender != owner:
        erc20._spend_allowance(owner, msg.sender, shares)
    erc20._burn(owner, shares)


@internal
def _net(c: Context, size: int256, fee: uint256):
    """
    @notice Let a flow wait: note it, and its fee for the hedge to come.
    """
    flows: IInverseIndexToken.Flows = c.flows
    flows.unhedged += size
    flows.reserve += fee
    n: uint256 = convert(max(c.v.net + size, 0), uint256)
    unhedged: uint256 = convert(abs(flows.unhedged), uint256)
    if unhedged * parameter_word.BPS <= n * c.p.tolerance_bps:
        flows.netting_since = 0
    elif flows.netting_since == 0:
        flows.netting_since = block.timestamp
    records._store_flows(flows)
    log IInverseIndexToken.FlowNetted(size=size, fee=fee, unhedged=flows.unhedged)


@internal
def _hedged_in(c: Context, f: IQuoter.Flow) -> int256:
    """
    @notice Scale the shorts up with N, or open them at L.
    @return The trade's loss against mid prices, collateral.
    """
    n: uint256 = nav_math._bid(c.v)
    targets: uint256[10] = empty(uint256[10])
    if c.v.exposure == 0:
        targets = nav_math._index_shorts_down(
            f.size * _MULTIPLE,
            (staticcall _ORACLE.composition()).units,
            c.prices.mid,
            _COUNT,
            _VIRTUAL,
        )
    else:
        targets = nav_math._scaled_down(c.held.shorts, n + f.size, n, _COUNT)
        self._scale_unhedged(c.flows, n + f.size, n)
    cost: int256 = self._hedge(c, targets, False) + convert(f.assets, int256)
    log IInverseIndexToken.FlowHedged(size=convert(f.size, int256), cost=cost)
    return cost


@internal
def _hedged_out(c: Context, f: IQuoter.Flow, own_bound: bool) -> int256:
    """
    @notice Scale the shorts down with the supply.
    @return The trade's loss against mid prices, collateral.
    """
    left: uint256 = c.supply - f.shares
    targets: uint256[10] = nav_math._scaled_down(c.held.shorts, left, c.supply, _COUNT)
    self._scale_unhedged(c.flows, left, c.supply)
    cost: int256 = self._hedge(c, targets, own_bound)
    log IInverseIndexToken.FlowHedged(size=-convert(f.size, int256), cost=cost)
    return cost


@internal
def _emptied(c: Context, f: IQuoter.Flow, own_bound: bool) -> uint256:
    """
    @notice Close all positions for the last holder, whose redemption pays its
            cost and no fee: there is nobody left to pay it to.
    @return All that is held, the hedge reserve included.
    """
    cost: int256 = self._hedged_out(c, f, own_bound)
    records._store_flows(empty(IInverseIndexToken.Flows))
    return convert(max(self._holdings(c.held) - cost, 0), uint256)


@internal
def _hedge(c: Context, targets: uint256[10], own_bound: bool) -> int256:
    """
    @return By how much the holdings fell since the context was read.
    """
    bound: uint256 = c.p.slippage_bps * _BPS_WAD
    if own_bound:
        bound = max_value(uint256)
    complete: bool = extcall _VAULT.trade(targets, c.prices.mid, bound, False)
    assert complete, errors.TOKEN_PENDING
    held: ICollateralVault.Value = staticcall _VAULT.value(c.prices.mid)
    return self._holdings(c.held) - self._holdings(held)


@pure
@internal
def _holdings(held: ICollateralVault.Value) -> int256:
    return convert(held.idle, int256) + held.equity


@view
@internal
def _charged(kind: IQuoter.Kind, f: IQuoter.Flow, cost: int256) -> uint256:
    """
    @return What a hedged flow pays: the larger of its plan's charge and its cost.
    """
    loss: uint256 = convert(max(cost, 0), uint256)
    if kind in (IQuoter.Kind.MINT | IQuoter.Kind.WITHDRAW):
        assert loss <= f.charge, errors.TOKEN_COST
    return max(f.charge, loss)


@internal
def _scale_unhedged(
    flows: IInverseIndexToken.Flows, numerator: uint256, denominator: uint256
):
    if flows.unhedged == 0:
        return
    scaled: IInverseIndexToken.Flows = flows
    scaled.unhedged = flows.unhedged * convert(numerator, int256) // convert(denominator, int256)
    records._store_flows(scaled)


# --- rebalance: parts ---


@view
@internal
def _due(
    c: Context, composition: IIndexOracle.Composition
) -> (IInverseIndexToken.Trigger, uint256):
    n: uint256 = nav_math._mid(c.v)
    return staticcall _QUOTER.triggers(
        IQuoter.Observation(
            nav=n,
            leverage=nav_math._leverage_down(c.v.exposure, n),
            prices_at=c.prices.updated_at,
        ),
        self._state(),
        composition,
    )


@internal
def _trade(c: Context, units: uint256[10], worth: uint256) -> bool:
    targets: uint256[10] = staticcall _QUOTER.targets(
        _VAULT.address, worth, c.held.equity, _MULTIPLE, units, c.prices.mid, _COUNT, _VIRTUAL
    )
    return extcall _VAULT.trade(targets, c.prices.mid, c.p.slippage_bps * _BPS_WAD, True)


@view
@internal
def _checked(c: Context, reward: int256) -> (IQuoter.Position, int256):
    """
    @return The position after the trade, the reward taken off, which must be
            nearer to its target, and what the trade cost.
    """
    held: ICollateralVault.Value = staticcall _VAULT.value(c.prices.mid)
    v: nav_math.Valuation = nav_math._valuation(held, c.prices, 0, _COUNT, _VIRTUAL)
    after: IQuoter.Position = IQuoter.Position(
        net=v.net - reward, exposure=v.exposure, shorts=held.shorts
    )
    before: IQuoter.Position = IQuoter.Position(
        net=c.v.net - reward, exposure=c.v.exposure, shorts=c.held.shorts
    )
    cost: int256 = staticcall _QUOTER.check(
        before, after, c.prices.mid, c.p.slippage_bps, _MULTIPLE, _COUNT, _VIRTUAL
    )
    return after, cost


@internal
def _record(
    c: Context,
    composition: IIndexOracle.Composition,
    after: IQuoter.Position,
    triggers: IInverseIndexToken.Trigger,
    complete: bool,
    cost: int256,
    reward: uint256,
):
    """
    @notice Store the reset, release the reserve, and log the period.
    """
    last: IInverseIndexToken.Reset = records._reset()
    n: uint256 = convert(max(after.net, 0), uint256)
    reset: IInverseIndexToken.Reset = IInverseIndexToken.Reset(
        epoch=(block.timestamp - _EPOCH_OFFSET) // _EPOCH_INTERVAL,
        version=composition.version,
        at=block.timestamp,
        chunk_due_at=0,
        nav=n,
        level=nav_math._level_down(composition.units, c.prices.mid, _COUNT),
        nav_per_share=nav_math._per_share_down(n, c.supply, _VIRTUAL),
    )
    if not complete:
        reset.chunk_due_at = block.timestamp + c.p.chunk_delay
    records._store_flows(empty(IInverseIndexToken.Flows))
    records._store_reset(reset)
    index_return: int256 = self._return(last.level, reset.level)
    token_return: int256 = self._return(last.nav_per_share, reset.nav_per_share)
    log IInverseIndexToken.Rebalanced(
        keeper=msg.sender,
        triggers=triggers,
        complete=complete,
        leverage_before=nav_math._leverage_down(c.v.exposure, nav_math._mid(c.v)),
        leverage_after=nav_math._leverage_down(after.exposure, n),
        nav_before=nav_math._mid(c.v),
        nav_after=n,
        level=reset.level,
        nav_per_share=reset.nav_per_share,
        index_return=index_return,
        token_return=token_return,
        tracking_difference=token_return + convert(_MULTIPLE, int256) * index_return,
        cost=cost,
        reward=reward,
    )


@pure
@internal
def _return(before: uint256, after: uint256) -> int256:
    """
    @return after / before - 1, WAD. Records are never 0.
    """
    return convert(after * _WAD // before, int256) - convert(_WAD, int256)


# --- configuration ---


@view
@internal
def _mode() -> IInverseIndexToken.Mode:
    if self._control & 1 == 1:
        return IInverseIndexToken.Mode.MINT_PAUSED
    return IInverseIndexToken.Mode.ACTIVE


@view
@internal
def _check_guardian():
    permitted: bool = msg.sender == self.guardian or msg.sender == ownable.owner
    assert permitted, errors.TOKEN_NOT_GUARDIAN


@internal
def _set_parameters(
    quoter: address, parameters: IInverseIndexToken.Parameters, multiple: uint256
):
    self._parameters = staticcall IQuoter(quoter).packed(parameters, multiple)
    log IInverseIndexToken.ParametersSet(parameters=parameters)


@internal
def _set_cap(cap: uint256):
    assert cap <= 2**128, errors.TOKEN_CAP_RANGE
    self._control = cap << 1 | (self._control & 1)
    log IInverseIndexToken.SupplyCapSet(cap=cap)


@internal
def _set_guardian(guardian: address):
    self.guardian = guardian
    log IInverseIndexToken.GuardianSet(guardian=guardian)


@internal
def _start(oracle: address, epoch: uint256):
    """
    @notice The first record: index level and price of a share before any flow.
    """
    composition: IIndexOracle.Composition = staticcall IIndexOracle(oracle).composition()
    prices: IIndexOracle.Prices = staticcall IIndexOracle(oracle).read()
    records._store_reset(
        IInverseIndexToken.Reset(
            epoch=epoch,
            version=composition.version,
            at=block.timestamp,
            chunk_due_at=0,
            nav=0,
            level=nav_math._level_down(composition.units, prices.mid, _COUNT),
            nav_per_share=_WAD,
        )
    )
