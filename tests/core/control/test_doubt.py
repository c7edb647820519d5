"""What is in doubt stays as it was and is told; all else, and every status, follows what is served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from ako.core.assemble.path_sets import path_set_names
from ako.core.base.refs import AviRef
from ako.core.model import HTTPPolicySet, PathMatch, SSLKeyAndCertificate, VirtualService
from ako.core.translate.path_rules import host_match
from tests.builders import Manifest, certificate_for, endpoints, ingress, secret, service, tls_secret
from tests.core.control.echo import EchoingRig
from tests.core.strict_controller import contents
from tests.core.translate.requests import Request, World
from tests.properties import share_of

BASE = (service("web"), endpoints("web", "10.0.0.1"))
GARBAGE = secret("bad", "x", "y")
SMALL: dict[str, Any] = {"L7Settings__shardVSSize": "SMALL"}
SHARED = AviRef("vsvip", "my-cluster--Shared-L7-0")
WORDS = "secret: default/bad: tls.crt holds no readable PEM certificate (host c.com)."


def shop(*rules: tuple[str, str], tls: Mapping[str, str] | None = None, name: str = "shop") -> Manifest:
    return ingress(name, *((host, path, "web:80") for host, path in rules), tls=tls)


BEFORE = shop(("a.com", "/"), ("b.com", "/"), ("c.com", "/"))
AFTER = shop(("b.com", "/new"), ("c.com", "/"), tls={"c.com": "bad"})
"""One host is removed, one changes its path, one is to have TLS."""


def restarted(rig: EchoingRig, *manifests: Manifest, **flags: Any) -> EchoingRig:
    """Start another process that finds everything as it was, and these objects beside it or instead."""
    return EchoingRig(*rig.manifests(), *manifests, controller=rig.controller, **{**SMALL, **flags})


def pools(rig: EchoingRig) -> set[str]:
    return {ref.name.removeprefix("my-cluster--") for ref in rig.controller.observed if ref.type == "pool"}


def names(rig: EchoingRig) -> set[str]:
    vsvip = rig.controller.observed.vsvip(SHARED.namesake)
    assert vsvip is not None
    return {fqdn for fqdn in vsvip.fqdns if not fqdn.startswith("my-cluster")}


@pytest.mark.parametrize("restarts", [False, True])
def test_an_ingress_of_three_hosts_one_of_which_names_garbage(*, restarts: bool) -> None:
    rig = EchoingRig(*BASE, GARBAGE, BEFORE, **SMALL)
    assert rig.hosts("shop") == ["a.com", "b.com", "c.com"]
    if restarts:
        rig = restarted(rig, AFTER)
    else:
        rig.apply(AFTER)
        rig.settle()
    assert pools(rig) == {"b.com_new-default-shop", "c.com_-default-shop"}
    assert names(rig) == {"b.com", "c.com"}
    assert sorted(rig.hosts("shop")) == ["b.com", "c.com"]
    told = [(p.reason, p.message, p.remedy) for p in rig.news() if p.source.kind.name == "Ingress"]
    assert told == [("CertificateUnreadable", WORDS, "Still served without TLS.")]
    rig.sync()
    assert rig.news() == []


@pytest.mark.parametrize("restarts", [False, True])
def test_a_host_with_a_certificate_keeps_it(*, restarts: bool) -> None:
    served = shop(("a.com", "/"), ("c.com", "/"), tls={"c.com": "bad"})
    rig = EchoingRig(*BASE, tls_secret("bad", "c.com"), served, **SMALL)
    before = contents(rig.controller.observed)
    rig.news()
    if restarts:
        rig = restarted(rig, GARBAGE)
    else:
        rig.apply(GARBAGE)
        rig.settle()
    assert contents(rig.controller.observed) == before
    assert rig.hosts("shop") == ["a.com", "c.com"]
    assert [(p.reason, p.message, p.remedy) for p in rig.news()] == [
        ("CertificateUnreadable", WORDS, "Still served with the certificate before.")
    ]
    rig.apply(shop(("c.com", "/"), tls={"c.com": "bad"}))
    rig.settle()
    assert rig.hosts("shop") == ["c.com"]
    assert names(rig) == {"c.com"}
    rig.apply(tls_secret("bad", "other.com"))
    rig.settle()
    certificate = rig.controller.observed.get(AviRef("sslkeyandcertificate", "my-cluster--c.com"))
    assert certificate is not None
    assert isinstance(certificate.object, SSLKeyAndCertificate)
    assert certificate.object.certificate is not None
    assert certificate.object.certificate.certificate.strip() == certificate_for("other.com")[0].strip()


def test_while_running_the_paths_of_a_host_in_doubt_take_effect_too() -> None:
    rig = EchoingRig(
        *BASE, tls_secret("bad", "c.com"), shop(("c.com", "/"), ("c.com", "/old"), tls={"c.com": "bad"}), **SMALL
    )
    rig.apply(GARBAGE, shop(("c.com", "/"), ("c.com", "/new"), tls={"c.com": "bad"}), endpoints("web", "10.0.0.9"))
    rig.settle()
    assert pools(rig) == {"default-c.com_-shop", "default-c.com_new-shop"}
    assert rig.hosts("shop") == ["c.com"]


def test_a_host_that_never_was_served_is_not() -> None:
    rig = EchoingRig(*BASE, GARBAGE, shop(("a.com", "/"), ("c.com", "/"), tls={"c.com": "bad"}), **SMALL)
    assert rig.served() == {"a.com"}
    assert rig.hosts("shop") == ["a.com"]
    assert [(p.reason, p.remedy) for p in rig.news()] == [("CertificateUnreadable", "Not served until it is mended.")]
    rig.apply(tls_secret("bad", "c.com"))
    rig.settle()
    assert rig.hosts("shop") == ["a.com", "c.com"]


def test_after_a_restart_another_objects_paths_of_the_same_host_change() -> None:
    """Only what the object in doubt has of the host stays: its paths, and what they are reached by."""
    mine = shop(("c.com", "/"), tls={"c.com": "bad"})
    theirs = shop(("c.com", "/x"), ("c.com", "/y"), tls={"c.com": "good"}, name="theirs")
    rig = EchoingRig(*BASE, tls_secret("bad", "c.com"), tls_secret("good", "c.com"), mine, theirs, **SMALL)
    rig = restarted(rig, GARBAGE, shop(("c.com", "/x"), ("c.com", "/z"), tls={"c.com": "good"}, name="theirs"))
    assert pools(rig) == {"default-c.com_-shop", "default-c.com_x-theirs", "default-c.com_z-theirs"}
    child = rig.controller.observed.get(AviRef("virtualservice", "my-cluster--c.com"))
    assert child is not None
    assert isinstance(child.object, VirtualService)
    (policies,) = (ref for ref in child.object.references() if ref.type == "httppolicyset")
    ordered = rig.controller.observed.get(policies)
    assert ordered is not None
    assert [ref.name for ref in ordered.object.references()] == [
        f"my-cluster--default-c.com{path}" for path in ("_x-theirs", "_z-theirs", "_-shop")
    ]
    assert rig.hosts("shop") == rig.hosts("theirs") == ["c.com"]


@pytest.mark.parametrize("host", ["c.com", "*.c.com"])
def test_after_a_restart_a_redirect_in_doubt_stays(host: str) -> None:
    mine = shop((host, "/in"), tls={host: "bad"})
    theirs = shop((host, "/"), ("b.com", "/"), name="theirs")
    rig = EchoingRig(*BASE, tls_secret("bad", host), mine, theirs, **SMALL)
    assert redirects(rig) == [(host_match(host), IN)]
    rig = restarted(rig, GARBAGE, shop((host, "/"), name="theirs"))
    assert redirects(rig) == [(host_match(host), IN)]
    assert names(rig) == {host}


@pytest.mark.parametrize("host", ["c.com", "*.c.com"])
def test_after_a_restart_a_whole_host_in_doubt_is_still_redirected(host: str) -> None:
    mine = shop((host, "/in"), tls={host: "bad"})
    rig = EchoingRig(*BASE, tls_secret("bad", host), mine, **SMALL)
    rig = restarted(rig, GARBAGE)
    assert redirects(rig) == [(host_match(host), UNSET)]
    assert names(rig) == {host}


def test_after_a_restart_an_exact_path_in_doubt_still_goes_before_a_prefix() -> None:
    flags: dict[str, Any] = {**SMALL, "L7Settings__pathMatching": "kubernetes"}
    exact = ingress("exact", ("c.com", "/x", "web:80"))
    exact["spec"]["rules"][0]["http"]["paths"][0]["pathType"] = "Exact"
    prefix = ingress("prefix", ("c.com", "/x", "two:80"))
    base = (*BASE, service("two"), endpoints("two", "10.0.0.2"))
    rig = EchoingRig(*base, exact, prefix, **flags)
    rig = EchoingRig(*base, prefix, unreadable=(exact,), controller=rig.controller, **flags)
    world = World({ref: seen.object for ref, seen in rig.controller.observed.items()})
    assert world.answer(Request("http", "c.com", "/x")) == {"10.0.0.1"}
    assert world.answer(Request("http", "c.com", "/x/y")) == {"10.0.0.2"}


IN = PathMatch("BEGINS_WITH", ("/in",), "INSENSITIVE")


def redirects(rig: EchoingRig) -> list[object]:
    """Give what is redirected on the shared virtual service: hosts and paths."""
    own = (SHARED.name, *path_set_names(SHARED.name))
    found = (rig.controller.observed.get(AviRef("httppolicyset", name)) for name in own)
    policies = [seen.object for seen in found if seen is not None and isinstance(seen.object, HTTPPolicySet)]
    rules = [rule for item in policies for rule in item.http_request_policy.rules if rule.redirect_action]
    return [(rule.match.host_hdr, rule.match.path) for rule in rules]


# Whatever is edited while nobody looks.

HOSTS = ("a.com", "b.com", "c.com")
SPECS = st.dictionaries(
    st.sampled_from(HOSTS),
    st.tuples(
        st.lists(st.sampled_from(("/", "/x", "/y")), min_size=1, unique=True), st.sampled_from(("", "one", "two"))
    ),
    min_size=1,
)


def of_host(rig: EchoingRig, host: str) -> Mapping[AviRef, object]:
    """Give the objects of a host, by their names."""
    return {ref: item for ref, item in contents(rig.controller.observed).items() if host in ref.name}


def built(spec: Mapping[str, tuple[Sequence[str], str]]) -> Manifest:
    rules = [(host, path) for host, (paths, _) in spec.items() for path in paths]
    return shop(*rules, tls={host: name for host, (_, name) in spec.items() if name})


@settings(max_examples=share_of(60))
@given(SPECS, SPECS, st.sets(st.sampled_from(("one", "two"))))
def test_after_a_restart_all_but_the_hosts_in_doubt_are_as_from_scratch(
    before: Mapping[str, tuple[Sequence[str], str]], after: Mapping[str, tuple[Sequence[str], str]], bad: Set[str]
) -> None:
    good = [tls_secret(name, "c.com") for name in ("one", "two")]
    secrets = [secret(name, "x", "y") if name in bad else tls_secret(name, "c.com") for name in ("one", "two")]
    free = {**SMALL, "ako__guard__maxDeletePercent": 100}
    rig = EchoingRig(*BASE, *good, built(before), **free)
    was = {host: of_host(rig, host) for host in HOSTS}
    rig = restarted(rig, *secrets, built(after), **free)
    readable = {host: spec for host, spec in after.items() if spec[1] not in bad}
    fresh = EchoingRig(*BASE, *secrets, built(readable), **free)
    doubtful = after.keys() - readable.keys()
    for host in HOSTS:
        wanted = was[host] if host in doubtful else of_host(fresh, host)
        assert of_host(rig, host) == wanted, host
    served = readable.keys() | {host for host in doubtful if was[host]}
    assert rig.served() == served
    assert set(rig.hosts("shop")) == served
