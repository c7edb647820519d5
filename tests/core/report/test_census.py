"""The census is what counting everything anew would give, whatever came in which order."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ako.core.base.refs import Kind, ObjectRef
from ako.core.hooks.outcome import HostOutcome, HostState
from ako.core.report.census import Census, Counts

INGRESS = Kind("networking.k8s.io", "v1", "Ingress")
SHOP, BANK = ObjectRef(INGRESS, "default", "shop"), ObjectRef(INGRESS, "default", "bank")
LIVE, PENDING, KEPT, REJECTED = HostState.LIVE, HostState.PENDING, HostState.KEPT, HostState.REJECTED

outcomes = st.builds(
    HostOutcome,
    st.sampled_from(["a.com", "A.com", "b.com", ""]),
    st.sampled_from(list(HostState)),
    cause=st.sampled_from(["", "Pending", "HostConflict", "Rejected"]),
    is_port=st.booleans(),
)


def counted(state: dict[ObjectRef, list[HostOutcome]]) -> tuple[Counts, Counts]:
    """Count everything anew."""
    asking: dict[bool, dict[object, set[str]]] = {False: {}, True: {}}
    for ref, hosts in state.items():
        for host in hosts:
            key = ref if host.is_port else host.host.lower()
            cause = "" if host.state in {LIVE, KEPT} else host.cause or "Pending"
            asking[host.is_port].setdefault(key, set()).add(cause)
    found = []
    for keys in (asking[False], asking[True]):
        causes = Counter("" if "" in of else "Pending" if "Pending" in of else min(of) for of in keys.values())
        found.append(Counts(causes.pop("", 0), dict(causes)))
    return found[0], found[1]


@given(st.lists(st.tuples(st.sampled_from([SHOP, BANK]), st.lists(outcomes, max_size=4)), max_size=12))
def test_it_is_what_counting_anew_gives(steps: list[tuple[ObjectRef, list[HostOutcome]]]) -> None:
    census, state = Census(), dict[ObjectRef, list[HostOutcome]]()
    for ref, hosts in steps:
        census.note(ref, hosts)
        state[ref] = _one_cause(hosts)
        assert (census.hosts, census.ports) == counted(state)


def _one_cause(hosts: list[HostOutcome]) -> list[HostOutcome]:
    """Give what counts of an object that has several outcomes of one host: that it is served, else the last."""
    last: dict[tuple[bool, str], HostOutcome] = {}
    for host in hosts:
        key = (host.is_port, "" if host.is_port else host.host.lower())
        if key not in last or last[key].state not in {LIVE, KEPT}:
            last[key] = host
    return list(last.values())


def test_a_host_of_several_objects_is_one_and_served_if_it_is_for_any() -> None:
    census = Census()
    census.note(SHOP, [HostOutcome("a.com", REJECTED, cause="HostConflict")])
    assert census.hosts == Counts(0, {"HostConflict": 1})
    census.note(BANK, [HostOutcome("A.com", PENDING)])
    assert census.hosts == Counts(0, {"Pending": 1}), "who may yet be served counts first"
    census.note(BANK, [HostOutcome("A.com", LIVE), HostOutcome("b.com", PENDING)])
    assert census.hosts == Counts(1, {"Pending": 1})
    census.note(BANK, ())
    assert census.hosts == Counts(0, {"HostConflict": 1})
    census.note(SHOP, ())
    assert census.hosts == census.ports == Counts()
