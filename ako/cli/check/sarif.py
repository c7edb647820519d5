"""A report as SARIF 2.1.0, which code hosts show beside the lines of a change.

Files are named from the root of the repository, as these hosts want them. A result keeps its fingerprint when lines
move: it is made of what is wrong with which object.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ako.cli.check.report import Finding, Report
from ako.core.base.log import with_remedy
from ako.core.base.version import DISTRIBUTION, version

_LINE = re.compile(r":\d+")
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_sarif(report: Report, root: Path) -> Mapping[str, Any]:
    """Give a report as a SARIF log.

    Args:
        report: what was found.
        root: of the repository.
    """
    remedies = {found.reason: found.remedy or found.message for found in reversed(report.findings)}
    ids = sorted(remedies)
    rules = [{"id": reason, "shortDescription": {"text": reason}, "help": {"text": remedies[reason]}} for reason in ids]
    notes = [{"level": "note", "message": {"text": note}} for note in report.notes]
    run = {
        "tool": {"driver": {"name": DISTRIBUTION, "version": version(), "rules": rules}},
        "originalUriBaseIds": {"%SRCROOT%": {"uri": f"{root.as_uri()}/"}},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notes}],
        "results": list(_results(report, ids, root)),
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _results(report: Report, ids: list[str], root: Path) -> Iterator[Mapping[str, Any]]:
    seen: Counter[str] = Counter()
    for found in report.findings:
        print_of = _fingerprint(found)
        seen[print_of] += 1
        place = {"artifactLocation": _artifact(found.file, root), "region": {"startLine": found.line}}
        yield {
            "ruleId": found.reason,
            "ruleIndex": ids.index(found.reason),
            "level": "error",
            "message": {"text": f"{found.about}: {with_remedy(found.message, found.remedy)}"},
            "locations": [{"physicalLocation": place}] if found.file else [],
            "partialFingerprints": {"akoProblem/v1": f"{print_of}:{seen[print_of]}"},
        }


def _artifact(file: str, root: Path) -> Mapping[str, str]:
    """Name a file from the root of the repository; one that is elsewhere by its whole path."""
    path = Path(file).absolute()
    try:
        inside = path.resolve().relative_to(root)
    except ValueError:
        return {"uri": path.as_uri()}
    return {"uri": quote(os.fsencode(inside)), "uriBaseId": "%SRCROOT%"}


def _fingerprint(found: Finding) -> str:
    told = "\0".join((found.about, found.reason, _LINE.sub("", found.message)))
    return hashlib.sha256(told.encode(errors="replace")).hexdigest()


def repository_of(folder: Path) -> Path:
    """Give the root of the repository that a folder is in; the folder itself, if it is in none."""
    here = folder.resolve()
    return next((place for place in (here, *here.parents) if (place / ".git").exists()), here)
