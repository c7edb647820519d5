"""Whose an object on the Controller is."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ako.core.avi import codec
from ako.core.model import AviObject, HealthMonitor, Pool, VirtualService, VsVip
from ako.core.model.names import Names
from ako.core.observe.reader import owns

OURS = "ako-c"


def marked(*clusters: str) -> dict[str, Any]:
    return {"markers": [{"key": "clustername", "values": [cluster]} for cluster in clusters]}


@pytest.mark.parametrize(
    ("of", "name", "fields", "is_ours"),
    [
        (Pool, "c--a.com", {"created_by": OURS}, True),
        (VirtualService, "c--a.com", {"created_by": OURS}, True),
        (Pool, "c--a.com", {"created_by": "ako-d"}, False),
        (Pool, "c--a.com", {"created_by": "admin"}, False),
        (Pool, "c--a.com", {}, False),
        (Pool, "c-a.com", {"created_by": OURS}, False),
        (Pool, "cc--a.com", {"created_by": OURS}, False),
        (VsVip, "c--a.com", {}, True),
        (VsVip, "c--a.com", marked("c"), True),
        (VsVip, "c--a.com", marked("d"), False),
        (VsVip, "c--a.com", marked("c", "d"), False),
        (VsVip, "c--a.com", {"markers": [{"key": "Host", "values": ["d"]}]}, True),
        (VsVip, "d--a.com", marked("c"), False),
        (HealthMonitor, "c--a.com", {}, False),
        (HealthMonitor, "c--a.com", {"markers": [{"key": "Host", "values": ["c"]}]}, False),
        (HealthMonitor, "c--a.com", marked("c"), True),
        (HealthMonitor, "c--a.com", marked("d"), False),
        (HealthMonitor, "d--a.com", marked("c"), False),
    ],
)
def test_whose_an_object_is(of: type[AviObject], name: str, fields: dict[str, Any], *, is_ours: bool) -> None:
    body = msgspec.json.encode(
        {"uuid": "u", "name": name, **({"type": "HEALTH_MONITOR_TCP"} if of is HealthMonitor else {}), **fields}
    )
    assert owns(Names("c"), of, codec.decode_identity(body), body) is is_ours


def test_where_there_are_no_markers_a_name_has_to_do() -> None:
    body = msgspec.json.encode({"uuid": "u", "name": "c--a.com", "type": "HEALTH_MONITOR_TCP"})
    identity = codec.decode_identity(body)
    assert owns(Names("c"), HealthMonitor, identity, body, has_markers=False)
    assert not owns(Names("d"), HealthMonitor, identity, body, has_markers=False)
