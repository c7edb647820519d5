"""The section `ako.my_source` of the settings."""

from __future__ import annotations

from ako import Section, setting


class MySourceSettings(Section):
    """How MySource objects are served."""

    domain: str = setting("", "Domain of hosts that are a single word; empty: none.")
