# SPDX-License-Identifier: AGPL-3.0-only
"""The venue of a deployment: one of several kinds, told apart by `kind`.

Here alone the configuration lists the kinds; each offers `check_leverage`,
`native_amounts`, `symbol_fields`, `given` and `missing`.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Discriminator, Tag

from inverse_index.config.aave_venue import AaveVenueConfig
from inverse_index.config.perp_venue import PerpVenueConfig

DEFAULT_KIND: Final = "perp"
# Deployment file of each kind where none is given, in the project's folder.
DEFAULT_FILES: Final = {"perp": "configs/local-1x.yaml", "aave": "configs/aave-1x.yaml"}
KINDS: Final = tuple(DEFAULT_FILES)


def _kind(value: Any) -> Any:
    """The kind that raw or read data is of; anything but a group is left to
    the default's own message."""
    if isinstance(value, dict):
        kind = value.get("kind", DEFAULT_KIND)
        return kind if isinstance(kind, str) else str(kind)
    return getattr(value, "kind", DEFAULT_KIND)


VenueConfig = Annotated[
    Annotated[PerpVenueConfig, Tag("perp")] | Annotated[AaveVenueConfig, Tag("aave")],
    Discriminator(_kind),
]
