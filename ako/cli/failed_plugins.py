"""Plugins that failed while a command ran: what it shows, or did, is right as far as it goes, and may not be all."""

from __future__ import annotations

import sys

from ako.core.hooks.calls import Calls


def tell_failed_plugins(calls: Calls) -> bool:
    """Say on standard error which plugins failed, in which hook, how often and where first; say whether any did."""
    for (plugin, hook), words in sorted(calls.first_faults.items()):
        count = calls.failures[plugin, hook]
        times = f" ({count} times; this was the first)" if count > 1 else ""
        print(f"a plugin failed: {words}{times}", file=sys.stderr)
    return bool(calls.first_faults)
