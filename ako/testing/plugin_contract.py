"""What every plugin must hold to, as tests that a plugin's own test suite inherits.

    class TestContract(PluginContract):
        plugins = ("sites", "clusterip_routes")
        examples = (SITE, SERVICE, ENDPOINTS)

The first plugin is the one that is judged; the others help it. `examples` are manifests it understands. No test library
is needed, and pytest finds the tests by their names.
"""

# ruff: noqa: S101 - these are tests, of which assertions are the substance; they are shipped for others to inherit

from __future__ import annotations

import ast
import inspect
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import ClassVar

import msgspec

from ako.core.engine.kinds import WatchedKind
from ako.core.hooks.loading import Plugin
from ako.core.hooks.outcome import HostOutcome, HostState, Outcome
from ako.core.kube.merge_patch import merge_patched
from ako.testing.hostile import hostile_variants
from ako.testing.manifests import Manifest
from ako.testing.rehearsal import Rehearsal, ref_of

IO_MODULES = frozenset(
    {
        "asyncio",
        "concurrent",
        "ctypes",
        "ftplib",
        "http",
        "io",
        "kubernetes",
        "logging",
        "multiprocessing",
        "os",
        "pathlib",
        "queue",
        "random",
        "requests",
        "sched",
        "secrets",
        "select",
        "selectors",
        "shutil",
        "signal",
        "smtplib",
        "socket",
        "socketserver",
        "sqlite3",
        "ssl",
        "subprocess",
        "sys",
        "tempfile",
        "threading",
        "time",
        "urllib",
        "urllib3",
    }
)
"""A plugin has no client, no thread, no clock, no randomness, no environment and no log of its own."""

OUTCOMES = (
    Outcome(),
    Outcome(
        hosts=(HostOutcome("a.example.org", HostState.LIVE, ("192.0.2.1",)),), our_addresses=frozenset({"192.0.2.1"})
    ),
    Outcome(hosts=(HostOutcome("a.example.org", HostState.PENDING),)),
    Outcome(hosts=(HostOutcome("a.example.org", HostState.KEPT, reason="it waits for being confirmed"),)),
    Outcome(hosts=(HostOutcome("a.example.org", HostState.REJECTED, reason="no such service"),)),
)


class PluginContract:
    """Inherit from it and give the attributes.

    Attributes:
        plugins: the plugin that is judged, then those it works with: installed names, or `Plugin` values.
        examples: manifests; those of the plugin's kinds must decode, and some must make it say something.
        settings: keys as for `--set`.
    """

    plugins: ClassVar[Sequence[str | Plugin]]
    examples: ClassVar[Sequence[Manifest]]
    settings: ClassVar[Mapping[str, object]] = MappingProxyType({})

    def test_kinds_are_declared_well(self) -> None:
        """Records are frozen, so that nobody can change what others read."""
        host = self._rehearsal().host
        for kind in host.kinds.get(self._name, ()):
            assert isinstance(kind, WatchedKind), f"ako_kinds gives {kind!r}, which is no WatchedKind"
            for record in filter(None, (kind.record, kind.status)):
                assert record.__struct_config__.frozen, f"{record.__name__} is not frozen"

    def test_examples_are_understood(self) -> None:
        """Else the other tests would test nothing."""
        rehearsal = self._rehearsal(*self.examples)
        kinds = {kind.kind for kind in rehearsal.host.kinds.get(self._name, ())}
        missing = kinds - {ref_of(manifest).kind for manifest in self.examples}
        assert not missing, f"no example of {', '.join(sorted(map(str, missing)))}"
        for manifest in self._own_examples(rehearsal):
            assert not (reason := rehearsal.unreadable(manifest)), f"{ref_of(manifest)}: {reason}"
        sources = {kind.kind for kind in rehearsal.host.kinds.get(self._name, ()) if kind.is_source}
        if sources:
            found = [rehearsal.discovery(m) for m in self.examples if ref_of(m).kind in sources]
            says_something = any(discovery and (discovery.claims or discovery.problems) for discovery in found)
            assert says_something, "no example leads to a claim or a problem"
        assert not rehearsal.doubts(), f"the examples leave something unknown: {rehearsal.doubts()}"

    def test_same_objects_give_the_same_answer(self) -> None:
        """Whatever the plugin was asked before."""
        assert _said(self._rehearsal(*self.examples)) == _said(self._rehearsal(*self.examples))

    def test_order_of_arrival_does_not_matter(self) -> None:
        """Objects arrive as the API server sends them; a Secret may come long after what names it."""
        expected = _said(self._rehearsal(*self.examples))
        for order in _orders(self.examples):
            assert _said(self._rehearsal(*order)) == expected, (
                f"differs for the order {[*map(str, map(ref_of, order))]}"
            )

    def test_objects_that_go_leave_nothing(self) -> None:
        """What an object brought goes with it, and comes back with it."""
        rehearsal = self._rehearsal(*self.examples)
        expected = _said(rehearsal)
        for manifest in self.examples:
            rehearsal.delete(manifest)
            others = [other for other in self.examples if other is not manifest]
            assert _said(rehearsal) == _said(self._rehearsal(*others)), f"{ref_of(manifest)} leaves something behind"
            rehearsal.apply(manifest)
        assert _said(rehearsal) == expected

    def test_nothing_handed_over_is_changed(self) -> None:
        """Records are shared by everybody who reads them."""
        rehearsal = self._rehearsal(*self.examples)
        for manifest in self.examples:
            if rehearsal.source(manifest) is not None:
                self._report_all(rehearsal, manifest)
        for manifest in self.examples:
            assert not (record := rehearsal.tampered(manifest)), f"{ref_of(manifest)} was changed, as {record}"

    def test_hostile_objects_are_survived(self) -> None:
        """Whatever a user writes that decodes: an answer, a problem or `Unknown`, never another exception."""
        rehearsal = self._rehearsal(*self.examples)
        for manifest in self._own_examples(rehearsal):
            for what, variant in hostile_variants(manifest):
                with _no_failures(f"{ref_of(manifest)} with {what}"):
                    rehearsal.apply(variant)
                    if rehearsal.source(variant) is not None:
                        self._report_all(rehearsal, variant)
            rehearsal.apply(manifest)
        assert _said(rehearsal) == _said(self._rehearsal(*self.examples)), "a hostile object left something behind"

    def test_statuses_come_to_rest(self) -> None:
        """A status that was written is right: writing it again and again would never end."""
        for manifest in self.examples:
            rehearsal = self._rehearsal(*self.examples)
            if rehearsal.source(manifest) is None:
                continue
            for outcome in OUTCOMES:
                patch = rehearsal.report(manifest, outcome)
                if patch is None:
                    continue
                written = merge_patched(manifest, {"status": msgspec.to_builtins(patch)})
                rehearsal.apply(written)
                again = rehearsal.report(written, outcome)
                assert again is None, f"{ref_of(manifest)}: after {patch} was written, {again} is wanted"

    def test_only_the_public_api_is_used(self) -> None:
        """A plugin imports `ako`, its own modules and libraries that compute; nothing else of ako, nothing with I/O."""
        faults = [fault for path in self._files() for fault in import_faults(path, self._package())]
        assert not faults, "\n".join(faults)

    # What the tests share.

    @property
    def _name(self) -> str:
        first = self.plugins[0]
        return first.name if isinstance(first, Plugin) else first

    def _rehearsal(self, *manifests: Manifest) -> Rehearsal:
        rehearsal = Rehearsal(self.plugins, self.settings)
        rehearsal.apply(*manifests)
        return rehearsal

    def _own_examples(self, rehearsal: Rehearsal) -> Iterator[Manifest]:
        kinds = {kind.kind for kind in rehearsal.host.kinds.get(self._name, ())}
        return (manifest for manifest in self.examples if ref_of(manifest).kind in kinds)

    @staticmethod
    def _report_all(rehearsal: Rehearsal, manifest: Manifest) -> None:
        for outcome in OUTCOMES:
            rehearsal.report(manifest, outcome)

    def _module(self) -> ModuleType:
        implementation = self._rehearsal().host.plugins[0].implementation
        found = inspect.getmodule(implementation if isinstance(implementation, ModuleType) else type(implementation))
        assert found is not None, f"{implementation!r} is in no module"
        return found

    def _package(self) -> str:
        module = self._module()
        return module.__package__ or module.__name__

    def _files(self) -> Iterator[Path]:
        module = self._module()
        assert module.__file__ is not None, f"{module.__name__} has no file"
        path = Path(module.__file__)
        return path.parent.rglob("*.py") if module.__package__ else iter((path,))


def import_faults(path: Path, package: str) -> Iterator[str]:
    """Name every import of a plugin's file that a plugin must not have."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        else:
            continue
        for name in names:
            root = name.partition(".")[0]
            is_own = name == package or name.startswith(f"{package}.")
            if root in IO_MODULES:
                yield f"{path}:{node.lineno}: {name} does I/O, or is a clock or chance; it arrives as an argument"
            elif root == "ako" and name != "ako" and not is_own:
                yield f"{path}:{node.lineno}: {name} is not public; import from ako"


def _said(rehearsal: Rehearsal) -> tuple[object, ...]:
    """Give everything that follows from what plugins said; shared virtual services without hosts are left out."""
    trees = rehearsal.pipeline.trees
    in_use = {name: dict(tree.objects) for name, tree in trees.values() if tree.hosts}
    discoveries = dict(rehearsal.pipeline.claims.values())
    return discoveries, in_use, rehearsal.problems(), rehearsal.doubts()


def _orders(manifests: Sequence[Manifest]) -> Iterator[Sequence[Manifest]]:
    """Give the reverse, and each object last: enough to find who reads what was not there yet."""
    yield manifests[::-1]
    for at in range(len(manifests)):
        yield [*manifests[:at], *manifests[at + 1 :], manifests[at]]


@contextmanager
def _no_failures(what: str) -> Iterator[None]:
    """Fail if anything was logged as an error meanwhile: the engine and the host log every exception they catch."""
    errors: list[str] = []

    class _Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            errors.append(self.format(record))

    collector = _Collector(logging.ERROR)
    log = logging.getLogger("ako.core")
    propagates, log.propagate = log.propagate, False
    log.addHandler(collector)
    try:
        yield
    finally:
        log.removeHandler(collector)
        log.propagate = propagates
    assert not errors, f"{what}: {errors[0]}"
