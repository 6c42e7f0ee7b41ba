# SPDX-License-Identifier: AGPL-3.0-only
"""One chain per test process, the actors, and isolation between tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from inverse_index.chain import Anvil, LocalBackend
from tests.seen import (  # noqa: F401  hooks
    pytest_addoption,
    pytest_configure,
    pytest_sessionfinish,
    pytest_terminal_summary,
    pytest_testnodedown,
)

START = 1_704_067_200  # 1 January 2024, 00:00 UTC: time stands still until moved
ROLES = (
    "owner",
    "guardian",
    "depositor",
    "second_holder",
    "keeper",
    "attacker",
    "trader",
    "second_trader",
    "liquidator",
    "provider",
    "fee_recipient",
)


@pytest.fixture(scope="session")
def node() -> Iterator[Anvil]:
    """A fresh Anvil, ended with the session."""
    with Anvil(timestamp=START) as anvil:
        yield anvil


@pytest.fixture(scope="session")
def chain(node: Anvil) -> Iterator[LocalBackend]:
    """The chain. Whatever tests and fixtures change is undone when they end."""
    with LocalBackend(node.url) as backend:
        _isolation.append(Isolation(backend))
        yield backend
        _isolation.clear()


@dataclass(eq=False)
class Alive:
    """A fixture of wider scope or a test, and the state to go back to after it."""

    name: str
    snapshot: str


class Isolation:
    """Undoes what fixtures and tests did when they end.

    Something made later and still alive would vanish as well. Then nothing is
    undone yet: the later one takes the older snapshot over, for its own end.

    Where nothing is alive the chain is as it began; if it is not, somebody
    acted outside of all this, and every test after him would depend on it.
    """

    def __init__(self, backend: LocalBackend) -> None:
        self._backend = backend
        self._alive: list[Alive] = []  # oldest first

    def begin(self, name: str) -> Alive:
        if not self._alive:
            self._check_untouched(name)
        started = Alive(name, self._backend.snapshot())
        self._alive.append(started)
        return started

    def _check_untouched(self, name: str) -> None:
        blocks, seconds = self._backend.block_number(), self._backend.now() - START
        if (blocks, seconds) != (0, 0):
            raise RuntimeError(
                f"before {name} the chain is {blocks} blocks and {seconds} s on for good: a folder "
                "with fixtures of package scope needs an __init__.py, and fixtures of session "
                "scope must not act on the chain"
            )

    def end(self, ended: Alive) -> list[str]:
        """Names of what has been made since and is still alive."""
        place = self._alive.index(ended)
        later = self._alive[place + 1 :]
        if later:
            later[0].snapshot = ended.snapshot
        else:
            self._backend.revert(ended.snapshot)
        del self._alive[place]
        return [alive.name for alive in later]


_isolation: list[Isolation] = []  # of the running chain, none before it starts


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
) -> Iterator[None]:
    """Undo a fixture of class, module or package scope when it ends.

    Of session scope, as those of package scope in a folder that is no package,
    they do not come here and are never undone. [Isolation.begin]
    """
    if _isolation and fixturedef.scope in ("class", "module", "package"):
        started = _isolation[0].begin(fixturedef.argname)
        fixturedef.addfinalizer(lambda: _isolation and _isolation[0].end(started))
    return (yield)


@pytest.fixture(autouse=True)
def isolation(request: pytest.FixtureRequest) -> Iterator[None]:
    """Undo a test's transactions."""
    if "chain" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("chain")
    started = _isolation[0].begin(request.node.name)
    yield
    later = _isolation[0].end(started)
    if later:
        raise RuntimeError(f"made inside a test, for others too: take {later[0]} as an argument")


def _role(place: int) -> object:
    @pytest.fixture(scope="session", name=ROLES[place])
    def account(chain: LocalBackend) -> str:
        return chain.accounts[place]

    return account


for _place, _name in enumerate(ROLES):
    globals()[f"_{_name}"] = _role(_place)
