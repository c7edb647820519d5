"""From the arguments of `ako check` to its report."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from ako.cli.check.assumed import Assumed
from ako.cli.check.manifests import ABSENT, UNNAMED, Manifests, file_findings
from ako.cli.check.report import Checked, Finding, Report, by_place
from ako.cli.check.settings import Given, given_settings, namesakes
from ako.core.base.errors import AkoError
from ako.core.hooks.calls import Calls
from ako.core.hooks.claims import Problem
from ako.core.hooks.site import unserved_domain
from ako.core.kube.folder import FolderCluster
from ako.core.kube.manifests import manifest_files
from ako.core.kube.positions import Positions
from ako.core.settings import LoadedSettings

_STANDARD_INPUT = Path("-")
_NAME_OF_INPUT = Path("stdin")


class Gathered(Struct, frozen=True):
    """A report, and what asked the plugins for it; None if none was asked."""

    report: Report
    calls: Calls | None = None


def gather(arguments: Namespace) -> Gathered:
    """Check what the arguments name.

    Raises:
        AkoError: something of it cannot be read, or a plugin cannot be loaded.
    """
    places = [place for place in arguments.places if place != _STANDARD_INPUT]
    for place in places:
        _require_readable(place)
    given = {_NAME_OF_INPUT: sys.stdin.buffer.read()} if _STANDARD_INPUT in arguments.places else {}
    cluster = FolderCluster(*places, poll_seconds=None)
    for path, text in given.items():
        cluster.give(path, text)
    cluster.manifests()
    positions = Positions(given)
    return _gathered(arguments, cluster, given_settings(arguments, cluster, positions), positions)


def _gathered(arguments: Namespace, cluster: FolderCluster, given: Given, positions: Positions) -> Gathered:
    if given.loaded is None or given.plugins is None:
        unchecked = "the objects were not checked: the settings have to be right first"
        return Gathered(_report((*given.findings, *file_findings(cluster.problems)), (), (unchecked,)))
    settings, plugins, assumptions = given.loaded.settings, given.plugins, Assumed(cluster)
    notes = list(_assume(arguments, cluster, given.loaded, assumptions))

    def work_through() -> Manifests:
        return Manifests(cluster, settings, plugins, arguments.domains, positions)

    checked = work_through()
    if arguments.partial and (missing := checked.missing_secrets()):
        notes.append(assumptions.add_secrets(missing))
        checked = work_through()
    problems, left_out = _told(arguments, checked.problems())
    notes += (*left_out, *checked.passed_over())
    if arguments.domains and (fault := checked.reconciler.pipeline.engine.ask(unserved_domain)):
        notes.append(fault)
    findings = [*map(checked.finding, (*problems, *checked.unreadable())), *file_findings(cluster.problems)]
    return Gathered(_report(findings, checked.objects(), notes), plugins.calls)


def _assume(
    arguments: Namespace, cluster: FolderCluster, loaded: LoadedSettings, assumptions: Assumed
) -> Iterator[str]:
    """Take for given what is, and say so."""
    there = cluster.manifests()
    if not there and not cluster.problems:
        yield "there are no manifests"
    yield from loaded.warnings
    yield from namesakes(there)
    if loaded.settings.ako_settings.delete_config:
        yield "deleteConfig is true: the controller deletes everything; the objects were checked as if it were false"
    if not arguments.domains:
        yield "any host is assumed to be in a DNS domain of the Avi cloud: say which there are with --domains"
    if told := assumptions.add_class(loaded.settings, there):
        yield told
    if arguments.partial and (told := assumptions.add_namespaces(loaded.settings, there)):
        yield told


def _told(arguments: Namespace, problems: Iterable[Problem]) -> tuple[list[Problem], list[str]]:
    """Divide problems into those that are told, and notes on those that are left out or may be none."""
    told, notes = list(problems), []
    if not arguments.domains:
        told, unnamed = _divided(told, UNNAMED)
        if unnamed:
            notes.append(f"not checked, for a cloud names their hosts: {_count(unnamed, 'rule')} without a host")
    if arguments.partial:
        told, absent = _divided(told, ABSENT)
        if absent:
            notes.append(f"left out, as --partial asks for: {_count(absent, 'problem')} about objects that no file has")
    elif absent := [problem for problem in told if problem.reason in ABSENT]:
        one = _count(absent, "problem")
        notes.append(f"{one} about objects that no file has: with --partial these are assumed to be in the cluster")
    return told, notes


def _report(findings: Iterable[Finding], objects: Iterable[Checked], notes: Iterable[str]) -> Report:
    found = sorted(findings, key=lambda one: (by_place(one), one.reason, one.message))
    return Report(findings=tuple(found), objects=tuple(sorted(objects, key=by_place)), notes=tuple(notes))


def _require_readable(place: Path) -> None:
    """Insist on what can be read: who looks at it only once would wait for ever."""
    try:
        for _ in manifest_files(place):
            pass
    except OSError as error:
        raise AkoError(f"{error.filename}: {error.strerror}; name folders or files of manifests.") from error


def _divided(problems: list[Problem], reasons: frozenset[str]) -> tuple[list[Problem], list[Problem]]:
    return [p for p in problems if p.reason not in reasons], [p for p in problems if p.reason in reasons]


def _count(found: list[Problem], what: str) -> str:
    return f"{len(found)} {what}{'' if len(found) == 1 else 's'}"
