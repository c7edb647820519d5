"""Canaries of Rollouts: the contract of every plugin, and what is particular to this one."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from ako_argo_rollouts import plugin as argo_rollouts
from ako_argo_rollouts.adjust import Split, shared_members
from ako_argo_rollouts.shares import Share

from ako import AviRef, Pool, PoolGroup, PoolGroupMember, PortClaim, Translation, View, VirtualHost, hookimpl
from ako.testing import Manifest, PluginContract, Rehearsal

PLUGINS = ("argo_rollouts", "ingress", "clusterip_routes")
MANIFESTS = Path(__file__).parents[1] / "manifests"


def manifests(name: str) -> list[Manifest]:
    """Read a file of the examples."""
    return list(yaml.safe_load_all((MANIFESTS / name).read_text(encoding="utf-8")))


(ROLLOUT,) = manifests("rollout.yaml")
BACKENDS = manifests("backends.yaml")
CANARY = BACKENDS[2:4]
CLASS, TO_WEB, TO_OTHER = manifests("ingress.yaml")
(SECRET,) = manifests("shop-tls.yaml")
SAFE = {
    **TO_WEB,
    "metadata": {**TO_WEB["metadata"], "name": "safe"},
    "spec": {
        **TO_WEB["spec"],
        "tls": [{"hosts": ["safe.avi.internal"], "secretName": "shop-tls"}],
        "rules": [{**TO_WEB["spec"]["rules"][0], "host": "safe.avi.internal"}],
    },
}


class TestContract(PluginContract):
    """What every plugin must hold to."""

    plugins = PLUGINS
    examples = (
        CLASS,
        *BACKENDS[:4],
        TO_WEB,
        ROLLOUT,
        # What is told to the owner of a Rollout.
        {
            **ROLLOUT,
            "metadata": {**ROLLOUT["metadata"], "name": "younger", "creationTimestamp": "2026-01-02T00:00:00Z"},
        },
    )


def a_rollout(
    name: str = "web", status: Mapping[str, Any] | None = None, created: str = "", **services: str
) -> Manifest:
    """Build a Rollout with other weights, or other Services."""
    named = {"stableService": "web", "canaryService": "web-canary", **services}
    metadata = {"name": name, "namespace": "default", **({"creationTimestamp": created} if created else {})}
    return {**ROLLOUT, "metadata": metadata, "spec": {"strategy": {"canary": named}}, "status": status or {}}


def weights(canary: int | None, stable: int | None = None, **more: object) -> Mapping[str, Any]:
    """Build the status of a Rollout."""
    given = {"canary": canary, "stable": stable}
    return {"canary": {"weights": {name: {"weight": w} for name, w in given.items() if w is not None}}, **more}


def cluster(*more: Manifest) -> Rehearsal:
    """Give a cluster with all Services and Ingresses."""
    rehearsal = Rehearsal(PLUGINS)
    rehearsal.apply(CLASS, *BACKENDS, TO_WEB, TO_OTHER, *more)
    return rehearsal


@cache
def one_cluster() -> Rehearsal:
    """Give a cluster in which the Rollout is put again and again."""
    return cluster()


def put(rollout: Manifest) -> Rehearsal:
    """Put the Rollout into a cluster where it is alone."""
    one_cluster().apply(rollout)
    return one_cluster()


def shares(rehearsal: Rehearsal, label: str = "web.avi.internal/") -> dict[str, int]:
    """Give the servers of what has a label on the shared virtual services, with their shares."""
    objects = rehearsal.objects()
    groups = [item for item in objects.values() if isinstance(item, PoolGroup)]
    members = [member for group in groups for member in group.members if member.priority_label == label]
    pools = [(objects[member.pool_ref], member.ratio) for member in members]
    return {server.ip.addr: ratio for pool, ratio in pools if isinstance(pool, Pool) for server in pool.servers}


def told(rehearsal: Rehearsal) -> list[tuple[str, str]]:
    """Give whom something is told, and the reason."""
    return [(problem.source.key, problem.reason) for problem in rehearsal.problems()]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({}, {"10.0.0.1": 100}),
        (weights(0, 100), {"10.0.0.1": 100}),
        (weights(0), {"10.0.0.1": 100}),
        (weights(25, 75), {"10.0.0.1": 3, "10.0.0.2": 1}),
        (weights(25), {"10.0.0.1": 3, "10.0.0.2": 1}),
        (weights(1), {"10.0.0.1": 99, "10.0.0.2": 1}),
        (weights(50, 50), {"10.0.0.1": 1, "10.0.0.2": 1}),
        (weights(100, 0), {"10.0.0.1": 0, "10.0.0.2": 1}),
        (weights(100), {"10.0.0.1": 0, "10.0.0.2": 1}),
        (weights(1, 9999), {"10.0.0.1": 1000, "10.0.0.2": 1}),
        (weights(25, 75, abort=True), {"10.0.0.1": 100}),
        (weights(25, 75, abort=False), {"10.0.0.1": 3, "10.0.0.2": 1}),
    ],
)
def test_what_the_status_says_is_what_the_canary_gets(status: Mapping[str, Any], expected: Mapping[str, int]) -> None:
    rehearsal = put(a_rollout(status=status))
    assert shares(rehearsal) == expected
    assert shares(rehearsal, "other.avi.internal/") == {"10.0.0.3": 100}


@pytest.mark.parametrize("status", [weights(-1), weights(101), weights(0, 0), weights(5, -5), weights(10_000_000, 1)])
def test_weights_that_are_none_leave_all_where_it_is(status: Mapping[str, Any]) -> None:
    rehearsal = put(a_rollout(status=status))
    assert shares(rehearsal) == {"10.0.0.1": 100}
    assert told(rehearsal) == [("Rollout/default/web", "WeightsInvalid")]


def test_an_aborted_rollout_is_told() -> None:
    rehearsal = cluster(a_rollout(status=weights(25, abort=True)))
    assert told(rehearsal) == [("Rollout/default/web", "RolloutAborted")]


def test_a_canary_that_does_not_exist_gets_nothing() -> None:
    rehearsal = cluster(ROLLOUT)
    rehearsal.delete(*CANARY)
    assert shares(rehearsal) == {"10.0.0.1": 100}
    assert told(rehearsal) == [("Rollout/default/web", "CanaryNotFound"), ("Ingress/default/web", "BackendNotFound")]
    assert rehearsal.problems()[1].message == (
        "web.avi.internal/: canary of service default/web: service default/web-canary does not exist; "
        "all requests stay with the stable one."
    )
    rehearsal.apply(*CANARY)
    assert (shares(rehearsal), told(rehearsal)) == ({"10.0.0.1": 3, "10.0.0.2": 1}, [])


def test_a_canary_without_ready_pods_gets_nothing() -> None:
    rehearsal = cluster(a_rollout(status=weights(100)))
    rehearsal.apply({**CANARY[1], "endpoints": []})
    assert shares(rehearsal) == {"10.0.0.1": 100}
    assert told(rehearsal) == [("Ingress/default/web", "CanaryWithoutServers")]


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_of_two_rollouts_of_one_service_the_older_counts(names: tuple[str, str]) -> None:
    older = a_rollout(names[0], weights(50), "2026-01-01T00:00:00Z")
    younger = a_rollout(names[1], weights(100), "2026-01-02T00:00:00Z", canaryService="other")
    for order in ((older, younger), (younger, older)):
        rehearsal = cluster(*order)
        assert shares(rehearsal) == {"10.0.0.1": 1, "10.0.0.2": 1}
        assert told(rehearsal) == [(f"Rollout/default/{names[1]}", "RolloutConflict")]
    rehearsal.delete(older)
    assert shares(rehearsal) == {"10.0.0.1": 0, "10.0.0.3": 1}


def test_of_two_rollouts_of_one_age_the_first_by_name_counts() -> None:
    assert shares(cluster(a_rollout("b", weights(100)), a_rollout("a", weights(50)))) == {"10.0.0.1": 1, "10.0.0.2": 1}


@pytest.mark.parametrize(
    "spec",
    [
        {"strategy": {"blueGreen": {"activeService": "web", "previewService": "web-canary"}}},
        {"strategy": {"canary": {"steps": []}}},
        {"strategy": {"canary": {"canaryService": "web-canary"}}},
        {"strategy": {"canary": {"stableService": "web"}}},
        {"strategy": {}},
        {},
    ],
)
def test_a_rollout_without_two_services_shares_nothing(spec: Mapping[str, Any]) -> None:
    rehearsal = put({**ROLLOUT, "spec": spec})
    assert (shares(rehearsal), told(rehearsal)) == ({"10.0.0.1": 100}, [])


def test_a_service_cannot_be_its_own_canary() -> None:
    rehearsal = cluster(a_rollout(status=weights(50), canaryService="web"))
    assert (shares(rehearsal), told(rehearsal)) == ({"10.0.0.1": 100}, [("Rollout/default/web", "SameService")])


def test_services_of_experiments_are_told() -> None:
    status = {"canary": {"weights": {"canary": {"weight": 25}, "additional": [{"weight": 5, "serviceName": "other"}]}}}
    rehearsal = put(a_rollout(status=status))
    assert shares(rehearsal) == {"10.0.0.1": 3, "10.0.0.2": 1}
    assert told(rehearsal) == [("Rollout/default/web", "ExperimentUnsupported")]


def test_a_rollout_that_cannot_be_read_leaves_its_service_as_it_was_and_no_other_in_doubt() -> None:
    rehearsal = cluster(ROLLOUT)
    rehearsal.apply(a_rollout(status={"canary": {"weights": {"canary": {"weight": "many"}}}}))
    assert shares(rehearsal) == {"10.0.0.1": 3, "10.0.0.2": 1}
    fresh = cluster(a_rollout(status={"canary": {"weights": {"canary": {"weight": "many"}}}}))
    assert shares(fresh, "other.avi.internal/") == {"10.0.0.3": 100}


def test_behind_tls_the_pool_group_of_the_path_has_both() -> None:
    rehearsal = cluster(SECRET, SAFE, ROLLOUT)
    objects = rehearsal.objects()
    group = objects[AviRef("poolgroup", "my-cluster--default-safe.avi.internal_-safe")]
    assert isinstance(group, PoolGroup)
    assert {member.pool_ref.name: member.ratio for member in group.members} == {
        "my-cluster--default-safe.avi.internal_-safe": 3,
        "my-cluster--default-safe.avi.internal_-safe-canary": 1,
    }


class Spy:
    """Is asked after the plugin, and remembers about which hosts."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    @hookimpl
    def ako_adjust(
        self, virtual_host: VirtualHost | PortClaim, translation: Translation, view: View
    ) -> Translation | None:
        """Change nothing."""
        self.asked.append(virtual_host.host)
        return None


def test_another_weight_wakes_the_hosts_of_the_service_and_nothing_else_wakes_any() -> None:
    spy = Spy()
    own, *others = cluster().host.plugins
    assert own.implementation is argo_rollouts
    rehearsal = Rehearsal((own, type(own)("spy", spy), *others))
    rehearsal.apply(CLASS, *BACKENDS, TO_WEB, TO_OTHER, a_rollout(status=weights(25)))
    spy.asked.clear()
    rehearsal.apply(a_rollout(status=weights(50)))
    assert spy.asked == ["web.avi.internal"]
    spy.asked.clear()
    rehearsal.apply(a_rollout(status={**weights(50), "phase": "Paused", "replicas": 7}))
    rehearsal.apply(a_rollout(status=weights(50, 50)))
    rehearsal.apply(a_rollout("elsewhere", weights(50), stableService="x", canaryService="y"))
    rehearsal.apply(a_rollout("younger", weights(90), "2026-01-02T00:00:00Z"))
    assert spy.asked == []


@pytest.mark.parametrize("seed", range(5))
def test_shares_of_all_others_stay_what_they_are_to_each_other(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(40):
        refs = [AviRef("pool", f"p{number}") for number in range(chance.randrange(1, 5))]
        members = [PoolGroupMember(ref, "host/", chance.randrange(0, 12)) for ref in refs]
        splits = {
            ref: Split(Pool(name=f"{ref.name}-canary"), Share("c", stays, goes))
            for ref in refs
            if chance.random() < 0.5
            for stays, goes in [(chance.randrange(0, 5), chance.randrange(1, 5))]
        }
        untouched = PoolGroupMember(AviRef("pool", "z"), "other/", 7)
        found = shared_members((*members, untouched), splits)
        assert found[-1] == untouched
        before = sum(member.ratio for member in members)
        after = sum(member.ratio for member in found[:-1])
        now = {member.pool_ref.name: member.ratio for member in found[:-1]}
        for member in members:
            name, split = member.pool_ref.name, splits.get(member.pool_ref)
            both = now[name] + now.get(f"{name}-canary", 0)
            assert both * before == member.ratio * after
            if split and both:
                assert now[name] * split.share.goes == now[f"{name}-canary"] * split.share.stays
