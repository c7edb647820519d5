"""Loading plugins: what is refused at start and how that is told, and who is asked in which order."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from msgspec import Struct

from ako import (
    SERVICES,
    Backend,
    Discovery,
    Kind,
    Metadata,
    NamespacedName,
    ObjectRef,
    Outcome,
    Placement,
    PoolServer,
    Service,
    SourceObject,
    Unknown,
    View,
    WatchedKind,
    hookimpl,
    static_route,
)
from ako.core.base.errors import PluginError
from ako.core.hooks.loading import GROUP, Offers, Plugin, load_plugins
from ako.core.hooks.plugin_faults import failing_hook
from ako.core.hooks.plugin_host import PluginHost
from ako.testing.rehearsal import Rehearsal

BACKEND = Backend("default", "web")


def named(name: str, value: str) -> Offers:
    return {name: [EntryPoint(name, value, GROUP)]}


def refusal(implementation: object) -> str:
    """Give what a plugin is refused with."""
    with pytest.raises(PluginError) as caught:
        PluginHost([Plugin("mine", implementation)]).settings_models()
    return str(caught.value)


# Loading by name.


def test_an_unknown_name_is_told_with_those_that_are_installed() -> None:
    with pytest.raises(PluginError) as caught:
        load_plugins(["ingress", "routes", "sites"])
    message = str(caught.value)
    assert "unknown plugin routes, sites" in message
    assert "clusterip_routes, ingress" in message
    assert "Install its distribution or correct the name." in message


@pytest.mark.parametrize(
    ("value", "cause"),
    [
        ("no.such.module", "ModuleNotFoundError: No module named 'no'"),
        ("ako:nothing", "AttributeError: module 'ako' has no attribute 'nothing'"),
    ],
    ids=["its module is missing", "its object is missing"],
)
def test_a_plugin_that_does_not_load_is_named_with_the_cause(value: str, cause: str) -> None:
    with pytest.raises(PluginError) as caught:
        load_plugins(["broken"], named("broken", value))
    assert str(caught.value) == f"plugin broken ({value}) does not load: {cause}"


def test_a_plugin_that_is_installed_but_not_enabled_is_not_imported() -> None:
    installed = {**named("broken", "no.such.module"), **named("fine", "ako.plugins.ingress.plugin")}
    assert [plugin.name for plugin in load_plugins(["fine"], installed)] == ["fine"]


def test_the_distribution_of_a_plugin_is_known() -> None:
    (plugin,) = load_plugins(["ingress"])
    assert plugin.distribution.startswith("ako ")


def test_what_a_plugin_changes_for_everybody_when_it_is_imported_is_put_back_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a limit of recursion like that, a hook that calls itself without an end brings the interpreter down."""
    code = "import logging, sys\nsys.setrecursionlimit(10**6)\nlogging.disable(logging.CRITICAL)\n"
    (tmp_path / "changes_all.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    before = (sys.getrecursionlimit(), logging.root.manager.disable)
    (plugin,) = load_plugins(["changes"], named("changes", "changes_all"))
    assert (sys.getrecursionlimit(), logging.root.manager.disable) == before
    told = "when it was imported it changed the limit of recursion and what is logged for everybody; that was put back"
    assert plugin.remarks == (told,)


# What is refused.


def test_a_hook_of_an_unknown_name_is_refused_with_the_names_there_are() -> None:
    class Misspelt:
        @hookimpl
        def ako_discovr(self, source: SourceObject) -> None:
            """Never called."""

    message = refusal(Misspelt())
    assert "ako_discovr" in message
    assert "ako_discover, ako_translate" in message


def test_an_argument_that_a_hook_does_not_have_is_refused() -> None:
    class Wants:
        @hookimpl
        def ako_discover(self, source: SourceObject, cluster: object) -> None:
            """Never called."""

    message = refusal(Wants())
    assert message.startswith("plugin mine: ")
    assert "cluster" in message


def test_a_wrapper_is_refused() -> None:
    class Wraps:
        @hookimpl(wrapper=True)
        def ako_discover(self, source: SourceObject) -> object:
            return (yield)

    assert refusal(Wraps()) == "plugin mine: ako_discover is a wrapper; plugins wrap nothing"


def test_kinds_that_cannot_be_given_are_told() -> None:
    class Raises:
        @hookimpl
        def ako_kinds(self) -> Sequence[WatchedKind]:
            raise LookupError("no kinds today")

    class GivesNames:
        @hookimpl
        def ako_kinds(self) -> Sequence[object]:
            return ["services"]

    assert refusal(Raises()) == "plugin mine fails at start: LookupError: no kinds today"
    assert refusal(GivesNames()) == "plugin mine: ako_kinds gives 'services', which is no WatchedKind"


def test_settings_that_are_none_are_refused() -> None:
    class GivesValues:
        @hookimpl
        def ako_settings(self) -> object:
            return {"size": 1}

    assert refusal(GivesValues()) == "plugin mine: ako_settings gives {'size': 1}, which is no class of settings"


def test_one_record_declared_in_two_ways_is_refused_with_both_plugins() -> None:
    class Sources:
        @hookimpl
        def ako_kinds(self) -> Sequence[WatchedKind]:
            return [WatchedKind(kind=SERVICES.kind, plural="services", record=Service, is_source=True)]

    plugins = [*load_plugins(["clusterip_routes"]), Plugin("mine", Sources())]
    with pytest.raises(PluginError, match="plugin mine declares Service otherwise than plugin clusterip_routes does"):
        PluginHost(plugins)


def test_one_kind_under_two_names_is_refused_with_both_plugins() -> None:
    class Plurals:
        @hookimpl
        def ako_kinds(self) -> Sequence[WatchedKind]:
            return [WatchedKind(kind=SERVICES.kind, plural="svc", record=Thing)]

    plugins = [*load_plugins(["clusterip_routes"]), Plugin("mine", Plurals())]
    with pytest.raises(PluginError, match="plugin mine declares v1/Service with other `plural`"):
        PluginHost(plugins)


def test_of_a_plugin_of_ours_and_another_the_other_is_to_blame_whichever_comes_first() -> None:
    class Plurals:
        @hookimpl
        def ako_kinds(self) -> Sequence[WatchedKind]:
            return [WatchedKind(kind=SERVICES.kind, plural="svc", record=Thing)]

    plugins = [Plugin("mine", Plurals()), *load_plugins(["clusterip_routes"])]
    with pytest.raises(PluginError, match=r"^plugin mine declares v1/Service with other `plural` or `namespaced` than"):
        PluginHost(plugins)


def test_a_name_cannot_be_enabled_twice() -> None:
    with pytest.raises(PluginError, match="ingress"):
        PluginHost(load_plugins(["ingress", "ingress"]))


# Who is asked.


class Places:
    """Places every backend at one address, or none."""

    def __init__(self, address: str = "") -> None:
        self.address = address

    @hookimpl
    def ako_place_backend(self, backend: Backend) -> Placement | None:
        """Take fewer arguments than the hook has, which is allowed."""
        return Placement((PoolServer.at(self.address, 80),)) if self.address else None


@pytest.mark.parametrize(
    ("addresses", "wanted"), [(("", "10.0.0.1", "10.0.0.2"), "10.0.0.1"), (("10.0.0.2", "10.0.0.1"), "10.0.0.2")]
)
def test_the_first_answer_in_the_order_of_enabling_wins(addresses: Sequence[str], wanted: str) -> None:
    plugins = [Plugin(f"p{n}", Places(address)) for n, address in enumerate(addresses)]
    placement = Rehearsal(plugins).placement(BACKEND)
    assert [server.ip.addr for server in placement.servers] == [wanted]


def test_a_backend_that_nobody_places_is_a_fault_that_names_it() -> None:
    (fault,) = Rehearsal([Plugin("none", Places())]).placement(BACKEND).faults
    assert fault.reason == "NotPlaced"
    assert "web" in fault.message


def test_an_implementation_under_another_name_is_asked_once() -> None:
    asked: list[str] = []

    class Renamed:
        @hookimpl(specname="ako_place_backend")
        def place(self, backend: Backend) -> Placement:
            asked.append(backend.service)
            return Placement()

    Rehearsal([Plugin("first", Renamed()), Plugin("second", Places("10.0.0.1"))]).placement(BACKEND)
    assert asked == ["web"]


class Routes:
    """Gives routes to some networks, or leaves them to others."""

    def __init__(self, *networks: str, answer: object = None) -> None:
        self.answer = tuple(static_route(network, "192.0.2.1") for network in networks) or answer

    @hookimpl
    def ako_static_routes(self) -> object:
        return self.answer


@pytest.mark.parametrize(
    ("plugins", "wanted"),
    [
        ((Routes(), Routes("10.1.0.0/16"), Routes("10.2.0.0/16")), ["10.1.0.0"]),
        ((Routes(answer=()), Routes("10.2.0.0/16")), []),
        ((Routes(), Routes()), None),
    ],
    ids=["the first that answers", "no routes are an answer", "nobody answers"],
)
def test_static_routes_come_from_one_plugin(plugins: Sequence[Routes], wanted: Sequence[str] | None) -> None:
    rehearsal = Rehearsal([Plugin(f"p{n}", plugin) for n, plugin in enumerate(plugins)])
    routes = rehearsal.host.static_routes(rehearsal.view)
    assert (None if routes is None else [route.prefix.ip_addr.addr for route in routes]) == wanted


@pytest.mark.parametrize("answer", [7, {"10.1.0.0/16"}], ids=["a number", "a set"])
def test_static_routes_of_another_form_are_a_failure(answer: object, caplog: pytest.LogCaptureFixture) -> None:
    rehearsal = Rehearsal([Plugin("mine", Routes(answer=answer))])
    words = "the placing plugin `mine` failed in ako_static_routes: its answer: "
    with pytest.raises(Unknown, match=words) as raised:
        rehearsal.host.static_routes(rehearsal.view)
    assert "mine" in caplog.text
    assert failing_hook(f"own hosts: {raised.value}") == ("mine", "ako_static_routes")
    assert failing_hook("Secret one/key cannot be read") is None


class Thing(Struct, frozen=True):
    """A record of no interest."""

    metadata: Metadata


class Records:
    """Discovers and reports Things."""

    @hookimpl
    def ako_kinds(self) -> Sequence[WatchedKind]:
        kind = Kind("things.test", "v1", "Thing")
        return [WatchedKind(kind=kind, plural="things", record=Thing, is_source=True)]

    @hookimpl
    def ako_discover(self, source: SourceObject, view: View) -> Discovery:
        return Discovery()

    @hookimpl
    def ako_report(self, source: SourceObject, outcome: Outcome) -> Mapping[str, object]:
        return {"seen": source.ref.name}


def test_only_the_plugin_that_declared_a_record_is_asked_about_it() -> None:
    host = PluginHost([*load_plugins(["ingress"]), Plugin("things", Records())])
    source = SourceObject(ObjectRef(Kind("things.test", "v1", "Thing"), "a", "b"), Thing(Metadata(name="b")))
    assert host.report(source, Outcome()) == {"seen": "b"}
    assert [kind.kind.name for kind in host.source_kinds] == ["Ingress", "Thing"]
    assert host.hooks_of("things") == ("ako_kinds", "ako_discover", "ako_report")
    assert NamespacedName("a", "b") == source.ref.namespaced_name


def test_what_a_plugin_keeps_of_its_answer_is_not_what_is_written() -> None:
    kept: list[dict[str, list[str]]] = []

    class Keeps(Records):
        @hookimpl
        def ako_report(self, source: SourceObject, outcome: Outcome) -> Mapping[str, object]:
            kept.append({"seen": ["once"]})
            return kept[-1]

    host = PluginHost([Plugin("things", Keeps())])
    source = SourceObject(ObjectRef(Kind("things.test", "v1", "Thing"), "a", "b"), Thing(Metadata(name="b")))
    patch = host.report(source, Outcome())
    kept[0]["seen"].append("again")
    assert patch == {"seen": ["once"]}
