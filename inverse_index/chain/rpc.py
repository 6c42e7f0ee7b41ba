# SPDX-License-Identifier: AGPL-3.0-only
"""JSON-RPC over one persistent plain HTTP connection.

A request at a time: a transaction takes under half a millisecond so. Writing
several ahead of their answers stalls for 44 ms each time (Anvil delays small
packets), and the members of a JSON-RPC batch run at once, in no order.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from io import BufferedReader
from typing import Any
from urllib.parse import urlsplit

from ..errors import UserError

TIMEOUT_SECONDS = 120.0


class RpcError(Exception):
    """The node refused a request."""

    def __init__(self, method: str, code: int, message: str, data: Any = None) -> None:
        super().__init__(method, code, message, data)
        self.method = method
        self.code = code
        self.message = message
        self.data = data

    def __str__(self) -> str:
        return f"{self.method}: {self.message} (code {self.code})"


Request = tuple[str, Sequence[Any]]


class Wire:
    """A connection, opened at the first request and again after a failure."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise UserError(f"cannot use {url}", "give an address like http://127.0.0.1:8545")
        self.url = url
        self._address = (parts.hostname, parts.port or 80)
        host = f"{parts.hostname}:{self._address[1]}"
        self._head = (
            f"POST {parts.path or '/'} HTTP/1.1\r\nHost: {host}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        ).encode()
        self._socket: socket.socket | None = None
        self._reader: BufferedReader | None = None

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()
        if self._socket is not None:
            self._socket.close()
        self._reader = self._socket = None

    def request(self, method: str, *params: Any) -> Any:
        """The result of one request; raises RpcError."""
        answer = self._exchange(_body(method, params, 1))
        if "error" in answer:
            raise _error(method, answer)
        return answer["result"]

    def batch(self, requests: Sequence[Request]) -> list[Any]:
        """Results of reads in one request; one that failed is its RpcError."""
        if not requests:
            return []
        body = [_body(method, params, i) for i, (method, params) in enumerate(requests)]
        answers = self._exchange(b"[" + b",".join(body) + b"]")
        if isinstance(answers, dict):
            raise _error("batch", answers)
        results: list[Any] = [None] * len(requests)
        for answer in answers:
            place = answer["id"]
            failed = "error" in answer
            results[place] = _error(requests[place][0], answer) if failed else answer["result"]
        return results

    def _exchange(self, body: bytes) -> Any:
        try:
            if self._socket is None:
                self._connect()
            assert self._socket is not None
            self._socket.sendall(b"%b%d\r\n\r\n%b" % (self._head, len(body), body))
            return self._read()
        except (OSError, ValueError) as error:
            self.close()
            raise UserError(
                f"no answer from the chain at {self.url} ({error})",
                "start Anvil there or give another address",
            ) from error
        except BaseException:
            self.close()  # an answer may still be on its way
            raise

    def _connect(self) -> None:
        self._socket = socket.create_connection(self._address, timeout=TIMEOUT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = self._socket.makefile("rb")

    def _read(self) -> Any:
        assert self._reader is not None
        status = self._reader.readline().split(None, 2)
        if len(status) < 2:
            raise OSError("connection closed")
        length = self._read_length()
        body = self._reader.read(length)
        if len(body) < length:
            raise OSError("connection closed")
        if status[1] != b"200":
            raise OSError(f"HTTP status {status[1].decode(errors='replace')}")
        return json.loads(body)

    def _read_length(self) -> int:
        assert self._reader is not None
        length = -1
        while (line := self._reader.readline()) not in (b"\r\n", b""):
            if line[:15].lower() == b"content-length:":
                length = int(line[15:])
        if length < 0:
            raise OSError("answer without a length")
        return length


def _body(method: str, params: Sequence[Any], number: int) -> bytes:
    return b'{"jsonrpc":"2.0","id":%d,"method":"%b","params":%b}' % (
        number,
        method.encode(),
        json.dumps(params).encode(),
    )


def _error(method: str, answer: dict[str, Any]) -> RpcError:
    error = answer["error"]
    return RpcError(method, error.get("code", 0), error.get("message", ""), error.get("data"))
