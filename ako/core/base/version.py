"""Which version of the program this is. It stands in `setup.cfg`, and whoever wants to know it asks here.

What it takes is imported when it is asked for: most commands never do.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

DISTRIBUTION = "ako"
UNKNOWN = "0+unknown"
"""The version of a program that was not installed but is run from its source."""


@functools.cache
def version() -> str:
    """Give the version, as `0.2.0`."""
    from importlib.metadata import PackageNotFoundError  # noqa: PLC0415 - see above
    from importlib.metadata import version as version_of  # noqa: PLC0415

    try:
        return version_of(DISTRIBUTION)
    except PackageNotFoundError:
        return UNKNOWN


@functools.cache
def build() -> Mapping[str, str]:
    """Give what is of interest about what runs here: `version`, `python` as `3.13.1`, `platform` as `linux/x86_64`."""
    import platform  # noqa: PLC0415 - see above

    where = f"{platform.system().lower()}/{platform.machine()}"
    return {"version": version(), "python": platform.python_version(), "platform": where}


def user_agent() -> str:
    """Give how the program names itself to the servers that it asks, as `ako/0.2.0 (linux/x86_64; Python 3.13.1)`."""
    told = build()
    return f"{DISTRIBUTION}/{told['version']} ({told['platform']}; Python {told['python']})"
