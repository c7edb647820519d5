"""The picture of all hosts: made of what was told, and as much of it anew as changed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ako.core.base.refs import ObjectRef
from ako.core.base.secrecy import masked
from ako.core.hooks.claims import Problem
from ako.core.hooks.outcome import HostOutcome, HostState, Outcome
from ako.core.observe.observed import Observed
from ako.core.overview.overview import Overview
from ako.core.overview.rendering import KEPT_SECONDS, MOST_PROBLEMS, Rendering
from ako.core.settings import Settings
from ako.plugins.ingress.records import INGRESS
from ako.testing.manifests import ingress_class
from tests.builders import Fed, endpoints, ingress, service, settings, tls_secret
from tests.core.clock import Clock
from tests.core.control.rig import Rig

WEB = (service("web"), endpoints("web", "10.0.0.1"))
Document = dict[str, Any]


class Seen:
    """What somebody sees of the hosts of a rig, who looks again at what changed."""

    def __init__(self, rig: Rig, masked: Any = lambda text: text) -> None:
        self.rig, self.clock = rig, Clock()
        reconciler = rig.reconciler
        self.overview = Overview(reconciler.pipeline, reconciler.observed)
        reconciler.reporter.on_told, reconciler.on_trees = self.overview.note, self.overview.touch
        self.rendering = Rendering(self.overview, lambda: reconciler.settings, masked, self.clock)
        reconciler.reporter.concern_all()
        self.goes_on()

    def goes_on(self) -> None:
        self.rig.settle()
        self.overview.show({"works": True})

    def whole(self) -> Document:
        found: Document = json.loads(self.rendering.whole())
        return found

    def rows(self) -> dict[str, Document]:
        picture = self.whole()
        return {row[0]: dict(zip(picture["columns"], row, strict=True)) for row in picture["rows"]}

    def since(self, version: int) -> Document:
        found = self.rendering.since(version)
        assert found is not None
        told: Document = json.loads(found[1])
        return told


def shops(count: int) -> list[Any]:
    return [ingress(f"shop{number}", (f"h{number}.com", "/", "web:80")) for number in range(count)]


# As much as changed.


def test_a_change_of_one_host_makes_one_row() -> None:
    seen = Seen(Rig(*WEB, *shops(40)))
    assert len(seen.rows()) == 40
    before, made, filed = seen.overview.version, seen.rendering.made, seen.overview.filed
    seen.rig.apply(ingress("shop7", ("h7.com", "/", "web:80"), ("h7.com", "/more", "web:80")))
    seen.goes_on()
    told = seen.since(before)
    assert [row[0] for row in told["rows"]] == ["h7.com"]
    assert len(seen.rows()) == 40
    assert seen.rendering.made - made == 1
    assert seen.overview.filed - filed == 2, "the row, and the virtual service that it is on"


def test_a_full_sync_after_which_nothing_is_other_makes_none() -> None:
    seen = Seen(Rig(*WEB, *shops(20)))
    seen.rows()
    before, made = seen.overview.version, seen.rendering.made
    seen.rig.sync()
    seen.goes_on()
    assert seen.overview.version == before
    seen.rows()
    assert seen.rendering.made == made


def test_servers_that_come_change_the_rows_of_their_hosts() -> None:
    seen = Seen(Rig(*WEB, *shops(2)))
    assert {row["servers"] for row in seen.rows().values()} == {1}
    seen.rig.apply(endpoints("web", "10.0.0.1", "10.0.0.2"))
    seen.goes_on()
    assert {row["servers"] for row in seen.rows().values()} == {2}


def test_rows_as_json_are_let_go_when_nobody_looks_any_more() -> None:
    seen = Seen(Rig(*WEB, *shops(5)))
    seen.rows()
    seen.rows()
    assert seen.rendering.made == 5
    seen.clock.now += KEPT_SECONDS + 1
    seen.rendering.let_go()
    assert len(seen.rows()) == 5
    assert seen.rendering.made == 10


def test_rows_of_hosts_that_come_and_go_are_not_kept_for_who_looks_on() -> None:
    seen = Seen(Rig(*WEB))
    for number in range(3):
        version, shop = seen.overview.version, ingress("shop", (f"h{number}.com", "/", "web:80"))
        seen.rig.apply(shop)
        seen.goes_on()
        seen.since(version)
    assert seen.rendering.kept == 1


# What it shows.


def test_a_host_that_several_ask_for_is_one_row_for_as_long_as_any_does() -> None:
    shop, other = ingress("shop", ("a.com", "/", "web:80")), ingress("other", ("A.com", "/more", "web:80"))
    seen = Seen(Rig(*WEB, shop, other))
    assert seen.rows()["a.com"]["sources"] == ["Ingress/default/other", "Ingress/default/shop"]
    seen.rig.delete(shop)
    seen.goes_on()
    assert seen.rows()["a.com"]["sources"] == ["Ingress/default/other"]
    before = seen.overview.version
    seen.rig.delete(other)
    seen.goes_on()
    assert seen.since(before)["gone"] == ["a.com"]
    assert seen.rows() == {}


def test_ports_have_a_row_that_is_called_as_their_service() -> None:
    seen = Seen(Rig(*WEB, service("db", type="LoadBalancer"), endpoints("db", "10.0.0.9")))
    row = seen.rows()["Service/default/db"]
    assert (row["kind"], row["state"], row["servers"]) == ("port", "live", 1)
    (listener,) = [one for one in seen.whole()["virtual_services"] if one["hosts"]]
    assert (listener["kind"], listener["name"], listener["shard"]) == ("own", row["virtual_service"], None)


def test_tls_is_told_as_it_ends() -> None:
    seen = Seen(Rig(*WEB, tls_secret("cert", "s.com"), ingress("s", ("s.com", "/", "web:80"), tls={"s.com": "cert"})))
    assert seen.rows()["s.com"]["tls"] == "terminated"


def test_a_shared_virtual_service_that_serves_nobody_is_unused() -> None:
    shop = shops(1)
    seen = Seen(Rig(*WEB, *shop))
    seen.rig.delete(*shop)
    seen.goes_on()
    assert {one["state"] for one in seen.whole()["virtual_services"]} == {"unused"}


def test_what_is_not_ours_is_counted() -> None:
    another = {**ingress_class("another", is_default=False), "spec": {"controller": "example.com/another"}}
    seen = Seen(Rig(*WEB, another, ingress("theirs", ("a.com", "/", "web:80"), ingressClassName="another")))
    assert (seen.whole()["not_ours"], seen.rows()) == (1, {})


def test_a_replica_that_stands_by_shows_no_hosts_until_it_works() -> None:
    seen = Seen(Rig(*WEB, *shops(3)))
    seen.overview.show({"works": False}, works=False)
    picture = seen.whole()
    assert (picture["works"], picture["rows"], picture["virtual_services"]) == (False, [], [])
    seen.rig.reconciler.reporter.concern_all()
    seen.goes_on()
    assert len(seen.rows()) == 3


# What is hostile.


def test_secrets_are_masked_wherever_they_are_and_names_of_fields_stay() -> None:
    secret = "problems"  # as nobody should choose it: a name of a field as well
    seen = Seen(
        Rig(*WEB, ingress("a", (f"{secret}.com", "/", f"{secret}:80"))), lambda text: text.replace(secret, "***")
    )
    picture = seen.whole()
    assert picture["rows"][0][0] == "***.com"
    assert "***" in picture["problems"][0]["message"]
    assert secret not in json.dumps([picture["rows"], picture["problems"]])


def test_a_secret_before_a_quote_leaves_rows_that_can_be_read() -> None:
    key = '-----BEGIN PRIVATE KEY-----abc"def'
    seen = Seen(Rig(*WEB), masked)
    ref = ObjectRef(INGRESS, "default", "i")
    seen.overview.note(ref, Outcome((HostOutcome("a.com", HostState.LIVE, addresses=(key,)),)))
    seen.overview.show({})
    assert seen.rows()["a.com"]["addresses"] == ['***"def']


def test_there_may_be_more_faults_than_are_told_at_once() -> None:
    seen = Seen(Rig(*WEB))
    for number in range(MOST_PROBLEMS + 5):
        ref = ObjectRef(INGRESS, "default", f"i{number}")
        seen.overview.note(ref, Outcome(problems=(Problem(ref, "Wrong", "it is"),)))
    seen.overview.show({})
    picture = seen.whole()
    assert (len(picture["problems"]), picture["problems_in_all"]) == (MOST_PROBLEMS, MOST_PROBLEMS + 5)


# However it came about.

REFS = [ObjectRef(INGRESS, "default", name) for name in ("a", "b", "c")]
outcomes = st.builds(
    lambda hosts, faults: Outcome(tuple(hosts), tuple(Problem(REFS[0], "Wrong", fault) for fault in faults)),
    st.lists(
        st.builds(
            HostOutcome,
            st.sampled_from(["a.com", "A.com", "b.com", ""]),
            st.sampled_from(list(HostState)),
            is_port=st.booleans(),
        ),
        max_size=3,
    ),
    st.lists(st.sampled_from(["bad", "worse"]), max_size=1),
)
steps = st.lists(st.tuples(st.sampled_from(REFS), st.none() | outcomes, st.booleans()), max_size=10)
LOADED: Settings = settings()
PIPELINE = Fed().pipeline


@given(steps)
def test_what_is_told_bit_by_bit_adds_up_to_the_whole(taken: list[tuple[ObjectRef, Outcome | None, bool]]) -> None:
    overview = Overview(PIPELINE, Observed())
    rendering = Rendering(overview, lambda: LOADED, lambda text: text)
    rows: dict[str, Any] = {}
    faults: dict[str, list[Any]] = {}
    version = faults_in_all = 0
    for ref, outcome, is_shown in [*taken, (REFS[0], Outcome(), True)]:
        overview.note(ref, outcome)
        if not is_shown:
            continue
        overview.show({})
        changes = rendering.since(version)
        assert changes is not None
        version, told = changes[0], json.loads(changes[1])
        rows = {row_id: row for row_id, row in rows.items() if row_id not in told["gone"]}
        rows |= {row[0]: row for row in told["rows"]}
        faults_in_all = told.get("problems_in_all", faults_in_all)
        for about in told.get("problems_of", ()):
            faults[about] = [fault for fault in told["problems"] if fault["about"] == about]
    whole = json.loads(rendering.whole())
    assert sorted(whole["rows"]) == sorted(rows.values())
    assert sorted(map(str, whole["problems"])) == sorted(str(fault) for found in faults.values() for fault in found)
    assert whole["problems_in_all"] == faults_in_all == len(whole["problems"])
    last = {ref: outcome for ref, outcome, _ in taken} | {REFS[0]: Outcome()}
    fresh = Overview(PIPELINE, Observed())
    for ref, outcome in last.items():
        fresh.note(ref, outcome)
    fresh.show({})
    anew = json.loads(Rendering(fresh, lambda: LOADED, lambda text: text).whole())
    assert sorted(anew["rows"]) == sorted(whole["rows"])
    assert anew["not_ours"] == whole["not_ours"]


@pytest.mark.parametrize("version", [-1, 5])
def test_what_never_was_a_version_is_no_beginning(version: int) -> None:
    assert Seen(Rig()).rendering.since(version) is None


def test_what_is_asked_for_no_more_is_kept_until_it_is_deleted_and_then_gone() -> None:
    shop = shops(1)[0]
    seen = Seen(Rig(*WEB, shop))
    seen.rig.delete(shop)
    seen.rig.turn()
    seen.overview.show({})
    assert seen.rows()["h0.com"]["state"] == "kept"
    seen.goes_on()
    assert seen.rows() == {}
