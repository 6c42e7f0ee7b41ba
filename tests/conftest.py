# SPDX-License-Identifier: AGPL-3.0-only
"""One chain per test process, the actors, and isolation between tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from inverse_index.chain import Anvil, LocalBackend
from tests.support.constants import START
from tests.support.isolation import Isolation
from tests.support.progress import pytest_sessionstart  # noqa: F401  hook
from tests.support.reached import (  # noqa: F401  hooks
    pytest_addoption,
    pytest_configure,
    pytest_sessionfinish,
    pytest_terminal_summary,
    pytest_testnodedown,
)

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
