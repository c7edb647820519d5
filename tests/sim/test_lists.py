"""Lists: pages, filters, order and rendering."""

from __future__ import annotations

import pytest

from ako.sim import Simulator
from tests.sim.client import Client, Json, certificate, fixture, key_and_certificate, pool


@pytest.fixture
def five(avi: Client) -> Client:
    for index in range(5):
        avi.create("pool", pool(f"p{index}", created_by="ako-demo" if index < 4 else "other", sni_enabled=index != 2))
    return avi


def test_pages_follow_each_other(sim: Simulator, five: Client) -> None:
    first = five.get("/api/pool?page_size=2&created_by=ako-demo").json()
    assert first.keys() == fixture("list_page")["body"].keys()
    assert first["count"] == 4
    assert first["next"].startswith(f"{sim.url}/api/pool?page=2&page_size=2&created_by=ako-demo")
    last = five.get(first["next"].removeprefix(sim.url)).json()
    assert last.keys() == {"count", "results"}
    names = [item["name"] for item in first["results"] + last["results"]]
    assert names == ["p0", "p1", "p2", "p3"]


@pytest.mark.parametrize(
    ("query", "status"), [("page_size=201", 400), ("page_size=0", 400), ("page=x", 400), ("page=9", 404)]
)
def test_bad_pages(five: Client, query: str, status: int) -> None:
    assert five.get(f"/api/pool?{query}").status_code == status


def test_default_page_and_empty_list(avi: Client) -> None:
    for index in range(26):
        avi.create("pool", pool(f"p{index}"))
    assert len(avi.get("/api/pool").json()["results"]) == 25
    assert avi.get("/api/pool?name=none").json() == fixture("list_page")["_empty"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("name=p1", "p1"),
        ("name.contains=p", "p0 p1 p2 p3 p4"),
        ("name.icontains=P3", "p3"),
        ("name.in=p0,p4", "p0 p4"),
        ("created_by=other", "p4"),
        ("sni_enabled=False", "p2"),
        ("sni_enabled=false", "p2"),
        ("cloud_ref.name=Default-Cloud&name=p0", "p0"),
        ("cloud_ref.name=none", ""),
        ("vrf_ref.name=global&created_by=other", "p4"),
        ("tenant_ref.name=admin&name=p2", "p2"),
        ("nonsense=1&name=p2", "p2"),
        ("sort=-name&limit_by=2", "p4 p3"),
        ("search=p3", "p3"),
        ("isearch=(name,P4)|(name,p0)", "p0 p4"),
    ],
)
def test_filters(five: Client, query: str, names: str) -> None:
    found = five.get(f"/api/pool?{query}").json()
    assert [item["name"] for item in found["results"]] == names.split()
    assert found["count"] == len(names.split())


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("name=p1&exclude=name", "p0 p2 p3 p4"),
        ("created_by=other&exclude=created_by", "p0 p1 p2 p3"),
        ("name=p1&created_by=other&exclude=name,created_by", "p0 p2 p3"),
        ("name=p1&created_by=other&exclude=created_by,name", "p0 p2 p3"),
        ("name=p1&created_by=ako-demo&exclude=name", "p0 p2 p3"),
    ],
)
def test_filters_can_be_negated(five: Client, query: str, names: str) -> None:
    assert [item["name"] for item in five.get(f"/api/pool?{query}").json()["results"]] == names.split()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("httppolicyset", {}),
        ("sslkeyandcertificate", certificate(*key_and_certificate())),
        ("stringgroup", {"type": "SG_TYPE_STRING"}),
        ("wafprofile", {}),
        ("tenant", {}),
    ],
)
def test_types_without_a_cloud_are_not_asked_for_theirs(avi: Client, kind: str, body: Json) -> None:
    avi.create(kind, {**body, "name": "x"})
    for key in ("cloud_ref.name=Default-Cloud", "cloud_ref.uuid=none"):
        assert [item["name"] for item in avi.get(f"/api/{kind}?name=x&{key}").json()["results"]] == ["x"]


def test_uuid_filters_and_their_negation(five: Client) -> None:
    uuids = [item["uuid"] for item in five.get("/api/pool").json()["results"]]
    assert five.get(f"/api/pool?uuid.in={uuids[0]},{uuids[1]}").json()["count"] == 2
    assert five.get(f"/api/pool?uuid.in={uuids[0]},{uuids[1]}&exclude=uuid.in").json()["count"] == 3
    cloud = five.read("cloud", "Default-Cloud")["uuid"]
    assert five.get(f"/api/pool?cloud_uuid={cloud}").json()["count"] == 5


def test_edges(five: Client) -> None:
    uuid = five.read("pool", "p1")["uuid"]
    group = five.create("poolgroup", {"name": "g", "members": [{"pool_ref": uuid}]})
    assert five.get(f"/api/poolgroup?refers_to=pool:{uuid}").json()["count"] == 1
    assert [p["name"] for p in five.get(f"/api/pool?referred_by=poolgroup:{group['uuid']}").json()["results"]] == ["p1"]


def test_labels_of_string_groups(avi: Client) -> None:
    markers = [{"key": "created_by", "values": ["ako"]}]
    avi.create("stringgroup", {"name": "s", "type": "SG_TYPE_STRING", "markers": markers})
    assert avi.get("/api/stringgroup?label_key=created_by&label_value=ako").json()["count"] == 1
    assert avi.get("/api/stringgroup?label_key=created_by&label_value=x").json()["count"] == 0


def test_chosen_fields_and_left_out_defaults(avi: Client) -> None:
    avi.create("pool", pool(default_server_port=8080))
    chosen = avi.get("/api/pool?fields=default_server_port").json()["results"][0]
    assert chosen.keys() == {"default_server_port", "name", "url", "uuid"}
    slim = avi.get("/api/pool?skip_default=true").json()["results"][0]
    assert slim["default_server_port"] == 8080
    assert "lb_algorithm" not in slim
    assert "ratio" not in slim["servers"][0]


def test_a_list_shows_every_write_at_once(avi: Client) -> None:
    for index in range(3):
        avi.create("pool", pool(f"p{index}"))
        assert avi.get("/api/pool?page_size=2").json()["count"] == index + 1
