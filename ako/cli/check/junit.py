"""A report as JUnit XML, which most CI systems read: a test case for each object, and one for each faulty file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

from ako.cli.check.report import Checked, Finding, Report

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(report: Report) -> str:
    """Give a report as XML."""
    cases = list(report.objects)
    known = {(one.about, one.file) for one in report.objects}
    others = dict.fromkeys((found.about, found.file) for found in report.findings)
    cases += [Checked(about=about, file=file, line=0) for about, file in others if (about, file) not in known]
    suite = ET.Element("testsuite", name="ako check")
    for case in cases:
        _add(suite, case, tuple(report.of(case.about, case.file)))
    counts = {
        "tests": len(cases),
        "failures": len(suite.findall("testcase/failure")),
        "errors": 0,
        "skipped": len(suite.findall("testcase/skipped")),
    }
    suite.attrib.update({name: str(count) for name, count in counts.items()})
    if report.notes:
        ET.SubElement(suite, "system-out").text = _clean("\n".join(report.notes))
    root = ET.Element("testsuites", {name: suite.attrib[name] for name in ("tests", "failures", "errors")})
    root.append(suite)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


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
        yield f"{found.place}: {found.reason}: {found.message} {found.remedy}".rstrip()


def _clean(text: str) -> str:
    """Leave out what XML cannot hold."""
    return _NOT_IN_XML.sub("�", text)
