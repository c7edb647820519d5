"""Several objects claim one host: who is served, whose certificate, and what the others are told."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

import pytest

from ako.core.base.refs import Kind, NamespacedName, ObjectRef
from ako.core.engine.view import View
from ako.core.hooks.claims import Backend, HostClaim, PathRule, PathType, Problem, ServedRule, VirtualHost
from ako.core.hooks.tls import InlineCertificate, InsecurePolicy, Termination, Tls
from ako.core.settings import Settings
from ako.core.settle.secured import Secured, as_before, secured
from ako.core.settle.settle import settle
from tests.builders import Fed, Manifest, certificate_for, secret, settings, tls_secret

INGRESS, ROUTE = Kind("networking.k8s.io", "v1", "Ingress"), Kind("route.openshift.io", "v1", "Route")
HOST = "foo.com"
DAYS = ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z")

EDGE = Tls(Termination.EDGE, NamespacedName("default", "one"))
OTHER_SECRET = Tls(Termination.EDGE, NamespacedName("default", "other"))
SAME_CONTENT = Tls(Termination.EDGE, NamespacedName("red", "copy"))
NO_SECRET = Tls(Termination.EDGE, NamespacedName("default", "absent"))
GARBAGE = Tls(Termination.EDGE, NamespacedName("default", "garbage"))
PASSTHROUGH = Tls(Termination.PASSTHROUGH)
SECRETS = (
    tls_secret("one", HOST),
    tls_secret("copy", HOST, namespace="red"),
    tls_secret("other", "other.com"),
    secret("garbage", "garbage", "garbage"),
)


def claim(
    name: str,
    *paths: str | tuple[str, PathType],
    day: int = 0,
    tls: Tls | None = None,
    namespace: str = "default",
    kind: Kind = INGRESS,
) -> HostClaim:
    rules = [path if isinstance(path, tuple) else (path, PathType.PREFIX) for path in paths or ("/",)]
    backend = (Backend(namespace, f"svc-{name}"),)
    return HostClaim(
        source=ObjectRef(kind, namespace, name),
        created=DAYS[day] if day >= 0 else "",
        host=HOST,
        rules=tuple(PathRule(path, path_type, backend) for path, path_type in rules),
        tls=tls,
    )


def settled(
    *claims: HostClaim,
    using: Settings | None = None,
    secrets: Sequence[Manifest] = SECRETS,
    before: HostClaim | None = None,
) -> VirtualHost:
    """Settle claims; `before` is how the claim of its object was when it could be read, as far as it cannot now."""
    fed = Fed(using=using)
    fed.apply(*secrets)

    def question(view: View) -> VirtualHost:
        return settle(view, HOST, [judged(view, claim, before) for claim in claims])

    return fed.pipeline.engine.ask(question)


def judged(view: View, claim: HostClaim, before: HostClaim | None) -> Secured:
    found, fault = view.last(secured, claim)
    last = secured(view, before) if before is not None and before.source == claim.source else None
    return found or as_before(claim, last, fault)


def served(rules: Iterable[ServedRule]) -> list[str]:
    return [f"{rule.claim.source.name}{rule.rule.path}" for rule in rules]


def told(problems: Iterable[Problem]) -> list[tuple[str, str]]:
    return [(problem.source.name, problem.reason) for problem in problems]


@pytest.mark.parametrize(
    ("claims", "winner"),
    [
        ((claim("b", day=0), claim("a", day=1)), "b"),
        ((claim("b", day=1), claim("a", day=1)), "a"),
        ((claim("a", day=1), claim("b", day=-1)), "b"),
        ((claim("a", day=0, namespace="red"), claim("b", day=0, namespace="blue")), "b"),
        ((claim("a", day=0, kind=ROUTE), claim("a", day=0, kind=INGRESS)), "a"),
    ],
)
def test_the_older_wins_then_namespace_name_kind(claims: tuple[HostClaim, ...], winner: str) -> None:
    for order in itertools.permutations(claims):
        host = settled(*order)
        assert served(host.insecure) == [f"{winner}/"]
        assert host.oldest.source.name == winner
        assert host.insecure[0].claim.source.kind == INGRESS
        assert len(host.problems) == 1


def test_the_loser_is_told_in_the_words_of_the_faq() -> None:
    host = settled(claim("ingress1", "/foo"), claim("ingress2", "/foo", day=1))
    (problem,) = host.problems
    assert problem.source.key == "Ingress/default/ingress2"
    assert problem.message == (
        'Duplicate entries found for hostpath default/ingress2: foo.com/foo in ingresses: ["default/ingress1"]'
    )


def test_every_claimant_but_the_first_is_told_of_all_others() -> None:
    host = settled(claim("a", "/x"), claim("b", "/x", day=1), claim("c", "/x", day=2))
    assert [(p.source.name, p.message.partition("ingresses: ")[2]) for p in host.problems] == [
        ("b", '["default/a","default/c"]'),
        ("c", '["default/a","default/b"]'),
    ]


def test_routes_are_called_routes() -> None:
    host = settled(claim("a", "/x", kind=ROUTE), claim("b", "/x", day=1, kind=ROUTE))
    assert host.problems[0].message.endswith('in routes: ["default/a"]')


def test_other_paths_of_a_loser_are_served() -> None:
    host = settled(claim("a", "/x"), claim("b", "/x", "/y", day=1))
    assert sorted(served(host.insecure)) == ["a/x", "b/y"]
    assert host.serves(ObjectRef(INGRESS, "default", "b"))


def test_when_the_winner_goes_the_loser_takes_over() -> None:
    winner, loser = claim("a", "/x"), claim("b", "/x", day=1)
    assert served(settled(winner, loser).insecure) == ["a/x"]
    assert served(settled(loser).insecure) == ["b/x"]
    assert settled(loser).problems == ()


def test_an_option_serves_both_and_still_tells() -> None:
    host = settled(claim("a", "/x"), claim("b", "/x", day=1), using=settings(L7Settings__duplicateHostPaths="all"))
    assert sorted(served(host.insecure)) == ["a/x", "b/x"]
    assert told(host.problems) == [("b", "DuplicateHostPath")]


ALLOW = Tls(Termination.EDGE, NamespacedName("default", "one"), InsecurePolicy.ALLOW)


def test_secure_and_insecure_claims_of_a_path_do_not_exclude_each_other() -> None:
    host = settled(claim("a", "/x"), claim("b", "/x", day=1, tls=EDGE))
    assert (served(host.insecure), served(host.secure)) == (["a/x"], ["b/x"])
    assert ("b", "DuplicateHostPath") in told(host.problems)


def test_who_is_reached_over_plain_http_only_is_told_of_a_redirect() -> None:
    host = settled(claim("b", "/x", tls=EDGE), claim("a", "/x", "/y", day=1), claim("c", "/z", day=2, tls=ALLOW))
    assert (served(host.insecure), served(host.redirects), host.redirect) == (["a/y", "c/z"], ["b/x"], False)
    (problem,) = (problem for problem in host.problems if problem.reason == "RedirectedToTls")
    assert problem.source.name == "a"
    assert problem.message.startswith(
        "plain HTTP requests for foo.com/x are redirected to TLS by Ingress/default/b, which is older,"
    )
    assert told(settled(claim("a", "/x"), claim("c", "/z", day=2, tls=ALLOW)).problems) == []


def test_an_older_object_keeps_its_path_on_plain_http() -> None:
    host = settled(claim("a", "/x"), claim("b", "/", "/x", day=1, tls=EDGE))
    assert (served(host.insecure), served(host.redirects), host.redirect) == (["a/x"], ["b/"], False)
    assert "RedirectedToTls" not in {problem.reason for problem in host.problems}


def test_where_all_are_served_the_oldest_keeps_a_path_for_all() -> None:
    everybody = settings(L7Settings__duplicateHostPaths="all")
    first, last = claim("a", "/x"), claim("c", "/x", day=2)
    host = settled(first, claim("b", "/x", day=1, tls=EDGE), last, using=everybody)
    assert (served(host.insecure), served(host.redirects)) == (["a/x", "c/x"], [])
    assert "RedirectedToTls" not in {problem.reason for problem in host.problems}
    host = settled(claim("b", "/x", tls=EDGE), claim("a", "/x", day=1), last, using=everybody)
    assert (served(host.insecure), served(host.redirects)) == ([], ["b/x"])
    assert [who for who, reason in told(host.problems) if reason == "RedirectedToTls"] == ["a", "c"]


def test_a_host_without_anything_on_plain_http_is_redirected_whole() -> None:
    host = settled(claim("b", "/", "/x", day=1, tls=EDGE))
    assert (host.insecure, host.redirects, host.redirect) == ((), (), True)


@pytest.mark.parametrize(
    ("tls", "paths"), [(None, ["a/Foo"]), (EDGE, ["a/Foo", "b/foo"])], ids=["labels are in lower case", "SNI is exact"]
)
def test_paths_that_differ_in_case_only(tls: Tls | None, paths: list[str]) -> None:
    host = settled(claim("a", "/Foo", tls=tls), claim("b", "/foo", day=1, tls=tls))
    assert sorted(served(host.served)) == paths


def explained(host: VirtualHost) -> dict[str, str]:
    return {problem.source.name: problem.explanation for problem in host.problems}


def test_a_path_that_is_lost_by_its_case_is_told() -> None:
    told_to_b = explained(settled(claim("a", "/Shop"), claim("b", "/shop", day=1)))["b"]
    assert 'hostpath default/b: foo.com/shop in ingresses: ["default/a"]' in told_to_b
    assert "Ingress/default/a, which is older, is served with /Shop, as case does not count" in told_to_b


def test_over_tls_case_counts() -> None:
    assert settled(claim("a", "/Shop", tls=EDGE), claim("b", "/shop", day=1, tls=EDGE)).problems == ()


def repeated(*rules: tuple[str, str], tls: Tls | None = None) -> VirtualHost:
    """Settle one claim with (path, Service) rules."""
    asked = (PathRule(path, PathType.PREFIX, (Backend("default", name),)) for path, name in rules)
    return settled(HostClaim(ObjectRef(INGRESS, "default", "a"), "", HOST, tuple(asked), tls))


@pytest.mark.parametrize(
    ("rules", "tls", "message"),
    [
        ([("/x", "one"), ("/x", "two")], None, "path /x of host foo.com is there twice, with other backends"),
        ([("/x", "one"), ("/x", "two")], EDGE, "path /x of host foo.com is there twice, with other backends"),
        ([("", "one"), ("", "two")], PASSTHROUGH, "path / of host foo.com is there twice"),
        ([("/X", "one"), ("/x", "two")], None, "path /x of host foo.com is one with /X over plain HTTP"),
        ([("/X", "one"), ("/x", "one")], None, ""),
        ([("/X", "one"), ("/x", "two")], EDGE, ""),
    ],
)
def test_a_path_that_is_lost_to_the_same_object_is_told(
    rules: list[tuple[str, str]], tls: Tls | None, message: str
) -> None:
    host = repeated(*rules, tls=tls)
    assert host.served[0].rule.backends[0].service == "one"
    assert told(host.problems) == ([("a", "RepeatedPath")] if message else [])
    assert all(message in problem.message for problem in host.problems)


TAKES_OVER = "Ingress/default/a, which is older, is served; this one takes over when it goes."
BOTH = "Neither excludes the other: one asks for plain HTTP, the other for TLS."
ALL = "All that can be are served, as L7Settings.duplicateHostPaths says."


@pytest.mark.parametrize(
    ("first", "second", "option", "remedy"),
    [
        (None, None, "oldest", TAKES_OVER),
        (EDGE, EDGE, "oldest", TAKES_OVER),
        (PASSTHROUGH, PASSTHROUGH, "oldest", TAKES_OVER),
        (None, EDGE, "oldest", BOTH),
        (EDGE, None, "oldest", BOTH),
        (NO_SECRET, None, "oldest", BOTH),
        (NO_SECRET, EDGE, "oldest", "This one is served as long as Ingress/default/a, which is older, cannot be."),
        (GARBAGE, EDGE, "oldest", "This one is served as long as Ingress/default/a, which is older, cannot be."),
        (EDGE, NO_SECRET, "oldest", ""),
        (
            None,
            ALLOW,
            "oldest",
            "Ingress/default/a, which is older, is served over plain HTTP; this one takes over when it goes.",
        ),
        (None, None, "all", ALL),
        (None, EDGE, "all", ALL),
        (NO_SECRET, EDGE, "all", ALL),
        (EDGE, NO_SECRET, "all", ""),
    ],
)
def test_who_shares_a_path_is_told_what_becomes_of_it(
    first: Tls | None, second: Tls | None, option: str, remedy: str
) -> None:
    host = settled(
        claim("a", "/x", tls=first),
        claim("b", "/x", day=1, tls=second),
        using=settings(L7Settings__duplicateHostPaths=option),
    )
    (problem,) = (problem for problem in host.problems if problem.reason == "DuplicateHostPath")
    assert problem.source.name == "b"
    assert problem.message.endswith('default/b: foo.com/x in ingresses: ["default/a"]')
    assert problem.remedy == remedy


def test_longest_path_first_and_exact_before_prefix() -> None:
    paths = ("/", ("/foo", PathType.PREFIX), "/foo/bar", ("/foo", PathType.EXACT), "")
    host = settled(claim("a", *paths))
    assert [(rule.rule.path, rule.rule.path_type.value) for rule in host.insecure] == [
        ("/foo/bar", "Prefix"),
        ("/foo", "Exact"),
        ("/foo", "Prefix"),
        ("/", "Prefix"),
        ("", "Prefix"),
    ]


# Certificates.


def test_the_oldest_certificate_is_used_and_all_paths_are_served() -> None:
    host = settled(claim("a", "/x", tls=EDGE), claim("b", "/y", day=1, tls=OTHER_SECRET))
    assert host.certificate is not None
    assert host.certificate.certificate == certificate_for(HOST)[0]
    assert sorted(served(host.secure)) == ["a/x", "b/y"]
    assert told(host.problems) == [("b", "CertificateConflict")]


def test_only_other_content_is_a_conflict() -> None:
    host = settled(claim("a", "/x", tls=EDGE), claim("b", "/y", day=1, tls=SAME_CONTENT, namespace="red"))
    assert host.problems == ()


def test_the_certificate_is_that_of_the_first_claim_with_a_usable_one() -> None:
    host = settled(claim("a", "/x", tls=NO_SECRET), claim("b", "/y", day=1, tls=EDGE))
    assert host.certificate is not None
    assert served(host.secure) == ["b/y"]
    assert told(host.problems) == [("a", "SecretNotFound")]


def test_without_any_certificate_nothing_is_served_over_tls() -> None:
    host = settled(claim("a", tls=NO_SECRET))
    assert (host.secure, host.certificate, host.redirect) == ((), None, False)
    assert host.in_doubt == ()


def test_a_certificate_that_cannot_be_read_is_in_doubt_not_absent() -> None:
    """What is served of it nobody knows here: who looks at the Controller tells its owner."""
    host = settled(claim("a", "/x", tls=GARBAGE), claim("b", "/y", day=1, tls=EDGE))
    assert served(host.secure) == ["b/y"]
    assert told(host.problems) == []
    ((source, fault),) = host.in_doubt
    assert (source.name, fault) == ("a", "secret: default/garbage: tls.crt holds no readable PEM certificate")


AS_SERVED = {
    "plain HTTP": (None, "Still served without TLS.", ["a/new"], []),
    "a certificate": (EDGE, "Still served with the certificate before.", [], ["a/new"]),
    "no certificate": (NO_SECRET, "Not served until it is mended.", [], []),
}


@pytest.mark.parametrize("before", AS_SERVED)
def test_while_a_certificate_cannot_be_read_its_claim_is_secured_as_before(before: str) -> None:
    """Everything else that it asks for takes effect, paths and what becomes of plain requests included."""
    tls, words, insecure, secure = AS_SERVED[before]
    asked = claim("a", "/new", tls=Tls(Termination.EDGE, GARBAGE.certificate, InsecurePolicy.NONE))
    host = settled(asked, before=claim("a", "/old", tls=tls))
    assert (served(host.insecure), served(host.secure), host.redirect) == (insecure, secure, False)
    assert told(host.problems) == [("a", "CertificateUnreadable")]
    assert host.problems[0].remedy == words
    assert host.in_doubt == ()


@pytest.mark.parametrize(
    ("before", "asked"),
    [
        (EDGE, Tls(Termination.REENCRYPT, GARBAGE.certificate)),
        (None, Tls(Termination.REENCRYPT, GARBAGE.certificate)),
        (PASSTHROUGH, GARBAGE),
        (Tls(Termination.REENCRYPT, EDGE.certificate, destination_ca=certificate_for("ca")[0]), GARBAGE),
        (
            Tls(Termination.REENCRYPT, EDGE.certificate, destination_ca=certificate_for("ca")[0]),
            Tls(Termination.REENCRYPT, EDGE.certificate, destination_ca="garbage"),
        ),
    ],
)
def test_where_the_servers_are_spoken_to_otherwise_nothing_of_the_change_takes_effect(
    before: Tls | None, asked: Tls
) -> None:
    """The new ones may not speak as the ones before do."""
    host = settled(claim("a", "/new", tls=asked), before=claim("a", "/old", tls=before))
    assert [(rule.claim.tls, rule.rule.path) for rule in host.served] == [(before, "/old")]
    assert host.problems[0].remedy.startswith("Still served as before; nothing of the change")


def test_who_is_not_served_anyway_is_not_told_that_it_is() -> None:
    """An older object has its only path."""
    host = settled(claim("b", "/x", day=1, tls=GARBAGE), claim("a", "/x"), before=claim("b", "/x", day=1))
    assert [p.remedy for p in host.problems if p.reason == "CertificateUnreadable"] == [
        "Not served until it is mended."
    ]


def test_a_certificate_written_into_the_object() -> None:
    (certificate, key), authority = certificate_for(HOST), certificate_for("ca")[0]
    inline = InlineCertificate(certificate, key, authority)
    host = settled(claim("a", tls=Tls(Termination.EDGE, inline)))
    assert host.certificate is not None
    assert (host.certificate.certificate, host.certificate.ca_certificate) == (certificate, authority)


@pytest.mark.parametrize(
    ("policy", "plain", "redirects"),
    [
        (InsecurePolicy.NONE, [], False),
        (InsecurePolicy.ALLOW, ["a/x"], False),
        (InsecurePolicy.REDIRECT, [], True),
    ],
)
def test_plain_requests_for_a_host_with_tls(policy: InsecurePolicy, plain: list[str], redirects: bool) -> None:
    tls = Tls(Termination.EDGE, NamespacedName("default", "one"), policy)
    host = settled(claim("a", "/x", tls=tls))
    assert (served(host.insecure), host.redirect, served(host.secure)) == (plain, redirects, ["a/x"])


# Passthrough.


@pytest.mark.parametrize(
    ("first", "second"), [(PASSTHROUGH, EDGE), (PASSTHROUGH, None), (EDGE, PASSTHROUGH), (None, PASSTHROUGH)]
)
def test_passthrough_excludes_termination_and_the_first_decides(first: Tls | None, second: Tls | None) -> None:
    host = settled(claim("a", "/x", tls=first), claim("b", "/y", day=1, tls=second))
    assert served(host.served) == ["a/x"]
    assert bool(host.passthrough) is (first is PASSTHROUGH)
    assert told(host.problems) == [("b", "HostConflict")]
    assert [loser.source.name for loser in host.claims] == ["a", "b"]


def test_passthrough_needs_no_certificate() -> None:
    host = settled(claim("a", tls=PASSTHROUGH), secrets=())
    assert (served(host.passthrough), host.certificate, host.problems) == (["a/"], None, ())
