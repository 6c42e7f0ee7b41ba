# SPDX-License-Identifier: AGPL-3.0-only
"""Show every proof in full and that planted faults are noticed; write the table.

`python -m tests.proofs` writes docs/evidence/proofs.md; names as arguments show just those.
"""

from __future__ import annotations

import sys
import time

import click

from inverse_index.chain import Anvil, LocalBackend
from inverse_index.errors import UserError
from tests.support.proof_harness import ProofHarness

from .faults import GROUPS, unnoticed
from .proof import Refuted
from .registry import PROPERTIES, proofs, table, table_path


@click.command(help=__doc__)
@click.argument("names", nargs=-1)
def main(names: tuple[str, ...]) -> None:
    chosen = [each for each in proofs() if not names or each.name in names]
    seconds: dict[tuple[str, str], float] = {}
    points = 0
    with Anvil() as anvil, LocalBackend(anvil.url) as chain:
        harness = ProofHarness(chain, chain.accounts[0])
        for proof in chosen:
            began = time.monotonic()
            points += proof.run(harness)
            took = seconds[proof.name, proof.method] = time.monotonic() - began
            click.echo(f"{took:7.1f} s  {proof.name}: {proof.says} ({proof.method})")
        if names:
            return
        for group, faults in GROUPS.items():
            found = list(unnoticed(ProofHarness(chain, chain.accounts[0]), group, PROPERTIES))
            if found:
                raise Refuted(f"not noticed: {'; '.join(found)}")
            click.echo(f"{len(faults)} faults of {group} noticed")
    table_path().write_text(table(seconds))
    click.echo(f"{len(chosen)} proofs, {points:,} cases; written: {table_path()}")


if __name__ == "__main__":
    try:
        main()
    except (Refuted, UserError) as error:
        sys.exit(f"error: {error}")
