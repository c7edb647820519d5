"""The page about Avi objects shows what works."""

from __future__ import annotations

import re
from types import ModuleType
from typing import Any

from msgspec.structs import replace

import ako
from ako.core.hooks.loading import Plugin
from ako.core.hooks.needs import fault_of
from ako.core.model.extra import faults_of
from ako.testing import Rehearsal
from tests.builders import CLASS, endpoints, ingress, service
from tests.core.model.page import PAGE

BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
SHOP = (CLASS, service("web"), endpoints("web", "10.0.0.1"), ingress("shop", ("shop.com", "/", "web:80")))


def test_the_plugin_of_the_page_does_what_the_page_says() -> None:
    shown = ModuleType("shown")
    exec(compile(BLOCKS[0], str(PAGE), "exec"), shown.__dict__)
    assert fault_of(shown.ako_needs()) == ""
    rehearsal = Rehearsal(("ingress", "clusterip_routes", Plugin("shown", shown)))
    rehearsal.apply(*SHOP)
    assert rehearsal.doubts() == {}
    pools = [item for item in rehearsal.objects().values() if isinstance(item, ako.Pool)]
    assert [(pool.lb_algorithm, pool.extra_fields) for pool in pools] == [
        ("LB_ALGORITHM_ROUND_ROBIN", {"fail_action": {"type": "FAIL_ACTION_CLOSE_CONN"}})
    ]


def test_the_other_parts_of_the_page_are_what_the_model_takes() -> None:
    rehearsal = Rehearsal(("ingress", "clusterip_routes"))
    rehearsal.apply(*SHOP)
    (tree,) = (tree for _, tree in rehearsal.pipeline.trees.values() if tree.hosts)
    known: dict[str, Any] = {
        "ako": ako,
        "replace": replace,
        "item": ako.VirtualService(name="c--v", extra=ako.extra({"fqdn": "x"})),
        "parent": tree.parent,
        "view": rehearsal.view,
        "virtual_host": next(iter(rehearsal.pipeline.hosts.values()))[1].virtual_host,
    }
    for block in BLOCKS[1:]:
        exec(compile(block, str(PAGE), "exec"), known)
    assert known["item"].extra_fields == {"fqdn": "x", "analytics_policy": {"all_headers": True}}
    assert dict(known["parent"].fields)["weight"] == 4
    assert known["monitor"].name.endswith("--shop.com-health")
    assert [*faults_of(known["item"]), *faults_of(known["monitor"])] == []
