"""The stream counts what is lost, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.builders import certificate_for
from tests.traffic.asking import Answer, Asked
from tests.traffic.promise import NOBODY, Expected
from tests.traffic.updates.__main__ import told
from tests.traffic.updates.allowance import Allowance, faults
from tests.traffic.updates.client import Client
from tests.traffic.updates.names import Names
from tests.traffic.updates.stories import STORIES
from tests.traffic.updates.stories.ordinary import begun
from tests.traffic.updates.stream import Count
from tests.traffic.updates.world import Size, UpdateWorld
from tests.traffic.visitor import Listening
from tests.waiting import eventually

SECURE, PLAIN = Asked("shop.com", "https"), Asked("plain.com", "http")
POOL = "c--plain.com_-default-plain"


@pytest.fixture(scope="module")
def world() -> Iterator[UpdateWorld]:
    """Give a world in which the product has made what is served, and is gone: nobody repairs anything."""
    with UpdateWorld(Size()) as entered:
        begun(entered)
        entered.stop()
        yield entered


def edited(kind: str, name: str, **fields: object) -> Callable[[UpdateWorld], Callable[[], None]]:
    """Give what edits an object, and gives what puts it back."""

    def edit(world: UpdateWorld) -> Callable[[], None]:
        before = {field: world.avi.named(kind, name).get(field) for field in fields}
        world.avi.edit(kind, name, **fields)
        return lambda: world.avi.edit(kind, name, **before)

    return edit


def failing(world: UpdateWorld) -> Callable[[], None]:
    """Have the pods behind a path refuse who comes."""
    world.echoes.down("10.0.1.1:8080")
    return lambda: world.echoes.up("10.0.1.1:8080")


def certified(world: UpdateWorld) -> Callable[[], None]:
    """Have a certificate for another name."""

    def show(name: str) -> None:
        certificate, key = certificate_for(name)
        world.avi.edit("sslkeyandcertificate", "c--shop.com", key=key, certificate={"certificate": certificate})

    show("other.com")
    return lambda: show("shop.com")


BREAKS = {
    "another server": (
        edited("pool", POOL, servers=[{"ip": {"addr": "10.0.1.1", "type": "V4"}, "port": 8080}]),
        "10.0.1.1:8080 answered, not one of",
    ),
    "no server": (edited("pool", POOL, servers=[]), "status 503 and no server"),
    "pods that refuse": (failing, "status 503 and no server"),
    "nobody listens": (edited("virtualservice", "c--Shared-L7-0", enabled=False), "closed without an answer"),
    "no child": (edited("virtualservice", "c--shop.com", enabled=False), "closed without an answer"),
    "no rules": (edited("virtualservice", "c--shop.com", http_policies=[]), "status 404 and no server"),
    "no redirect": (edited("virtualservice", "c--Shared-L7-7", http_policies=[]), "status 404 and no server"),
    "another certificate": (certified, "another certificate was presented"),
}


def lost_meanwhile(world: UpdateWorld) -> int:
    """Give how many requests are lost while some are asked."""
    before = len(world.count.lost)
    world.go_on()
    return len(world.count.lost) - before


@pytest.mark.parametrize(("breaks", "what"), BREAKS.values(), ids=BREAKS)
def test_what_is_lost_is_counted_while_it_is(
    breaks: Callable[[UpdateWorld], Callable[[], None]], what: str, world: UpdateWorld
) -> None:
    before = len(world.count.lost)
    mend = breaks(world)
    eventually(lambda: any(what in lost for lost in world.count.lost[before:]), what)
    mend()
    asked = world.count.asked
    # A monitor takes its time to find that a server is up.
    eventually(lambda: not lost_meanwhile(world), "no more losses")
    assert world.count.asked > asked


def test_a_kept_connection_is_replaced_where_it_was_closed(world: UpdateWorld) -> None:
    with Names(world.simulator.url) as names, Client(names) as client:

        def asked() -> Answer:
            at = names.place_of(SECURE)
            assert at is not None
            return client.ask(SECURE, at, 0).answer

        first, other, kept = asked(), asked(), asked()
        assert all(answer.server for answer in (first, other, kept))
        assert all(answer.certificate for answer in (first, other))
        assert not kept.certificate, "it was shown when the connection was opened"
        assert asked().certificate
        mend = edited("virtualservice", "c--shop.com", enabled=False)(world)
        assert asked().closed
        mend()
        asked()
        again = asked()
        assert again.server
        assert again.certificate, "on a connection of its own"


def test_what_may_not_be_repeated_has_a_connection_of_its_own(world: UpdateWorld) -> None:
    with Names(world.simulator.url) as names, Client(names) as client:
        posted = Asked("shop.com", "https", method="POST")
        at = names.place_of(posted)
        assert at is not None
        assert all(client.ask(posted, at, 0).answer.certificate for _ in range(4))


def test_a_name_leads_where_it_led_until_it_is_somewhere_again(world: UpdateWorld) -> None:
    with Names(world.simulator.url) as names:
        at = names.place_of(PLAIN)
        assert at is not None
        assert is_same(names.last_of(PLAIN), at)
        mend = edited("vsvip", "c--Shared-L7-0", dns_info=[])(world)
        assert names.place_of(PLAIN) is None
        assert is_same(names.last_of(PLAIN), at)
        assert is_same(names.last_of(SECURE), names.place_of(SECURE))
        assert names.last_of(Asked("nobody.com")) is None
        mend()
        assert names.place_of(PLAIN) == at


def is_same(one: Listening | None, other: Listening | None) -> bool:
    """Say whether both lead to the same place."""
    return None not in {one, other} and (one.vip, one.port) == (other.vip, other.port)  # type: ignore[union-attr]


ONE, TWO = (Expected(servers=frozenset({server}), certificates=frozenset()) for server in ("a:1", "b:1"))


def test_only_what_counted_while_it_was_asked_is_allowed() -> None:
    allowance = Allowance(lambda _: ONE)
    began = allowance.now()
    assert allowance.expected(PLAIN, began) == {ONE}
    allowance.allow(lambda _: ONE, lambda _: TWO)
    assert allowance.expected(PLAIN, began) == {ONE, TWO}
    allowance.allow(lambda _: TWO)
    assert allowance.expected(PLAIN, began) == {ONE, TWO}
    assert allowance.expected(PLAIN, allowance.now()) == {TWO}


def test_an_answer_is_right_by_any_of_what_is_allowed() -> None:
    assert not faults(Answer(status=200, server="b:1"), [ONE, TWO])
    assert faults(Answer(status=200, server="c:1"), [ONE, TWO])
    assert faults(Answer(status=404), [ONE, TWO])
    assert not faults(Answer(status=404), [ONE, NOBODY])
    assert faults(Answer(unknown_host=True), [ONE])
    assert not faults(Answer(unknown_host=True), [ONE, NOBODY])


def test_the_table_tells_each_story_and_all() -> None:
    name = next(iter(STORIES))
    lines = told([(name, Count(1200, 3, ("x",))), ("other", Count(5))]).splitlines()
    assert [line.split()[-3:] for line in lines[1:]] == [["1,200", "3", "1"], ["5", "0", "0"], ["1,205", "3", "1"]]
