"""The tables of `docs/configuration.md` and `docs/ako-values.md`, made from the settings.

`python -m tests.core.settings.reference` writes them into the pages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from ako.core.settings.chart_keys import CHART_KEYS
from ako.core.settings.foreign_keys import FEATURES, why_idle
from ako.core.settings.keys import Key, key_table
from ako.core.settings.plain import plain
from tests.core.settings.ako_chart import AKO_CHART, judged

DOCS = Path(__file__).parents[3] / "docs"


def setting_rows() -> list[str]:
    """Give the rows of the table of settings."""
    return [_row(key) for key in key_table({}).by_helm.values()]


def refused_rows() -> list[str]:
    """Give the rows of the table of what is refused."""
    return [
        f"| `{key}` | {feature.default or 'empty'} | {feature.reason} |"
        for key, feature in FEATURES.items()
        if feature.is_refused
    ]


def chart_rows() -> list[str]:
    """Give the rows of the table of what only the chart reads."""
    ours = sorted(name for name in CHART_KEYS if not why_idle(name))
    return [f"| `{name}` | {_parts(name)} | {CHART_KEYS[name].description} |" for name in ours]


def ako_rows() -> list[str]:
    """Give the rows of the table of the keys of AKO's chart."""
    table = key_table({})
    rows = []
    for key, span in AKO_CHART.items():
        judgement = judged(key, table)
        but = f" unless {judgement.but}" if judgement.verdict == "refused" else ""
        ending = f"–{span.until}" if span.until != span.since and span.until else "" if span.until else "–"
        rows.append(f"| `{key}` | {span.since}{ending} | {judgement.verdict}{but} | {judgement.why} |")
    return rows


TABLES: Mapping[tuple[str, str], Callable[[], list[str]]] = {
    ("configuration.md", "| key | ConfigMap key |"): setting_rows,
    ("configuration.md", "| key | default | because |"): refused_rows,
    ("configuration.md", "| key | below it |"): chart_rows,
    ("ako-values.md", "| key | in releases |"): ako_rows,
}
"""Page and how the heading of a table begins → its rows."""


def shown(page: str, heading: str) -> list[str]:
    """Give the rows that a page has below a heading."""
    _, _, below = (DOCS / page).read_text().partition(f"\n{heading}")
    _, _, rows = below.partition("\n|---")
    return [line for line in rows.partition("\n\n")[0].splitlines()[1:] if line]


def _parts(name: str) -> str:
    parts = CHART_KEYS[name].schema.get("properties", {})
    return ", ".join(f"`{part}`" for part in parts) or "–"


def _row(key: Key) -> str:
    place = f"Secret: `{key.config_map}`" if key.in_secret else f"`{key.config_map}`"
    variables = ", ".join(f"`{name}`" for name in (key.layer_variable, key.variable) if name) or "–"
    kind = key.allowed.replace("|", "\\|") or ("text, secret" if key.is_secret else "text")
    default = plain(key.default)
    said = "–" if default in ("", None, []) else f"`{default if isinstance(default, str) else json.dumps(default)}`"
    return f"| `{key.helm}` | {place} | {variables} | {kind} | {said} | {key.description} |"


def _write() -> None:
    for (page, heading), rows in TABLES.items():
        path = DOCS / page
        table = re.compile(rf"(?m)(^{re.escape(heading)}.*\n\|---.*\n)(?:\|.*\n)*")
        made = "".join(f"{row}\n" for row in rows())
        path.write_text(table.sub(rf"\g<1>{made.replace(chr(92), chr(92) * 2)}", path.read_text()))


if __name__ == "__main__":
    _write()
