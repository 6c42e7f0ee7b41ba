# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title account
@notice One account on Aave v3: a collateral that is supplied, and components that
        are owed at variable rate.
@dev Balances are Aave's own at every read, because interest and liquidations
     move them. What Aave refuses reverts with its error code behind a reason of
     ours.
"""

from ethereum.ercs import IERC20Detailed

from ....interfaces import IAavePool

from . import reserve
from ..lib import errors
from ..vault import custody

uses: custody

_MAX: constant(uint256) = 10
_VARIABLE: constant(uint256) = 2

POOL: immutable(IAavePool)
COUNT: immutable(uint256)
SCALE: immutable(uint256)  # 10**(36 - decimals of the collateral)
COMPONENTS: immutable(address[10])
# @dev WAD units of one native unit of each component.
UNITS: immutable(uint256[10])
A_TOKEN: immutable(address)
DEBTS: immutable(address[10])

# @dev Idle collateral that a trade may use up, and that it has to fill up.
surplus: transient(uint256)
missing: transient(uint256)


@deploy
def __init__(pool: address, components: DynArray[address, 10]):
    POOL = IAavePool(pool)
    asset: address = custody.ASSET
    COUNT = len(components)
    assert COUNT != 0, errors.VAULT_NO_COMPONENTS
    decimals: uint256 = convert(staticcall IERC20Detailed(asset).decimals(), uint256)
    assert decimals <= 18, errors.VAULT_DECIMALS
    SCALE = 10**(36 - decimals)
    collateral: IAavePool.ReserveData = staticcall IAavePool(pool).getReserveData(asset)
    assert reserve._is_collateral(collateral.configuration), errors.AAVE_COLLATERAL
    A_TOKEN = collateral.aTokenAddress
    custody._approve(asset, pool)

    known: address[10] = empty(address[10])
    units: uint256[10] = empty(uint256[10])
    debts: address[10] = empty(address[10])
    for component: address in components:
        i: uint256 = self._place(known, component)
        lent: IAavePool.ReserveData = staticcall IAavePool(pool).getReserveData(component)
        assert reserve._is_borrowable(lent.configuration), errors.AAVE_COMPONENT
        known[i] = component
        units[i] = self._unit(component)
        debts[i] = lent.variableDebtTokenAddress
        custody._approve(component, pool)
    COMPONENTS = known
    UNITS = units
    DEBTS = debts


# --- configuration ---


@pure
@internal
def _place(known: address[10], component: address) -> uint256:
    """
    @return The first free place; no component may come twice.
    """
    for i: uint256 in range(_MAX):
        if known[i] == empty(address):
            return i
        assert known[i] != component, errors.VAULT_REPEATED
    raise errors.VAULT_NO_COMPONENTS


@view
@internal
def _unit(component: address) -> uint256:
    decimals: uint256 = convert(staticcall IERC20Detailed(component).decimals(), uint256)
    # A unit of fewer decimals would be worth too much to round by.
    assert decimals >= 6 and decimals <= 18, errors.VAULT_DECIMALS
    return 10**(18 - decimals)


# --- balances ---


@view
@internal
def _asset() -> address:
    """
    @return The collateral.
    """
    return custody.ASSET


@view
@internal
def _idle() -> uint256:
    """
    @return Tracked collateral outside Aave, native.
    """
    return custody.idle


@view
@internal
def _supplied() -> uint256:
    """
    @return Collateral on Aave with its interest, native.
    """
    return reserve._balance(A_TOKEN, self)


@view
@internal
def _owed(i: uint256) -> uint256:
    """
    @return Debt of a component with its interest, native.
    """
    return reserve._balance(DEBTS[i], self)


@view
@internal
def _shorts() -> uint256[10]:
    """
    @return Debts in WAD units.
    """
    shorts: uint256[10] = empty(uint256[10])
    for i: uint256 in range(COUNT, bound=_MAX):
        shorts[i] = self._owed(i) * UNITS[i]
    return shorts


@view
@internal
def _health() -> uint256:
    """
    @return Aave's health factor, WAD; max uint256 without debt.
    """
    return (staticcall POOL.getUserAccountData(self))[5]


@view
@internal
def _is_open() -> bool:
    """
    @return Whether anything is owed.
    """
    for i: uint256 in range(COUNT, bound=_MAX):
        if self._owed(i) != 0:
            return True
    return False


@view
@internal
def _is_under_water() -> bool:
    """
    @return Whether debts take all collateral, at Aave's prices.
    """
    held: uint256 = 0
    owed: uint256 = 0
    a: uint256 = 0
    b: uint256 = 0
    c: uint256 = 0
    d: uint256 = 0
    held, owed, a, b, c, d = staticcall POOL.getUserAccountData(self)
    return held <= owed


# --- actions ---


@internal
def _supply(amount: uint256):
    self._call(
        abi_encode(
            custody.ASSET,
            amount,
            self,
            convert(0, uint16),
            method_id=method_id("supply(address,uint256,address,uint16)"),
        ),
        errors.AAVE_SUPPLY,
    )


@internal
def _withdraw(amount: uint256, receiver: address):
    self._call(self._withdrawal(amount, receiver), errors.AAVE_WITHDRAW)


@internal
def _borrow(i: uint256, amount: uint256):
    self._call(
        abi_encode(
            COMPONENTS[i],
            amount,
            _VARIABLE,
            convert(0, uint16),
            self,
            method_id=method_id("borrow(address,uint256,uint256,uint16,address)"),
        ),
        errors.AAVE_BORROW,
    )


@internal
def _repay(i: uint256, amount: uint256):
    self._call(
        abi_encode(
            COMPONENTS[i],
            amount,
            _VARIABLE,
            self,
            method_id=method_id("repay(address,uint256,uint256,address)"),
        ),
        errors.AAVE_REPAY,
    )


@internal
def _hand_over(amount: uint256, receiver: address):
    """
    @notice Withdraw to the receiver; when Aave cannot pay now, hand over the
            claim on it instead.
    """
    paid: bool = False
    answer: Bytes[100] = b""
    paid, answer = raw_call(
        POOL.address,
        self._withdrawal(amount, receiver),
        max_outsize=100,
        revert_on_failure=False,
    )
    if paid:
        return
    claim: Bytes[68] = abi_encode(
        receiver, amount, method_id=method_id("transfer(address,uint256)")
    )
    if not raw_call(A_TOKEN, claim, revert_on_failure=False):
        raise concat(errors.AAVE_WITHDRAW, self._code(answer))


@view
@internal
def _withdrawal(amount: uint256, receiver: address) -> Bytes[100]:
    return abi_encode(
        custody.ASSET, amount, receiver, method_id=method_id("withdraw(address,uint256,address)")
    )


@internal
def _call(data: Bytes[164], reason: String[56]):
    """
    @notice Call the pool; a refusal reverts with the reason and Aave's code.
    """
    success: bool = False
    answer: Bytes[100] = b""
    success, answer = raw_call(POOL.address, data, max_outsize=100, revert_on_failure=False)
    if not success:
        raise concat(reason, self._code(answer))


@pure
@internal
def _code(answer: Bytes[100]) -> String[8]:
    """
    @return The start of a revert's text, Aave's are numbers of two digits;
            "panic" for an overflow, as of a reserve that has too little.
    """
    if len(answer) == 36:
        return "panic"
    if len(answer) != 100:
        return "unknown"
    length: uint256 = min(convert(slice(answer, 36, 32), uint256), 8)
    return convert(slice(answer, 68, length), String[8])


# --- idle collateral ---


@internal
def _take_in(received: uint256):
    """
    @notice Supply what a sale brought, and the surplus with it.
    """
    added: uint256 = self.surplus
    self.surplus = 0
    custody.idle -= added
    if received + added != 0:
        self._supply(received + added)


@internal
def _pay_for(owed: uint256, seller: address):
    """
    @notice Pay for a purchase: from the surplus, the rest from Aave, where what
            is missing idle is fetched at once.
    """
    from_idle: uint256 = min(self.surplus, owed)
    fetched: uint256 = self.missing
    if from_idle + fetched == 0:
        self._withdraw(owed, seller)
        return
    self.surplus -= from_idle
    self.missing = 0
    custody.idle = custody.idle + fetched - from_idle
    if owed + fetched > from_idle:
        self._withdraw(owed + fetched - from_idle, self)
    custody._send(custody.ASSET, seller, owed)
