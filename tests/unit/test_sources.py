# SPDX-License-Identifier: AGPL-3.0-only
"""What is handed to block explorers compiles to what is deployed."""

from __future__ import annotations

import json

import pytest

from inverse_index.artifacts import artifact
from inverse_index.sources import compiler_version, source_id, standard_json


@pytest.mark.parametrize("name", ["IndexOracle", "TokenPolicy"])
def test_the_document_compiles_to_the_same_bytes(name: str) -> None:
    from vyper.cli.vyper_json import compile_json

    document = json.loads(json.dumps(standard_json(name)))
    assert source_id(name) in document["sources"]
    out = compile_json(document)["contracts"][source_id(name)][name]
    assert out["evm"]["bytecode"]["object"] == artifact(name).bytecode
    assert out["evm"]["deployedBytecode"]["object"] == artifact(name).runtime


def test_it_holds_no_path_of_this_machine() -> None:
    keys = list(standard_json("InverseIndexToken")["sources"])
    assert all(not key.startswith(("/", ".")) for key in keys)
    assert {key.split("/")[0] for key in keys} == {"contracts", "interfaces", "snekmate"}
    assert compiler_version() == "0.4.3"
