"""The section `ako.my_translation` of the settings."""

from __future__ import annotations

from ako import Section, setting


class MyTranslationSettings(Section):
    """How clients are kept at their servers."""

    persistence: str = setting("", "Application persistence profile that pools of hosts have, by name; empty: none.")
