"""At no single write does a Service get clients that neither it nor its predecessor state takes."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ako.core.apply.execution import Execution
from ako.core.base.refs import AviRef
from ako.core.model import AviObject, L4PolicySet, NetworkSecurityPolicy, Pool, VirtualService
from ako.core.observe.observed import Observed
from ako.core.plan.left_out import Refusal, without_refused
from ako.core.plan.plan import Create, Delete, Operation, Plan, Update, plan_changes
from tests.builders import Manifest
from tests.core.strict_controller import StrictController, contents
from tests.plugins.loadbalancer.test_shared_vips import NAME, sharing
from tests.plugins.loadbalancer.worlds import fed, tree

NETWORKS = ("10.1.0.0/16", "10.2.0.0/16")
ANYBODY = "anybody else"

Ports = Mapping[int, Sequence[str]]
"""Port → the networks whose clients the Service takes on it; none means everybody."""
Getting = frozenset[tuple[int, str, str]]
"""Port, client and the Service that answers it."""

members = st.dictionaries(
    st.sampled_from("abc"),
    st.tuples(
        st.sets(st.sampled_from([80, 81]), min_size=1).map(sorted),
        st.lists(st.sampled_from(NETWORKS), unique=True).map(sorted),
    ),
    max_size=3,
)


def wanted(services: Mapping[str, tuple[Sequence[int], Sequence[str]]]) -> Mapping[AviRef, AviObject]:
    world = fed()
    world.apply(*(_service(day, name, *services[name]) for day, name in enumerate("abc", 1) if name in services))
    return {item.ref: item for item in tree(world, NAME)}


def _service(day: int, name: str, ports: Sequence[int], networks: Sequence[str]) -> Manifest:
    listening: list[dict[str, Any]] = [{"name": f"p{port}", "port": port} for port in ports]
    return sharing(name, *listening, day=day, loadBalancerSourceRanges=list(networks))


def reached(state: Mapping[AviRef, Any]) -> Getting:
    """Follow each client on each port to the Service whose pool answers."""
    service = state.get(AviRef("virtualservice", NAME))
    if not isinstance(service, VirtualService):
        return frozenset()
    policies = [state[ref] for ref in service.connection_rules]
    rules = [rule for item in policies if isinstance(item, L4PolicySet) for rule in item.l4_connection_policy.rules]
    pools = {port: state[rule.action.select_pool.pool_ref] for rule in rules for port in rule.match.port.ports}
    guard = state.get(service.guard) if service.guard else None
    return frozenset(
        (listening.port, client, _owner(pools[listening.port]))
        for listening in service.services or ()
        for client in (*NETWORKS, ANYBODY)
        if listening.port in pools and not _is_kept_out(guard, listening.port, client)
    )


def _owner(pool: Pool) -> str:
    return str(pool.service_metadata)


def _is_kept_out(guard: NetworkSecurityPolicy | None, port: int, client: str) -> bool:
    for rule in guard.rules if guard else ():
        networks = [f"{prefix.ip_addr.addr}/{prefix.mask}" for prefix in rule.match.client_ip.prefixes]
        if (not rule.match.vs_port or port in rule.match.vs_port.ports) and client not in networks:
            return True
    return False


def carry_out(
    before: Mapping[AviRef, AviObject], after: Mapping[AviRef, AviObject], rng: random.Random, refused: str = ""
) -> Observed:
    """Carry plans out one write at a time, and look who gets in after each; objects of one type may be refused."""
    controller = StrictController()
    for _ in range(6):  # what is there first is nobody's business here
        _pass(controller, before, rng, "", frozenset(), {})
    allowed = reached(contents(controller.observed)) | reached(after)
    refusals: dict[AviRef, Refusal] = {}
    for _ in range(8):
        if not _pass(controller, after, rng, refused, allowed, refusals):
            return controller.observed
    raise AssertionError("eight plans do not do it")


def _pass(
    controller: StrictController,
    desired: Mapping[AviRef, AviObject],
    rng: random.Random,
    refused: str,
    allowed: Getting,
    refusals: dict[AviRef, Refusal],
) -> Plan:
    there = dict(controller.observed.items())
    plan = plan_changes(without_refused(desired, refusals, there), there, "my-cluster--")
    execution = Execution(plan)
    flying = execution.start()
    while flying:
        operation = flying.pop(rng.randrange(len(flying)))
        if is_ok := not _is_refused(operation, refused):
            controller.carry_out(operation)
            now = reached(contents(controller.observed))
            assert not allowed or now <= allowed, f"{operation.ref!r} lets in {sorted(now - allowed)}"
        elif not isinstance(operation, Delete):
            refusals[operation.ref] = Refusal(desired.get(operation.ref, operation.object), "no")
        execution.finish(operation, succeeded=is_ok)
        flying += execution.start()
    assert not execution.stuck
    return plan


def _is_refused(operation: Operation, refused: str) -> bool:
    kind, _, method = refused.partition(" ")
    return operation.ref.type == kind and isinstance(operation, Create if method == "create" else Update)


@given(members, members, st.randoms(use_true_random=False))
def test_nobody_gets_in_who_is_not_wanted_before_or_after(before: Any, after: Any, rng: random.Random) -> None:
    end = wanted(after)
    assert reached(contents(carry_out(wanted(before), end, rng))) == reached(end)


@pytest.mark.parametrize("method", ["create", "update"])
@pytest.mark.parametrize("kind", ["networksecuritypolicy", "virtualservice", "l4policyset", "pool"])
@given(before=members, after=members, rng=st.randoms(use_true_random=False))
def test_nor_while_something_is_refused(kind: str, method: str, before: Any, after: Any, rng: random.Random) -> None:
    carry_out(wanted(before), wanted(after), rng, f"{kind} {method}")


def test_a_port_that_goes_to_a_service_with_ranges_is_closed_first() -> None:
    before, after = wanted({"a": ([80], []), "b": ([80, 81], NETWORKS[:1])}), wanted({"b": ([80, 81], NETWORKS[:1])})
    for seed in range(20):
        carry_out(before, after, random.Random(seed))


ENDS: Any = [{"a": ([80], NETWORKS[:1]), "b": ([81], NETWORKS)}, {"a": ([81], NETWORKS[:1]), "b": ([80], NETWORKS[:1])}]
LATER: Any = {"a": ([81], NETWORKS[1:]), "b": ([80], NETWORKS)}


def test_rules_that_stay_have_names_of_their_own_though_the_service_changes_again_meanwhile() -> None:
    """What is behind the ports could not be changed in between, so that the rules of two states before it stay."""
    controller, chance = StrictController(), random.Random(1)
    for _ in range(6):
        _pass(controller, wanted(ENDS[0]), chance, "", frozenset(), {})
    _pass(controller, wanted(ENDS[1]), chance, "pool update", frozenset(), {})
    plan = plan_changes(wanted(LATER), dict(controller.observed.items()), "my-cluster--")
    sent = [op.object for op in Execution(plan).start() if not isinstance(op, Delete)]
    names = [[rule.name for rule in item.rules] for item in sent if isinstance(item, NetworkSecurityPolicy)]
    assert [len(set(of_one)) for of_one in names] == [5]
