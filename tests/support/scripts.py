# SPDX-License-Identifier: AGPL-3.0-only
"""Verbs run by a test, on an Anvil of their own."""

from __future__ import annotations

import importlib
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inverse_index.artifacts import project_root
from inverse_index.chain.node import find_anvil
from inverse_index.chain.rpc import Wire
from inverse_index.errors import UserError

Call = Callable[..., tuple[int, str, str]]


class PlainAnvil:
    """`anvil` with nothing but a port: time runs and gas costs."""

    def __init__(self, *options: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [find_anvil(), "--port", str(port), "--silent", *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(200):
            try:
                self.rpc("eth_chainId")
                return
            except UserError:
                time.sleep(0.05)
        self.stop()
        raise AssertionError("anvil does not answer")

    def rpc(self, method: str, *params: Any) -> Any:
        wire = Wire(self.url)
        try:
            return wire.request(method, *params)
        finally:
            wire.close()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(5)


def caller(
    anvil: PlainAnvil,
    registry: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Call:
    """Runs a verb in this process: exit code and both outputs."""
    monkeypatch.setenv("APE_FOUNDRY_HOST", anvil.url)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(project_root())

    def run(verb: str, *arguments: str) -> tuple[int, str, str]:
        cli = importlib.import_module(f"inverse_index.cli.{verb}").cli
        given = [*arguments, "--registry", str(registry), "--network", "ethereum:local:foundry"]
        with pytest.raises(SystemExit) as ended:
            cli.main(args=given, prog_name=f"ape run {verb}")
        shown = capsys.readouterr()
        assert "Traceback" not in shown.err
        return int(ended.value.code or 0), shown.out, shown.err

    return run
