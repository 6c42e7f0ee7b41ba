# SPDX-License-Identifier: AGPL-3.0-only
"""Pragmas, headers, section order and exports of every contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import layout
from tools.sources import contract_files, is_deployable, relative

FINE = '''# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
# pragma nonreentrancy on
"""
@title Fine
@custom:kill Never.
"""


from ethereum.ercs import IERC20

from ..interfaces import ITokenPolicy

from .modules import errors

initializes: errors

exports: errors.one


struct S:
    a: uint256


_A: constant(uint256) = 1
B: immutable(uint256)
c: uint256


@deploy
def __init__():
    B = 1


@external
def d():
    pass


@internal
def _e():
    pass
'''


@pytest.mark.parametrize("path", contract_files(), ids=relative)
def test_is_in_order(path: Path) -> None:
    assert layout.faults(path) == []


def test_every_deployable_says_how_it_is_stopped() -> None:
    deployable = [path for path in contract_files() if is_deployable(path)]
    assert len(deployable) > 15
    assert [relative(path) for path in deployable if len(layout.kill_notice(path)) < 10] == []


def written(folder: Path, text: str) -> list[str]:
    path = folder / "Fine.vy"
    path.write_text(text)
    return layout.faults(path)


def test_a_file_in_order(tmp_path: Path) -> None:
    assert written(tmp_path, FINE) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("# pragma version ==0.4.3\n", "", "does not begin with version pragma and licence"),
        ("# pragma nonreentrancy on\n", "", "no pragma nonreentrancy"),
        ("@custom:kill Never.\n", "", "no @custom:kill in the header"),
        ("@title Fine", "@title Other", "the header has no '@title Fine'"),
        ("exports: errors.one", "exports: errors.__interface__", "exports a whole module"),
        (
            "_A: constant(uint256) = 1\nB",
            "f: uint256\n_A: constant(uint256) = 1\nB",
            "constants after storage",
        ),
        (
            "B: immutable(uint256)\nc: uint256",
            "c: uint256\nB: immutable(uint256)",
            "immutables after storage",
        ),
        (
            "@external\ndef d",
            "@internal\ndef _f():\n    pass\n\n\n@external\ndef d",
            "external functions after internal functions",
        ),
        (
            "from ethereum.ercs import IERC20\n\nfrom ..interfaces import ITokenPolicy",
            "from ..interfaces import ITokenPolicy\n\nfrom ethereum.ercs import IERC20",
            "imports libraries after interfaces",
        ),
        (
            "from .modules import errors\n",
            "struct T:\n    a: uint256\n\nfrom .modules import errors\n",
            "imports modules after the rest",
        ),
    ],
)
def test_what_is_out_of_order_is_found(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert old in FINE
    found = written(tmp_path, FINE.replace(old, new, 1))
    assert any(each.endswith(fault) for each in found), found


def test_a_file_that_is_too_long(tmp_path: Path) -> None:
    assert written(tmp_path, FINE + "\n" * 400)[0].endswith("more than 400")
