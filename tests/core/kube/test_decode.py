"""Raw JSON into records: what does not fit is named, and touches nothing else."""

from __future__ import annotations

import gc
import json
from typing import Any

import msgspec
import pytest

from ako.core.engine.changes import Unreadable
from ako.core.engine.kinds import WatchedKind
from ako.core.kube.cluster import Reading, watches
from ako.core.kube.decode import RecordDecoder, watch_event
from tests.core.kube.records import INGRESSES, ROUTES, Ingress, IngressStatus, Metadata, Named, Rule, name


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param({"spec": {}}, "Object missing required field metadata", id="nothing there"),
        pytest.param({"metadata": {}}, "metadata: Object missing required field name", id="a required field"),
        pytest.param(
            {"metadata": {"name": "a"}, "spec": {"rules": [{}, {"host": None}]}},
            "spec.rules[1].host: Expected str, got null",
            id="inside a list",
        ),
        pytest.param({"metadata": {"name": "a"}, "spec": 1}, "spec: Expected object, got int", id="another type"),
        pytest.param([], "Expected object, got array", id="no object"),
    ],
)
def test_what_does_not_fit_names_field_and_reason(body: Any, reason: str) -> None:
    records = RecordDecoder({Ingress: Reading()}).records(name("a"), json.dumps(body).encode())
    assert records == {Ingress: Unreadable(reason)}


def test_one_record_type_that_does_not_fit_leaves_the_others() -> None:
    raw = b'{"metadata": {"name": "a"}, "spec": {"rules": 1}, "status": {"x": 1}}'
    assert RecordDecoder({Ingress: Reading(), IngressStatus: Reading(), Named: Reading()}).records(name("a"), raw) == {
        Ingress: Unreadable("spec.rules: Expected array, got int"),
        IngressStatus: IngressStatus({"x": 1}),
        Named: Named(Metadata("a")),
    }


@pytest.mark.parametrize(
    ("raw", "outline"),
    [
        pytest.param(b'{"metadata": {"name": "a"}, "spec": 1}', Named(Metadata("a")), id="it can be read"),
        pytest.param(b'{"metadata": {"name": "a", "namespace": 1}, "spec": 1}', None, id="it cannot be read either"),
    ],
)
def test_what_does_not_fit_is_read_in_outline(raw: bytes, outline: Named | None) -> None:
    (read,) = RecordDecoder({Ingress: Reading(outline=Named)}).records(name("a"), raw).values()
    assert isinstance(read, Unreadable)
    assert read.outline == outline


def test_the_value_of_a_field_is_never_in_the_reason() -> None:
    raw = b'{"metadata": {"name": ["geheim"]}}'
    assert "geheim" not in str(RecordDecoder({Named: Reading()}).records(name("a"), raw)[Named])


@pytest.mark.parametrize("items", [b"null", b"[]"])
def test_a_list_may_be_empty(items: bytes) -> None:
    page = RecordDecoder({Ingress: Reading()}).page(b'{"metadata": {"resourceVersion": "7"}, "items": %s}' % items)
    assert (page.objects, page.continue_token, page.resource_version) == ({}, "", "7")


def test_a_page_names_its_objects_and_what_follows() -> None:
    page = RecordDecoder({Ingress: Reading()}).page(
        b'{"metadata": {"resourceVersion": "7", "continue": "next", "remainingItemCount": 3}, "items": ['
        b'{"metadata": {"name": "a", "namespace": "d"}, "spec": {"rules": [{"host": "h"}]}}, '
        b'{"metadata": {"name": "node", "generation": "odd"}, "spec": "odd"}]}'
    )
    assert page.continue_token == "next"
    assert list(page.objects) == [name("d/a"), name("node")]
    good = page.objects[name("d/a")][Ingress]
    assert isinstance(good, Ingress)
    assert good.spec.rules == (Rule("h"),)


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"items": [{}]}', b'{"items": [{"metadata": {"name": ""}}]}', b"<html>"])
def test_what_is_no_list_is_refused(raw: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        RecordDecoder({Ingress: Reading()}).page(raw)


@pytest.mark.parametrize("enabled", [True, False])
def test_garbage_collection_is_left_as_it_was(enabled: bool) -> None:
    before = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        RecordDecoder({Ingress: Reading()}).page(b'{"items": []}')
        assert gc.isenabled() is enabled
        with pytest.raises(msgspec.DecodeError):
            RecordDecoder({Ingress: Reading()}).page(b"{")
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()


def test_a_watch_event_keeps_its_object_for_the_records() -> None:
    event = watch_event(b'{"type": "ADDED", "object": {"metadata": {"name": "a", "resourceVersion": "5"}, "spec": 1}}')
    assert (event.type, event.name, event.resource_version) == ("ADDED", name("a"), "5")
    assert RecordDecoder({Named: Reading()}).records(name("a"), event.object) == {Named: Named(Metadata("a"))}


def test_declarations_of_one_kind_are_gathered() -> None:
    selective = WatchedKind(
        kind=INGRESSES.kind, plural="ingresses", record=Named, field_selector="metadata.name=x", is_optional=True
    )
    both = watches([selective, INGRESSES, selective, ROUTES])
    assert list(both) == [INGRESSES.kind, ROUTES.kind]
    ingresses = both[INGRESSES.kind]
    assert ingresses.records == {Named: Reading("metadata.name=x"), Ingress: Reading(), IngressStatus: Reading()}
    assert (ingresses.field_selector, ingresses.is_optional) == ("", False)
    assert watches([selective])[INGRESSES.kind].field_selector == "metadata.name=x"


def test_declarations_that_disagree_on_the_path_are_refused() -> None:
    other = WatchedKind(kind=INGRESSES.kind, plural="ingress", record=Named)
    with pytest.raises(ValueError, match="different `plural` or `namespaced`: ingresses, True and ingress, True"):
        watches([INGRESSES, other])
