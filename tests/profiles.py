# SPDX-License-Identifier: AGPL-3.0-only
"""How hard property tests try: HYPOTHESIS_PROFILE = quick (default), long, debug.

Only `debug` shrinks a failing example: shrinking replays hundreds of histories.
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
    "quick": {"max_examples": int(os.environ.get("EX","12")), "stateful_step_count": 25, "phases": _SEARCH},
    "long": {"max_examples": 400, "stateful_step_count": 60, "phases": _SEARCH},
    "debug": {"max_examples": 50, "stateful_step_count": 40},
}


def machine_settings() -> settings:
    """Settings of the chosen profile."""
    chosen = os.environ.get("HYPOTHESIS_PROFILE", "quick")
    if chosen not in _PROFILES:
        raise ValueError(f"HYPOTHESIS_PROFILE={chosen}: choose from {', '.join(_PROFILES)}")
    return settings(**_COMMON, **_PROFILES[chosen])  # type: ignore[arg-type]
