"""Properties of a broken rule: that some example fails is enough, however long it is, and whatever time it takes.

A plugin of pytest; the profile has the name of this file.
"""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "unshrunk",
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
