"""Whose a source object is: what the core says of kinds and namespaces, what plugins say, and what nobody says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from msgspec import Struct

from ako import Discovery, Kind, Metadata, Problem, SourceObject, Unknown, View, WatchedKind, Whose, hookimpl
from ako.core.hooks.loading import Plugin
from ako.testing.rehearsal import Rehearsal
from tests.builders import CLASS, Manifest, ingress
from tests.plugins.openshift_route.worlds import route

SHOP = ingress("shop", ("shop.com", "/", "web:80"))
PLUGINS = ("ingress", "openshift_route", "clusterip_routes")


def namespace(**labels: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default", "labels": labels}}


SELECTS = {"AKOSettings.namespaceSelector.labelKey": "team", "AKOSettings.namespaceSelector.labelValue": "red"}
HAS_NOT = "namespace default has not the label team=red, which AKOSettings.namespaceSelector asks for;"
LABEL_IT = "Give the namespace that label, or change the setting."


@pytest.mark.parametrize(
    ("settings", "others", "why", "remedy"),
    [
        (
            {"AKOSettings.blockedNamespaceList": ["default"]},
            (),
            "namespace default is in AKOSettings.blockedNamespaceList.",
            "Take it off that list, or move the object to another namespace.",
        ),
        (SELECTS, (namespace(team="blue"),), f"{HAS_NOT} it has team=blue.", LABEL_IT),
        (SELECTS, (namespace(),), f"{HAS_NOT} it has no such label.", LABEL_IT),
        (SELECTS, (), f"{HAS_NOT} there is no such namespace.", LABEL_IT),
        (
            {"ako.sources": ["openshift_route"]},
            (),
            "ako.sources is [openshift_route]: objects of kind Ingress are not processed.",
            "Add ingress to it.",
        ),
        (
            {},
            (route("new", "new.com"),),
            "this cluster serves Routes; with ako.sources auto these are processed, and no Ingress.",
            "Ask about the Route that was made of it, or list ingress in ako.sources.",
        ),
    ],
)
def test_what_the_core_passes_over(
    settings: Mapping[str, object], others: Sequence[Manifest], why: str, remedy: str
) -> None:
    rehearsal = Rehearsal(PLUGINS, settings)
    rehearsal.apply(CLASS, SHOP, *others)
    assert rehearsal.whose(SHOP) == Whose(why, remedy)
    assert rehearsal.discovery(SHOP) == Discovery()


def test_what_is_selected_is_for_its_plugin_to_say() -> None:
    rehearsal = Rehearsal(PLUGINS, SELECTS)
    rehearsal.apply(CLASS, SHOP, namespace(team="red"))
    assert rehearsal.whose(SHOP).is_ours


def test_every_route_is_ours() -> None:
    rehearsal = Rehearsal(PLUGINS)
    new = route("new", "new.com")
    rehearsal.apply(new)
    assert rehearsal.whose(new) == Whose("a Route has no class: every one is processed.", is_ours=True)


def test_what_is_not_there() -> None:
    assert Rehearsal(PLUGINS).whose(SHOP) == Whose("it is not there, or never could be read.")


# Plugins of others.

THING = Kind("things.test", "v1", "Thing")
ONE: Manifest = {"apiVersion": "things.test/v1", "kind": "Thing", "metadata": {"name": "one", "namespace": "default"}}


class Thing(Struct, frozen=True):
    """A source object."""

    metadata: Metadata


class Silent:
    """Finds nothing, or problems, and does not say why."""

    def __init__(self, *reasons: str) -> None:
        self._reasons = reasons

    @hookimpl
    def ako_kinds(self) -> list[WatchedKind]:
        return [WatchedKind(kind=THING, plural="things", record=Thing, is_source=True)]

    @hookimpl
    def ako_discover(self, source: SourceObject, view: View) -> Discovery:
        return Discovery(problems=tuple(Problem(source.ref, reason, "is wrong.") for reason in self._reasons))


class Says(Silent):
    """Says what it is given."""

    def __init__(self, said: object) -> None:
        super().__init__()
        self._said = said

    @hookimpl
    def ako_explain_source(self, source: SourceObject, view: View) -> Any:
        if isinstance(self._said, Exception):
            raise self._said
        return self._said


CANNOT = "it cannot be said whether it is ours:"
FAILED = f"{CANNOT} the source plugin `things` failed in ako_explain_source for Thing/default/one:"


@pytest.mark.parametrize(
    ("plugin", "told"),
    [
        (Silent(), Whose("its plugin finds nothing in it that is to be served, and does not say why.")),
        (Silent("Wrong"), Whose("its plugin finds in it what is to be served.", is_ours=True)),
        (Says(Whose("spec.door is shut.", "Open it.")), Whose("spec.door is shut.", "Open it.")),
        (Says(None), Whose("its plugin finds nothing in it that is to be served, and does not say why.")),
        (Says(Unknown("the door is not listed yet")), Whose(f"{CANNOT} the door is not listed yet")),
        (Says(KeyError("door")), Whose(f"{FAILED} it raised KeyError: 'door'")),
        (Says("shut"), Whose(f"{FAILED} its answer: it is a str, not a Whose")),
        (Says(Whose("")), Whose(f"{FAILED} its answer: why is empty")),
    ],
)
def test_what_plugins_of_others_say(plugin: Silent, told: Whose) -> None:
    rehearsal = Rehearsal((Plugin("things", plugin),))
    rehearsal.apply(ONE)
    assert rehearsal.whose(ONE) == told
