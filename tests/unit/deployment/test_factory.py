# SPDX-License-Identifier: AGPL-3.0-only
"""Code on chain in stores, and what the factory's helpers refuse."""

from __future__ import annotations

import pytest

from inverse_index.chain import LocalBackend
from inverse_index.deployment import Given
from inverse_index.deployment import factory as factory_module
from inverse_index.deployment.factory import (
    CHUNK,
    PARTS,
    check_factory,
    creation_code,
    deploy_set,
    made_by,
    store_code,
    store_initcode,
)
from inverse_index.errors import UserError
from tests.support.plans import make_plan


@pytest.mark.parametrize("size", [1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK])
def test_stores_answer_with_the_code(chain: LocalBackend, owner: str, size: int) -> None:
    code = bytes(i * 7 % 251 for i in range(size))
    stores = store_code(chain, code, owner)
    assert len(stores) == (1 if size <= CHUNK else 2)
    for question in (b"", bytes.fromhex("a9059cbb") + bytes(64)):
        assert b"".join(chain.call(store, question) for store in stores) == code


def test_code_that_fits_into_no_two_stores(chain: LocalBackend, owner: str) -> None:
    for size in (0, 2 * CHUNK + 1):
        with pytest.raises(UserError) as caught:
            store_code(chain, bytes(size), owner)
        assert caught.value.message.startswith(f"creation code of {size} bytes needs ")


def test_every_part_fits(chain: LocalBackend) -> None:
    """With a margin for what its constructor is given."""
    for name in PARTS:
        assert len(creation_code(name)) <= 2 * CHUNK, name


def test_a_factory_of_other_code(
    chain: LocalBackend, owner: str, attacker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def store(code: bytes) -> list[str]:
        receipt = chain.send(None, store_initcode(code), owner)
        return [str(receipt.contract_address)]

    stores = [store_code(chain, creation_code(name), owner) for name in PARTS[:-1]]
    parts = [chain.deploy(name, sender=owner) for name in ("TokenViews", "ResetPolicy")]
    policy = chain.deploy("TokenPolicy", *parts, sender=owner)
    quoters = [policy, chain.deploy("AaveQuoter", sender=owner)]
    factory = chain.deploy("Factory", [*stores, store(b"another")], *quoters, sender=owner)
    with pytest.raises(UserError) as caught:
        check_factory(factory)
    assert caught.value.message == (
        f"the factory at {factory.address} makes another InverseIndexToken than these sources"
    )
    with pytest.raises(UserError) as caught:
        made_by(factory, attacker)
    assert caught.value.message == f"the factory at {factory.address} has not made {attacker}"
    with pytest.raises(UserError) as caught:
        deploy_set(chain, factory, make_plan(), owner, bytes(32), Given())
    assert caught.value.message == "a set of the factory needs a governance"
    monkeypatch.setattr(factory_module, "creation_code", lambda name: b"")
    with pytest.raises(UserError) as caught:
        check_factory(factory)
    assert "makes another Timelock" in caught.value.message
