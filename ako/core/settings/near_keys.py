"""Which key was meant by one that nobody knows."""

from __future__ import annotations

from ako.core.base.wording import nearest
from ako.core.settings.chart_keys import CHART_KEYS
from ako.core.settings.foreign_keys import FEATURES
from ako.core.settings.keys import KeyTable


def near_key(helm: str, table: KeyTable) -> str:
    """Find what was meant: the same name in another section, or the closest spelling; empty if nothing is close."""
    last = helm.rpartition(".")[2].lower()
    elsewhere = [known for known in table.by_helm if known.rpartition(".")[2].lower() == last]
    if len(elsewhere) == 1:
        return elsewhere[0]
    sections = [section for section in table.sections if not helm.startswith(f"{section}.")]
    return nearest(helm, [*table.by_helm, *sections, *FEATURES, *CHART_KEYS]) or _near_name(helm, table)


def _near_name(helm: str, table: KeyTable) -> str:
    """Find the setting whose own name is closest to a name that was given without its section."""
    if "." in helm:
        return ""
    names = {known.rpartition(".")[2]: known for known in table.by_helm}
    return names.get(nearest(helm, names), "")
