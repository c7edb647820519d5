"""Objects under other names are referred to under these; what no name is left for goes, and all else stays."""

from __future__ import annotations

import pytest

from ako.core.base.refs import AviRef
from ako.core.model import (
    OWNED_TYPES,
    AviObject,
    HTTPPolicySet,
    Pool,
    PoolGroup,
    PoolGroupMember,
    VirtualService,
)
from ako.core.model.references import redirected, renamed, without
from tests.builders import Fed, endpoints, ingress, service, tls_secret
from tests.core.assemble.worlds import CLASHES, fed, objects_of

EVERYTHING: dict[AviRef, AviObject] = {}
for clash in CLASHES:
    world = fed(clash.plugins)
    for source in clash.sources:
        world.apply(*source.base, source.make(""))
    world.pipeline.refresh()
    EVERYTHING |= objects_of(world)


def test_there_is_an_object_of_every_type_that_refers_to_others() -> None:
    types = {type(item) for item in EVERYTHING.values()}
    assert {kind.__name__ for kind in OWNED_TYPES if kind not in types} == {"PKIProfile", "NetworkSecurityPolicy"}


@pytest.mark.parametrize("ref", sorted(EVERYTHING), ids=repr)
def test_an_object_under_another_name_is_referred_to_under_it(ref: AviRef) -> None:
    other = AviRef(ref.type, f"{ref.name}-other")
    after = [renamed(item, {ref: other}) for item in EVERYTHING.values()]
    for before, now in zip(EVERYTHING.values(), after, strict=True):
        assert now.ref == (other if before.ref == ref else before.ref)
        assert list(now.references()) == [other if found == ref else found for found in before.references()]
        assert ref in (before.ref, *before.references()) or now is before
        assert renamed(now, {other: ref}) == before


def test_what_refers_to_nothing_of_it_is_the_same_value() -> None:
    group = EVERYTHING[next(ref for ref in EVERYTHING if ref.type == "poolgroup")]
    assert redirected(group, {AviRef("pool", "unheard of"): AviRef("pool", "other")}) is group


def pool(name: str) -> Pool:
    return Pool(name=name)


def group(name: str, *pools: str) -> PoolGroup:
    return PoolGroup(name=name, members=tuple(PoolGroupMember(AviRef("pool", pool)) for pool in pools))


def test_who_only_lists_what_is_missing_goes_on_without_it() -> None:
    left = without([pool("a"), pool("b"), group("g", "a", "b")], {AviRef("pool", "a")})
    assert left == (pool("b"), group("g", "b"))


def test_a_group_goes_with_its_last_pool() -> None:
    assert without([pool("a"), group("g", "a"), pool("b")], {AviRef("pool", "a")}) == (pool("b"),)


def test_what_no_name_is_left_for_is_told_and_harms_nobody() -> None:
    """A long name that an older source has leaves no room for another; the other path of the host is served."""
    world = Fed()
    world.apply(service("web", namespace="team"), endpoints("web", "10.0.0.1", namespace="team"))
    world.apply(service("web", namespace="team-app"), endpoints("web", "10.0.0.2", namespace="team-app"))
    world.apply(tls_secret("crt", namespace="team"), tls_secret("crt", namespace="team-app"))
    path = "/" + "x" * (250 - len("my-cluster--team-app-shop.com_-web"))
    older = ingress(
        "web", ("app-shop.com", path, "web:80"), namespace="team", tls={"app-shop.com": "crt"}, created="2026-01-01"
    )
    younger = ingress(
        "web",
        ("shop.com", path, "web:80"),
        ("shop.com", "/short", "web:80"),
        namespace="team-app",
        tls={"shop.com": "crt"},
        created="2026-01-02",
    )
    world.apply(older, younger)
    world.pipeline.refresh()
    model = world.pipeline.model("shop.com")
    assert model is not None
    ((reason, source, message),) = {(p.reason, p.source.key, p.message) for p in model.problems}
    assert (reason, source) == ("NameTooLong", "Ingress/team-app/web")
    assert message.startswith(f"shop.com{path} would need an Avi object with a name over 255 bytes")
    objects = objects_of(world)
    assert max(len(ref.name) for ref in objects) <= 255
    child = objects[AviRef("virtualservice", "my-cluster--shop.com")]
    assert isinstance(child, VirtualService)
    (attached,) = child.http_policies or ()
    policies = objects[attached.http_policy_set_ref]
    assert isinstance(policies, HTTPPolicySet)
    assert policies.name.startswith("my-cluster--team-app-shop.com-"), "the older one has the plain name"
    assert AviRef("pool", f"my-cluster--team-app-shop.com{path.replace('/', '_')}-web") in objects, "the older one's"
    world.delete(older)
    world.pipeline.refresh()
    model = world.pipeline.model("shop.com")
    assert model is not None
    assert model.problems == ()
