"""How much is tried: `ci` (the default) repeats the same examples everywhere; `long` draws new ones and prints how to repeat a failure."""

from datetime import timedelta

from hypothesis import HealthCheck, settings

_DEADLINE = timedelta(seconds=20)  # nothing may hang; generous, because machines are shared
_SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)
settings.register_profile(
    "ci", max_examples=60, derandomize=True, database=None, deadline=_DEADLINE, suppress_health_check=_SLOW
)
settings.register_profile(
    "long", max_examples=3_000, print_blob=True, deadline=_DEADLINE, suppress_health_check=_SLOW
)
settings.load_profile("ci")
