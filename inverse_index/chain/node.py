# SPDX-License-Identifier: AGPL-3.0-only
"""An Anvil process of one's own."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO

from ..artifacts import project_root
from ..errors import UserError
from .rpc import RpcError, Wire

START_SECONDS = 20.0
BLOCK_GAS_LIMIT = 1_000_000_000  # far over any transaction, so the base fee stays at zero


_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_PDEATHSIG = 1  # of prctl(2): the signal for a process whose parent ends


def end_with_parent() -> None:
    """In a new process: not to outlive a parent that is killed. Only Linux can."""
    if _LIBC is not None:
        _LIBC.prctl(_PDEATHSIG, signal.SIGKILL)


def find_anvil() -> str:
    """Path of the `anvil` executable: the project's own first, then PATH."""
    own = project_root() / "node_modules" / ".bin"
    for path in (str(own), None):
        found = shutil.which("anvil", path=path)
        if found:
            return _behind_wrapper(found)
    raise UserError("anvil not found in node_modules/.bin nor on PATH", "run `make setup`")


def _behind_wrapper(found: str) -> str:
    """The real program if this is npm's script, which only starts it."""
    packages = Path(found).resolve().parent.parent
    programs = sorted(packages.glob("anvil-*/bin/anvil"))
    return str(programs[0]) if programs else found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Anvil:
    """Context manager: a fresh chain on a free loopback port.

    Fees are zero and any sender may send. Ethereum's limits on code size hold.

    timestamp: seconds of the genesis block, None for now.
    keep_states: states and blocks of history kept in memory; None for all,
        which slows the chain down as it grows.
    """

    def __init__(
        self, *, timestamp: int | None = None, keep_states: int | None = 128, accounts: int = 20
    ) -> None:
        self._options = [
            "--silent",
            "--host",
            "127.0.0.1",
            "--hardfork",
            "prague",
            "--gas-price",
            "0",
            "--block-base-fee-per-gas",
            "0",
            "--disable-min-priority-fee",
            "--gas-limit",
            str(BLOCK_GAS_LIMIT),
            "--accounts",
            str(accounts),
            "--auto-impersonate",
            "--no-request-size-limit",
        ]
        if timestamp is not None:
            self._options += ["--timestamp", str(timestamp)]
        if keep_states is not None:
            self._options += ["--prune-history", str(keep_states)]
            self._options += ["--transaction-block-keeper", str(keep_states)]
        self._process: subprocess.Popen[bytes] | None = None
        self._output: IO[bytes] | None = None
        self.url = ""

    def __enter__(self) -> Anvil:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process and wait until it answers."""
        executable = find_anvil()
        try:
            for _ in range(3):  # another process may take the port in between
                if self._try_start(executable):
                    return
            raise UserError(f"anvil did not start: {self._said()}", f"try `{executable}` by hand")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the process and whatever it started."""
        if self._process is not None:
            self._signal(signal.SIGTERM)
            try:
                self._process.wait(3)
            except subprocess.TimeoutExpired:
                self._signal(signal.SIGKILL)
                self._process.wait()
            self._process = None
        if self._output is not None:
            self._output.close()
            self._output = None

    def _signal(self, number: signal.Signals) -> None:
        """To the whole group, should the program have been a script."""
        assert self._process is not None
        with suppress(ProcessLookupError):  # all have ended already
            os.killpg(self._process.pid, number)

    def _try_start(self, executable: str) -> bool:
        self.stop()
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._output = tempfile.TemporaryFile()  # noqa: SIM115  closed by stop()
        self._process = subprocess.Popen(
            [executable, "--port", str(port), *self._options],
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._output,
            start_new_session=True,
            preexec_fn=end_with_parent if _LIBC else None,
        )
        return self._answers(time.monotonic() + START_SECONDS)

    def _answers(self, deadline: float) -> bool:
        assert self._process is not None
        while time.monotonic() < deadline and self._process.poll() is None:
            wire = Wire(self.url)
            try:
                wire.request("eth_chainId")
                return self._process.poll() is None
            except (UserError, RpcError):
                time.sleep(0.02)
            finally:
                wire.close()
        return False

    def _said(self) -> str:
        if self._output is None:
            return "no output"
        self._output.seek(0)
        return self._output.read().decode(errors="replace").strip()[-500:] or "no output"
