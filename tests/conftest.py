"""Settings of every test."""

from hypothesis import HealthCheck, settings

# A busy machine is slow; that is no fault of the code.
settings.register_profile("sottovoce", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("sottovoce")
