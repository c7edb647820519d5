"""Who asks in between is told what is known, and leaves nothing behind."""

from __future__ import annotations

import pytest

from ako.core.base.refs import NamespacedName
from ako.core.engine.cells import Unknown
from ako.core.engine.onlooker import Onlooker, rows_reading
from ako.core.engine.view import View
from ako.core.hooks.records import SECRETS, SERVICES, Secret, Service
from ako.core.hooks.site import Site, site
from tests.builders import Fed, endpoints, ingress, service

SHOP = ingress("shop", ("shop.com", "/", "web:80"))


def fed() -> Fed:
    found = Fed()
    found.apply(service("web"), endpoints("web", "10.0.0.1"), SHOP)
    found.pipeline.refresh()
    return found


def ports(view: View, name: str) -> int:
    found = view.get(Service, "default", name)
    if found is None:
        raise Unknown(f"no {name}")
    return len(found.ports)


def test_what_is_known_is_looked_up_and_all_else_worked_out() -> None:
    engine = fed().pipeline.engine
    steps, size = engine.steps, engine.size
    looking = Onlooker(engine)
    assert isinstance(looking.ask(site), Site)
    assert engine.steps == steps
    assert looking.ask(ports, "web") == 1
    assert looking.last(ports, "none") == (None, "no none")
    with pytest.raises(Unknown, match="no none"):
        looking.ask(ports, "none")
    assert looking.get(Secret, "default", "none") is None
    assert (engine.size, engine.steps) == (size, steps)


def test_what_was_asked_in_between_is_not_worked_out_again() -> None:
    asked, unasked = fed(), fed()
    Onlooker(asked.pipeline.engine).ask(ports, "web")
    for one in (asked, unasked):
        one.apply(service("other"))
        one.pipeline.refresh()
    assert asked.pipeline.engine.steps == unasked.pipeline.engine.steps


def test_the_rows_that_read_something_are_found_by_whatever_way() -> None:
    pipeline = fed().pipeline
    web = NamespacedName("default", "web")
    found = rows_reading(pipeline.engine, pipeline.store.keys_of(SERVICES.kind, web))
    assert {(table, row) for table, row in found if table is pipeline.hosts} == {(pipeline.hosts, "shop.com")}
    none = pipeline.store.keys_of(SECRETS.kind, web)
    assert rows_reading(pipeline.engine, none) == set()
