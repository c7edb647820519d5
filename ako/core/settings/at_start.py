"""Settings that are read once: a change of them takes effect at the next start."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ako.core.settings.tree import Settings

_READ_ONCE: Mapping[str, Callable[[Settings], object]] = {
    "AKOSettings.apiServerPort": lambda settings: settings.ako_settings.api_server_port,
    "ako.api.concurrency": lambda settings: settings.ako.api.concurrency,
    "ako.api.retryCeilingSeconds": lambda settings: settings.ako.api.retry_ceiling_seconds,
    "ako.logFormat": lambda settings: settings.ako.log_format,
    "ako.plugins.enabled": lambda settings: settings.ako.plugins.enabled,
}


def waiting_for_a_start(begun_with: Settings, wanted: Settings) -> tuple[str, ...]:
    """Give the keys of settings that are wanted otherwise than the process was started with."""
    return tuple(key for key, value in _READ_ONCE.items() if value(begun_with) != value(wanted))
