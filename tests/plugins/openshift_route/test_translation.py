"""Routes → Avi objects: what the core does for every source, with Routes' own names, and passthrough."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import pytest
from msgspec import UNSET

from ako.core.assemble.pipeline import Pipeline
from ako.core.base.refs import TreeName
from ako.core.model import (
    DataScriptSet,
    HTTPPolicySet,
    PKIProfile,
    Pool,
    PoolGroup,
    SSLKeyAndCertificate,
    VirtualService,
    VsVip,
)
from tests.builders import Fed, Manifest, certificate_for, settings
from tests.plugins.openshift_route.worlds import CA, edge, hosts_of, objects, one, passthrough, problems, route, world

SMALL = settings(L7Settings__shardVSSize="SMALL")
SHARED = "my-cluster--Shared-Passthrough-0"
INSECURE = f"{SHARED}-insecure"


def members(group: PoolGroup) -> list[tuple[str, object, int]]:
    return [(member.pool_ref.name, member.priority_label, member.ratio) for member in group.members]


def fqdns(fed: Fed) -> tuple[str, ...]:
    return one(fed, VsVip, SHARED).fqdns


def redirected(fed: Fed) -> Sequence[str]:
    found = objects(fed).get(f"httppolicyset/{INSECURE}")
    if found is None:
        return []
    assert isinstance(found, HTTPPolicySet)
    (rule,) = found.http_request_policy.rules
    assert rule.match.host_hdr is not UNSET
    return rule.match.host_hdr.value


def test_an_insecure_route_has_a_pool_for_each_service() -> None:
    fed = world(route("shop", "shop.com", "web=70", "api=0", path="/Pay"), using=SMALL)
    group = one(fed, PoolGroup, "my-cluster--Shared-L7-0")
    assert members(group) == [
        ("my-cluster--shop.com_Pay-default-shop-api", "shop.com/pay", 0),
        ("my-cluster--shop.com_Pay-default-shop-web", "shop.com/pay", 70),
    ]
    pool = one(fed, Pool, "my-cluster--shop.com_Pay-default-shop-web")
    assert [(server.ip.addr, server.port) for server in pool.servers or ()] == [("10.0.0.1", 8080)]
    assert json.loads(pool.service_metadata or "")["pool_ratio"] == 70


def test_an_edge_route_has_a_child_with_its_certificates_and_no_redirect() -> None:
    fed = world(route("shop", "shop.com", "web", "api", tls=edge("shop.com", caCertificate=CA)), using=SMALL)
    child = one(fed, VirtualService, "my-cluster--shop.com")
    assert child.vh_domain_name == ("shop.com",)
    certificate = one(fed, SSLKeyAndCertificate, "my-cluster--shop.com")
    assert [reference.ca_ref.name for reference in certificate.ca_certs or ()] == ["my-cluster--shop.com-cacert"]
    assert one(fed, SSLKeyAndCertificate, "my-cluster--shop.com-cacert").certificate is not None
    assert members(one(fed, PoolGroup, "my-cluster--default-shop.com-shop")) == [
        ("my-cluster--default-shop.com-shop-web", UNSET, 100),
        ("my-cluster--default-shop.com-shop-api", UNSET, 100),
    ]
    assert members(one(fed, PoolGroup, "my-cluster--Shared-L7-0")) == []
    assert "httppolicyset/my-cluster--Shared-L7-0" not in objects(fed)


@pytest.mark.parametrize(("policy", "is_plain", "is_redirected"), [("Allow", True, False), ("Redirect", False, True)])
def test_plain_http_beside_tls(policy: str, *, is_plain: bool, is_redirected: bool) -> None:
    fed = world(route("shop", "shop.com", tls=edge("shop.com", policy)), using=SMALL)
    assert ("pool/my-cluster--shop.com-default-shop-web" in objects(fed)) is is_plain
    assert ("httppolicyset/my-cluster--Shared-L7-0" in objects(fed)) is is_redirected


def test_reencrypt_speaks_tls_to_the_servers() -> None:
    pool, profile = "my-cluster--default-shop.com-shop-web", "my-cluster--default-shop.com-shop-web-pkiprofile"
    trusting = route("shop", "shop.com", tls=edge("shop.com", None, "reencrypt"))
    fed = world(trusting)
    assert one(fed, Pool, pool).sni_enabled is True
    assert one(fed, Pool, pool).pki_profile_ref is None
    fed.apply(route("shop", "shop.com", tls=edge("shop.com", None, "reencrypt", destinationCACertificate=CA)))
    assert one(fed, PKIProfile, profile).crl_check is False
    assert one(fed, Pool, pool).pki_profile_ref == one(fed, PKIProfile, profile).ref
    fed.apply(trusting)
    assert f"pkiprofile/{profile}" not in objects(fed)


def test_passthrough_hosts_share_a_virtual_service() -> None:
    fed = world(
        route("shop", "shop.com", "web=1", "api=2", tls=passthrough()), route("bank", "bank.com", tls=passthrough())
    )
    shared = one(fed, VirtualService, SHARED)
    assert shared.vs_type == "VS_TYPE_NORMAL"
    assert [(port.port, port.enable_ssl) for port in shared.services or ()] == [(443, False)]
    assert shared.remove_listening_port_on_vs_down is True
    assert shared.http_policies == ()
    assert fqdns(fed) == ("bank.com", "shop.com")
    scripts = one(fed, DataScriptSet, SHARED)
    assert [ref.name for ref in scripts.pool_group_refs] == ["my-cluster--bank.com", "my-cluster--shop.com"]
    assert [ref.name for ref in scripts.protocol_parser_refs] == ["Default-TLS"]
    (script,) = scripts.datascript
    assert script.evt == "VS_DATASCRIPT_EVT_L4_REQUEST"
    assert 'avi.poolgroup.select("my-cluster--" .. string.lower(server))' in script.script
    assert members(one(fed, PoolGroup, "my-cluster--shop.com")) == [
        ("my-cluster--shop.com-web", UNSET, 1),
        ("my-cluster--shop.com-api", UNSET, 2),
    ]
    assert f"virtualservice/{INSECURE}" not in objects(fed)


def test_a_redirect_comes_from_a_second_virtual_service_on_the_same_address() -> None:
    fed = world(
        route("shop", "shop.com", tls=passthrough("Redirect")),
        route("bank", "bank.com", tls=passthrough("Redirect")),
        route("quiet", "quiet.com", tls=passthrough()),
    )
    assert redirected(fed) == ("bank.com", "shop.com")
    insecure = one(fed, VirtualService, INSECURE)
    assert [(port.port, port.enable_ssl) for port in insecure.services or ()] == [(80, False)]
    assert insecure.vsvip_ref == one(fed, VsVip, SHARED).ref
    assert f"vsvip/{INSECURE}" not in objects(fed)
    assert insecure.vs_datascripts == ()
    metadata = [json.loads(one(fed, VirtualService, name).service_metadata or "") for name in (SHARED, INSECURE)]
    references = [(entry["passthrough_child_ref"], entry["passthrough_parent_ref"]) for entry in metadata]
    assert references == [(INSECURE, ""), ("", SHARED)]


def test_the_second_virtual_service_stays_without_redirects_as_long_as_this_process_runs() -> None:
    with_redirect = route("shop", "shop.com", tls=passthrough("Redirect"))
    fed = world(with_redirect, route("bank", "bank.com", tls=passthrough()))
    assert redirected(fed) == ("shop.com",)
    fed.apply(route("shop", "shop.com", tls=passthrough()))
    assert one(fed, VirtualService, INSECURE).http_policies == ()
    assert redirected(fed) == []
    fed.delete(with_redirect)
    assert fqdns(fed) == ("bank.com",)
    assert one(fed, VirtualService, INSECURE).http_policies == ()


def test_an_empty_passthrough_virtual_service_is_kept_and_can_be_released() -> None:
    only = route("shop", "shop.com", tls=passthrough("Redirect"))
    fed = world(only)
    fed.delete(only)
    assert objects(fed).keys() == {
        f"vsvip/{SHARED}",
        f"vsdatascriptset/{SHARED}",
        f"virtualservice/{SHARED}",
        f"virtualservice/{INSECURE}",
    }
    fed.pipeline.release(TreeName(SHARED))
    assert objects(fed) == {}
    fed.apply(route("shop", "shop.com", tls=passthrough()))
    assert f"virtualservice/{INSECURE}" not in objects(fed)


def test_passthrough_has_shards_of_its_own() -> None:
    using = settings(L7Settings__passthroughShardSize="LARGE", L7Settings__shardVSSize="SMALL")
    fed = world(route("a", "foo.com", tls=passthrough()), route("b", "bar.com", tls=passthrough()), using=using)
    assert {name for name in objects(fed) if name.startswith("vsvip/")} == {
        "vsvip/my-cluster--Shared-Passthrough-0",
        "vsvip/my-cluster--Shared-Passthrough-6",
    }


OLD, NEW = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"


@pytest.mark.parametrize("is_first", [True, False])
def test_the_older_route_decides_whether_a_host_is_passed_through(*, is_first: bool) -> None:
    older, younger = (OLD, NEW) if is_first else (NEW, OLD)
    fed = world(
        route("a", "shop.com", tls=passthrough(), created=older), route("b", "shop.com", path="/b", created=younger)
    )
    assert ("poolgroup/my-cluster--shop.com" in objects(fed)) is is_first
    assert ("pool/my-cluster--shop.com_b-default-b-web" in objects(fed)) is not is_first
    assert problems(fed).keys() == {"HostConflict"}


def test_only_the_route_that_is_served_decides_about_the_redirect() -> None:
    loser = route("b", "shop.com", "api", tls=passthrough("Redirect"), created=NEW)
    fed = world(route("a", "shop.com", tls=passthrough(), created=OLD), loser)
    assert redirected(fed) == []
    assert "pool/my-cluster--shop.com-api" not in objects(fed)
    assert problems(fed)["DuplicateHostPath"].endswith('shop.com in routes: ["default/a"]')


def test_where_all_duplicates_are_served_no_pool_has_two_owners() -> None:
    fed = world(
        route("a", "shop.com", "web=1", tls=passthrough(), created=OLD),
        route("b", "shop.com", "web=2", "api=3", tls=passthrough(), created=NEW),
        using=settings(L7Settings__duplicateHostPaths="all"),
    )
    other = hashlib.sha1(b"default/Route/b/shop.com/web", usedforsecurity=False).hexdigest()[:8]
    assert members(one(fed, PoolGroup, "my-cluster--shop.com")) == [
        ("my-cluster--shop.com-web", UNSET, 1),
        (f"my-cluster--shop.com-web-{other}", UNSET, 2),
        ("my-cluster--shop.com-api", UNSET, 3),
    ]


def test_a_pool_that_would_have_too_long_a_name_is_left_out() -> None:
    host = ".".join(["a" * 60] * 4) + ".com"
    fed = world(route("long", host, "web", tls=passthrough()), route("shop", "shop.com", tls=passthrough()))
    assert [name for name in objects(fed) if len(name.partition("/")[2]) > 255] == []
    assert "NameTooLong" in problems(fed)
    assert fqdns(fed) == ("shop.com",)


def test_server_names_are_compared_in_lower_case() -> None:
    fed = world(route("shop", "Shop.com", tls=passthrough()))
    assert "poolgroup/my-cluster--shop.com" in objects(fed)


def doubts(pipeline: Pipeline) -> list[str]:
    pipeline.refresh()
    return [doubt.reason for doubt in pipeline.doubts()]


OWN = {"certificate": certificate_for("shop.com")[0], "key": certificate_for("shop.com")[1]}


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ({**OWN, "certificate": "garbage"}, "tls.certificate holds no readable PEM certificate"),
        ({**OWN, "key": "garbage"}, "tls.key holds no readable PEM private key without a password"),
        (
            {**OWN, "key": certificate_for("bank.com")[1]},
            "the key in tls.key does not fit the certificate in tls.certificate",
        ),
        ({**OWN, "caCertificate": "garbage"}, "tls.caCertificate holds no readable PEM certificates"),
        (
            {**OWN, "destinationCACertificate": "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----"},
            "the destination CA certificate holds no readable PEM certificates",
        ),
    ],
    ids=("certificate", "key", "pair", "authority", "authority of the servers"),
)
def test_a_certificate_that_cannot_be_used_leaves_the_version_before_it(texts: dict[str, str], words: str) -> None:
    """Whole, as the servers are to be spoken to in another way: those behind the new path may not understand it."""
    broken = {"termination": "reencrypt", **texts}
    good = route("shop", "shop.com", tls=edge("shop.com"))
    fed = world(good, route("bank", "bank.com", tls=edge("bank.com")))
    before = objects(fed)
    fed.apply(route("shop", "shop.com", "api", path="/new", tls=broken))
    assert objects(fed) == before
    assert problems(fed)["CertificateUnreadable"] == f"{words} (host shop.com)."
    assert doubts(fed.pipeline) == []  # the version before it is known, so nothing is in danger
    fed.apply(route("shop", "shop.com", "api", tls=edge("shop.com")))
    assert "pool/my-cluster--default-shop.com-shop-api" in objects(fed)


@pytest.mark.parametrize(
    "texts", [{"certificate": "garbage"}, {"key": "garbage"}, {"caCertificate": "garbage"}], ids=lambda texts: [*texts]
)
def test_what_else_a_route_asks_for_takes_effect_with_the_certificate_before(texts: dict[str, str]) -> None:
    good = edge("shop.com", "Redirect")
    fed = world(route("shop", "shop.com", tls=good))
    fed.apply(route("shop", "shop.com", "api", path="/new", tls={**good, **texts}))
    assert objects(fed) == objects(world(route("shop", "shop.com", "api", path="/new", tls=good)))


def test_a_certificate_that_never_could_be_used_is_in_doubt_and_disturbs_nobody() -> None:
    broken: Manifest = route("shop", "shop.com", tls={"termination": "edge", "certificate": "x", "key": "y"})
    fed = world(broken, route("bank", "bank.com", tls=edge("bank.com")))
    assert hosts_of(fed) == {"bank.com"}
    (reason,) = doubts(fed.pipeline)
    assert "no readable PEM certificate" in reason
