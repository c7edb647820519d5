"""`python -m tests.chart`: writes what of the chart is generated."""

from __future__ import annotations

from tests.chart.generated import FILES

for file, text in FILES.items():
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text(), encoding="utf-8")
