# SPDX-License-Identifier: AGPL-3.0-only
"""The Ape backend, on the test process's own Anvil."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from inverse_index.chain import Contract, LocalBackend, contract_at
from inverse_index.errors import UserError
from tests.support.assertions import only_event, reverts
from tests.support.constants import MAX_UINT256

ape = pytest.importorskip("ape")
pytestmark = [pytest.mark.scripts, pytest.mark.filterwarnings("ignore")]

from inverse_index.chain.ape_backend import ApeBackend  # noqa: E402


@pytest.fixture(scope="module")
def backend(chain: LocalBackend) -> Iterator[ApeBackend]:
    os.environ["APE_FOUNDRY_HOST"] = chain.url
    try:
        with ape.networks.parse_network_choice("ethereum:local:foundry") as provider:
            first, second = (ape.accounts.test_accounts[i] for i in range(2))
            yield ApeBackend(provider, first, second)
    finally:
        del os.environ["APE_FOUNDRY_HOST"]


@pytest.fixture(scope="module")
def token(backend: ApeBackend) -> Contract:
    return backend.deploy("LocalCollateral", "Dollar", "USD", 6, sender=backend.accounts[0])


def test_it_is_the_same_chain(backend: ApeBackend, chain: LocalBackend, token: Contract) -> None:
    assert backend.accounts == tuple(chain.accounts[:2])
    assert (backend.chain_id, backend.is_live) == (chain.chain_id, False)
    assert backend.block_timestamp() == chain.now()
    assert backend.code(token.address) == chain.code(token.address) != b""
    assert backend.code(backend.accounts[0]) == b""
    assert backend.balance(backend.accounts[1]) == chain.balance(backend.accounts[1])
    assert backend.gas_price() == int(chain.rpc("eth_gasPrice"), 16) == 0
    assert backend.nonce(token.address) == 1


def test_send_and_event(backend: ApeBackend, chain: LocalBackend, token: Contract) -> None:
    first, second = backend.accounts
    token.mint(first, 9, sender=first)
    receipt = token.transfer(second, 4, sender=first)
    only_event(receipt, token, "Transfer", sender=first, receiver=second, value=4)
    assert (receipt.status, receipt.timestamp, receipt.contract_address) == (1, chain.now(), None)
    assert contract_at(chain, "LocalCollateral", token.address).balanceOf(second) == 4


def test_reasons(backend: ApeBackend, token: Contract) -> None:
    first, second = backend.accounts
    nonce = backend.nonce(first)
    with reverts("collateral: balance too small"):
        token.transfer(second, 10**30, sender=first)
    with reverts("collateral: allowance too small"):
        token.transferFrom.call(second, first, 1, sender=first)
    token.mint(first, MAX_UINT256, sender=first)
    with reverts(""):
        token.mint(first, 1, sender=first)
    assert backend.nonce(first) == nonce + 1


def test_revert_after_the_estimate(
    backend: ApeBackend, token: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state changed in between: mined, failed, explained."""
    first, second = backend.accounts
    monkeypatch.setattr(ApeBackend, "estimate_gas", lambda *_: 200_000)
    with reverts("collateral: balance too small"):
        token.transfer(second, 1, sender=first)


def test_account_that_is_not_loaded(backend: ApeBackend, token: Contract) -> None:
    with pytest.raises(UserError, match=r"no account .*; choose it with --account"):
        token.mint(token.address, 1, sender=token.address)


def test_account_without_funds(backend: ApeBackend, chain: LocalBackend, token: Contract) -> None:
    first, second = backend.accounts
    chain.set_balance(second, 5)
    with pytest.raises(UserError, match="cannot pay"):
        backend.send(first, b"", second, value=6)


def test_network_that_is_down(
    backend: ApeBackend, token: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = backend._provider.web3.provider
    monkeypatch.setattr(provider, "endpoint_uri", "http://127.0.0.1:1")
    with pytest.raises(UserError, match="no answer from ethereum:local:foundry"):
        token.totalSupply()
