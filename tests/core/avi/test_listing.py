"""Lists page by page, and names that need quoting on their way into a URL."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from ako.core.avi.errors import AviNotFound, AviUnreachable
from ako.core.avi.listing import list_all
from ako.core.avi.session import AviSession, api_path
from ako.core.base.avi_version import VersionError, choose_version, parse_version
from tests.core.avi.scripted import Reply, Script, Seen, error

INSIDE = "https://node1.internal/api/pool?page_size=2"


def page(*names: str, count: int, following: int | None = None) -> Reply:
    body: dict[str, object] = {"count": count, "results": [{"name": name} for name in names]}
    if following is not None:
        body["next"] = f"{INSIDE}&page={following}"
    return Reply(body=json.dumps(body).encode())


def query(seen: Seen) -> dict[str, list[str]]:
    return parse_qs(urlsplit(seen.target).query, keep_blank_values=True)


def names(pages: list[bytes]) -> list[str]:
    return [result["name"] for body in pages for result in json.loads(body)["results"]]


def test_pages_are_followed_by_number_on_our_own_host(session: AviSession, script: Script) -> None:
    script.then("GET", "/api/pool", page("a", "b", count=5, following=2), page("c", "d", count=5, following=3))
    script.then("GET", "/api/pool", page("e", count=5))

    found = list(list_all(session, "pool", params={"created_by": "ako-x"}, page_size=2, tenant="blue"))

    assert names(found) == ["a", "b", "c", "d", "e"]
    calls = script.calls("GET", "/api/pool")
    common = {"include_name": ["true"], "created_by": ["ako-x"], "page_size": ["2"]}
    assert [query(seen) for seen in calls] == [{**common, "page": [number]} for number in "123"]
    assert {seen.headers["x-avi-tenant"] for seen in calls} == {"blue"}


def test_empty_list_is_one_page(session: AviSession, script: Script) -> None:
    script.then("GET", "/api/pool", page(count=0))
    assert names(list(list_all(session, "pool"))) == []
    assert query(script.calls("GET", "/api/pool")[0])["page_size"] == ["200"]


def test_list_that_shrinks_ends(session: AviSession, script: Script) -> None:
    script.then("GET", "/api/pool", page("a", "b", count=3, following=2), error(404, "Invalid page"))
    assert names(list(list_all(session, "pool", page_size=2))) == ["a", "b"]


def test_list_that_grows_is_followed(session: AviSession, script: Script) -> None:
    script.then("GET", "/api/pool", page("a", count=1, following=2), page("b", count=3, following=3))
    script.then("GET", "/api/pool", page("c", count=3))
    assert names(list(list_all(session, "pool", page_size=1))) == ["a", "b", "c"]


@pytest.mark.parametrize("number", [1, 0])
def test_list_that_points_back_ends(session: AviSession, script: Script, number: int) -> None:
    script.then("GET", "/api/pool", page("a", count=9, following=number))
    assert names(list(list_all(session, "pool"))) == ["a"]


def test_type_that_is_not_there(session: AviSession, script: Script) -> None:
    script.then("GET", "/api/pool", error(404, "no such type"))
    with pytest.raises(AviNotFound):
        list(list_all(session, "pool"))


def test_list_broken_off_is_no_list(session: AviSession, script: Script) -> None:
    script.then("GET", "/api/pool", page("a", count=2, following=2), error(503, "restarting"))
    with pytest.raises(AviUnreachable):
        list(list_all(session, "pool"))


@pytest.mark.parametrize("name", ["plain", "with space", "a/b", "a#b", "a&b=c", "100%", "a?b", "a+b", "zürich", "a,b"])
def test_names_survive_path_and_query(session: AviSession, script: Script, name: str) -> None:
    path = api_path("pool", name)
    session.get(path, params={"name": name, "fields": "name,uuid"})
    seen = script.calls("GET", path)[0]
    assert path.count("/") == 3
    assert query(seen) == {"name": [name], "fields": ["name,uuid"]}


@pytest.mark.parametrize("path", ["api/pool", "", "/api/pool?name=x", "/api/pool/a#b", "/api/pool/a b", "/api/a\r\nb"])
def test_path_that_is_not_quoted_is_refused(session: AviSession, script: Script, path: str) -> None:
    with pytest.raises(ValueError, match="build it with api_path"):
        session.get(path)
    assert script.seen == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("22.1.4", (22, 1, 4)), ("22.1.4-9196", (22, 1, 4)), ("30.2", (30, 2, 0)), ("20.1.5.2p1", (20, 1, 5))],
)
def test_versions_that_are_understood(text: str, numbers: tuple[int, ...]) -> None:
    assert parse_version(text) == numbers


@pytest.mark.parametrize("text", ["", "latest", "22", "v22.1"])
def test_versions_that_are_none(text: str) -> None:
    with pytest.raises(VersionError, match="not a version of the Avi Controller"):
        parse_version(text)


def test_versions_are_compared_as_numbers() -> None:
    assert choose_version("22.1.10", "22.1.9") == "22.1.9"
