"""How long the properties are searched: ``FJD_PROPERTIES=ci`` (the same cases each time) or ``long`` (others)."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "ci",
    derandomize=True,
    database=None,
    max_examples=150,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
settings.register_profile("long", settings.get_profile("ci"), derandomize=False, max_examples=3000)

PROFILE = settings.get_profile(os.environ.get("FJD_PROPERTIES", "ci"))
"""Applied to each test by name: a profile that is loaded counts for the whole run, and the last one to load it wins."""

FUZZ = settings(PROFILE, max_examples=3 * PROFILE.max_examples)
"""For what is soon done."""
