# SPDX-License-Identifier: AGPL-3.0-only
"""How hard the state machines try: HYPOTHESIS_PROFILE = quick (default), long, debug.

`quick` runs the same histories every time, `long` new ones each time, as many as
EXAMPLES says. Only `debug` shrinks a failing history: that replays hundreds.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

_SEARCH = (Phase.explicit, Phase.generate)
_COMMON = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "print_blob": True,
}
_PROFILES = {
    "quick": {
        "max_examples": 25,
        "stateful_step_count": 25,
        "phases": _SEARCH,
        "derandomize": True,
    },
    "long": {
        "max_examples": int(os.environ.get("EXAMPLES", "400")),
        "stateful_step_count": 60,
        "phases": _SEARCH,
        "database": None,
    },
    "debug": {"max_examples": 50, "stateful_step_count": 40},
}


def machine_settings() -> settings:
    """Settings of the chosen profile."""
    chosen = os.environ.get("HYPOTHESIS_PROFILE", "quick")
    if chosen not in _PROFILES:
        raise ValueError(f"HYPOTHESIS_PROFILE={chosen}: choose from {', '.join(_PROFILES)}")
    return settings(**_COMMON, **_PROFILES[chosen])  # type: ignore[arg-type]
