"""What nobody wrote down: each choice, and that the document tells all of them."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from ako.sim.data_plane import dialect

DOCUMENT = Path(__file__).parents[3] / "docs" / "simulator.md"


def test_the_document_has_a_row_for_each_choice() -> None:
    choices = {
        name
        for name, value in vars(dialect).items()
        if not name.startswith("_")
        and ((inspect.isfunction(value) and value.__module__ == dialect.__name__) or isinstance(value, int))
    }
    table = DOCUMENT.read_text().split("### The dialect", 1)[1].split("\n#", 1)[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == choices


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        ("a.com/foo", "a.com/foo"),
        ("a.com/foobar", "a.com/foo"),
        ("a.com/foo/bar", "a.com/foo/"),
        ("a.com/", "a.com/"),
        ("a.com", None),
        ("A.com/foo", None),
        ("b.com/", None),
    ],
)
def test_labels(wanted: str, chosen: str | None) -> None:
    assert dialect.longest_label(["", "a.com/", "a.com/foo", "a.com/foo/", "z.com/foobarbaz"], wanted) == chosen


def test_priorities() -> None:
    assert dialect.highest_priority(["", "2", "10", "x", "2"]) == ["10", "2", "x", ""]


@pytest.mark.parametrize(
    ("domain", "name", "fits"),
    [
        ("a.com", "a.com", True),
        ("a.com", "A.COM.", True),
        ("a.com", "b.a.com", False),
        ("*.a.com", "b.a.com", True),
        ("*.a.com", "c.b.a.com", True),
        ("*.a.com", "a.com", False),
        ("*.a.com", "ba.com", False),
    ],
)
def test_domains(domain: str, name: str, fits: bool) -> None:
    assert bool(dialect.domain_fits(domain, name)) is fits


def test_the_nearest_domain_fits_best() -> None:
    fits = [dialect.domain_fits(domain, "c.b.a.com") for domain in ("*.a.com", "*.b.a.com", "c.b.a.com")]
    assert fits == sorted(set(fits))


@pytest.mark.parametrize(
    ("path", "first", "last", "tokens"),
    [
        ("/", 1, 0, None),
        ("", 1, 0, None),
        ("/foo", 1, 0, "foo"),
        ("/foo/", 1, 0, "foo/"),
        ("/a/b/c", 1, 1, "a"),
        ("/a/b/c", 2, 0, "b/c"),
        ("/a/b/c", 2, 3, "b/c"),
        ("/a/b/c", 0, 1, "a"),
        ("/a/b", 3, 0, None),
        ("//a", 1, 0, "/a"),
        ("/a%2Fb", 1, 1, "a%2Fb"),
    ],
)
def test_tokens_of_paths(path: str, first: int, last: int, tokens: str | None) -> None:
    assert dialect.path_tokens(path, first, last) == tokens


def test_tokens_of_hosts() -> None:
    assert dialect.host_tokens("www.a.com:80", 1, 0) == "www.a.com:80"
    assert dialect.host_tokens("www.a.com", 2, 3) == "a.com"
    assert dialect.host_tokens("www.a.com", 4, 0) is None
    assert dialect.host_tokens("", 1, 0) is None


@pytest.mark.parametrize(
    ("header", "host"), [("a.com", "a.com"), ("a.com:80", "a.com"), ("[fd00::1]:80", "[fd00::1]"), ("", "")]
)
def test_hosts_without_ports(header: str, host: str) -> None:
    assert dialect.compared_host(header) == host


@pytest.mark.parametrize(
    ("update", "values"),
    [
        ("", ["c"]),
        ("REPLACE_XFF_HEADERS", ["c"]),
        ("APPEND_TO_THE_XFF_HEADER", ["a, b, c"]),
        ("ADD_NEW_XFF_HEADER", ["a", "b", "c"]),
    ],
)
def test_forwarded_for(update: str, values: list[str]) -> None:
    assert dialect.forwarded_for(["a", "b"], "c", update) == values


@pytest.mark.parametrize(
    ("parts", "in_host", "text"),
    [
        (["www", "a.com"], True, "www.a.com"),
        (["www.", "a.com"], True, "www.a.com"),
        (["x", "y"], False, "/x/y"),
        (["/x/", "y/"], False, "/x/y/"),
        (["", "y"], False, "/y"),
        ([""], False, "/"),
    ],
)
def test_joined_tokens(parts: list[str], in_host: bool, text: str) -> None:
    assert dialect.joined(parts, in_host=in_host) == text
