# SPDX-License-Identifier: AGPL-3.0-only
"""Many views in one `eth_call`, encoded once: Multicall3 at its usual address."""

from __future__ import annotations

import runpy
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from eth_abi import encode
from eth_utils.crypto import keccak

from inverse_index.chain import LocalBackend
from inverse_index.deployment.reading import View

SELECTOR = keccak(b"aggregate((address,bytes)[])")[:4]
WORD = 32


@cache
def _multicall3() -> tuple[str, bytes]:
    """Address and code, as Ape has them; its package would take seconds to import."""
    found = find_spec("ape_ethereum")
    assert found is not None
    assert found.submodule_search_locations is not None
    folder = Path(found.submodule_search_locations[0])
    known = runpy.run_path(str(folder / "multicall" / "constants.py"))
    return known["MULTICALL3_ADDRESS"], bytes(known["MULTICALL3_CODE"])


def multicall3(chain: LocalBackend) -> str:
    """Its address, with its code there."""
    address, code = _multicall3()
    chain.set_code(address, code)
    return address


class Reading:
    """The same views of a local chain again and again."""

    def __init__(self, chain: LocalBackend, views: Sequence[View]) -> None:
        self._chain = chain
        self._address = multicall3(chain)
        calls = [(c.address, c.encode(name, *args)) for c, name, args in views]
        self._data = SELECTOR + encode(["(address,bytes)[]"], [calls])
        self._decoders = [c.method(name).overload(len(args)).decode for c, name, args in views]

    def values(self) -> list[Any]:
        """All of them at the latest block."""
        answer = self._chain.call(self._address, self._data)
        return [decode(data) for decode, data in zip(self._decoders, _parts(answer), strict=True)]


def _parts(answer: bytes) -> list[bytes]:
    """The return data in what `aggregate` returns: (uint256, bytes[])."""
    base = _number(answer, WORD) + WORD  # past the length of the array
    count = _number(answer, base - WORD)
    starts = [base + _number(answer, base + WORD * i) for i in range(count)]
    return [answer[at + WORD : at + WORD + _number(answer, at)] for at in starts]


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + WORD], "big")
