"""The reference itself: the examples of the Kubernetes documentation, and what is written of port 80, as tables."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.core.translate.promised import (
    AKO,
    ALLOW,
    EXACT,
    KUBERNETES,
    NONE,
    PLAIN,
    PREFIX,
    REDIRECT,
    TEXT,
    TO_TLS,
    Asked,
    promised,
)

HOST = "a.com"


def asked(*paths: tuple[str, ...]) -> list[Asked]:
    """Give what objects ask for, the oldest first: kind, path, policy (plain if none); the backend is both."""
    return [
        Asked(HOST, path, kind, (more or (PLAIN,))[0], (age,), f"{kind} {path}")
        for age, (kind, path, *more) in enumerate(paths)
    ]


# Kind, paths of the rules, path of the request, which of them it is for: concepts/services-networking/ingress.
KUBERNETES_EXAMPLES = [
    (PREFIX, ["/"], "/any/path", "/"),
    (EXACT, ["/foo"], "/foo", "/foo"),
    (EXACT, ["/foo"], "/bar", ""),
    (EXACT, ["/foo"], "/foo/", ""),
    (EXACT, ["/foo/"], "/foo", ""),
    (PREFIX, ["/foo"], "/foo", "/foo"),
    (PREFIX, ["/foo"], "/foo/", "/foo"),
    (PREFIX, ["/foo/"], "/foo", "/foo/"),
    (PREFIX, ["/foo/"], "/foo/", "/foo/"),
    (PREFIX, ["/aaa/bb"], "/aaa/bbb", ""),
    (PREFIX, ["/aaa/bbb"], "/aaa/bbb", "/aaa/bbb"),
    (PREFIX, ["/aaa/bbb/"], "/aaa/bbb", "/aaa/bbb/"),
    (PREFIX, ["/aaa/bbb"], "/aaa/bbb/", "/aaa/bbb"),
    (PREFIX, ["/aaa/bbb"], "/aaa/bbb/ccc", "/aaa/bbb"),
    (PREFIX, ["/aaa/bbb"], "/aaa/bbbxyz", ""),
    (PREFIX, ["/", "/aaa"], "/aaa/ccc", "/aaa"),
    (PREFIX, ["/", "/aaa", "/aaa/bbb"], "/aaa/bbb", "/aaa/bbb"),
    (PREFIX, ["/", "/aaa", "/aaa/bbb"], "/ccc", "/"),
    (PREFIX, ["/aaa"], "/ccc", ""),
    (PREFIX, ["/foo"], "/FOO", ""),
    (EXACT, ["/foo"], "/Foo", ""),
]


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(("kind", "paths", "request_path", "wins"), KUBERNETES_EXAMPLES)
def test_paths_of_the_ingress_documentation(
    kind: str, paths: Sequence[str], request_path: str, wins: str, scheme: str
) -> None:
    policy = PLAIN if scheme == "http" else REDIRECT
    found = promised(KUBERNETES, asked(*((kind, path, policy) for path in paths)), scheme, HOST, request_path)
    assert found == (f"{kind} {wins}" if wins else "")


# Mode, what is asked for, the request, the answer.
CASES = [
    # An exact path goes before a prefix, whoever is older.
    (KUBERNETES, [(PREFIX, "/foo"), (EXACT, "/foo")], "http /foo", "Exact /foo"),
    (KUBERNETES, [(PREFIX, "/foo"), (EXACT, "/foo")], "http /foo/", "Prefix /foo"),
    # Of one path the older has it; a slash at the end of a prefix by elements makes no other path.
    (KUBERNETES, [(PREFIX, "/bar/"), (PREFIX, "/bar")], "http /bar", "Prefix /bar/"),
    (KUBERNETES, [(TEXT, "/bar"), (PREFIX, "/bar")], "http /barn", "ImplementationSpecific /bar"),
    (KUBERNETES, [(PREFIX, "/bar"), (TEXT, "/bar")], "http /barn", ""),
    (KUBERNETES, [(TEXT, "/bar/"), (PREFIX, "/bar")], "http /bar", "Prefix /bar"),
    (KUBERNETES, [(TEXT, "/bar/"), (PREFIX, "/bar")], "http /bar/x", "ImplementationSpecific /bar/"),
    # AKO: text, in lower case over plain HTTP.
    (AKO, [(PREFIX, "/foo")], "http /foobar", "Prefix /foo"),
    (AKO, [(PREFIX, "/Foo")], "http /fOO", "Prefix /Foo"),
    (AKO, [(PREFIX, "/Foo", REDIRECT)], "https /foo", ""),
    (AKO, [(PREFIX, "/Foo", REDIRECT)], "https /Foox", "Prefix /Foo"),
    (AKO, [(PREFIX, "/foo/")], "http /foo", ""),
    (AKO, [(PREFIX, "/foo"), (PREFIX, "/FOO")], "http /FOO", "Prefix /foo"),
    (AKO, [(EXACT, "/foo", REDIRECT)], "https /foobar", ""),
    (AKO, [(EXACT, "/foo")], "http /foobar", "Exact /foo"),
    (AKO, [(EXACT, "/foo"), (PREFIX, "/FOO")], "http /foobar", "Prefix /FOO"),
    (AKO, [(EXACT, "/foo"), (PREFIX, "/FOO")], "http /foo", "Exact /foo"),
    (AKO, [(EXACT, "/foo"), (PREFIX, "/foo", NONE)], "http /foobar", "Exact /foo"),
    (AKO, [(PREFIX, "/z"), (EXACT, "/foo", REDIRECT)], "http /foobar", TO_TLS),
    (AKO, [(EXACT, "/foo"), (PREFIX, "/foo", REDIRECT)], "http /foobar", TO_TLS),
    (AKO, [(EXACT, "/foo"), (PREFIX, "/FOO", ALLOW)], "http /foobar", "Prefix /FOO"),
    (AKO, [(EXACT, "/Foo", REDIRECT), (PREFIX, "/foo")], "http /foobar", "Prefix /foo"),
    (AKO, [(EXACT, "/Foo", REDIRECT), (PREFIX, "/foo")], "http /FOO", TO_TLS),
    (AKO, [(EXACT, "/foo"), (TEXT, "/FOO")], "http /foobar", "ImplementationSpecific /FOO"),
    (AKO, [(PREFIX, "/foo", NONE), (PREFIX, "/foo", REDIRECT), (EXACT, "/foo")], "http /foobar", "Exact /foo"),
    (AKO, [(EXACT, "/foo"), (PREFIX, "/fo")], "http /foobar", "Exact /foo"),
    (KUBERNETES, [(EXACT, "/foo"), (PREFIX, "/fo")], "http /foobar", ""),
    # Port 80: a host without plain paths is redirected whole; else the longest path, and of two the older.
    (AKO, [(PREFIX, "/foo", REDIRECT)], "http /other", TO_TLS),
    (AKO, [(PREFIX, "/foo", NONE)], "http /foo", ""),
    (AKO, [(PREFIX, "/foo", NONE), (PREFIX, "/bar", REDIRECT)], "http /foo", TO_TLS),
    (AKO, [(PREFIX, "/foo", ALLOW), (PREFIX, "/bar", REDIRECT)], "http /foo", "Prefix /foo"),
    (AKO, [(PREFIX, "/foo", ALLOW), (PREFIX, "/bar", REDIRECT)], "http /bar", TO_TLS),
    (AKO, [(PREFIX, "/foo", ALLOW), (PREFIX, "/bar", REDIRECT)], "http /other", ""),
    (AKO, [(PREFIX, "/", REDIRECT), (PREFIX, "/acme")], "http /acme/x", "Prefix /acme"),
    (AKO, [(PREFIX, "/", REDIRECT), (PREFIX, "/acme")], "http /x", TO_TLS),
    (AKO, [(PREFIX, "/"), (PREFIX, "/", REDIRECT)], "http /x", "Prefix /"),
    (AKO, [(PREFIX, "/", REDIRECT), (PREFIX, "/")], "http /x", TO_TLS),
    (AKO, [(PREFIX, "/", NONE), (PREFIX, "/", REDIRECT), (PREFIX, "/x")], "http /y", ""),
    (AKO, [(PREFIX, "/x", REDIRECT), (PREFIX, "/X"), (PREFIX, "/X", REDIRECT)], "http /X", TO_TLS),
]


@pytest.mark.parametrize(("mode", "paths", "sent", "wins"), CASES)
def test_who_answers(mode: str, paths: Sequence[tuple[str, ...]], sent: str, wins: str) -> None:
    scheme, path = sent.split()
    assert promised(mode, asked(*paths), scheme, HOST, path) == wins


@pytest.mark.parametrize(
    ("host", "wins"),
    [("x.a.com", "exact"), ("X.A.com", "exact"), ("y.a.com", "under"), ("z.b.a.com", "deeper"), ("a.com", "")],
)
def test_a_name_goes_before_the_domain_that_it_is_under(host: str, wins: str) -> None:
    names = {"exact": "x.a.com", "under": "*.a.com", "deeper": "*.b.a.com"}
    wanted = [Asked(name, "/", PREFIX, PLAIN, (backend,), backend) for backend, name in names.items()]
    assert promised(AKO, wanted, "http", host, "/") == wins
    assert not promised(AKO, wanted, "https", host, "/")
