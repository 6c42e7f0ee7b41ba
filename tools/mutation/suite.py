# SPDX-License-Identifier: AGPL-3.0-only
"""Which test files ask for which contract, how long they take, what they cannot bear.

Measured once against sources with an empty line more: there everything has to
pass as it does with the sources themselves. What does not (a test that alters
sources itself, or looks at the files) cannot judge a mutant and is left out.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import pytest

from inverse_index import artifacts
from inverse_index.artifacts import altered_sources, artifact, compile_all, project_root
from inverse_index.chain.node import Anvil
from inverse_index.errors import UserError

from .sample import CONTRACTS, sources, text_of
from .warm import Job, folder, run_all, run_pytest, warm_up

FOLDERS = (
    "unit/token",
    "unit/token_policy",
    "unit/index_oracle",
    "unit/perp_exchange",
    "unit/liquidity_pool",
    "unit/perp_vault",
    "unit/aave_vault",
    "unit/aave_quoter",
    "unit/tick_walk",
    "unit/lens",
    "unit/nav_feed",
    "unit/level_feed",
    "unit/keeper_adapter",
    "unit/factory",
    "unit/keeper",
    "unit/deployment",
    "conformance",
    "properties",
    "faults",
    "attacks",
    "regression",
    "model",
    "stateful",
)
MEASURE_SECONDS = 300.0


@dataclass
class TestFile:
    """What is known of one file of tests."""

    path: str
    digest: str
    seconds: float = 0.0
    asks: list[str] = field(default_factory=list)
    unfit: list[str] = field(default_factory=list)  # tests that fail without a mutant


class Watch:
    """Notes artifacts asked for, failed tests, and lets big contracts be deployed."""

    def __init__(self) -> None:
        self.asks: set[str] = set()
        self.failed: list[str] = []
        self.why = ""  # the first of them
        self._load, self._init = artifacts._load, Anvil.__init__

    def pytest_configure(self, config: pytest.Config) -> None:
        def load(target: Any) -> Any:
            self.asks.add(target.stem)
            return self._load(target)

        def init(anvil: Anvil, **options: Any) -> None:
            self._init(anvil, **options)
            anvil._options += ["--code-size-limit", "49152"]

        artifacts._load = load
        Anvil.__init__ = init  # type: ignore[method-assign,assignment]

    def pytest_unconfigure(self) -> None:
        artifacts._load, Anvil.__init__ = self._load, self._init  # type: ignore[method-assign]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.append(report.nodeid)
            self.why = self.why or report.longreprtext[-200:]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.failed.append(report.nodeid)


def code_of(name: str) -> str:
    """Creation code without the compiler's trailer, which holds a digest of the source."""
    code = artifact(name).bytecode
    return code[: -2 * int(code[-4:], 16)]


def test_files() -> list[str]:
    """All files whose tests may judge a mutant."""
    root = project_root()
    found = [
        path.relative_to(root).as_posix()
        for place in FOLDERS
        for path in sorted((root / "tests" / place).rglob("test_*.py"))
    ]
    return found


def digest(path: str) -> str:
    """Of a test file and all that its folder and the tests share."""
    root = project_root()
    file = root / path
    shared = [*(root / "tests").glob("*.py"), *file.parent.glob("*.py")]
    texts = sorted(each for each in shared if not each.name.startswith("test_"))
    joined = b"".join(each.read_bytes() for each in (*texts, file))
    return hashlib.sha256(joined).hexdigest()[:12]


def suite(workers: int) -> list[TestFile]:
    """Every test file, measured now unless it was measured already."""
    store = folder() / "suite.json"
    known: dict[str, TestFile] = {}
    if store.exists():
        known = {each["path"]: TestFile(**each) for each in json.loads(store.read_text())}
    fresh = {path: TestFile(path, digest(path)) for path in test_files()}
    stale = [f for path, f in fresh.items() if path not in known or known[path].digest != f.digest]
    for done, (job, result) in enumerate(run_all(_jobs(stale), workers), 1):
        if "path" not in result:
            raise UserError(f"{job.name}: {result}", "see its log in build/mutation/jobs")
        each = fresh[result["path"]]
        each.seconds, each.asks, each.unfit = (result[n] for n in ("seconds", "asks", "unfit"))
        known[each.path] = each
        print(
            f"measured {done}/{len(stale)} {each.path} {each.seconds:.1f} s"
            f"{' unfit: ' + str(len(each.unfit)) if each.unfit else ''}",
            flush=True,
        )
        store.write_text(json.dumps([asdict(f) for f in known.values()], indent=1))
    return [known[path] for path in fresh]


def _jobs(files: Sequence[TestFile]) -> Iterator[Job]:
    texts = {path: text_of(path) + "\n" for path in sources()}
    for each in files:
        name = each.path.replace("/", "-")
        yield Job(name, lambda path=each.path: _measured(path, texts), MEASURE_SECONDS)  # type: ignore[misc]


def _measured(path: str, texts: dict[str, str]) -> dict[str, Any]:
    watch = Watch()
    real = {name: code_of(name) for name in CONTRACTS}
    with altered_sources(texts):
        compile_all()  # once for all measurements, and not part of them
        if real != {name: code_of(name) for name in CONTRACTS}:
            raise RuntimeError("an empty line has changed the bytecode")
        artifact.cache_clear()
        started = time.monotonic()
        run_pytest([path], watch)
    return {
        "path": path,
        "seconds": time.monotonic() - started,
        "asks": sorted(watch.asks),
        "unfit": sorted(set(watch.failed)),
    }


def ready(workers: int) -> list[TestFile]:
    """The suite, with everything imported in this process."""
    warm_up(test_files())
    return suite(workers)
