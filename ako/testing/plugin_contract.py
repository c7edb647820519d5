"""What every plugin must hold to, as tests that a plugin's own test suite inherits.

```python
class TestContract(PluginContract):
    plugins = ("sites", "clusterip_routes")
    examples = (SITE, SERVICE, ENDPOINTS)
```

The first plugin is the one that is judged; the others help it. `examples` are manifests it understands. No test library
is needed, and pytest finds the tests by their names. A test that fails says plugin, hook, object, what is wrong, and
what to do about it.
"""

# ruff: noqa: S101 - these are tests, of which assertions are the substance; they are shipped for others to inherit

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import ClassVar

import msgspec

from ako.core.base.errors import AkoError
from ako.core.engine.kinds import WatchedKind
from ako.core.hooks.loading import GROUP, Plugin
from ako.core.kube.merge_patch import merge_patched
from ako.core.settings.enabled import IN_TREE_PLUGINS
from ako.testing.footprint import Footprint
from ako.testing.fresh_process import Report, fresh
from ako.testing.hostile import hostile_variants
from ako.testing.manifests import Manifest
from ako.testing.plugin_source import source_faults
from ako.testing.rehearsal import Rehearsal, ref_of
from ako.testing.said import OUTCOMES, Said, canonical, difference, prints, said, told

TIMES = 4
"""How often the same is asked: enough for what is said every second or third time only."""


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

    def test_it_leaves_nothing_behind(self) -> None:
        """In a process of its own: no thread, no changed module, no handler, no end of the process."""
        self._require_sound()
        before = Footprint()
        self._asked_all(self._rehearsal(*self.examples))
        self._none_of(before.left_since())

    def test_kinds_are_declared_well(self) -> None:
        """Records are frozen, so that nobody can change what others read; and none is declared otherwise by ako."""
        host = self._rehearsal().host
        for kind in host.kinds.get(self._name, ()):
            assert isinstance(kind, WatchedKind), f"ako_kinds gives {kind!r}, which is no WatchedKind"
            for record in filter(None, (kind.record, kind.status)):
                is_frozen = record.__struct_config__.frozen
                assert is_frozen, f"{self._title}: ako_kinds: {record.__name__} is not frozen; write `frozen=True`"
        self._none_of(getattr(host, "remarks", ()))
        others = [name for name in IN_TREE_PLUGINS if name not in {*map(_name_of, self.plugins)}]
        self._made(*self.plugins, *others)

    def test_examples_are_understood(self) -> None:
        """Else the other tests would test nothing."""
        rehearsal = self._rehearsal(*self.examples)
        kinds = {kind.kind for kind in rehearsal.host.kinds.get(self._name, ())}
        missing = kinds - {ref_of(manifest).kind for manifest in self.examples}
        assert not missing, f"no example of {', '.join(sorted(map(str, missing)))}; add one to `examples`"
        for manifest in self._own_examples(rehearsal):
            assert not (reason := rehearsal.unreadable(manifest)), f"{ref_of(manifest)}: {reason}"
        sources = {kind.kind for kind in rehearsal.host.kinds.get(self._name, ()) if kind.is_source}
        if sources:
            found = [rehearsal.discovery(m) for m in self.examples if ref_of(m).kind in sources]
            says_something = any(discovery and (discovery.claims or discovery.problems) for discovery in found)
            assert says_something, f"{self._title}: no example leads to a claim or a problem; add one to `examples`"
        unknown = (f"{row}: {reason}" for row, reason in rehearsal.doubts().items())
        remedy = "mend it, or add what it reads to `examples`"
        self._none_of(f"the examples leave something unknown: {one}; {remedy}" for one in unknown)

    def test_same_objects_give_the_same_answer(self) -> None:
        """Whatever the plugin was asked before, however often, and in whatever process."""
        first = self._asked_all(self._rehearsal(*self.examples))
        for time in range(1, TIMES):
            self._same(first, self._asked_all(self._rehearsal(*self.examples)), f"when asked for the {time + 1}. time")
        there = self._require_sound().prints
        if there:
            self._same(prints(first), there, "in another process, with another environment and another seed of hashes")

    def test_order_of_arrival_does_not_matter(self) -> None:
        """Objects arrive as the API server sends them; a Secret may come long after what names it."""
        expected = said(self._rehearsal(*self.examples))
        for order in _orders(self.examples):
            self._same(expected, said(self._rehearsal(*order)), f"for the order {[*map(str, map(ref_of, order))]}")

    def test_objects_that_go_leave_nothing(self) -> None:
        """What an object brought goes with it, and comes back with it."""
        rehearsal = self._rehearsal(*self.examples)
        expected = said(rehearsal)
        for manifest in self.examples:
            rehearsal.delete(manifest)
            others = [other for other in self.examples if other is not manifest]
            without = said(self._rehearsal(*others))
            self._same(without, said(rehearsal), f"when {ref_of(manifest)} has gone, which leaves something behind")
            rehearsal.apply(manifest)
        self._same(expected, said(rehearsal), "when all objects have gone and come again")

    def test_nothing_handed_over_is_changed(self) -> None:
        """Records are shared by everybody who reads them, and what was said is said."""
        rehearsal = self._rehearsal(*self.examples)
        answers = said(rehearsal)
        written = canonical(answers)
        patches = told(rehearsal, self.examples)
        shown = canonical(patches)
        self._asked_all(rehearsal)
        self._asked_all(self._rehearsal(*self.examples))
        for manifest in self.examples:
            record = rehearsal.tampered(manifest)
            assert not record, f"{self._title}: {ref_of(manifest)} was changed, as {record}; make a value of your own"
        remedy = "a hook changes later what it has answered; make a new value each time"
        assert canonical(answers) == written, f"{self._title}: {remedy}"
        assert canonical(patches) == shown, f"{self._title}: ako_report: {remedy}"

    def test_hostile_objects_are_survived(self) -> None:
        """Whatever a user writes that decodes: an answer, a problem or `Unknown`, never another exception."""
        rehearsal = self._rehearsal(*self.examples)
        for manifest in self._own_examples(rehearsal):
            for what, variant in hostile_variants(manifest):
                rehearsal.apply(variant)
                if rehearsal.source(variant) is not None:
                    told(rehearsal, (variant,))
                self._no_faults(rehearsal, f"with {what}")
            rehearsal.apply(manifest)
        self._same(said(self._rehearsal(*self.examples)), said(rehearsal), "after hostile objects have come and gone")

    def test_statuses_come_to_rest(self) -> None:
        """A status that was written is right: writing it again and again would never end."""
        for manifest in self.examples:
            rehearsal = self._rehearsal(*self.examples)
            if rehearsal.source(manifest) is None:
                continue
            for outcome in OUTCOMES:
                patch = rehearsal.report(manifest, outcome)
                self._no_faults(rehearsal)
                if patch is None:
                    continue
                written = merge_patched(manifest, {"status": msgspec.to_builtins(patch)})
                rehearsal.apply(written)
                again = rehearsal.report(written, outcome)
                assert again is None, (
                    f"{self._title}: ako_report: {ref_of(manifest)}: after {patch} was written, {again} is wanted; "
                    "give None where the status says it already"
                )

    def test_who_asks_is_told_what_was_decided(self) -> None:
        """What is said not to be ours claims nothing, and what claims something is said to be ours."""
        rehearsal = self._rehearsal(*self.examples)
        for manifest in self._own_examples(rehearsal):
            if rehearsal.source(manifest) is None:
                continue
            told, found = rehearsal.whose(manifest), rehearsal.discovery(manifest)
            self._no_faults(rehearsal)
            assert told.is_ours or not (found and found.claims), (
                f"{self._title}: ako_explain_source: {ref_of(manifest)}: {told.why!r} says that it is not ours, and "
                "ako_discover finds claims in it; have one function decide both"
            )

    def test_only_the_public_api_is_used(self) -> None:
        """A plugin imports `ako`, its own modules and libraries that compute; nothing else of ako, nothing with I/O."""
        self._none_of(self._source_faults())

    # What the tests share.

    @property
    def _name(self) -> str:
        return _name_of(self.plugins[0])

    @property
    def _title(self) -> str:
        return f"plugin {self._name}"

    def _none_of(self, faults: Iterable[str]) -> None:
        named = (self._title, f"`{self._name}`")
        found = [fault if any(name in fault for name in named) else f"{self._title}: {fault}" for fault in faults]
        assert not found, "\n".join(found)

    def _same(self, expected: Said, found: Said, when: str) -> None:
        about = difference(expected, found)
        assert not about, (
            f"{self._title} says something else {when}: {about}. "
            f"A hook is a function of its arguments and of what it reads through `view`.{_both(expected, found, about)}"
        )

    def _require_sound(self) -> Report:
        """Look at the plugin in a process of its own first: what ends or hangs that one would do so here too."""
        names = [plugin for plugin in self.plugins if isinstance(plugin, str)]
        if len(names) < len(self.plugins):
            return Report()  # one that is not installed is in no other process
        report = fresh(names, self.settings, self.examples)
        self._none_of([*filter(None, [report.fault]), *report.left, *report.faults])
        return report

    def _made(self, *plugins: str | Plugin) -> Rehearsal:
        self._require_sound()
        try:
            return Rehearsal(plugins, self.settings)
        except AkoError as fault:
            raise AssertionError(str(fault)) from fault

    def _rehearsal(self, *manifests: Manifest) -> Rehearsal:
        rehearsal = self._made(*self.plugins)
        rehearsal.apply(*manifests)
        self._no_faults(rehearsal)
        return rehearsal

    def _asked_all(self, rehearsal: Rehearsal) -> Said:
        found = {**said(rehearsal), **told(rehearsal, self.examples)}
        self._no_faults(rehearsal)
        return found

    def _no_faults(self, rehearsal: Rehearsal, when: str = "") -> None:
        self._none_of(f"{fault}{f' ({when})' if when else ''}" for fault in rehearsal.faults())

    def _own_examples(self, rehearsal: Rehearsal) -> Iterator[Manifest]:
        kinds = {kind.kind for kind in rehearsal.host.kinds.get(self._name, ())}
        return (manifest for manifest in self.examples if ref_of(manifest).kind in kinds)

    def _module(self) -> tuple[str, Path]:
        """Give the name and the file of the plugin's module, which is not imported for that if it is installed."""
        plugin = self.plugins[0]
        if isinstance(plugin, str):
            found = [find_spec(point.module) for point in entry_points(group=GROUP, name=plugin)]
            specs = [(spec.name, spec.origin) for spec in found if spec is not None and spec.origin]
        else:
            made = plugin.implementation
            module = inspect.getmodule(made if isinstance(made, ModuleType) else type(made))
            specs = [(module.__name__, module.__file__)] if module and module.__file__ else []
        assert specs, f"{self._title} is in no file that could be read; install its distribution"
        name, file = specs[0]
        return name, Path(file)

    def _source_faults(self) -> Iterator[str]:
        name, file = self._module()
        package = name if file.name == "__init__.py" else name.rpartition(".")[0]
        for path in sorted(file.parent.rglob("*.py")) if package else [file]:
            yield from source_faults(path, package or name)


def _name_of(plugin: str | Plugin) -> str:
    return plugin if isinstance(plugin, str) else plugin.name


def _both(expected: Said, found: Said, about: str) -> str:
    """Show two values, as far as they are values and no prints."""
    one, other = expected.get(about), found.get(about)
    return "" if isinstance(one, str) or isinstance(other, str) else f"\n{one!r:.2000}\nand\n{other!r:.2000}"


def _orders(manifests: Sequence[Manifest]) -> Iterator[Sequence[Manifest]]:
    """Give the reverse, and each object last: enough to find who reads what was not there yet."""
    yield manifests[::-1]
    for at in range(len(manifests)):
        yield [*manifests[:at], *manifests[at + 1 :], manifests[at]]
