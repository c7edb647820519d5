"""A report as JUnit XML, which most CI systems read: a test case for each object, and one for each faulty file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

from ako.cli.check.report import Checked, Finding, Report
from ako.core.base.log import on_one_line, told

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(report: Report) -> str:
    """Give a report as XML."""
    cases = {(one.about, one.file): one for one in report.objects}
    found_in: dict[tuple[str, str], list[Finding]] = {}
    for found in report.findings:
        found_in.setdefault((found.about, found.file), []).append(found)
    others = {key: Checked(about=key[0], file=key[1], line=0) for key in found_in if key not in cases}
    suite = ET.Element("testsuite", name="ako check")
    for key, case in (cases | others).items():
        _add(suite, case, found_in.get(key, ()))
    counts = {
        "tests": len(suite.findall("testcase")),
        "failures": len(suite.findall("testcase/failure")),
        "errors": 0,
        "skipped": len(suite.findall("testcase/skipped")),
    }
    suite.attrib.update({name: str(count) for name, count in counts.items()})
    if report.notes:
        ET.SubElement(suite, "system-out").text = _clean("\n".join(map(on_one_line, report.notes)))
    root = ET.Element("testsuites", {name: suite.attrib[name] for name in ("tests", "failures", "errors")})
    root.append(suite)
    ET.indent(root)
    return f"{_HEAD}\n{ET.tostring(root, encoding='unicode')}\n"


def _add(suite: ET.Element, case: Checked, findings: Sequence[Finding]) -> None:
    """Add a test case; all that is wrong is one failure, for most who read it show only the first."""
    about, file = _clean(case.about), _clean(case.file or "settings")
    element = ET.SubElement(suite, "testcase", classname=file, name=about, file=file)
    if case.why_not_ours and not findings:
        ET.SubElement(element, "skipped", message=_clean(f"not ours: {case.why_not_ours}"))
    if findings:
        first, more = findings[0], len(findings) - 1
        message = first.message + (f" (and {more} more)" if more else "")
        failure = ET.SubElement(element, "failure", type=first.reason, message=_clean(message))
        failure.text = _clean("\n".join(_lines(findings)))


def _lines(findings: Iterable[Finding]) -> Iterable[str]:
    for found in findings:
        yield on_one_line(f"{found.place}: {told(found.reason, found.message, found.remedy)}")


def _clean(text: str) -> str:
    """Leave out what XML cannot hold."""
    return _NOT_IN_XML.sub("�", text)
