"""What a scenario says of requests holds for the answers that fit, and for no others."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Iterable
from itertools import cycle

import pytest
import trustme

from tests.scenarios.expectations import differences
from tests.scenarios.hand_made_world import world
from tests.scenarios.scenario import JsonObject
from tests.scenarios.visits import Clients
from tests.scenarios.world import World
from tests.traffic.asking import Answer, Asked
from tests.traffic.clusters import Thing, route, service, thing
from tests.traffic.reading import Cluster, Setup

AUTHORITY = trustme.CA(key_type=trustme.KeyType.ECDSA)
ISSUED = AUTHORITY.issue_cert("foo.com", common_name="of foo", key_type=trustme.KeyType.ECDSA)
CERTIFICATE = ISSUED.cert_chain_pems[0].bytes().decode()
OTHER = AUTHORITY.issue_cert("foo.com", common_name="other", key_type=trustme.KeyType.ECDSA)
WEB, API, PORTS = "default/web", "default/api", "default/ports"
AT_WEB, AT_API = "10.0.0.1:8080", "10.0.0.2:8080"
TO_HTTPS = {"location": ("https://foo.com/",)}


def secret(name: str, pem: str) -> Thing:
    data = {"tls.crt": base64.b64encode(pem.encode()).decode(), "tls.key": "a2V5"}
    return thing("Secret", name, data=data)


CLUSTER = [
    *service("web", "10.0.0.1"),
    *service("api", "10.0.0.2"),
    *service("ports", "10.0.0.3", ports=(("http", 80), ("admin", 81))),
    secret("good", CERTIFICATE),
    secret("other", OTHER.cert_chain_pems[0].bytes().decode()),
    route("shop", "foo.com", "", ("web", 100), tls={"termination": "edge", "certificate": CERTIFICATE}),
]


def asked_of(*answers: Answer) -> World:
    """Give a world in which requests get these answers, in turn, again and again."""
    turns = cycle(answers)

    def ask_all(all_asked: Iterable[Asked]) -> list[Answer]:
        return [next(turns) for _ in all_asked]

    return dataclasses.replace(world(), clients=lambda: Clients(ask_all, Cluster(CLUSTER), Setup({})))


def served(server: str, certificate: str = "") -> Answer:
    return Answer(status=200, server=server, certificate=certificate)


def holds(expected: JsonObject, *answers: Answer, times: int = 1) -> bool:
    entry = {"to": "foo.com", "times": times, "expect": expected}
    return not differences({"traffic": [entry]}, asked_of(*answers))


FITS: list[tuple[JsonObject, Answer]] = [
    ({"service": WEB}, served(AT_WEB)),
    ({"service": f"{WEB}:8080"}, served(AT_WEB)),
    ({"service": f"{WEB}:http"}, served(AT_WEB)),
    ({"service": PORTS}, served("10.0.0.3:81")),
    ({"service": f"{PORTS}:admin"}, served("10.0.0.3:81")),
    ({"server": AT_WEB}, served(AT_WEB)),
    ({"service": WEB, "status": 200}, served(AT_WEB)),
    ({"service": WEB, "certificate": "default/good"}, served(AT_WEB, CERTIFICATE)),
    ({"certificate": "default/good"}, served(AT_WEB, CERTIFICATE)),
    ({"certificate": "default/shop"}, served(AT_WEB, CERTIFICATE)),
    ({"certificate": "of foo"}, Answer(status=404, certificate=CERTIFICATE)),
    ({"status": 404}, Answer(status=404)),
    ({"status": 302, "location": "https://foo.com/"}, Answer(status=302, headers=TO_HTTPS)),
    ({"location": "https://foo.com:443/"}, Answer(status=302, headers=TO_HTTPS)),
    ({"closed": True}, Answer(closed=True)),
    ({"unknown_host": True}, Answer(unknown_host=True)),
]


@pytest.mark.parametrize(("expected", "answer"), FITS)
def test_an_answer_that_fits(expected: JsonObject, answer: Answer) -> None:
    assert holds(expected, answer)


FAILS: list[tuple[JsonObject, Answer]] = [
    ({"service": WEB}, served(AT_API)),
    ({"service": f"{PORTS}:http"}, served("10.0.0.3:81")),
    ({"service": f"{WEB}:9"}, served(AT_WEB)),
    ({"service": "default/gone"}, served(AT_WEB)),
    ({"service": "other/web"}, served(AT_WEB)),
    ({"service": WEB}, Answer(status=503)),
    ({"service": WEB}, Answer(closed=True)),
    ({"server": AT_WEB}, served(AT_API)),
    ({"status": 404}, Answer(status=503)),
    ({"status": 200}, served(AT_WEB)),
    ({"status": 404}, Answer(status=404, server=AT_WEB)),
    ({"service": WEB, "certificate": "default/other"}, served(AT_WEB, CERTIFICATE)),
    ({"service": API, "certificate": "default/good"}, served(AT_WEB, CERTIFICATE)),
    ({"certificate": "default/gone"}, Answer(status=404)),
    ({"certificate": "default/good"}, Answer(closed=True)),
    ({"certificate": "of foo", "status": 404}, served(AT_WEB, CERTIFICATE)),
    ({"location": "https://foo.com/x"}, Answer(status=302, headers=TO_HTTPS)),
    ({"location": "https://foo.com/"}, Answer(status=200, headers=TO_HTTPS)),
    ({"closed": True}, Answer(status=404)),
    ({"closed": True}, Answer(unknown_host=True)),
    ({"closed": True}, served(AT_WEB)),
    ({"unknown_host": True}, Answer(closed=True)),
]


@pytest.mark.parametrize(("expected", "answer"), FAILS)
def test_an_answer_that_does_not_fit(expected: JsonObject, answer: Answer) -> None:
    assert not holds(expected, answer)


def test_every_one_of_many_answers_must_fit() -> None:
    assert holds({"service": WEB}, served(AT_WEB), times=5)
    assert not holds({"service": WEB}, *[served(AT_WEB)] * 4, served(AT_API), times=5)
    assert holds({"service": WEB}, *[served(AT_WEB)] * 4, served(AT_API), times=4)


@pytest.mark.parametrize(
    ("weights", "of_web", "fits"),
    [
        ({WEB: 1, API: 1}, 5, True),
        ({WEB: 1, API: 1}, 4, True),
        ({WEB: 1, API: 1}, 3, False),
        ({WEB: 4, API: 1}, 8, True),
        ({WEB: 1, API: 4}, 8, False),
        ({WEB: 1, API: 0}, 10, True),
        ({WEB: 1, API: 0}, 9, False),
        ({WEB: 1}, 9, False),
    ],
)
def test_each_service_gets_its_share(weights: JsonObject, of_web: int, fits: bool) -> None:
    answers = [served(AT_WEB)] * of_web + [served(AT_API)] * (10 - of_web)
    assert holds({"services": weights}, *answers, times=10) is fits
    at = {WEB: AT_WEB, API: AT_API}
    assert holds({"servers": {at[name]: weight for name, weight in weights.items()}}, *answers, times=10) is fits


def test_what_is_asked_is_what_is_written() -> None:
    heard: list[Asked] = []

    def ask_all(all_asked: Iterable[Asked]) -> list[Answer]:
        heard.extend(all_asked)
        return [served(AT_WEB)] * len(heard)

    entry = {
        "to": "$vip:c--Shared-L7-0",
        "scheme": "https",
        "path": "/x?y",
        "headers": {"Host": "foo.com"},
        "client": "203.0.113.7",
        "method": "POST",
        "port": 8443,
        "sni": "",
        "expect": {"service": WEB},
    }
    asking = dataclasses.replace(world(), clients=lambda: Clients(ask_all, Cluster(CLUSTER), Setup({})))
    assert differences({"traffic": [entry]}, asking) == []
    (asked,) = heard
    address = world().avi.address_of("c--Shared-L7-0")
    assert asked == Asked(
        address or "",
        "https",
        "/x?y",
        "POST",
        headers=(("Host", "foo.com"),),
        client="203.0.113.7",
        port=8443,
        sni="",
    )


WRONG_ENTRIES: list[tuple[JsonObject, str]] = [
    ({"to": "foo.com", "expect": {"unheard_of": 1}}, "no check for 'unheard_of'"),
    ({"to": "foo.com", "unheard_of": 1, "expect": {"closed": True}}, "no check for 'unheard_of'"),
    ({"to": "foo.com"}, "nothing is expected"),
    ({"to": "foo.com", "expect": {}}, "nothing is expected"),
    ({"to": "foo.com", "expect": {"closed": False}}, "true is the only value"),
    ({"to": "foo.com", "expect": {"services": {WEB: 1, API: 2}}}, "how many requests"),
    ({"to": "foo.com", "times": 2, "expect": {"servers": {AT_WEB: 1, AT_API: 2}}}, "how many requests"),
    ({"to": "foo.com", "scheme": "tcp", "expect": {"closed": True}}, "no port of its own"),
]


@pytest.mark.parametrize(("entry", "message"), WRONG_ENTRIES)
def test_an_entry_that_cannot_be_meant_is_an_error(entry: JsonObject, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        differences({"traffic": [entry]}, asked_of(Answer(closed=True)))


def test_where_nothing_is_forwarded_nobody_can_ask() -> None:
    with pytest.raises(LookupError, match="nobody can ask"):
        differences({"traffic": [{"to": "foo.com", "expect": {"closed": True}}]}, world())


def test_a_mismatch_names_the_request_and_shows_the_answer() -> None:
    entry = {"to": "foo.com", "path": "/x", "client": "203.0.113.7", "expect": {"service": WEB}}
    (mismatch,) = differences({"traffic": [entry]}, asked_of(served(AT_API)))
    assert mismatch.where == "traffic[GET http://foo.com/x from 203.0.113.7].service"
    assert mismatch.expected == {"service": WEB}
    assert mismatch.seen == {"status": 200, "server": AT_API}
