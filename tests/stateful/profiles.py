# SPDX-License-Identifier: AGPL-3.0-only
"""How hard the machines try.

quick   in `make test`: the same few histories every time
fuzz    `make fuzz`: histories from a seed, as many as wanted
debug   HYPOTHESIS_PROFILE=debug pytest tests/stateful: Hypothesis shrinks
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, Verbosity, settings

LENGTH = 60  # steps of one history of `make fuzz`
_COMMON = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "database": None,
    "report_multiple_bugs": False,
    "print_blob": False,
}


def quick(examples: int = 12, steps: int = 40) -> settings:
    """Of the profile that HYPOTHESIS_PROFILE names, `quick` unless it does."""
    chosen = os.environ.get("HYPOTHESIS_PROFILE", "quick")
    if chosen == "debug":
        return settings(max_examples=50, stateful_step_count=steps, **_COMMON)  # type: ignore[arg-type]
    if chosen != "quick":
        raise ValueError(f"HYPOTHESIS_PROFILE={chosen}: choose quick or debug; or `make fuzz`")
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        phases=(Phase.generate,),
        derandomize=True,
        **_COMMON,  # type: ignore[arg-type]
    )


def fuzz(examples: int) -> settings:
    """New histories, none shrunk: `histories.shortened` is quicker at that."""
    return settings(
        max_examples=examples,
        stateful_step_count=LENGTH,
        phases=(Phase.generate,),
        verbosity=Verbosity.quiet,
        **_COMMON,  # type: ignore[arg-type]
    )
