"""Answers are of exactly the types that are annotated, all the way down, and a fault names the place."""

from __future__ import annotations

import json
import time
from importlib import resources
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import UNSET, Struct
from msgspec.structs import force_setattr, replace

from ako import (
    AviRef,
    Backend,
    BackendPort,
    Discovery,
    HostClaim,
    IpAddr,
    IpPrefix,
    Kind,
    ListeningPort,
    ObjectRef,
    PathRule,
    PathType,
    Placement,
    Pool,
    PoolServer,
    PortClaim,
    RedirectAction,
    StaticRoute,
    Translation,
    VirtualService,
)
from ako.core.hooks.judge.bounds import RANGES
from ako.core.hooks.judge.faults import MOST_TEXT, Amount, Wrong
from ako.core.hooks.judge.servers import FEWEST
from ako.core.hooks.judge.types import checker_of
from ako.core.model import FOREIGN_TYPES, WRITTEN_TYPES
from tests.core.hooks.judge.values import STRANGERS, in_words, of_type, place_in, places, put
from tests.properties import share_of

ANSWERS: tuple[Any, ...] = (Discovery, Placement, StaticRoute, *WRITTEN_TYPES, *FOREIGN_TYPES)
EACH = settings(max_examples=share_of(60), suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def fault(value: Any, hint: Any = None) -> str:
    wanted: Any = hint or type(value)
    try:
        checker_of(wanted)(value, Amount())
    except Wrong as wrong:
        return str(wrong)
    return ""


@pytest.mark.parametrize("kind", [*ANSWERS, Translation], ids=lambda kind: kind.__name__)
@EACH
@given(data=st.data())
def test_what_is_well_typed_passes_however_wild_and_a_stranger_is_named_with_its_place(kind: Any, data: Any) -> None:
    value = data.draw(of_type(kind))
    assert fault(value) == ""
    place = data.draw(st.sampled_from(list(places(value))))
    stranger = data.draw(st.sampled_from(STRANGERS))
    found = place_in(fault(put(value, place, stranger)))
    assert found == in_words(place)


REF = ObjectRef(Kind("things.test", "v1", "Thing"), "default", "one")
RULE = PathRule("/", PathType.PREFIX, (Backend("default", "web", BackendPort(number=80)),))
CLAIM = HostClaim(REF, "", "one.test", (RULE, RULE))
FOUND = Discovery((CLAIM,))
SERVERS = tuple(PoolServer.at(f"10.0.0.{n}", 80, "node") for n in range(2 * FEWEST))


class Sub(Backend, frozen=True):
    """A record of a plugin that is a Backend too."""


def without(value: Any, name: str) -> Any:
    """Give a record of its own without a field, as only one who means it can."""
    copied = replace(value)
    getattr(type(value), name).__delete__(copied)
    return copied


def moved() -> AviRef:
    ref = AviRef("pool", "x")
    ref.name = "y"
    return ref


def endless() -> PortClaim:
    claim = PortClaim(REF, "", ())
    force_setattr(claim, "members", (claim,))
    return claim


TOLD: dict[str, tuple[Any, str]] = {
    "a number as a path": (
        put(FOUND, ("claims", 0, "rules", 1, "path"), 7),
        "claims[0].rules[1].path is an int, not a",
    ),
    "true as a number": (
        put(FOUND, ("claims", 0, "rules", 0, "backends", 0, "weight"), other=True),
        "is a bool, not a number",
    ),
    "a list of claims": (Discovery([CLAIM]), "claims is a list, not a tuple"),  # type: ignore[arg-type]
    "a record of its own": (
        put(FOUND, ("claims", 0, "rules", 0, "backends", 0), Sub("default", "web")),
        "claims[0].rules[0].backends[0] is a Sub, not a Backend",
    ),
    "the name of a member": (
        put(FOUND, ("claims", 0, "rules", 0, "path_type"), "Prefix"),
        "claims[0].rules[0].path_type is a str, not a PathType",
    ),
    "a plain tuple": (put(FOUND, ("claims", 0, "source"), tuple(REF)), "claims[0].source is a tuple, not an ObjectRef"),
    "too short a name": (
        put(FOUND, ("claims", 0, "source"), tuple.__new__(ObjectRef, (REF.kind,))),
        "claims[0].source has 1 entries, not 3",
    ),
    "half a character": (put(FOUND, ("claims", 0, "host"), "a\ud800"), "claims[0].host holds half of a character"),
    "no value at all": (put(FOUND, ("claims", 0), without(CLAIM, "source")), "claims[0] has no source"),
    "None for a list": (put(FOUND, ("problems",), None), "problems is None, not a tuple"),
    "unset where it cannot be": (
        put(FOUND, ("claims", 0, "tls"), UNSET),
        "claims[0].tls is an UnsetType, not a Tls or",
    ),
    "more weight than there is": (put(RULE, ("backends", 0, "weight"), 1_001), "weight is 1001, not 0 to 1000"),
    "less than none": (put(RULE, ("backends", 0, "weight"), -1), "weight is -1, not 0 to 1000"),
    "no address": (PoolServer(IpAddr("web.example.org"), 80), "ip is 'web.example.org', which is no IP address"),
    "another family": (PoolServer(IpAddr("::1"), 80), "ip has the type 'V4', but ::1 is V6"),
    "no port": (PoolServer.at("10.0.0.1", 0), "port is 0, not 1 to 65535"),
    "a reference that changed": (Pool(name="p", health_monitor_refs=(moved(),)), "health_monitor_refs[0] was changed"),
    "a number of any size": (Pool(name="p", extra=(("x", 2**64),)), "extra[0][1] is a number of more than 64 bits"),
    "JSON that can change": (Pool(name="p", extra=(("x", {}),)), "extra[0][1] is a dict, not frozen JSON"),
    "something endless": (endless(), "is deeper than 64 values in each other"),
    "one server of many": (
        Placement((*SERVERS, PoolServer(IpAddr.of("10.0.0.1"), "80"))),  # type: ignore[arg-type]
        f"servers[{len(SERVERS)}].port is a str, not a number",
    ),
    "a gap in many servers": (
        Placement((*SERVERS, without(SERVERS[0], "ip"))),
        f"servers[{len(SERVERS)}] has no ip",
    ),
    "a far port of many": (
        Placement((*SERVERS, PoolServer.at("10.0.0.1", 70_000))),
        f"servers[{len(SERVERS)}].port is 70000, not 1 to 65535",
    ),
    "an unwritten node of many": (
        Placement((*SERVERS, PoolServer.at("10.0.0.1", 80, "\udc00"))),
        f"servers[{len(SERVERS)}].server_node holds half of a character",
    ),
    "no address among many": (
        Placement((*SERVERS, PoolServer(IpAddr("10.0.0.256"), 80))),
        f"servers[{len(SERVERS)}].ip is '10.0.0.256'",
    ),
}


@pytest.mark.parametrize(("value", "words"), TOLD.values(), ids=TOLD)
def test_a_fault_says_where_what_is_and_what_should_be(value: Any, words: str) -> None:
    assert words in fault(value)


def test_many_servers_pass_as_few_do() -> None:
    assert fault(Placement(SERVERS)) == fault(Placement(SERVERS[:1])) == ""
    assert fault(Placement(tuple(replace(server, server_node=UNSET) for server in SERVERS))) == ""


def test_a_class_that_says_to_be_another_is_not_believed() -> None:
    class Pretends(type):
        def __eq__(cls, other: object) -> bool:
            return True

        def __hash__(cls) -> int:
            return hash(Backend)

    class Fake(metaclass=Pretends):
        pass

    assert "claims[0] is a Fake, not a HostClaim or a PortClaim" in fault(Discovery((Fake(),)))  # type: ignore[arg-type]


def test_no_more_than_so_much_is_looked_at() -> None:
    """A certificate or a large host pass; a text of a GiB, or a value a million times, is refused at once."""
    assert fault(replace(CLAIM, host="x" * 2**20)) == ""
    assert "MiB of text at most" in fault(replace(CLAIM, host="x" * (MOST_TEXT + 1)))
    assert "MiB of text at most" in fault(replace(CLAIM, host="ü" * (MOST_TEXT + 1)))
    many = (CLAIM,) * 1_000
    assert fault(Discovery(many)) == ""
    rules = (RULE,) * 100_000
    began = time.process_time()
    assert "values" not in fault(replace(CLAIM, rules=rules[:10_000]))
    assert "one value too many: an answer has 2,000,000 at most" in fault(replace(CLAIM, rules=rules * 2))
    assert time.process_time() - began < 20


SCHEMA = json.loads(resources.files("ako.sim.data").joinpath("avi_schema.json").read_text(encoding="utf-8"))["types"]
MESSAGES = {ListeningPort: "Service", PoolServer: "Server", RedirectAction: "HTTPRedirectAction"}


@pytest.mark.parametrize(
    ("record", "name"), [key for key in RANGES if key[0].__module__.startswith("ako.core.model")], ids=str
)
def test_no_number_is_let_in_that_the_controller_refuses(record: Any, name: str) -> None:
    if record is IpPrefix:
        return  # the schema says nothing of it; that of an address is known
    spec = SCHEMA[MESSAGES.get(record, record.__name__)][name]
    least, most = RANGES[record, name]
    assert most == spec["max"]
    assert least >= min((spec["min"], *spec.get("special", ())))


def test_what_can_change_or_be_anything_is_no_type_for_an_answer() -> None:
    for hint in (list[str], dict[str, int], Any, object, Struct):
        with pytest.raises(TypeError):
            checker_of(hint)(None, Amount())


def test_a_field_that_plugins_leave_to_operators_may_be_unset_or_absent() -> None:
    for value in (UNSET, None):
        assert fault(VirtualService(name="v", network_security_policy_ref=value)) == ""
