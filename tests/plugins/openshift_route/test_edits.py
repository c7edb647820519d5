"""Whatever a Route was before: the end is as if it had always been as it is, and nobody else notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ako.core.model import AviObject
from tests.builders import Manifest, certificate_for
from tests.plugins.openshift_route.worlds import CA, edge, objects, passthrough, route, world
from tests.properties import share_of

HOSTS = ("a.com", "shop.com", "a.org", "*.com", "")
TLS = (
    None,
    {},
    {"termination": "edge"},
    {"termination": "zigzag"},
    *(passthrough(policy) for policy in (None, "None", "Allow", "Redirect")),
    *(edge("a.com", policy) for policy in (None, "Allow", "Redirect", "Maybe")),
    edge("a.com", None, "reencrypt"),
    edge("a.com", "Allow", "reencrypt", destinationCACertificate=CA, caCertificate=CA),
)
BROKEN = {"termination": "edge", "certificate": certificate_for("a.com")[0], "key": certificate_for("b.com")[1]}
NEIGHBOURS = (
    route("n1", "shop.com", path="/n", created="2026-01-02T00:00:00Z"),
    route("n2", "bank.com", tls=edge("bank.com", "Redirect")),
    route("n3", "deep.com", tls=passthrough("Redirect")),
)


def _edits(tls: st.SearchStrategy[Any]) -> st.SearchStrategy[Manifest]:
    services = st.lists(st.sampled_from(("web", "api=0", "api", "gone=7")), min_size=1, max_size=3)
    return st.builds(
        lambda host, path, names, section, port: route(
            "x", host, *names, path=path, tls=section, port=port, created="2026-01-03T00:00:00Z"
        ),
        st.sampled_from(HOSTS),
        st.sampled_from((None, "/", "/n", "/a/b")),
        services,
        tls,
        st.sampled_from((None, {"targetPort": 8080}, {"targetPort": "http"}, {"targetPort": "none"})),
    )


READABLE = _edits(st.sampled_from(TLS))
ANY = _edits(st.sampled_from((*TLS, BROKEN)))


def _wanted(edits: Sequence[Manifest]) -> Mapping[str, AviObject]:
    """Give what is wanted in the end, without what stays of shared virtual services that were in use once."""
    fed = world(*NEIGHBOURS)
    for edit in edits:
        fed.apply(edit)
        fed.pipeline.refresh()
    found = objects(fed)
    in_use = {tree.name.name for _, tree in fed.pipeline.trees.values() if tree.hosts}
    kept = {tree.name.name for _, tree in fed.pipeline.trees.values()} - in_use
    return {name: item for name, item in found.items() if name.partition("/")[2] not in kept}


@given(st.lists(ANY, max_size=4), READABLE)
@settings(max_examples=share_of(40))
def test_only_the_last_edit_counts(before: list[Manifest], last: Manifest) -> None:
    assert _wanted([*before, last]) == _wanted([last])


@given(st.lists(ANY, min_size=1, max_size=3))
@settings(max_examples=share_of(30))
def test_what_others_have_stays(edits: list[Manifest]) -> None:
    alone = _wanted([])
    own = {name for name, item in alone.items() if not hasattr(item, "dns_info") and "Shared-" not in name}
    found = _wanted(edits)
    assert {name: found.get(name) for name in own} == {name: alone[name] for name in own}


@given(st.lists(READABLE, min_size=1, max_size=3), st.sampled_from((NEIGHBOURS, ())))
@settings(max_examples=share_of(20))
def test_nothing_is_left_of_one_that_is_deleted(edits: list[Manifest], neighbours: tuple[Manifest, ...]) -> None:
    fed = world(*neighbours)
    for edit in edits:
        fed.apply(edit)
        fed.pipeline.refresh()
    fed.delete(edits[-1])
    left = {name: item for name, item in objects(fed).items() if "Shared-" not in name}
    assert left == {name: item for name, item in objects(world(*neighbours)).items() if "Shared-" not in name}
