"""The rows: what is asked of which Ingress, and what the Ingress API wants to come of it."""

from __future__ import annotations

from typing import NamedTuple

from tests.traffic.asking import Asked

NO_ADDRESS = "no address in the status"
NOT_FOUND = "404"


class Row(NamedTuple):
    """One scenario.

    Args:
        feature: the file of the suite that it comes from.
        says: what it is about.
        ingress: "namespace/name"; it is asked at the first address of its status.
        asked: the request, its name in the Host header and in the client hello; None to look at the status only.
        wanted: what the suite wants, in the words of `tests.conformance.outcome`.
        instead: what comes of it here, "" if that is what is wanted.
        because: why.
        told: the reason of an Event that tells the owner of it, "" for none.
        times: how often it is asked.
    """

    feature: str
    says: str
    ingress: str
    asked: Asked | None
    wanted: str
    instead: str = ""
    because: str = ""
    told: str = ""
    times: int = 1

    @property
    def request(self) -> str:
        """Give the request as the page shows it."""
        if self.asked is None:
            return "none"
        often = f"{self.times} × " if self.times > 1 else ""
        return f"{often}`{self.asked.method} {self.asked.scheme}://{self.asked.to}{self.asked.path}`"


_ALONE = (
    "A default backend alone names no host, and hosts of many Ingresses share an address here: one team would get what "
    "is asked of the others' hosts. It is not served, and told with `NoBackends`. Beside a rule it is served, for the "
    "hosts of its Ingress."
)
_REDIRECTED = (
    "Plain HTTP of a host with TLS is redirected, as AKO does; the Ingress API does not say what has to come of it."
)
_LABELS = (
    "Avi matches the end of a name, and nothing of it counts labels. What has that longer name itself, or a longer "
    "domain, is asked before the wildcard."
)
ANY = "(address)"
"""In the place of a host: the address itself, with no name."""


def _default(method: str, host: str, path: str) -> Row:
    return Row(
        "default_backend",
        f"{method} to {'no host' if host == ANY else 'a host'}{' with a path' if path != '/' else ''}",
        "default-backend/default-backend",
        Asked(host, path=path, method=method),
        "200 from echo-service",
        NO_ADDRESS,
        _ALONE,
        "NoBackends",
    )


def _host(says: str, scheme: str, host: str, wanted: str, instead: str = "", because: str = "") -> Row:
    asked = Asked(host, "https" if scheme == "https" else "http")
    return Row("host_rules", says, "host-rules/host-rules", asked, wanted, instead, because)


def _path(says: str, host: str, path: str, service: str = "") -> Row:
    wanted = f"200 from {service}" if service else NOT_FOUND
    return Row("path_rules", says, "path-rules/path-rules", Asked(f"{host}-path-rules", path=path), wanted)


DEFAULT_BACKEND = (
    _default("GET", "my-host", "/"),
    _default("GET", "my-host", "/sub-path"),
    _default("POST", "some-host", "/"),
    _default("PUT", ANY, "/resource"),
    _default("DELETE", "some-host", "/resource"),
    _default("PATCH", "my-host", "/resource"),
)
HOST_RULES = (
    _host("the host, over TLS", "https", "foo.bar.com", "200 from foo-bar-com, certificate of foo.bar.com"),
    _host(
        "the host, over plain HTTP",
        "http",
        "foo.bar.com",
        "200 from foo-bar-com",
        "302 to https://foo.bar.com/",
        _REDIRECTED,
    ),
    _host("a neighbour of the host", "http", "subdomain.bar.com", NOT_FOUND),
    _host("one label under the wildcard", "http", "bar.foo.com", "200 from wildcard-foo-com"),
    _host("two labels under the wildcard", "http", "baz.bar.foo.com", NOT_FOUND, "200 from wildcard-foo-com", _LABELS),
    _host("the wildcard without a label", "http", "foo.com", NOT_FOUND),
)
PATH_RULES = (
    _path("exact `/foo` takes `/foo`", "exact", "/foo", "foo-exact"),
    _path("exact `/foo`, not `/foo/`", "exact", "/foo/"),
    _path("exact `/foo`, not `/FOO`", "exact", "/FOO"),
    _path("exact `/foo`, not `/bar`", "exact", "/bar"),
    _path("prefix `/foo` takes `/foo`", "prefix", "/foo", "foo-prefix"),
    _path("prefix `/foo` takes `/foo/`", "prefix", "/foo/", "foo-prefix"),
    _path("prefix `/foo`, not `/FOO`", "prefix", "/FOO"),
    _path("the longer prefix takes itself", "prefix", "/aaa/bbb", "aaa-slash-bbb-prefix"),
    _path("the longer prefix takes what is below it", "prefix", "/aaa/bbb/ccc", "aaa-slash-bbb-prefix"),
    _path("the shorter prefix takes what is beside the longer", "prefix", "/aaa/ccc", "aaa-prefix"),
    _path("prefix `/aaa`, not `/aaaccc`", "prefix", "/aaaccc"),
    _path("a slash at the end means nothing to a prefix", "prefix", "/foo/", "foo-prefix"),
    _path("exact before a prefix of the same path", "mixed", "/foo", "foo-exact"),
    _path("prefix `/aaa/bbb/` takes `/aaa/bbb`", "trailing-slash", "/aaa/bbb", "aaa-slash-bbb-slash-prefix"),
    _path("prefix `/aaa/bbb/` takes `/aaa/bbb/`", "trailing-slash", "/aaa/bbb/", "aaa-slash-bbb-slash-prefix"),
    _path("exact `/foo/`, not `/foo`", "trailing-slash", "/foo"),
)
LOAD_BALANCING = (
    Row(
        "load_balancing",
        "ten pods behind a default backend",
        "load-balancing/load-balancing",
        Asked("load-balancing"),
        "200 from 10 pods of ten-pods",
        NO_ADDRESS,
        _ALONE,
        "NoBackends",
        100,
    ),
)
INGRESS_CLASS = (
    Row(
        "ingress_class",
        "a class that nobody has",
        "ingress-class/test-ingress-class",
        None,
        NO_ADDRESS,
    ),
)
SUITE = (*DEFAULT_BACKEND, *HOST_RULES, *PATH_RULES, *LOAD_BALANCING, *INGRESS_CLASS)
"""Every scenario of the suite, in its order."""


def _ours(feature: str, says: str, ingress: str, asked: Asked | None, wanted: str, times: int = 1) -> Row:
    return Row(feature, says, ingress, asked, wanted, times=times)


_DEFAULT = "default-backend/default-of-a-host"
_CLASS = "ingress-class/class-of-ours"
_PATHS = "path-rules/path-rules"
BEYOND = (
    _ours("default_backend", "no path of its host matches", _DEFAULT, Asked("my-host"), "200 from echo-service"),
    _ours(
        "default_backend",
        "a path of its host matches",
        _DEFAULT,
        Asked("my-host", path="/sub-path", method="POST"),
        "200 from sub-path",
    ),
    _ours("default_backend", "another host", _DEFAULT, Asked("some-host", path="/sub-path"), NOT_FOUND),
    _ours(
        "host_rules",
        "the host's name in capitals, over TLS",
        "host-rules/host-rules",
        Asked("foo.bar.com", "https", headers=(("Host", "FOO.bar.com"),)),
        "200 from foo-bar-com, certificate of foo.bar.com",
    ),
    _ours(
        "host_rules",
        "a path of the redirect",
        "host-rules/host-rules",
        Asked("foo.bar.com", path="/a/b?c=d"),
        "302 to https://foo.bar.com/a/b?c=d",
    ),
    _ours(
        "path_rules", "a prefix of the exact one's host", _PATHS, Asked("exact-path-rules", path="/foo/x"), NOT_FOUND
    ),
    _ours(
        "path_rules",
        "below the exact one the prefix takes it",
        _PATHS,
        Asked("mixed-path-rules", path="/foo/x"),
        "200 from foo-prefix",
    ),
    _ours(
        "path_rules",
        "a query is no part of the path",
        _PATHS,
        Asked("exact-path-rules", path="/foo?a=/b"),
        "200 from foo-exact",
    ),
    _ours(
        "path_rules",
        "exact `/foo/` takes `/foo/`",
        _PATHS,
        Asked("trailing-slash-path-rules", path="/foo/"),
        "200 from foo-slash-exact",
    ),
    _ours(
        "load_balancing",
        "ten pods behind a rule",
        "load-balancing/load-balancing-of-a-host",
        Asked("load-balancing"),
        "200 from 10 pods of ten-pods",
        100,
    ),
    _ours("ingress_class", "our class, by name", _CLASS, Asked("class-of-ours.com"), "200 from ingress-class-prefix"),
    _ours("ingress_class", "another controller's class", "ingress-class/class-of-another", None, NO_ADDRESS),
    _ours("ingress_class", "its host, at our address", _CLASS, Asked("class-of-another.com"), NOT_FOUND),
    _ours("ingress_class", "the host of a class that nobody has", _CLASS, Asked("ingress-class"), NOT_FOUND),
)
"""What the suite leaves out, or asks only of Ingresses that are not served here."""
