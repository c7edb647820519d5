"""A list of several pages may lack what is there: it is looked up by name before it counts as gone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest

from ako.core.avi.errors import AviUnreachable
from ako.core.avi.session import AviSession
from ako.core.base.refs import AviRef
from ako.core.model import VsVip
from ako.core.model.names import Names
from ako.core.observe.assignment import live_shards
from ako.core.observe.reader import Reading, observe_all
from tests.core.avi.conftest import controller, open_session, script, session
from tests.core.avi.scripted import Reply, Script, error

__all__ = ["controller", "open_session", "script", "session"]

NAMES = Names("c")
A, B, C = (AviRef("vsvip", f"c--Shared-L7-{number}") for number in range(3))


def page(*refs: AviRef, following: int | None = None, cluster: str = "c", count: int | None = None) -> Reply:
    marker = {"key": "clustername", "values": [cluster]}
    results = [
        {
            "name": ref.name,
            "uuid": f"uuid-{ref.name}",
            "markers": [marker],
            "dns_info": [{"fqdn": f"host{ref.name[-1]}.com"}],
        }
        for ref in refs
    ]
    body: dict[str, object] = {"count": len(results) if count is None else count, "results": results}
    if following is not None:
        body["next"] = f"http://inside/api/vsvip?page={following}"
    return Reply(body=json.dumps(body).encode())


@pytest.fixture
def pool() -> Iterator[Executor]:
    with ThreadPoolExecutor(4) as threads:
        yield threads


def looked_up(script: Script) -> Counter[str]:
    queries = (parse_qs(urlsplit(seen.target).query) for seen in script.calls("GET", "/api/vsvip"))
    return Counter(query["name"][0] for query in queries if "name" in query)


def observed(session: AviSession, pool: Executor, *known: AviRef) -> set[AviRef]:
    return set(observe_all(session, NAMES, "Default-Cloud", pool, known))


def test_what_slipped_between_two_pages_is_there(session: AviSession, script: Script, pool: Executor) -> None:
    """Somebody deleted something of the first page before the second was read: the third of all was on neither."""
    script.then("GET", "/api/vsvip", page(A, following=2), page(C), page(B))
    found = observe_all(session, NAMES, "Default-Cloud", pool, (A, B, C))
    assert set(found) == {A, B, C}
    assert looked_up(script) == {B.name: 1}
    assert dict(live_shards(NAMES.shared_stem, found.values())) == {"host0.com": 0, "host1.com": 1, "host2.com": 2}
    assert isinstance(found[B].object, VsVip)


def test_what_slipped_when_the_last_page_went_is_there(session: AviSession, script: Script, pool: Executor) -> None:
    script.then("GET", "/api/vsvip", page(A, following=2), error(404, "Invalid page"), page(B))
    assert observed(session, pool, A, B) == {A, B}


def test_what_is_gone_is_gone(session: AviSession, script: Script, pool: Executor) -> None:
    script.then("GET", "/api/vsvip", page(A, following=2), page(C), page())
    assert observed(session, pool, A, B, C) == {A, C}


def test_what_is_another_clusters_by_now_is_gone(session: AviSession, script: Script, pool: Executor) -> None:
    script.then("GET", "/api/vsvip", page(A, following=2), page(C), page(B, cluster="other"))
    assert observed(session, pool, A, B, C) == {A, C}


def test_what_cannot_be_looked_up_is_not_known(session: AviSession, script: Script, pool: Executor) -> None:
    script.then("GET", "/api/vsvip", page(A, following=2), page(C), error(503, "restarting"))
    with pytest.raises(AviUnreachable):
        observed(session, pool, A, B, C)


@pytest.mark.parametrize(
    ("pages", "known"),
    [((page(A),), (A, B, C)), ((page(A, following=2), page(B)), (A, B)), ((page(A, following=2), page(B)), ())],
    ids=["one page is of one moment", "nothing is missing", "nothing is known"],
)
def test_nothing_is_looked_up_without_need(
    session: AviSession, script: Script, pool: Executor, pages: tuple[Reply, ...], known: tuple[AviRef, ...]
) -> None:
    script.then("GET", "/api/vsvip", *pages)
    observed(session, pool, *known, AviRef("pool", "c--gone"), AviRef("vrfcontext", "global"))
    assert looked_up(script) == {}
    assert not [seen for seen in script.seen if "/api/pool?name=" in seen.target]


def test_each_page_is_counted_of_all_there_are(session: AviSession, script: Script, pool: Executor) -> None:
    told: list[tuple[int, int]] = []
    script.then("GET", "/api/vsvip", page(A, B, following=2, count=3), page(C, count=3))
    reading = Reading(count=lambda done=0, of=0: told.append((done, of)))
    observe_all(session, NAMES, "Default-Cloud", pool, reading=reading)
    assert [one for one in told if one != (0, 0)] == [(2, 3), (1, 0)]
