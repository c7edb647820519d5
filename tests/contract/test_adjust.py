"""Plugins that adjust what others translated: what they may change, in which order, and what wakes them."""

from __future__ import annotations

import pytest
from msgspec import Struct
from msgspec.structs import replace

from ako import (
    PARENT,
    SERVICES,
    AviRef,
    LabelledMetadata,
    ListeningPort,
    Needs,
    ParentTemplate,
    PKIProfile,
    Pool,
    PortClaim,
    Problem,
    Translation,
    View,
    VirtualHost,
    VirtualService,
    VsVip,
    WatchedKind,
    extra,
    hookimpl,
    redirects,
    shared_parent,
)
from ako.core.hooks.loading import Plugin
from ako.core.hooks.object_names import object_names
from ako.core.hooks.tenants import TENANTS
from ako.testing.rehearsal import Rehearsal
from tests.builders import CLASS, Fed, Manifest, ingress, service
from tests.contract.adjusting import (
    OTHER,
    SAFE,
    SHOP,
    SHOP_POOL,
    STICKS,
    STICKY,
    WEB,
    Adjuster,
    Adjusting,
    own,
    pool_of,
    rehearse,
    sticky,
)
from tests.contract.test_namespaces import a_route
from tests.core.assemble.worlds import CLASHES, CLOUD, Clash, objects_of

POOLS = (SHOP_POOL.name, "my-cluster--other.com_-default-other")


def test_a_field_of_what_the_core_translated_is_set_and_nothing_else_changes() -> None:
    plain = rehearse(Adjuster(lambda *_: None)).objects()
    adjusted = rehearse(Adjuster(sticky, "shop.com")).objects()
    assert adjusted == {**plain, SHOP_POOL: replace(plain[SHOP_POOL], application_persistence_profile_ref=STICKY)}


def test_hosts_of_every_kind_are_adjusted_whoever_translated_them() -> None:
    def marked(_: object, translation: Translation, view: View) -> Translation:
        return translation.with_objects(own(PKIProfile, f"extra-{translation.parent.name[-3:]}", view))

    adjuster = Adjuster(marked)
    rehearsal = Rehearsal((Plugin("marking", adjuster), "openshift_route", "clusterip_routes", "loadbalancer"))
    rehearsal.apply(*WEB, a_route("red", tls={"termination": "passthrough"}))
    rehearsal.apply(service("balanced", type="LoadBalancer"))
    titles = {model.virtual_host.title for _, model in rehearsal.pipeline.hosts.values() if model.translation}
    assert set(adjuster.asked) == titles
    assert {title.partition("/")[0] for title in titles} == {"Service", "host route.com"}
    assert {ref.type for ref in rehearsal.objects()} >= {"pkiprofile"}
    assert not rehearsal.doubts()


# What may be added.


def trusting(_: object, translation: Translation, view: View) -> Translation:
    """Have the servers of a host verified, each host by a profile of its own that is called as that of any other."""
    profile = own(PKIProfile, "trust", view, crl_check=False)
    return translation.with_fields(Pool, pki_profile_ref=profile.ref).with_objects(profile)


def test_an_object_of_its_own_is_there_as_long_as_the_host_is() -> None:
    rehearsal = rehearse(Adjuster(trusting, "shop.com"))
    trust = AviRef("pkiprofile", "my-cluster--trust")
    assert pool_of(rehearsal).pki_profile_ref == trust
    assert rehearsal.objects()[trust]
    rehearsal.delete(SHOP)
    assert trust not in rehearsal.objects()


def test_a_name_that_two_hosts_were_given_has_the_older_and_references_follow() -> None:
    rehearsal = rehearse(Adjuster(trusting), manifests=(OTHER, SHOP))
    profiles = {ref.name for ref in rehearsal.objects() if ref.type == "pkiprofile"}
    older, younger = pool_of(rehearsal), pool_of(rehearsal, AviRef("pool", "my-cluster--other.com_-default-other"))
    assert older.pki_profile_ref == AviRef("pkiprofile", "my-cluster--trust")
    assert {ref.name for ref in (older.pki_profile_ref, younger.pki_profile_ref) if ref} == profiles
    assert len(profiles) == 2


def test_what_is_called_after_a_rule_is_told_apart_with_it() -> None:
    """A name that is said to be for a rule goes with it to whoever serves that path next."""

    def adjust(_: object, translation: Translation, view: View) -> Translation:
        (rule,) = translation.rules
        profile = own(PKIProfile, f"{rule.name.partition('--')[2]}-mine", view)
        named = replace(rule, others=(*rule.others, profile.name))
        return replace(translation.with_objects(profile), rules=(named,))

    rehearsal = rehearse(Adjuster(adjust, "shop.com"))
    model = next(model for key, model in rehearsal.pipeline.hosts.values() if key == "shop.com")
    assert object_names(model)[f"{SHOP_POOL.name}-mine"].path == "/"


def test_added_objects_are_in_the_tenant_of_the_host() -> None:
    settings = {"ControllerSettings.tenantsPerCluster": "true", "L7Settings.shardVSSize": "SMALL"}
    rehearsal = Rehearsal((Plugin("trusting", Adjuster(trusting)), "ingress", "clusterip_routes"), settings)
    namespace = {"metadata": {"name": "default", "annotations": {"ako.vmware.com/tenant-name": "blue"}}}
    rehearsal.pipeline.engine.set_input(TENANTS, "", "blue")
    rehearsal.apply({"apiVersion": "v1", "kind": "Namespace", **namespace}, CLASS, *WEB, SHOP)
    trust = AviRef("pkiprofile", "my-cluster--trust", "blue")
    assert trust in rehearsal.objects()
    assert pool_of(rehearsal, AviRef("pool", SHOP_POOL.name, "blue")).pki_profile_ref == trust


def test_entries_of_the_parent_and_problems_can_be_added() -> None:
    def adjust(host: VirtualHost | PortClaim, translation: Translation, _: View) -> Translation:
        more = replace(translation.contribution, fqdns=(*translation.contribution.fqdns, "alias.com"))
        told = Problem(host.oldest.source, "Aliased", "host shop.com has an alias.")
        return replace(translation, contribution=more).with_problems(told)

    rehearsal = rehearse(Adjuster(adjust, "shop.com"))
    vsvip = rehearsal.objects()[AviRef("vsvip", "my-cluster--Shared-L7-0")]
    assert isinstance(vsvip, VsVip)
    assert "alias.com" in vsvip.fqdns
    assert "Aliased" in {problem.reason for problem in rehearsal.problems()}


def test_the_shared_parent_can_be_another_one_with_all_that_hangs_on_it() -> None:
    """Its name and what a virtual service listens on are for whoever puts hosts on it; so are references to it."""
    edge = "my-cluster--edge"

    def adjust(_: object, translation: Translation, view: View) -> Translation:
        parent = replace(view.ask(shared_parent, 0), name=edge, redirect_on=edge, services=(ListeningPort(8080),))
        moved = replace(translation, parent=parent)
        return moved.with_fields(VirtualService, vh_parent_vs_ref=AviRef("virtualservice", edge))

    rehearsal = rehearse(Adjuster(adjust, "safe.com"), manifests=(SHOP, SAFE))
    there = rehearsal.objects()
    parent, child = (there[AviRef("virtualservice", name)] for name in (edge, "my-cluster--safe.com"))
    assert isinstance(parent, VirtualService)
    assert isinstance(child, VirtualService)
    assert (parent.vs_type, parent.services) == (PARENT, (ListeningPort(8080),))
    assert child.vh_parent_vs_ref == parent.ref
    assert AviRef("vsvip", edge) in there
    shared = there[AviRef("virtualservice", "my-cluster--Shared-L7-0")]
    assert isinstance(shared, VirtualService)
    assert shared.services == (ListeningPort(80), ListeningPort(443, enable_ssl=True))


def test_who_claims_a_name_has_it_and_not_who_only_adds_it() -> None:
    """Whichever comes first: a name that is added gives way, and is there again when the claim goes."""

    def adjust(_: object, translation: Translation, __: View) -> Translation:
        added = translation.contribution
        names = (*added.fqdns, "other.com", "free.com")
        redirect = next(redirects("other.com", "my-cluster--shop.com", [None]))
        more = replace(added, fqdns=names, redirect_hosts=names[1:], rules=(redirect,))
        return replace(translation, contribution=more)

    rehearsal = rehearse(Adjuster(adjust, "shop.com"), manifests=(SHOP,))
    alone = translated(rehearsal, "shop.com").contribution
    assert alone.fqdns == ("shop.com", "other.com", "free.com")
    rehearsal.apply(OTHER)
    beside = translated(rehearsal, "shop.com").contribution
    assert (beside.fqdns, beside.redirect_hosts, beside.rules) == (("shop.com", "free.com"), ("free.com",), ())
    assert beside.members == alone.members
    assert translated(rehearsal, "other.com").contribution.fqdns == ("other.com",)
    (problem,) = rehearsal.problems()
    assert (problem.source.name, problem.reason) == ("shop", "DnsNameTaken")
    rehearsal.delete(OTHER)
    assert translated(rehearsal, "shop.com").contribution == alone
    assert rehearsal.problems() == ()


def translated(rehearsal: Rehearsal, host: str) -> Translation:
    model = rehearsal.pipeline.model(host)
    assert model
    assert model.translation
    return model.translation


class Weighing(Adjuster):
    """An adjuster that may set the weight of virtual services."""

    @hookimpl
    def ako_needs(self) -> Needs:
        return Needs(fields={VirtualService: ("weight",)})


def fielded(*hosts: str) -> Adjuster:
    """Want a field of the shared parent for some hosts."""

    def adjust(host: VirtualHost | PortClaim, translation: Translation, __: View) -> Translation:
        assert isinstance(translation.parent, ParentTemplate)
        wanted = replace(translation.parent, fields=extra({"weight": 2}))
        return replace(translation, parent=wanted) if host.host in hosts else translation

    return Weighing(adjust)


@pytest.mark.parametrize(
    ("hosts", "weight", "told"),
    [(("shop.com", "other.com"), True, ()), (("shop.com",), True, ("other",)), (("other.com",), False, ("other",))],
    ids=["all hosts", "the older", "the younger"],
)
def test_fields_of_a_shared_parent_are_those_of_the_oldest_and_all_are_served(
    hosts: tuple[str, ...], weight: bool, told: tuple[str, ...]
) -> None:
    rehearsal = rehearse(fielded(*hosts))
    parent = rehearsal.objects()[AviRef("virtualservice", "my-cluster--Shared-L7-0")]
    assert isinstance(parent, VirtualService)
    assert (parent.weight == 2) is weight
    assert {problem.source.name for problem in rehearsal.problems()} == set(told)
    assert {ref.name for ref in rehearsal.objects() if ref.type == "pool"} == set(POOLS)


# In which order, and what wakes whom.


def renaming(words: str) -> Adjusting:
    def adjust(_: object, translation: Translation, __: View) -> Translation:
        (pool,) = (item for item in translation.objects if isinstance(item, Pool))
        return translation.with_fields(Pool, service_metadata=f"{pool.service_metadata}{words}")

    return adjust


def test_each_is_asked_about_what_the_one_before_it_gave() -> None:
    rehearsal = rehearse(Adjuster(renaming(" first"), "shop.com"), Adjuster(renaming(" second"), "shop.com"))
    assert str(pool_of(rehearsal).service_metadata).endswith("} first second")
    assert str(pool_of(rehearsal, AviRef("pool", "my-cluster--other.com_-default-other")).service_metadata).endswith(
        "}"
    )


def test_no_answer_leaves_it_as_it_is_for_the_next() -> None:
    rehearsal = rehearse(Adjuster(lambda *_: None), Adjuster(renaming(" second")))
    assert str(pool_of(rehearsal).service_metadata).endswith("} second")


class Stickiness:
    """Sets what an annotation of the Service behind a host says."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    @hookimpl
    def ako_needs(self) -> Needs:
        return STICKS

    @hookimpl
    def ako_kinds(self) -> list[WatchedKind]:
        return [WatchedKind(kind=SERVICES.kind, plural="services", record=Annotated)]

    @hookimpl
    def ako_adjust(self, virtual_host: VirtualHost, translation: Translation, view: View) -> Translation | None:
        self.asked.append(virtual_host.host)
        for rule in virtual_host.served:
            (backend,) = rule.rule.backends
            found = view.get(Annotated, backend.namespace, backend.service)
            if found and (profile := found.metadata.annotation("example.org/sticky")):
                named = AviRef("applicationpersistenceprofile", profile)
                return translation.with_fields(Pool, application_persistence_profile_ref=named)
        return None


class Annotated(Struct, frozen=True):
    """A Service, as far as it is read."""

    metadata: LabelledMetadata


def annotated(name: str, profile: str) -> Manifest:
    plain = service(name)
    return {**plain, "metadata": {**plain["metadata"], "annotations": {"example.org/sticky": profile}}}


def test_a_change_of_what_was_read_wakes_only_the_hosts_that_read_it() -> None:
    plugin = Stickiness()
    rehearsal = Rehearsal((Plugin("sticky", plugin), "ingress", "clusterip_routes"))
    rehearsal.apply(CLASS, service("web"), service("api"), SHOP, ingress("api", ("api.com", "/", "api:80")))
    before = rehearsal.objects()
    plugin.asked.clear()
    rehearsal.apply(annotated("web", "mine"))
    assert plugin.asked == ["shop.com"]
    profile = AviRef("applicationpersistenceprofile", "mine")
    sticky_pool = replace(before[SHOP_POOL], application_persistence_profile_ref=profile)
    assert rehearsal.objects() == {**before, SHOP_POOL: sticky_pool}
    rehearsal.apply(service("web"))
    assert plugin.asked == ["shop.com", "shop.com"]
    assert rehearsal.objects() == before


@pytest.mark.parametrize("clash", CLASHES, ids=[clash.title for clash in CLASHES])
def test_hosts_that_clash_are_served_with_what_was_added_to_each_under_one_name(clash: Clash) -> None:
    """Names that are contested are settled for whatever a host has in the end."""
    world = Fed(*clash.plugins, cloud=CLOUD, more=[Plugin("trusting", Adjuster(trusting))])
    for day, source in enumerate(clash.sources, 1):
        world.apply(*source.base, source.make(f"2024-01-0{day}T00:00:00Z"))
    world.pipeline.refresh()
    there = objects_of(world)
    assert all(source.ask(there) == source.server for source in clash.sources)
    profiles = {item.pki_profile_ref for item in there.values() if isinstance(item, Pool)}
    assert profiles == {ref for ref in there if ref.type == "pkiprofile"}
    assert len(profiles) == len({placed.key for _, tree in world.pipeline.trees.values() for placed in tree.hosts})
