# SPDX-License-Identifier: AGPL-3.0-only
"""`python -m tools.reasons`: write `inverse_index/reasons.py` anew.

The reasons of the contracts stand in `contracts/modules/lib/errors.vy`; Python has the
same constants under the same names.
"""

from __future__ import annotations

from pathlib import Path

import click

from inverse_index.artifacts import project_root
from inverse_index.files import write_atomic

from .sources import reasons

HEAD = '''\
# SPDX-License-Identifier: AGPL-3.0-only
"""Every reason of the contracts by the name of its constant in `errors.vy`.

Written by `make reasons`; do not edit. One that ends with a space is a prefix.
"""

from __future__ import annotations

from typing import Final

'''


def path() -> Path:
    return project_root() / "inverse_index" / "reasons.py"


def generated() -> str:
    """The module's text, in the order of `errors.vy`."""
    return HEAD + "".join(f'{each.name}: Final = "{each.text}"\n' for each in reasons())


@click.command()
def main() -> None:
    """Write the constants that Python has of the contracts' reasons."""
    write_atomic(path(), generated())
    click.echo(f"{len(reasons())} reasons in {path().relative_to(project_root())}")


if __name__ == "__main__":
    main()
