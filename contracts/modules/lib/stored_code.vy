# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title stored_code
@notice Creation code that is kept on chain, and contracts made of it.
@dev A store is a contract that answers every call with its bytes, up to `CHUNK`
     of them; longer code lies in two. Stores hold no logic that could be run in
     anybody's name and cannot be destroyed.
     Two ways to a deterministic address:
       `_create` (CREATE2) depends on salt, code and arguments;
       `_create_free` depends on the salt alone, so that another contract's
       arguments can name it before it exists: CREATE2 makes a proxy, which
       makes the contract as its first. A proxy creates what it is sent by
       anyone; whatever comes later has another address and means nothing.
"""

from . import errors


# @dev Bytes that one store holds, and that arguments may have.
CHUNK: constant(uint256) = 20_480
MAX_ARGUMENTS: constant(uint256) = 8_192
MAX_CODE: constant(uint256) = 2 * CHUNK
MAX_INITCODE: constant(uint256) = MAX_CODE + MAX_ARGUMENTS
PARTS: constant(uint256) = 5

# @dev Creates the calldata as a contract and answers its address, or reverts
#      with what the constructor reverted with:
#        CALLDATASIZE PUSH0 PUSH0 CALLDATACOPY CALLDATASIZE PUSH0 PUSH0 CREATE
#        DUP1 PUSH1 19 JUMPI
#        RETURNDATASIZE PUSH0 PUSH0 RETURNDATACOPY RETURNDATASIZE PUSH0 REVERT
#        JUMPDEST PUSH0 MSTORE PUSH1 32 PUSH0 RETURN
#      behind PUSH26 (these) PUSH0 MSTORE PUSH1 26 PUSH1 6 RETURN.
_PROXY: constant(
    Bytes[34]
) = x"79365f5f37365f5ff0806013573d5f5f3e3d5ffd5b5f5260205ff35f52601a6006f3"
_PROXY_HASH: constant(bytes32) = keccak256(_PROXY)

_STORES: immutable(address[2 * PARTS])


@deploy
def __init__(stores: DynArray[DynArray[address, 2], PARTS]):
    """
    @param stores One or two for each part.
    """
    assert len(stores) == PARTS, errors.FACTORY_NO_CODE
    kept: address[2 * PARTS] = empty(address[2 * PARTS])
    for i: uint256 in range(PARTS):
        assert len(stores[i]) != 0, errors.FACTORY_NO_CODE
        for j: uint256 in range(len(stores[i]), bound=2):
            assert stores[i][j].is_contract, errors.FACTORY_NO_CODE
            kept[2 * i + j] = stores[i][j]
    _STORES = kept


# --- code ---


@view
@internal
def _code(part: uint256) -> Bytes[MAX_CODE]:
    """
    @param part Number of the part, from 0.
    """
    return concat(self._stored(_STORES[2 * part]), self._stored(_STORES[2 * part + 1]))


@view
@internal
def _stored(store: address) -> Bytes[CHUNK]:
    if store == empty(address):
        return b""
    return raw_call(store, b"", max_outsize=CHUNK, is_static_call=True)


# --- creation ---


@internal
def _create(initcode: Bytes[MAX_INITCODE], salt: bytes32) -> address:
    """
    @dev A constructor's reason is passed on.
    """
    made: address = raw_create(initcode, salt=salt)
    assert made.is_contract, errors.FACTORY_FAILED
    return made


@view
@internal
def _address(initcode: Bytes[MAX_INITCODE], salt: bytes32) -> address:
    """
    @return Where `_create` puts it.
    """
    return self._create2_address(keccak256(initcode), salt)


@internal
def _create_free(initcode: Bytes[MAX_INITCODE], salt: bytes32):
    """
    @dev As `_create`, to `_free_address`.
    """
    proxy: address = raw_create(_PROXY, salt=salt)
    answer: Bytes[32] = raw_call(proxy, initcode, max_outsize=32)
    made: address = abi_decode(answer, address)
    assert made.is_contract, errors.FACTORY_FAILED


@view
@internal
def _free_address(salt: bytes32) -> address:
    """
    @return Where `_create_free` puts a contract: the proxy's first, number 1.
    """
    proxy: address = self._create2_address(_PROXY_HASH, salt)
    return self._last_20(keccak256(concat(x"d694", convert(proxy, bytes20), x"01")))


@view
@internal
def _create2_address(initcode_hash: bytes32, salt: bytes32) -> address:
    return self._last_20(keccak256(concat(x"ff", convert(self, bytes20), salt, initcode_hash)))


@pure
@internal
def _last_20(digest: bytes32) -> address:
    return convert(convert(digest, uint256) & (2**160 - 1), address)
