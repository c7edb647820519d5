"""Whatever a plugin answers: the core never raises, the plugin is named with the place, others are as without."""

from __future__ import annotations

import functools
import logging
from collections.abc import Sequence
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from ako import (
    Backend,
    Discovery,
    HostClaim,
    Kind,
    Metadata,
    Outcome,
    PathRule,
    PathType,
    Placement,
    PoolServer,
    PortClaim,
    SourceObject,
    Translation,
    View,
    VirtualHost,
    WatchedKind,
    hookimpl,
)
from ako.core.hooks.judge.types import kinds_of
from ako.core.hooks.loading import Plugin
from ako.core.hooks.plugin_faults import failing_hook
from ako.core.translate import translate_host
from ako.testing.rehearsal import Manifest, Rehearsal, ref_of
from tests.builders import CLASS, endpoints, ingress, service, tls_secret
from tests.core.hooks.judge.values import STRANGERS, Place, in_words, of_type, places, put
from tests.properties import share_of

KIND = Kind("wild.test", "v1", "Wild")
CREATED = "2026-02-01T00:00:00Z"
WILD: Manifest = {
    "apiVersion": KIND.api_version,
    "kind": KIND.name,
    "metadata": {"name": "one", "namespace": "wild", "creationTimestamp": CREATED},
}
REF = ref_of(WILD)
GOOD: tuple[Manifest, ...] = (
    CLASS,
    service("web"),
    endpoints("web", "10.0.0.1"),
    tls_secret("tls"),
    ingress("shop", ("shop.com", "/", "web:80"), tls={"shop.com": "tls"}, created="2026-01-01T00:00:00Z"),
    ingress("plain", ("plain.com", "/", "web:80"), created="2026-01-01T00:00:00Z"),
)
PLUGINS = ("ingress", "clusterip_routes", "loadbalancer")
SERVERS = Placement(tuple(PoolServer.at(f"10.9.9.{n}", 80) for n in range(2)))
FOUND = Discovery((HostClaim(REF, CREATED, "wild.com", (PathRule("/", PathType.PREFIX, (Backend("wild", "s"),)),)),))


class Wild(Struct, frozen=True):
    """The source object."""

    metadata: Metadata


class WildPlugin:
    """Discovers, translates, places and reports as it is told to; its own objects only."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers

    @hookimpl
    def ako_kinds(self) -> Sequence[WatchedKind]:
        return (WatchedKind(kind=KIND, plural="wilds", record=Wild, status=Wild, is_source=True),)

    @hookimpl
    def ako_discover(self, source: SourceObject) -> Any:
        return self.answers.get("discover", FOUND)

    @hookimpl
    def ako_translate(self, virtual_host: VirtualHost | PortClaim, view: View) -> Any:
        is_ours = virtual_host.oldest.source == REF
        change = self.answers.get("translate")
        return (
            change(translate_host(virtual_host, view))
            if is_ours and change and isinstance(virtual_host, VirtualHost)
            else None
        )

    @hookimpl
    def ako_place_backend(self, backend: Backend) -> Any:
        return self.answers.get("place", SERVERS) if backend.namespace == "wild" else None

    @hookimpl
    def ako_static_routes(self) -> Any:
        return self.answers.get("routes")

    @hookimpl
    def ako_report(self, source: SourceObject, outcome: Outcome) -> Any:
        return self.answers.get("report")


class Scene:
    """A cluster with good hosts, in which one plugin answers as it is told to; the wild object comes and goes."""

    def __init__(self) -> None:
        self.plugin = WildPlugin()
        self.rehearsal = Rehearsal((Plugin("wild", self.plugin), *PLUGINS))
        self.rehearsal.apply(*GOOD)
        self.before = self.rehearsal.objects()

    def answering(self, **answers: Any) -> None:
        """Have the wild object discovered anew, and everything that follows."""
        self.rehearsal.host.calls.failures.clear()
        self.rehearsal.delete(WILD)
        assert not self.rehearsal.doubts()
        self.plugin.answers = answers
        self.rehearsal.apply(WILD)

    def assert_harmless(self) -> None:
        """The core did not raise, nobody else is blamed, and the others' own objects are as without."""
        assert self.rehearsal.pipeline.engine.faults.count == 0
        assert {plugin for plugin, _ in self.rehearsal.host.calls.failures} <= {"wild"}
        now = self.rehearsal.objects()
        own = {ref: item for ref, item in self.before.items() if ".com" in ref.name}
        assert len(own) > 4
        assert {ref: now.get(ref) for ref in own} == own
        hosts = {placed.title for _, tree in self.rehearsal.pipeline.trees.values() for placed in tree.hosts}
        assert hosts >= {"host shop.com", "host plain.com"}

    def assert_named(self, hook: str, place: Place) -> None:
        """The plugin is named with the place, and what others have is the same to the last."""
        self.assert_harmless()
        told = (problem.message for problem in self.rehearsal.problems())  # of servers that cannot be found out
        doubts = [reason for reason in (*self.rehearsal.doubts().values(), *told) if failing_hook(reason)]
        assert {failing_hook(reason) for reason in doubts} == {("wild", hook)}
        assert all(f"its answer: {in_words(place)} " in reason for reason in doubts)
        added = self.rehearsal.objects().keys() - self.before.keys()
        assert not [ref for ref in added if "Shared" not in ref.name]


SCENE = functools.cache(Scene)


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="ako.core")


EACH = settings(
    max_examples=share_of(300),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture],
    deadline=None,
)


def claimed(found: Discovery) -> Discovery:
    """Give a discovery that is about the object that was asked about."""
    claims = tuple(replace(claim, source=REF, created=CREATED) for claim in found.claims)
    return Discovery(claims, tuple(replace(problem, source=REF) for problem in found.problems))


@EACH
@given(data=st.data())
def test_whatever_is_discovered(data: Any) -> None:
    scene = SCENE()
    found = claimed(data.draw(of_type(Discovery)))
    scene.answering(discover=found)
    scene.assert_harmless()
    found = found if found.claims else FOUND
    place = data.draw(st.sampled_from(list(places(found))))
    scene.answering(discover=put(found, place, data.draw(st.sampled_from(STRANGERS))))
    scene.assert_named("ako_discover", place)


@EACH
@given(data=st.data())
def test_whatever_is_placed(data: Any) -> None:
    scene = SCENE()
    scene.answering(place=data.draw(of_type(Placement)))
    scene.assert_harmless()
    place = data.draw(st.sampled_from(list(places(SERVERS))))
    scene.answering(place=put(SERVERS, place, data.draw(st.sampled_from(STRANGERS))))
    scene.assert_named("ako_place_backend", place)


@EACH
@given(data=st.data())
def test_whatever_is_translated(data: Any) -> None:
    """What the core would make of the host, with a value in it as wild as its type allows, or of another type."""
    scene = SCENE()
    made: list[Translation] = []

    def as_the_core(translation: Translation) -> Translation:
        made.append(translation)
        return translation

    scene.answering(translate=as_the_core)
    scene.assert_harmless()
    (translation,) = made
    place = data.draw(st.sampled_from(list(places(translation))))
    wild = put(translation, place, data.draw(field_at(translation, place)))
    scene.answering(translate=lambda _: wild)
    scene.assert_harmless()
    ill = put(translation, place, data.draw(st.sampled_from(STRANGERS)))
    scene.answering(translate=lambda _: ill)
    scene.assert_named("ako_translate", place)


def field_at(value: Any, place: Place) -> st.SearchStrategy[Any]:
    """Give values that may stand in a place."""
    hint: Any = type(value)
    for step in place:
        kinds = [kind for kind in kinds_of(hint) if type(value) is kind]
        if isinstance(step, str):
            hint, value = get_type_hints(kinds[0])[step], getattr(value, step)
        else:
            arguments = next(a for a in (get_args(hint), *map(get_args, get_args(hint))) if a and len(value) >= step)
            hint, value = arguments[0 if arguments[-1] is Ellipsis else step], value[step]
    return of_type(hint)
