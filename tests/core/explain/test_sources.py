"""A Kubernetes object: whose it is and why, what became of it, and who depends on it."""

from __future__ import annotations

import pytest
from msgspec import Struct

from ako.core.base.refs import NamespacedName
from ako.core.engine.changes import Unreadable, Upserted
from ako.core.explain.answer import SourceTold
from ako.core.explain.near import near_names
from ako.core.hooks.records import NAMESPACES, Namespace
from tests.builders import NOT_DEFAULT, Manifest, endpoints, ingress, service, tls_secret
from tests.core.control.rig import Rig
from tests.core.explain.asked import asked, host, read, source
from tests.explain.situations.objects import class_of

WEB = (service("web"), endpoints("web", "10.0.0.1"))
SHOP = ingress("shop", ("shop.com", "/", "web:80"), created="2026-01-01T00:00:00Z")
OTHERS = ingress("theirs", ("theirs.com", "/", "web:80"), ingressClassName="nginx")
SECURE = ingress("safe", ("safe.com", "/", "web:80"), tls={"safe.com": "cert"})


@pytest.mark.parametrize(
    "question", ["Ingress/default/shop", "ingress default/shop", "ing/shop", "INGRESSES/default/shop"]
)
def test_an_object_is_asked_for_as_with_kubectl(question: str) -> None:
    told = source(Rig(*WEB, SHOP), question)
    assert (told.source, told.is_ours, told.hosts) == ("Ingress/default/shop", True, (("shop.com", "live"),))


def test_what_is_not_ours_says_why_and_what_would_change_that() -> None:
    rig = Rig(*WEB, OTHERS)
    told = source(rig, "Ingress/default/theirs")
    assert "spec.ingressClassName is nginx, and there is no IngressClass nginx" in told.why
    assert "→ " in read(asked(rig, "Ingress/default/theirs"))


def test_a_host_that_is_written_in_what_is_not_ours_leads_to_it() -> None:
    rig = Rig(NOT_DEFAULT, *WEB, SHOP)
    (told,) = asked(rig, "shop.com").sources
    assert (told.source, told.is_ours) == ("Ingress/default/shop", False)
    assert told.why.startswith("spec.ingressClassName is not set, and IngressClass avi-lb is not the default")
    assert told.remedy == "Set spec.ingressClassName to avi-lb, or make avi-lb the default class."


def test_a_host_outside_of_all_domains_leads_to_its_problem() -> None:
    rig = Rig(*WEB, ingress("far", ("far.example.net", "/", "web:80")))
    (told,) = asked(rig, "far.example.net").sources
    assert [problem.about for problem in told.problems] == ["Ingress/default/far"]


def test_a_service_says_for_whom_it_is_and_leads_to_their_hosts() -> None:
    answer = asked(Rig(*WEB, SHOP), "svc/default/web")
    assert answer.sources[0].used_by == ("Ingress/default/shop",)
    assert [told.host for told in answer.hosts] == ["shop.com"]


def test_a_secret_that_is_missing_is_known_by_who_names_it() -> None:
    told = source(Rig(*WEB, SECURE), "secret/default/cert")
    missing = SourceTold(
        "Secret/default/cert", is_ours=False, why="it does not exist", used_by=("Ingress/default/safe",)
    )
    assert (told.source, told.why, told.used_by) == (missing.source, missing.why, missing.used_by)
    assert source(Rig(*WEB, SECURE, tls_secret("cert", "safe.com")), "secret/default/cert").is_ours


@pytest.mark.parametrize(
    ("question", "user"), [("ingressclass/avi-lb", "Ingress/default/shop"), ("ns/default", "Ingress/default/shop")]
)
def test_classes_and_namespaces_say_for_whom_they_are(question: str, user: str) -> None:
    namespace: Manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}
    assert source(Rig(namespace, *WEB, SHOP), question).used_by == (user,)


def test_nothing_is_left_behind_by_questions() -> None:
    rig = Rig(*WEB, SHOP, OTHERS)
    engine = rig.reconciler.pipeline.engine
    before = engine.size
    for question in ("shop.com", "Ingress/default/theirs", "Secret/default/none", "10.0.0.1", "svc/web", "ns/default"):
        asked(rig, question)
    assert engine.size == before


def test_what_is_not_there_has_names_that_are_like_it() -> None:
    rig = Rig(*WEB, SHOP)
    assert asked(rig, "ing/default/shp").near == ("Ingress/default/shop",)
    assert asked(rig, "shp.com").near[0] == "shop.com"
    assert asked(rig, "my-cluster--shp.com").near[0] == "my-cluster--shop.com_-default-shop"


@pytest.mark.parametrize("question", ["pod/default/web-1", "deployment web"])
def test_of_a_kind_that_nobody_watches_it_is_said_which_are(question: str) -> None:
    answer = asked(Rig(*WEB, SHOP), question)
    (note,) = answer.notes
    assert note.startswith(f"no kind is called {question.replace('/', ' ').split()[0]} here; there are ")
    assert "Ingress, IngressClass" in note
    assert not asked(Rig(*WEB, SHOP), "nobody.com/path").notes


def test_what_is_longer_than_any_name_is_like_none() -> None:
    assert near_names("shop.co", ["shop.com"]) == ("shop.com",)
    assert near_names("shop.com" * 9000, ["shop.com"]) == ()


@pytest.mark.parametrize("host", ["api.com", "API.com", "other.com"])
def test_whoever_asks_for_a_host_in_vain_is_told_with_it(host: str) -> None:
    asks = {"external-dns.alpha.kubernetes.io/hostname": "api.com, other.com"}
    api = service("api", annotations=asks)
    assert [told.source for told in asked(Rig(*WEB, SHOP, api), host).sources] == ["Service/default/api"]


@pytest.mark.parametrize("question", ["web", "default/web"])
def test_a_name_without_a_kind_leads_to_the_objects_that_have_it(question: str) -> None:
    answer = asked(Rig(*WEB, SHOP, ingress("web", ("web.com", "/", "web:80"))), question)
    assert not answer.is_found
    assert {"Ingress/default/web", "Service/default/web"} <= set(answer.near)


def test_the_one_of_several_servers_that_is_not_ready_says_why() -> None:
    web = endpoints("web", "10.0.0.1")
    web["endpoints"][0]["targetRef"] = {"kind": "Pod", "name": "web-1", "uid": "1"}
    web["endpoints"].append(
        {"addresses": ["10.0.0.9"], "conditions": {"ready": False}, "targetRef": {"kind": "Pod", "name": "web-9"}}
    )
    rig = Rig(service("web"), web, SHOP)
    (pool,) = host(rig, "shop.com").pools
    assert [(server.address, server.pod) for server in pool.servers] == [("10.0.0.1", "default/web-1")]
    (out,) = pool.left_out
    assert (out.address, out.pod, out.why_not) == ("10.0.0.9", "default/web-9", "it is not ready.")
    assert [told.host for told in asked(rig, "10.0.0.9").hosts] == ["shop.com"]


def test_while_labels_of_a_namespace_are_not_known_nobody_says_that_it_is_not_ours() -> None:
    rig = Rig(*WEB, AKOSettings__namespaceSelector__labelKey="team", AKOSettings__namespaceSelector__labelValue="red")
    broken: dict[type[Struct], Unreadable] = {Namespace: Unreadable("labels: broken")}
    rig.change(Upserted(NAMESPACES.kind, NamespacedName("", "default"), broken))
    rig.apply(SHOP)
    rig.sync()
    words = "not known: Namespace default cannot be read: labels: broken"
    for question in ("Ingress/default/shop", "shop.com", "ns/default"):
        told = read(asked(rig, question))
        assert words in told
        assert "not ours" not in told


def test_a_namespace_says_why_nothing_of_it_is_served() -> None:
    rig = Rig(*WEB, SHOP, AKOSettings__blockedNamespaceList=["default"])
    told = source(rig, "Namespace/default")
    assert told.why == "namespace default is in AKOSettings.blockedNamespaceList."
    assert told.remedy == "Take it off that list, or move the object to another namespace."


def test_a_class_is_told_with_those_who_have_to_do_with_it() -> None:
    """Who names a class that is not there was read with all that are; those have nothing to do with it."""
    other = class_of("other", "example.org/other")
    rig = Rig(*WEB, SHOP, OTHERS, other)
    assert source(rig, "IngressClass/avi-lb").used_by == ("Ingress/default/shop",)
    assert source(rig, "IngressClass/other").used_by == ()
    assert source(rig, "IngressClass/nginx").used_by == ("Ingress/default/theirs",)
