"""A report for people: each finding on a line that editors understand, with what to do below it; then what there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ako.cli.check.report import Checked, Report
from ako.cli.screen import Screen, Style, Words


def print_report(report: Report, screen: Screen, *, is_verbose: bool) -> None:
    """Print a report."""
    for found in report.findings:
        about = () if found.about == found.file else (f"{found.about}: ",)
        screen.line(
            Words(f"{found.place}:", Style.STRONG), " ", *about, Words(found.reason, Style.BAD), f": {found.message}"
        )
        if found.remedy:
            screen.line(found.remedy, indent=4)
    if is_verbose:
        for one in report.not_ours:
            screen.line(Words(f"{one.file}:{one.line}: {one.about} is not ours: {one.why_not_ours}", Style.FAINT))
    for note in report.notes:
        screen.line(Words(f"note: {note}", Style.FAINT))
    screen.line(_verdict(report), f"; {_looked_at(report)}")


def _verdict(report: Report) -> Words:
    count, files = len(report.findings), {found.file for found in report.findings} - {""}
    if not count:
        return Words("nothing is wrong", Style.GOOD)
    return Words(_some(count, "problem") + (f" in {_some(len(files), 'file')}" if files else ""), Style.BAD)


def _looked_at(report: Report) -> str:
    ours = len(report.objects) - len(report.not_ours)
    left = _kinds(report.not_ours)
    return f"{_some(ours, 'object')} checked" + (f", not ours: {left}" if left else "")


def _kinds(objects: Iterable[Checked]) -> str:
    counts = Counter(one.about.partition("/")[0] for one in objects)
    return ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))


def _some(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
